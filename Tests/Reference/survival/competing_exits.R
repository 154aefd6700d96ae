# Rscript competing_exits.R > competing_exits.json   (R 4.2.2, survival 3.5-3, cmprsk 2.2-11)
suppressMessages({library(cmprsk); library(survival)})
num <- function(x) paste0("[", paste(ifelse(is.finite(x), sprintf("%.17g", x), "null"), collapse = ","), "]")
obj <- function(...) { x <- list(...); paste0("{", paste0('"', names(x), '":', unlist(x), collapse = ","), "}") }
d <- read.csv("lung.csv")
d <- d[complete.cases(d[, c("time", "status", "age", "ph.ecog", "inst")]), ]
d$cause <- ifelse(d$status == 2, ifelse(d$age %% 3 == 0, 2, 1), 0)
d$start <- pmin((d$age * 7) %% 300, d$time - 1)
d$month <- ceiling(d$time / 28); d$from <- pmin(floor(d$start / 28), d$month - 1)
d$w <- 0.5 + (d$age %% 7) / 4; d$id <- seq_len(nrow(d)); d$fc <- factor(d$cause)
out <- list()
for (unit in c("time", "month")) {
  t <- d[[unit]]; ts <- sort(unique(t)); f <- cuminc(t, d$cause, d$sex); tp <- timepoints(f, ts)
  for (k in c("1 1", "2 1", "1 2", "2 2"))
    out[[paste0("cuminc_", unit, "_", gsub(" ", "_", k))]] <- obj(time = num(ts), est = num(tp$est[k, ]), var = num(tp$var[k, ]))
  for (rho in 0:1) for (g in c("sex", "ph.ecog")) {
    x <- cuminc(t, d$cause, d[[g]], rho = rho)$Tests
    out[[paste("gray", unit, g, rho, sep = "_")]] <- obj(stat = num(x[, "stat"]), p = num(x[, "pv"]), df = num(x[, "df"])) }
  x <- cuminc(t, d$cause, d$sex, strata = d$inst %% 3)$Tests
  out[[paste0("gray_", unit, "_strata")]] <- obj(stat = num(x[, "stat"]), p = num(x[, "pv"]), df = num(x[, "df"]))
  x <- as.matrix(d[, c("age", "sex", "ph.ecog")])
  for (k in 1:2) {
    m <- crr(t, d$cause, x, failcode = k, gtol = 1e-11, maxiter = 100)
    out[[paste0("crr_", unit, "_", k)]] <- obj(coef = num(m$coef), se = num(sqrt(diag(m$var))), loglik = num(c(m$loglik.null, m$loglik)),
      predict = num(predict(m, rbind(c(60, 1, 1), c(70, 2, 0)))[c(3, 8, 12), ])) }
}
fit <- function(g, extra = "", cl = g$id) {
  g$cl <- cl
  m <- coxph(as.formula(paste("Surv(fgstart, fgstop, fgstatus) ~ age + sex + ph.ecog", extra)), g, weights = fgwt,
    ties = "breslow", cluster = cl, control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50))
  obj(coef = num(coef(m)), se = num(sqrt(diag(m$var)))) }
d$third <- d$inst %% 3
for (unit in c("time", "month")) {
  from <- if (unit == "time") "start" else "from"
  plain <- paste0("Surv(", unit, ", fc) ~ age + sex + ph.ecog + id + inst + third + w")
  late <- sub("Surv\\(", paste0("Surv(", from, ", "), plain)
  out[[paste0("finegray_", unit, "_plain")]] <- fit(finegray(as.formula(plain), data = d, etype = 1, id = id))
  out[[paste0("finegray_", unit, "_weighted")]] <- fit(finegray(as.formula(plain), data = d, etype = 1, id = id, weights = w))
  out[[paste0("finegray_", unit, "_late")]] <- fit(finegray(as.formula(late), data = d, etype = 1, id = id))
  out[[paste0("finegray_", unit, "_late_weighted")]] <- fit(finegray(as.formula(late), data = d, etype = 1, id = id, weights = w))
  g <- finegray(as.formula(late), data = d, etype = 1, id = id); out[[paste0("finegray_", unit, "_late_cluster")]] <- fit(g, "", g$inst)
  g <- finegray(as.formula(paste(plain, "+ strata(third)")), data = d, etype = 1, id = id)
  out[[paste0("finegray_", unit, "_strata")]] <- fit(g, "+ strata(third)")
}
cat("{\n", paste0('"', names(out), '": ', unlist(out), collapse = ",\n"), "\n}\n", sep = "")
