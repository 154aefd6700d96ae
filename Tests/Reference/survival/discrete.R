# Rscript discrete.R rossi.csv > discrete.json
# Discrete-time and piecewise-exponential models as R's glm fits them on one row a person and period,
# restarted from its own solution until nothing moves: coefficients, standard errors, deviance.
rossi <- read.csv(commandArgs(TRUE)[1])
num <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ","), "]")
again <- function(...) {
  fit <- glm(..., epsilon = 1e-15, maxit = 100)
  for (k in 1:3) fit <- glm(..., start = coef(fit), epsilon = 1e-15, maxit = 100)
  fit
}
show <- function(name, fit) cat(sprintf('"%s":{"coef":%s,"se":%s,"loglik":%.17g}', name,
  num(coef(fit)), num(sqrt(diag(vcov(fit)))), as.numeric(logLik(fit))))
# Four-week periods.
last <- ceiling(rossi$week / 4)
long <- rossi[rep(seq_len(nrow(rossi)), last), ]
long$period <- sequence(last)
long$y <- as.numeric(long$arrest == 1 & long$period == rep(last, last))
cat("{")
for (link in c("cloglog", "logit")) {
  f <- binomial(link)
  show(paste0(link, "_factor"), again(y ~ factor(period) - 1 + fin + age + prio, f, long)); cat(",\n")
  show(paste0(link, "_linear"), again(y ~ period + fin + age + prio, f, long)); cat(",\n")
  show(paste0(link, "_log"), again(y ~ log(period) + fin + age + prio, f, long)); cat(",\n")
}
# Pieces of 13 weeks, two thirds of the rows under observation from week 3 on where they last longer.
start <- ifelse(seq_len(nrow(rossi)) %% 3 != 0 & rossi$week > 3, 3, 0)
cuts <- c(0, 13, 26, Inf)
rows <- do.call(rbind, lapply(1:3, function(k) {
  time <- pmin(rossi$week, cuts[k + 1]) - pmax(start, cuts[k])
  data.frame(rossi[c("fin", "age", "prio")], k = k, time = time,
    y = as.numeric(rossi$arrest == 1 & rossi$week > cuts[k] & rossi$week <= cuts[k + 1]))[time > 0, ]
}))
fit <- again(y ~ factor(k) - 1 + fin + age + prio + offset(log(time)), poisson(), rows)
# Its log-likelihood lacks log(time) at each event and the factorials, which are one.
cat(sprintf('"piecewise":{"coef":%s,"se":%s,"loglik":%.17g}}\n', num(coef(fit)),
  num(sqrt(diag(vcov(fit)))), as.numeric(logLik(fit)) - sum(log(rows$time[rows$y == 1]))))
