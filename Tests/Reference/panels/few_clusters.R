# Rscript few_clusters.R mpdta.csv grunfeld.csv > few_clusters.json
suppressMessages(library(clubSandwich))
args <- commandArgs(trailingOnly = TRUE)
d <- read.csv(args[1])
names(d) <- gsub("\\.", "_", names(d))
d$i <- seq_len(nrow(d))
d$D <- as.numeric(d$first_treat > 0 & d$year >= d$first_treat)
d$w <- 1 + (d$i %% 5) / 3
d$x <- sin(d$i)
d$g <- d$countyreal %% 17
d$high <- as.numeric((d$i * 7) %% 11 < 5)
num <- function(v) paste0("[", paste(formatC(v, digits = 17, format = "g"), collapse = ", "), "]")
out <- list()
add <- function(key, fit, g, terms, types = c("CR0", "CR1S", "CR2", "CR3")) {
  for (type in types) {
    v <- vcovCR(fit, cluster = g, type = type)
    out[[paste0(key, "_", type)]] <<- num(sqrt(diag(v))[terms])
    if (type == "CR2") {
      t <- coef_test(fit, v, test = "Satterthwaite", coefs = terms)
      out[[paste0(key, "_df")]] <<- num(t$df_Satt)
    }
  }
  out[[paste0(key, "_coef")]] <<- num(coef(fit)[terms])
}
u <- d[d$i %% 7 != 0, ]
base <- c("(Intercept)", "D", "lpop", "x")
add("plain", lm(lemp ~ D + lpop + x, u), u$g, base)
add("weighted", lm(lemp ~ D + lpop + x, u, weights = w), u$g, base)
add("small", lm(lemp ~ D + lpop + x, u, weights = w), u$countyreal, base)
s <- u[u$countyreal %% 9 == 0, ]
s$h <- s$countyreal %% 13
add("effects", lm(lemp ~ D + x + factor(countyreal) + factor(year), s), s$h, c("D", "x"), c("CR0", "CR2"))
add("weighted_effects", lm(lemp ~ D + x + factor(countyreal) + factor(year), s, weights = w), s$h, c("D", "x"), c("CR0", "CR2"))
add("logit", glm(high ~ lpop + x + D, binomial, u, control = glm.control(epsilon = 1e-15, maxit = 100)), u$g, c("(Intercept)", "lpop", "x", "D"))
add("count", glm(round(exp(lemp)/100) ~ lpop + x + D, poisson, u, control = glm.control(epsilon = 1e-15, maxit = 100)), u$g, c("(Intercept)", "lpop", "x", "D"))
gr <- read.csv(args[2])
add("grunfeld", lm(inv ~ capital + factor(firm) + factor(year), gr), gr$firm, "capital", c("CR0", "CR2"))
add("grunfeld_value", lm(inv ~ capital + value + factor(year), gr), gr$firm, c("capital", "value"))
leave <- function(fit, data, g, terms) sapply(sort(unique(g)), function(k) {
  f <- update(fit, data = data[g != k, ])
  coef(f)[terms]
})
for (w in c("effects", "weighted_effects")) {
  s$one <- if (w == "effects") 1 else s$w
  f <- lm(lemp ~ D + x + factor(countyreal) + factor(year), s, weights = one)
  l <- leave(f, s, s$h, c("D", "x"))
  out[[paste0(w, "_CR3")]] <- num(sqrt(rowSums((l - coef(f)[c("D", "x")])^2)))
  out[[paste0(w, "_without")]] <- num(l["D", ])
}
cat("{\n", paste0("\"", names(out), "\": ", unlist(out), collapse = ",\n"), "\n}\n", sep = "")
