library(sandwich); library(nlme)
options(digits = 17)
d <- read.csv("interrupted_series.csv"); a <- d[d$treated == 1, ]
c0 <- 29
des <- function(d) { d$t0 <- d$time - 1; d$level <- as.numeric(d$time >= c0); d$slope <- (d$time - c0)*d$level
  k <- d$time - 1; d$s1 <- sin(2*pi*k/12); d$c1 <- cos(2*pi*k/12); d$s2 <- sin(4*pi*k/12); d$c2 <- cos(4*pi*k/12); d$q <- factor(k %% 4); d }
a <- des(a); d <- des(d)
num <- function(x) paste0("[", paste(sprintf("%.17g", as.numeric(x)), collapse = ","), "]")
out <- c()
put <- function(name, b, se, extra = NULL) out <<- c(out, sprintf('"%s": {"b": %s, "se": %s%s}', name, num(b), num(se),
   if (is.null(extra)) "" else paste0(", ", paste(sprintf('"%s": %s', names(extra), sapply(extra, num)), collapse = ", "))))
f <- lm(y ~ t0 + level + slope, a)
put("ols", coef(f), sqrt(diag(vcov(f))))
nw <- function(f, L, adj = TRUE) NeweyWest(f, lag = L, prewhite = FALSE, adjust = adj)
V <- nw(f, 3); k <- c(0, 0, 1, 8)
put("nw", coef(f), sqrt(diag(V)), list(effect8 = c(sum(k*coef(f)), sqrt(t(k) %*% V %*% k))))
f <- lm(y ~ t0 + level + slope + s1 + c1 + s2 + c2, a); put("harmonics", coef(f), sqrt(diag(nw(f, 3))))
f <- lm(y ~ t0 + level + slope + q, a); put("indicators", coef(f), sqrt(diag(nw(f, 3))))
e <- a[!a$time %in% c(29, 30), ]
f <- lm(y ~ t0 + level + slope, e); put("excluded", coef(f), sqrt(diag(nw(f, 3))))
a2 <- transform(a, l2 = as.numeric(time >= 40), s2b = (time - 40)*(time >= 40))
f <- lm(y ~ t0 + level + slope + l2 + s2b, a2); put("twice", coef(f), sqrt(diag(vcov(f))))
# two series, Newey-West within each: vcovPL without aggregation is Newey-West within clusters
d <- d[order(d$treated, d$time), ]
f <- lm(y ~ t0 + level + slope + treated + t0:treated + level:treated + slope:treated, d)
X <- model.matrix(f); u <- residuals(f); n <- nrow(X); p <- ncol(X)
V <- vcovPL(f, cluster = d$treated, order.by = d$time, lag = 3, aggregate = FALSE, kernel = "Bartlett", adjust = FALSE, sandwich = TRUE, fix = FALSE)
put("comparison", coef(f), sqrt(diag(V) * n/(n - p)))
# counts
f <- glm(n ~ t0 + level + slope + offset(log(exposure)), quasipoisson, a, control = list(epsilon = 1e-14, maxit = 100))
put("count", coef(f), sqrt(diag(vcov(f))))
put("countnw", coef(f), sqrt(diag(nw(f, 3))))
# Prais-Winsten: iterate with gls at a fixed correlation, an exact AR(1) with gaps
pw <- function(data, fm = y ~ t0 + level + slope) {
  rho <- 0; b <- NULL
  for (i in 1:500) {
    g <- if (i == 1) lm(fm, data) else gls(fm, data, correlation = corCAR1f(rho, data))
    X <- model.matrix(fm, data); res <- data$y - X %*% coef(g)
    gap <- diff(data$time); one <- which(gap == 1)
    new <- sum(res[one + 1]*res[one]) / sum(res[one]^2)
    if (i > 1 && abs(new - rho) < 1e-15) break
    rho <- new
  }
  list(g = g, rho = rho)
}
corCAR1f <- function(rho, data) corAR1(value = rho, form = ~ time, fixed = TRUE)
p1 <- pw(a); put("pw", coef(p1$g), sqrt(diag(vcov(p1$g))), list(rho = p1$rho))
p2 <- pw(e); put("pwgap", coef(p2$g), sqrt(diag(vcov(p2$g))), list(rho = p2$rho))
cat("{\n", paste(out, collapse = ",\n"), "\n}\n", file = "interrupted_series_r.json")
