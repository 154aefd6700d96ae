# Makes incomplete.csv (made-up people of 15 sites) and chained_equations.json: what R's mice says of
# it with many imputations. Rscript chained_equations.R > chained_equations.json
suppressPackageStartupMessages({library(mice); library(jsonlite)})
set.seed(20)
n <- 300; sites <- 15
site <- rep(seq_len(sites), length.out = n)
u <- rnorm(sites, sd = 0.7)
age <- rnorm(n, 40, 10)
motivation <- 3 + 0.03 * (age - 40) + 0.5 * u[site] + rnorm(n)
worked <- rbinom(n, 1, plogis(-0.3 + 0.5 * (motivation - 3) - 0.02 * (age - 40)))
band <- sapply(seq_len(n), function(i) {
  e <- exp(c(0, 0.3 + 0.4 * (motivation[i] - 3), -0.2 + 0.8 * worked[i]))
  sample(c("low", "middle", "high"), 1, prob = e / sum(e)) })
weeks <- 20 + 3 * (motivation - 3) + 4 * worked + 2 * (band == "high") + 4 * u[site] + rnorm(n, sd = 4)
gone <- function(p) runif(n) < p
d <- data.frame(site = sprintf("s%02d", site), age, motivation, worked, band, weeks)
d$motivation[gone(plogis(-1.2 + 0.03 * (age - 40)))] <- NA
d$weeks[gone(plogis(-1.2 - 0.03 * (age - 40)))] <- NA
d$worked[gone(0.2)] <- NA
d$band[gone(0.2)] <- NA
for (v in c("age", "motivation", "weeks")) d[[v]] <- round(d[[v]], 3)
write.csv(d, "incomplete.csv", row.names = FALSE, quote = FALSE, na = "")
d <- read.csv("incomplete.csv", na.strings = "")
d$band <- factor(d$band); d$worked <- factor(d$worked); d$site <- factor(d$site)

m <- 300
run <- function(data, method, formula, predictors = NULL, between = NULL) {
  start <- mice(data, maxit = 0)
  p <- start$predictorMatrix
  if (!is.null(predictors)) p <- predictors(p)
  meth <- start$method; meth[names(method)] <- method
  imp <- mice(data, m = m, maxit = 6, method = meth, predictorMatrix = p, seed = 3, printFlag = FALSE)
  s <- summary(pool(with(imp, lm(as.formula(formula)))))
  q <- pool(with(imp, lm(as.formula(formula))))$pooled
  r <- list(term = as.character(q$term), estimate = q$estimate, se = sqrt(q$t), b = q$b, fmi = q$fmi,
            df = q$df, dfcom = q$dfcom)
  if (!is.null(between))
    r$between <- mean(sapply(seq_len(m), function(k) {
      x <- complete(imp, k)
      a <- anova(lm(weeks ~ factor(site), x))[["Mean Sq"]]; (a[1] - a[2]) / (nrow(x) / sites) }))
  r
}
off <- function(p) { p[, "site"] <- 0; p }
two <- function(p) { p[, "site"] <- -2; p["site", ] <- 0; diag(p) <- 0; p }
numbers <- d[, c("site", "age", "motivation", "weeks")]
out <- list(
  norm = run(numbers, c(motivation = "norm", weeks = "norm"), "weeks ~ motivation + age", off),
  pmm = run(numbers, c(motivation = "pmm", weeks = "pmm"), "weeks ~ motivation + age", off),
  logreg = run(d[, c("site", "age", "worked", "weeks")], c(worked = "logreg", weeks = "norm"),
               "weeks ~ worked + age", off),
  polyreg = run(d[, c("site", "age", "band", "weeks")], c(band = "polyreg", weeks = "norm"),
                "weeks ~ band + age", off),
  fixed = run(numbers, c(motivation = "norm", weeks = "norm"), "weeks ~ motivation + age", NULL, TRUE),
  random = run(transform(numbers, site = as.integer(site)), c(motivation = "2l.lmer", weeks = "2l.lmer"), "weeks ~ motivation + age", two, TRUE))
# Rubin's rules with Barnard and Rubin's degrees of freedom, on made-up estimates.
q <- c(1.2, 0.7, 1.9, 1.1, 0.4); u <- c(0.31, 0.28, 0.40, 0.35, 0.22)
s <- function(n, k) { p <- pool.scalar(q, u, n = n, k = k); p[c("qbar", "ubar", "b", "t", "df", "r", "fmi")] }
out$rubin <- list(q = q, u = u, n50k3 = s(50, 3), n1000k10 = s(1000, 10), infinite = s(Inf, 1))
# The pooled Wald test D1 of both slopes at once.
imp <- mice(nhanes, m = 20, seed = 1, printFlag = FALSE)
full <- with(imp, lm(bmi ~ age + hyp + chl)); none <- with(imp, lm(bmi ~ chl))
test <- D1(full, none)$result
out$D1 <- list(coefficients = lapply(full$analyses, function(f) unname(coef(f)[2:3])),
  covariances = lapply(full$analyses, function(f) as.vector(vcov(f)[2:3, 2:3])),
  dfcom = full$analyses[[1]]$df.residual, F = test[1], df1 = test[2], df2 = test[3], p = test[4], riv = test[5])
out$session <- paste(R.version.string, "mice", packageVersion("mice"), "lme4", packageVersion("lme4"))
cat(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")
