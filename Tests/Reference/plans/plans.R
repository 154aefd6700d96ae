# Between-site heterogeneity of published conversion rates and of a made-up set with an empty site, by
# metafor 3.8-1 and base R. Run: Rscript plans.R > heterogeneity.csv
suppressPackageStartupMessages(library(metafor))
sets <- list(
  start = list(x = c(219, 84, 170, 358), n = c(704, 239, 496, 1171)),
  sustained = list(x = c(104, 56, 78, 194), n = c(219, 84, 170, 358)),
  overall = list(x = c(104, 56, 78, 194), n = c(704, 239, 496, 1171)),
  empty = list(x = c(0, 3, 5, 9, 2), n = c(8, 11, 9, 12, 14)))
cat("set,quantity,value\n")
for (name in names(sets)) {
  d <- sets[[name]]
  say <- function(q, v) cat(name, q, format(v, digits = 15), sep = ",", fill = TRUE)
  t <- suppressWarnings(chisq.test(rbind(d$x, d$n - d$x), correct = FALSE))
  say("statistic", unname(t$statistic)); say("chi_p", t$p.value)
  # fisher.test orders tables by probability, not by chi-squared, so it is no check of the exact p.
  add <- if (any(d$x == 0)) "all" else "none"
  e <- escalc("PLO", xi = d$x, ni = d$n, add = 0.5, to = add)
  f <- rma(yi, vi, data = e, method = "DL", test = "adhoc")
  say("mean", plogis(unname(f$beta[1]))); say("low", plogis(f$ci.lb)); say("high", plogis(f$ci.ub))
  say("tau2", f$tau2); say("i2", f$I2 / 100); say("q", f$QE)
  q <- qt(0.975, length(d$x) - 2) * sqrt(f$tau2 + f$se^2)
  say("prediction_low", plogis(f$beta[1] - q)); say("prediction_high", plogis(f$beta[1] + q))
  ci <- confint(f, type = "QP", control = list(tau2.max = 1000, tol = 1e-12))$random["tau^2", ]
  say("tau2_low", unname(ci["ci.lb"])); say("tau2_high", unname(ci["ci.ub"]))
}
