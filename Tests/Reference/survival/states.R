# Rscript states.R > states.json, which also writes state_spells.csv   (R 4.2.2, survival 3.5-3)
suppressMessages(library(survival))
num <- function(x) paste0("[", paste(ifelse(is.finite(x), sprintf("%.17g", x), "null"), collapse = ","), "]")
obj <- function(...) { x <- list(...); paste0("{", paste0('"', names(x), '":', unlist(x), collapse = ","), "}") }
set.seed(4)
person <- function(i, late) {
  t <- if (late) sample(0:4, 1) else 0
  state <- if (late) "idle" else sample(c("idle", "job"), 1, prob = c(.8, .2))
  end <- t + sample(8:25, 1); r <- NULL; arm <- i %% 2; w <- 0.5 + (i %% 5) / 4
  repeat {
    stop <- t + sample(1:7, 1)
    if (stop >= end) return(rbind(r, data.frame(set = late + 1, id = i, arm, site = i %% 7, w, start = t, stop = end, from = state, to = "censored")))
    to <- if (runif(1) < .1) "gone" else if (runif(1) < .2) "censored" else if (state == "idle") "job" else if (runif(1) < .4 + .2 * arm) "kept" else "idle"
    r <- rbind(r, data.frame(set = late + 1, id = i, arm, site = i %% 7, w, start = t, stop = stop, from = state, to = to))
    t <- stop; if (to != "censored") state <- to
    if (to == "gone") return(r)
  }
}
d <- rbind(do.call(rbind, lapply(1:80, person, FALSE)), do.call(rbind, lapply(101:180, person, TRUE)))
write.csv(d, "state_spells.csv", row.names = FALSE, quote = FALSE)
levels <- c("idle", "job", "kept", "gone")
d$to <- factor(d$to, c("censored", levels)); d$from <- factor(d$from, levels)
out <- list()
for (s in 1:2) for (a in 0:1) for (weighted in 0:1) {
  x <- d[d$set == s & d$arm == a, ]; x$w <- if (weighted) x$w else 1
  f <- survfit(Surv(start, stop, to) ~ 1, x, id = id, istate = from, weights = w, influence = TRUE)
  stopifnot(all(f$states == levels))
  by <- x$site[!duplicated(x$id)]; by <- by[order(unique(x$id))]
  wt <- x$w[!duplicated(x$id)][order(unique(x$id))]
  # The influences are by unit of weight; this version's se(rmean) leaves the weights out again.
  inf <- f$influence.pstate * wt
  grid <- c(0, f$time); keep <- grid < 15; span <- diff(c(grid[keep], 15))
  rse <- sapply(1:4, function(k) sqrt(sum((matrix(inf[, keep, k], length(wt)) %*% span)^2)))
  sited <- sapply(1:4, function(k) sqrt(colSums(rowsum(matrix(inf[, , k], length(by)) , by)^2)))
  m <- summary(f, rmean = 15)$table
  if (!weighted) stopifnot(all.equal(rse, unname(m[, "se(rmean)"]), tolerance = 1e-12))
  out[[paste("set", s, "arm", a, "w", weighted, sep = "_")]] <- obj(time = num(f$time), p = num(t(f$pstate)), se = num(t(f$std.err)),
    lower = num(t(f$lower)), upper = num(t(f$upper)), p0 = num(f$p0), rmean = num(m[, "rmean"]), rse = num(rse),
    sited = num(t(sited)))
}
cat("{\n", paste0('"', names(out), '": ', unlist(out), collapse = ",\n"), "\n}\n", sep = "")
