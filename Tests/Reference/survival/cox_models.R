# Golden values of Cox models beyond the ordinary fit: Rscript cox_models.R > cox_models.json
# from this folder. R 4.2.2, survival 3.5-3.
suppressMessages(library(survival))
ctl <- suppressWarnings(coxph.control(eps = 1e-14, iter.max = 100, outer.max = 200))
text <- function(x) {
  if (is.list(x)) {
    paste0("{", paste0('"', names(x), '":', vapply(x, text, ""), collapse = ","), "}")
  } else if (is.matrix(x)) {
    paste0("[", paste(apply(x, 1, function(r) text(unname(r))), collapse = ","), "]")
  } else {
    paste0("[", paste(ifelse(is.na(x), "null", format(x, digits = 17, trim = TRUE)), collapse = ","), "]")
  }
}
fit <- function(f) list(
  coef = unname(coef(f)), var = unname(f$var), loglik = f$loglik,
  score = if (is.null(f$score)) NA else f$score, iterations = f$iter[1])

lung <- read.csv("lung.csv")
lung$event <- as.numeric(lung$status == 2)
l <- na.omit(lung[, c("time", "event", "age", "sex", "ph.ecog", "inst")])
l0 <- na.omit(lung[, c("time", "event", "age", "sex", "ph.ecog")])
l$start <- pmin((l$age * 7) %% 300, l$time - 1)
l$third <- l$inst %% 3
# Months, so that many events share a time.
l$month <- ceiling(l$time / 30)
l$five <- 5 * ceiling(l$time / 5)
rossi <- read.csv("rossi.csv")
x <- c("fin", "age", "race", "wexp", "mar", "paro", "prio")
out <- list()
out$exact <- list(
  lung = fit(coxph(Surv(time, event) ~ age + sex + ph.ecog, l0, ties = "exact", control = ctl)),
  months = fit(coxph(Surv(month, event) ~ age + sex + ph.ecog, l, ties = "exact", control = ctl)),
  strata = fit(coxph(Surv(month, event) ~ age + ph.ecog + strata(third), l, ties = "exact",
    control = ctl)),
  # With (start, stop] the peer lists all sets, so ties are few here: times in fives.
  truncated = fit(coxph(Surv(start, five, event) ~ age + sex + ph.ecog + strata(third), l,
    ties = "exact", control = ctl)),
  offset = fit(coxph(Surv(month, event) ~ age + sex + offset(ph.ecog / 3), l, ties = "exact",
    control = ctl)),
  rossi = fit(coxph(Surv(week, arrest) ~ fin + age + race + wexp + mar + paro + prio, rossi,
    ties = "exact", control = ctl)))
f <- coxph(Surv(time, event) ~ age + sex + ph.ecog, l0, ties = "exact", control = ctl)
out$exact$martingale <- unname(residuals(f)[1:12])
out$exact$zph <- unname(cox.zph(f)$table)

# The peer's ridge takes its covariates unscaled; df by its trace.
penalised <- function(f) list(
  coef = unname(coef(f)), var = unname(f$var), loglik = f$loglik, df = sum(f$df))
out$ridge <- list(
  lung = penalised(suppressWarnings(coxph(Surv(time, event) ~ ridge(age, sex, ph.ecog, theta = 20,
    scale = FALSE), l0, control = ctl))),
  strata = penalised(suppressWarnings(coxph(Surv(start, time, event) ~ ridge(age, sex, ph.ecog,
    theta = 5, scale = FALSE) + strata(third), l, control = ctl))))

frail <- function(f, p = 2) list(
  coef = unname(coef(f)[1:p]), var = unname(f$var[1:p, 1:p]),
  theta = f$history[[1]]$theta, marginal = if (is.null(f$history[[1]]$c.loglik)) NA else
    f$history[[1]]$c.loglik)
write.csv(kidney[, c("id", "time", "status", "age", "sex")], "kidney.csv", row.names = FALSE,
  quote = FALSE)
