# Survival tasks of R's side; `peers.R` reads this file when one of them is asked for.
# Columns that the file of clients lacks are made here exactly as our side makes them.
survival_tasks <- c("cox", "cox-cluster", "cox-start-stop", "cox-strata", "cox-pairs", "km",
                    "km-weighted", "logrank", "incidence", "fine-gray", "rmst", "weibull")
risk <- c("sib", covariates[1:8], "psychosis")

# Follow-up that starts late, pairs, two causes of ending, distinct times and weights.
prepared <- function(d) {
  d$start <- pmin(d$client_id %% 7, d$weeks - 1)
  d$pair <- (d$client_id - 1) %/% 2
  d$cause <- ifelse(d$ended == 0, 0, ifelse(d$client_id %% 3 == 0, 2, 1))
  d$exact <- d$weeks + d$client_id * 1e-7
  d$weight <- 0.5 + (d$age %% 7) / 4
  d
}

run_survival <- function(task, d) {
  library(survival)
  v <- version("survival")
  formula <- function(left, more = NULL) reformulate(c(risk, more), parse(text = left)[[1]])
  coefficients <- function(f) unname(coef(f))
  errors <- function(f) c(unname(coef(f)), sqrt(diag(vcov(f))))
  here <- function(call, estimates) timed("R survival", v, task, call, estimates)
  weeks <- c(13, 26, 52)
  switch(task,
    "cox" = here(function() coxph(formula("Surv(weeks, ended)"), d), coefficients),
    "cox-cluster" = here(
      function() coxph(formula("Surv(weeks, ended)"), d, cluster = site), errors),
    "cox-start-stop" = here(function() coxph(formula("Surv(start, weeks, ended)"), d), coefficients),
    "cox-strata" = here(
      function() coxph(formula("Surv(weeks, ended)", "strata(site)"), d), coefficients),
    "cox-pairs" = here(
      function() coxph(formula("Surv(weeks, ended)", "strata(pair)"), d), coefficients),
    "km" = here(function() survfit(Surv(weeks, ended) ~ sib, d),
                function(f) summary(f, times = weeks)$surv),
    "km-weighted" = here(
      function() survfit(Surv(exact, ended) ~ 1, d, weights = weight, robust = TRUE),
      function(f) {
        s <- summary(f, times = weeks + 0.5)
        c(s$surv, s$std.err)
      }),
    "logrank" = here(function() survdiff(Surv(weeks, ended) ~ sib, d), function(f) f$chisq),
    "rmst" = here(
      function() summary(survfit(Surv(weeks, ended) ~ sib, d), rmean = 52)$table,
      function(t) c(t[, "rmean"], t[, "se(rmean)"])),
    "weibull" = here(
      function() survreg(formula("Surv(weeks, ended)"), d, dist = "weibull"),
      function(f) c(unname(coef(f)), log(f$scale))),
    "incidence" = {
      if (has("cmprsk")) {
        timed("cmprsk cuminc", version("cmprsk"), task,
              function() cmprsk::cuminc(d$weeks, d$cause, d$sib),
              function(f) as.vector(t(cmprsk::timepoints(f, weeks)$est)))
      } else skip("cmprsk cuminc", task, "not installed")
      here(function() survfit(Surv(weeks, factor(cause)) ~ sib, d),
           function(f) as.vector(summary(f, times = weeks)$pstate[, -1]))
    },
    "fine-gray" = {
      here(function() {
        d$kind <- factor(d$cause)
        long <- finegray(reformulate(c(risk, "client_id"), quote(Surv(weeks, kind))), d, etype = "1")
        coxph(formula("Surv(fgstart, fgstop, fgstatus)"), long, weights = fgwt, ties = "breslow")
      }, coefficients)
      if (has("cmprsk")) {
        timed("cmprsk crr", version("cmprsk"), task,
              function() cmprsk::crr(d$weeks, d$cause, as.matrix(d[risk]), gtol = 1e-10),
              function(f) c(unname(f$coef)))
      } else skip("cmprsk crr", task, "not installed")
    })
}
