# R's peer of the engines' Cox task: FILE.parquet TASK ROWS. The seconds are those of the fit alone: R reads no
# Parquet without arrow, so the rows come as CSV from the duckdb command first.
arguments <- commandArgs(TRUE)
path <- arguments[1]
command <- Sys.getenv("SIBLING_DUCKDB_COMMAND", Sys.getenv("BENCH_DUCKDB", "duckdb"))
if (requireNamespace("survival", quietly = TRUE) && nzchar(Sys.which(command))) {
  library(survival)
  text <- tempfile(fileext = ".csv")
  query <- sprintf("COPY (SELECT * FROM read_parquet('%s')) TO '%s' (HEADER)", path, text)
  system2(command, c("-batch", "-c", shQuote(query)), stdout = FALSE)
  d <- if (requireNamespace("data.table", quietly = TRUE)) data.table::fread(text) else read.csv(text)
  unlink(text)
  seconds <- system.time(
    fit <- coxph(Surv(weeks, ended) ~ x1 + x2 + age + female + priors + x6 + x7 + x8, data = d,
                 ties = "efron")
  )[["elapsed"]]
  estimates <- paste(sprintf('"%s": %.12g', names(coef(fit)), coef(fit)), collapse = ", ")
  cat(sprintf('{"peer": "R survival", "seconds": %.6f, "estimates": {%s}}\n', seconds, estimates))
}