loose <- suppressWarnings(coxph.control(eps = 1e-12, iter.max = 100, outer.max = 100))
out$frailty <- suppressWarnings(list(
  gamma = frail(coxph(Surv(time, status) ~ age + sex + frailty(id, distribution = "gamma",
    sparse = FALSE, eps = 1e-9), kidney, control = loose)),
  gammaBreslow = frail(coxph(Surv(time, status) ~ age + sex + frailty(id, distribution = "gamma",
    sparse = FALSE, theta = 0.3), kidney, ties = "breslow", control = ctl)),
  gammaFixed = frail(coxph(Surv(time, status) ~ age + sex + frailty(id, distribution = "gamma",
    sparse = FALSE, theta = 0.3), kidney, control = ctl)),
  gammaTruncated = frail(coxph(Surv(start, time, event) ~ age + sex + frailty(inst,
    distribution = "gamma", sparse = FALSE, theta = 0.2) + strata(third), l, control = ctl)),
  gaussian = frail(coxph(Surv(time, status) ~ age + sex + frailty(id, distribution = "gaussian",
    sparse = FALSE, eps = 1e-12), kidney, control = loose)),
  gaussianFixed = frail(coxph(Surv(time, status) ~ age + sex + frailty(id,
    distribution = "gaussian", sparse = FALSE, theta = 0.5), kidney, control = ctl)),
  gaussianSites = frail(coxph(Surv(time, event) ~ age + sex + ph.ecog +
    frailty(inst, distribution = "gaussian", sparse = FALSE, eps = 1e-12), l, control = loose), 3)))

f <- coxph(Surv(time, event) ~ age + sex + ph.ecog, l0, control = ctl)
res <- function(f, type) unname(as.matrix(residuals(f, type))[1:12, ])
out$residuals <- list(
  scaled = res(f, "scaledsch"), dfbetas = res(f, "dfbetas"), schoenfeld = res(f, "schoenfeld"))
curve <- function(s) list(
  time = s$time, surv = s$surv, se = s$std.err, hazard = s$cumhaz, lower = s$lower,
  upper = s$upper)
someone <- data.frame(age = 60, sex = 1, ph.ecog = 1)
l0$w <- 0.5 + (l0$age %% 7) / 4
l$w <- 0.5 + (l$age %% 7) / 4
fs <- coxph(Surv(start, time, event) ~ age + sex + strata(third), l, weights = w, control = ctl,
  robust = FALSE)
out$curve <- list(
  efron = curve(survfit(f, newdata = someone)),
  breslow = curve(survfit(coxph(Surv(time, event) ~ age + sex + ph.ecog, l0, ties = "breslow",
    control = ctl), newdata = someone, conf.type = "log-log")),
  months = curve(survfit(coxph(Surv(month, event) ~ age + sex + ph.ecog, l, control = ctl),
    newdata = someone, conf.type = "plain")),
  robust = curve(survfit(coxph(Surv(time, event) ~ age + sex + ph.ecog, l0, weights = w,
    robust = TRUE, control = ctl), newdata = someone)),
  strata = curve(survfit(fs, newdata = data.frame(age = 60, sex = 1, third = 0))))

# Tumours of the bladder, several a person, as the survival package has them.
b <- bladder2[, c("id", "start", "stop", "event", "rx", "number", "size", "enum")]
b <- b[b$start < b$stop, ]
write.csv(b, "bladder.csv", row.names = FALSE, quote = FALSE)
b$gap <- b$stop - b$start
recur <- function(f) list(coef = unname(coef(f)), var = unname(f$var), naive = unname(f$naive.var),
  loglik = f$loglik)
out$recurrent <- list(
  andersenGill = recur(coxph(Surv(start, stop, event) ~ rx + number + size, b, cluster = id,
    control = ctl)),
  total = recur(coxph(Surv(start, stop, event) ~ rx + number + size + strata(enum), b,
    cluster = id, control = ctl)),
  gap = recur(coxph(Surv(gap, event) ~ rx + number + size + strata(enum), b, cluster = id,
    control = ctl)))

# tt() of this version fails with (start, stop] and strata: rows cut by hand there.
pieces <- survSplit(Surv(start, time, event) ~ ., l, cut = unique(l$time[l$event == 1]))
pieces$root <- pieces$sex * sqrt(pieces$time)
vary <- function(f) list(coef = unname(coef(f)), var = unname(f$var), loglik = f$loglik)
out$varying <- list(
  log = vary(coxph(Surv(time, event) ~ age + sex + ph.ecog + tt(ph.ecog), l0, control = ctl,
    tt = function(x, t, ...) x * log(t))),
  months = vary(coxph(Surv(month, event) ~ age + tt(sex) + sex, l, ties = "breslow",
    control = ctl, tt = function(x, t, ...) x * t)),
  strata = vary(coxph(Surv(start, time, event) ~ age + sex + root + strata(third), pieces,
    control = ctl)),
  interaction = vary(coxph(Surv(time, event) ~ age * strata(sex) + ph.ecog, l0, control = ctl)))
cat(text(out), "\n")
