# Rscript survreg.R lung.csv > survreg.json
# survreg (survival 3.5-3) iterated until nothing moves: coefficients, log(scale) last, variance, log-likelihoods.
library(survival)
lung <- read.csv(commandArgs(TRUE)[1])
lung <- lung[!is.na(lung$ph.ecog) & !is.na(lung$inst), ]
lung$w <- 0.5 + (lung$age %% 7) / 4
lung$o <- (lung$age - 60) / 100
num <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ","), "]")
show <- function(name, fit) {
  b <- fit$coefficients
  if (nrow(fit$var) > length(b)) b <- c(b, log(fit$scale))
  v <- fit$var; n <- if (is.null(fit$naive.var)) v else fit$naive.var
  cat(sprintf('"%s":{"coef":%s,"naive":[%s],"var":[%s],"loglik":%s}', name, num(b),
    paste(apply(n, 1, num), collapse = ","), paste(apply(v, 1, num), collapse = ","),
    num(fit$loglik)))
}
control <- survreg.control(rel.tolerance = 1e-15, maxiter = 200)
first <- TRUE
cat("{")
for (d in c("weibull", "exponential", "lognormal", "loglogistic")) {
  both <- Surv(time, status) ~ age + sex + ph.ecog
  # Restarted from its own solution: the relative tolerance stops it a little early.
  run <- function(..., data = lung) {
    call <- list(dist = d, control = control, data = data, ...)
    fit <- do.call(survreg, call)
    for (k in 1:3) {
      call$init <- c(fit$coefficients, if (d != "exponential") log(fit$scale))
      fit <- do.call(survreg, call)
    }
    fit
  }
  if (!first) cat(",\n")
  first <- FALSE
  show(d, run(both)); cat(",\n")
  show(paste0(d, "_weighted"), run(both, weights = lung$w)); cat(",\n")
  show(paste0(d, "_offset"), run(Surv(time, status) ~ age + sex + offset(o))); cat(",\n")
  # Rows repeated: this version leaves the weights out of its robust variance.
  big <- lung[rep(seq_len(nrow(lung)), 1 + lung$age %% 3), ]
  show(paste0(d, "_cluster"), run(both, data = big, cluster = big$inst)); cat(",\n")
  show(paste0(d, "_robust"), run(both, robust = TRUE))
}
cat("}\n")
