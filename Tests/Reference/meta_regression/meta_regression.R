# Meta-regressions by metafor, for MetaRegressionTests: Rscript meta_regression.R > meta_regression.json
suppressMessages(library(metafor))
library(jsonlite)
options(digits = 17)

bcg <- dat.bcg
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = bcg)

# Made up: five sites, effects in percentage points; seven sites that agree better than by chance.
five <- data.frame(yi = c(4.1, 9.7, 2.2, 13.8, 7.4), se = c(2.1, 3.4, 1.6, 4.2, 2.7),
                   dose = c(0.05, 0.3, 0.1, 0.8, 0.5))
seven <- data.frame(yi = c(1.0, 1.4, 1.3, 1.9, 2.1, 2.0, 2.6), se = c(1.1, 0.9, 1.3, 0.8, 1.6, 1.2, 1.0),
                    dose = c(1, 2, 3, 4, 5, 6, 7))

control <- list(threshold = 1e-13, maxiter = 2000, tol = 1e-13)
precise <- list(tol = 1e-13, maxiter = 2000)

describe <- function(yi, vi, mods, method, test, at) {
  k <- length(yi)
  fit <- rma(yi, vi, mods = mods, method = method, test = test, control = control)
  at <- predict(fit, newmods = at)
  out <- list(
    beta = as.numeric(fit$beta), se = as.numeric(fit$se), p = as.numeric(fit$pval),
    low = as.numeric(fit$ci.lb), high = as.numeric(fit$ci.ub), tau2 = fit$tau2,
    QE = fit$QE, QEp = fit$QEp, pred = at$pred, pred_se = at$se, pred_low = at$ci.lb,
    pred_high = at$ci.ub)
  if (method != "FE") {
    ci <- confint(fit, control = precise)$random
    out$I2 <- fit$I2 / 100
    out$R2 <- fit$R2 / 100
    out$tau2_low <- ci["tau^2", "ci.lb"]
    out$tau2_high <- ci["tau^2", "ci.ub"]
    out$I2_low <- ci["I^2(%)", "ci.lb"] / 100
    out$I2_high <- ci["I^2(%)", "ci.ub"] / 100
    out$new_low <- at$pi.lb
    out$new_high <- at$pi.ub
    if (method == "REML") out$tau2_se <- fit$se.tau2
  }
  out
}

data <- list(
  bcg = list(yi = as.numeric(bcg$yi), vi = as.numeric(bcg$vi), x = cbind(bcg$ablat), at = 33.5),
  bcg2 = list(yi = as.numeric(bcg$yi), vi = as.numeric(bcg$vi), x = cbind(bcg$ablat, bcg$year),
              at = c(33.5, 1948)),
  five = list(yi = five$yi, vi = five$se^2, x = cbind(five$dose), at = 0.4),
  seven = list(yi = seven$yi, vi = seven$se^2, x = cbind(seven$dose), at = 4.5))

result <- list()
for (name in names(data)) {
  d <- data[[name]]
  entry <- list(effect = d$yi, error = sqrt(d$vi), columns = lapply(seq_len(ncol(d$x)), function(j) d$x[, j]),
                at = I(d$at))
  for (method in c("REML", "PM", "FE")) for (test in c("knha", "adhoc", "z")) {
    entry[[paste(method, test, sep = "_")]] <- describe(d$yi, d$vi, d$x, method, test, d$at)
  }
  result[[name]] <- entry
}

# Exchanging the doses of the five sites, all 120 arrangements.
fit <- rma(five$yi, five$se^2, mods = ~ dose, data = five, method = "REML", test = "knha", control = control)
result$five$permutation <- permutest(fit, exact = TRUE, progbar = FALSE, tol = 1e-9)$pval[2]
# The same on three distinct doses: 5!/(2!2!) distinct arrangements.
tied <- c(0.05, 0.3, 0.05, 0.8, 0.3)
fit <- rma(five$yi, five$se^2, mods = cbind(tied), method = "PM", test = "knha", control = control)
result$five$permutation_tied <- permutest(fit, exact = TRUE, progbar = FALSE, tol = 1e-9)$pval[2]
cat(toJSON(result, digits = I(17), auto_unbox = TRUE, pretty = TRUE), "\n")
