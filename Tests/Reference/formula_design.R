# Model matrices by R for formula_data.csv: Rscript formula_design.R > formula_design.json
library(splines)
d <- read.csv("formula_data.csv", check.names = FALSE)
for (v in c("race", "grp", "s")) d[[v]] <- factor(d[[v]], levels = sort(unique(d[[v]]), method = "radix"))
d$sib <- d$sib == "true"
formulas <- c(
  "y ~ x + race",
  "y ~ x * race",
  "y ~ 0 + race + x",
  "y ~ race:grp",
  "y ~ x + race:x",
  "y ~ race + race:grp",
  "y ~ grp:race + x - 1",
  "y ~ sib * x + factor(k)",
  "log(y) ~ poly(x, 3) + I(z^2)",
  "y ~ poly(x, 2, raw = TRUE):grp",
  "y ~ ns(x, 3) + ns(z, df = 4)",
  "y ~ ns(x, 1) + poly(z, 1)",
  "y ~ ns(x, knots = c(5, 9))*sib",
  "y ~ ns(x, knots = 8, Boundary.knots = c(3, 12))",
  "y ~ relevel(race, \"other\") + relevel(factor(k), ref = \"2\")",
  "y ~ (x + z + grp)^2 - x:z",
  "y ~ grp/race + `my var`",
  "y ~ `my var`:race + (x > 5)",
  "y ~ grp*race*s - grp:race:s",
  "y ~ . - w - s - k",
  "y ~ log(x) + sqrt(z) + x %/% 3 + exp(-x / 10)",
  "y ~ x:race:sib",
  "~ race %in% grp + x:z - 1",
  "y ~ sib - 1",
  "y ~ x + offset(log(w)) + race*grp",
  "y ~ factor(k):factor(sib) + x:factor(k)",
  "y ~ (race + grp)/x",
  "y ~ factor(k, levels = c(3, 1, 2)) + pmin(x, z) + round(x, 1)")
n <- function(x) paste0("[", paste(formatC(x, digits = 17, format = "g", width = 1), collapse = ","), "]")
q <- function(x) paste0("[", paste(encodeString(x, quote = "\""), collapse = ","), "]")
cases <- vapply(formulas, function(f) {
  f <- as.formula(f)
  t <- terms(f, data = d)
  m <- model.matrix(t, model.frame(t, d))
  paste0("{\"formula\":", encodeString(deparse(f, width.cutoff = 500), quote = "\""),
    ",\"labels\":", q(attr(t, "term.labels")), ",\"names\":", q(colnames(m)),
    ",\"assign\":", n(attr(m, "assign")), ",\"values\":", n(as.vector(m)), "}")
}, "")
cat("[\n", paste(cases, collapse = ",\n"), "\n]\n", sep = "")
