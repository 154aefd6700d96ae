# R's side: the peers' own calls on data in memory, a line of JSON for each.
# Usage: Rscript peers.R FILE TASK,TASK REPETITIONS. `task:rows` works on the first rows of the file.
arguments <- commandArgs(trailingOnly = TRUE)
path <- arguments[1]
tasks <- sub(":.*", "", strsplit(arguments[2], ",")[[1]])
repetitions <- as.integer(arguments[3])
covariates <- c("age", "months_out", "motivation", "imd", "readiness", "female", "eth_asian",
                "eth_black", "eth_mixed", "eth_other", "edu_level12", "edu_level3", "edu_level4",
                "psychosis", "benefit")

has <- function(package) requireNamespace(package, quietly = TRUE)
version <- function(package) as.character(packageVersion(package))
skip <- function(peer, task, reason) {
  cat(sprintf('{"peer":"%s","task":"%s","skipped":"%s"}\n', peer, task, reason))
}
timed <- function(peer, version, task, call, estimates) {
  for (i in seq_len(repetitions)) {
    gc(FALSE)
    seconds <- system.time(result <- call())[["elapsed"]]
    numbers <- paste(sprintf("%.12g", estimates(result)), collapse = ",")
    cat(sprintf('{"peer":"%s","version":"%s","task":"%s","seconds":%.6f,"estimates":[%s]}\n',
                peer, version, task, seconds, numbers))
  }
}

if ("csv" %in% tasks) {
  if (has("data.table")) {
    timed("data.table fread", version("data.table"), "csv",
          function() data.table::fread(path),
          function(d) c(nrow(d), sum(d$age), sum(d$months_out), sum(d$readiness), sum(d$weeks)))
  } else skip("data.table fread", "csv", "not installed")
}
d <- if (has("data.table")) data.table::fread(path, data.table = FALSE) else read.csv(path)
logit <- reformulate(covariates, "sib")
if ("logit" %in% tasks) {
  timed("R glm", as.character(getRversion()), "logit",
        function() glm(logit, binomial, d), function(f) unname(coef(f)))
}
if ("nearest" %in% tasks) {
  # Debian 12 carries MatchIt 4.5: slower than today's, and its pairs are not those of plain greedy
  # matching, so it is neither a fair nor a sound peer.
  if (!has("MatchIt")) {
    skip("MatchIt", "nearest", "not installed")
  } else if (packageVersion("MatchIt") < "4.7") {
    skip("MatchIt", "nearest",
         sprintf("version %s is older than 4.7", version("MatchIt")))
  } else {
    timed("MatchIt", version("MatchIt"), "nearest",
          function() MatchIt::matchit(logit, d, caliper = 0.2),
          function(m) {
            pairs <- na.omit(cbind(as.integer(rownames(m$match.matrix)),
                                   as.integer(m$match.matrix[, 1])))
            c(nrow(pairs), sum(abs(m$distance[pairs[, 1]] - m$distance[pairs[, 2]])))
          })
  }
}
if ("greedy" %in% tasks) {
  # Nearest matching written out, to check the pairs on a small file: quadratic, no peer in speed.
  greedy <- function() {
    score <- fitted(glm(logit, binomial, d, control = list(epsilon = 1e-14)))
    caliper <- 0.2 * sd(score)
    free <- which(d$sib == 0)
    treated <- which(d$sib == 1)
    pairs <- 0
    total <- 0
    for (i in treated[order(-score[treated])]) {
      if (length(free) == 0) break
      gap <- abs(score[free] - score[i])
      j <- which.min(gap)
      if (gap[j] <= caliper) {
        pairs <- pairs + 1
        total <- total + gap[j]
        free <- free[-j]
      }
    }
    c(pairs, total)
  }
  timed("R, written out", as.character(getRversion()), "greedy", greedy, identity)
}
# `task:rows` works on the first rows of the file.
calls <- strsplit(arguments[2], ",")[[1]]
folder <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(folder, "cohorts.R"))
source(file.path(folder, "survival.R"))
for (task in intersect(survival_tasks, tasks)) {
  if (!has("survival")) {
    skip("R survival", task, "not installed")
    next
  }
  rows <- as.integer(sub(".*:", "", grep(paste0("^", task, ":"), calls, value = TRUE)))
  run_survival(task, prepared(if (length(rows)) head(d, rows) else d))
}
