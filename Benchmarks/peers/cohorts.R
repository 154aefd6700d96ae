# Multiple imputation by chained equations: five copies, five iterations of Bayesian linear regression.
if ("impute" %in% tasks) {
  if (has("mice")) {
    rows <- as.integer(sub(".*:", "", grep("^impute", strsplit(arguments[2], ",")[[1]], value = TRUE)))
    part <- d[seq_len(if (is.na(rows)) nrow(d) else min(rows, nrow(d))), ]
    part <- part[c("months_out", "motivation", "readiness", "age", "imd", "female", "sib", "weeks")]
    place <- seq_len(nrow(part)) - 1
    part$months_out[place %% 7 == 0] <- NA
    part$motivation[place %% 5 == 0] <- NA
    part$readiness[place %% 11 == 0] <- NA
    timed("R mice", version("mice"), "impute",
          function() mice::mice(part, m = 5, maxit = 5, method = "norm", printFlag = FALSE, seed = 1),
          function(imputed) {
            copies <- lapply(1:5, function(i) mice::complete(imputed, i))
            sapply(c("months_out", "motivation", "readiness"),
                   function(name) mean(sapply(copies, function(copy) mean(copy[[name]]))))
          })
  } else skip("R mice", "impute", "not installed")
}
