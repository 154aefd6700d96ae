"""Benchmarks on data beyond memory: whole commands on DuckDB beside peers that hold everything in memory.

The rows are made by DuckDB itself, from a seed, as a Parquet file: eight covariates, a 0/1 outcome, weekly times.
A side's seconds are those of a process from start to end, reading included; peers that would not fit work on the
first rows, and the table says how many. Settings beside those of run.py:

  BENCH_SIBLING        the command                          (.build/release/sibling)
  BENCH_DUCKDB         the duckdb command                   (found as `sibling` finds it)
  BENCH_ENGINE_ROWS    rows of engine-logit and engine-cox  (10000000)
  BENCH_ENGINE_LARGE   rows of engine-logit-large           (100000000)
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time

FOLDER = pathlib.Path(__file__).resolve().parent
SIBLING = os.environ.get("BENCH_SIBLING", str(FOLDER.parent / ".build/release/sibling"))
ROWS = int(os.environ.get("BENCH_ENGINE_ROWS", "10000000"))
LARGE = int(os.environ.get("BENCH_ENGINE_LARGE", "100000000"))
COVARIATES = ["x1", "x2", "age", "female", "priors", "x6", "x7", "x8"]
LOGIT = "y ~ " + " + ".join(COVARIATES)
COX = "Surv(weeks, ended) ~ " + " + ".join(COVARIATES)
# Title, the ratio wanted to the fastest peer on as many rows, whether it runs unless asked for.
TASKS = {
    "engine-logit": ("logit, 8 covariates, DuckDB, from Parquet", 1, True),
    "engine-cox": ("Cox with weekly times, 8 covariates, DuckDB, from Parquet", 1, True),
    "engine-logit-large": ("logit, 8 covariates, DuckDB, from Parquet", 1, False),
}
# What a peer takes on: more does not fit, or takes too long.
PEER_ROWS = {"engine-logit": 10_000_000, "engine-cox": 1_000_000}
TOLERANCE = {"engine-logit": 1e-5, "engine-cox": 1e-4}

GENERATE = """
SET preserve_insertion_order = false;
COPY (
  WITH draws AS (
    SELECT range AS i, {draws} FROM range({rows})
  ), clients AS (
    SELECT i, sqrt(-2 * ln(1 - u0)) * cos(2 * pi() * u1) AS x1,
      sqrt(-2 * ln(1 - u0)) * sin(2 * pi() * u1) AS x2, round(18 + 47 * u2, 1) AS age,
      CAST(u3 < 0.45 AS INTEGER) AS female, CAST(floor(u4 * 9) AS INTEGER) AS priors,
      sqrt(-2 * ln(1 - u5)) * cos(2 * pi() * u6) AS x6,
      sqrt(-2 * ln(1 - u5)) * sin(2 * pi() * u6) AS x7, u7 * 100 AS x8,
      'site' || CAST(floor(u8 * 40) AS INTEGER) AS site, u9, u10, u11
    FROM draws
  ), timed AS (
    SELECT *, 1 + floor(-ln(1 - u10) * 40 * exp(-(0.3 * x1 + 0.2 * female))) AS until FROM clients
  )
  SELECT x1, x2, age, female, priors, x6, x7, x8, site,
    CAST(u9 < 1 / (1 + exp(-(-1 + 0.5 * x1 - 0.3 * x2 + 0.01 * (age - 40) + 0.2 * female
      + 0.05 * priors + 0.1 * x6 + 0.002 * (x8 - 50)))) AS INTEGER) AS y,
    CAST(least(104, until) AS INTEGER) AS weeks,
    CAST(u11 < 0.7 AND until <= 104 AS INTEGER) AS ended
  FROM timed
) TO '{path}' (FORMAT parquet);
"""


def duckdb():
    """The duckdb command; None when there is none."""
    for name in (os.environ.get("BENCH_DUCKDB"), os.environ.get("SIBLING_DUCKDB_COMMAND"),
                 "duckdb", str(FOLDER.parent / ".build-engines/venv/bin/duckdb")):
        if name and (found := shutil.which(name)):
            return found
    return None


def generate(path, rows):
    # Draws are hashes of the row's number, so that the same rows come on any number of threads.
    draws = ", ".join(f"((hash(range * 12 + {k}) >> 11) + 0.5) / 9007199254740992e0 AS u{k}"
                      for k in range(12))
    subprocess.run([duckdb(), "-batch", "-init", os.devnull, "-c",
                    GENERATE.format(draws=draws, rows=rows, path=path)], check=True)


def resident(process):
    """The memory that a process and its children hold now, in MB; 0 where it can't be known."""
    total, seen = 0, [process]
    while seen:
        one = seen.pop()
        try:
            for line in open(f"/proc/{one}/status"):
                if line.startswith("VmRSS"):
                    total += int(line.split()[1]) // 1024
            for thread in os.listdir(f"/proc/{one}/task"):
                seen += map(int, open(f"/proc/{one}/task/{thread}/children").read().split())
        except OSError:
            pass
    return total


def ours(verb, path, formula, *options):
    """One call of the command: seconds, estimates, and the most memory that it and DuckDB held."""
    environment = {**os.environ, "SIBLING_DUCKDB_COMMAND": duckdb()}
    environment.pop("SIBLING_DUCKDB", None)
    start = time.perf_counter()
    process = subprocess.Popen(
        [SIBLING, verb, "--engine", "duckdb", "--source", path, formula, "--format", "json",
         *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    highest = 0

    def watch():
        nonlocal highest
        while process.poll() is None:
            highest = max(highest, resident(process.pid))
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    output, complaint = process.communicate()
    seconds = time.perf_counter() - start
    watcher.join()
    if process.returncode:
        sys.exit(f"sibling {verb} on DuckDB failed:\n{complaint}")
    answer = json.loads(output)
    rows = answer if isinstance(answer, list) else answer["rows"]
    return seconds, {row["term"]: row["estimate"] for row in rows}, highest


def peer(python, rscript, task, path, rows):
    """The peers' times and estimates on the first rows: name → (seconds, estimates by term)."""
    found = {}
    calls = [(python, "engines.py")]
    if task == "engine-cox":
        calls.append((rscript, "engines.R"))
    for program, script in calls:
        if not shutil.which(program):
            continue
        done = subprocess.run([program, str(FOLDER / "peers" / script), path, task, str(rows)],
                              capture_output=True, text=True,
                              env={**os.environ, "SIBLING_DUCKDB_COMMAND": duckdb()})
        if done.returncode:
            sys.exit(f"{script} failed:\n{done.stderr}")
        for line in done.stdout.splitlines():
            if line.startswith("{"):
                row = json.loads(line)
                found[row["peer"]] = (row["seconds"], row["estimates"])
    return found


def gap(a, b):
    shared = [term for term in b if term in a]
    if len(shared) != len(b):
        return float("inf")
    return max(abs(a[t] - b[t]) / max(1.0, abs(a[t]), abs(b[t])) for t in shared)


def run(folder, tasks, python, rscript):
    """Runs tasks; gives lines of a table, notes, and which estimates disagree."""
    lines, notes, failures = [], [], []
    if not duckdb() or not pathlib.Path(SIBLING).exists():
        return [], [f"Skipped: {', '.join(tasks)}: the duckdb command or {SIBLING} is missing."], []
    for task in tasks:
        title, wanted, _ = TASKS[task]
        rows = LARGE if task.endswith("large") else ROWS
        path = str(folder / f"{rows}.parquet")
        if not pathlib.Path(path).exists():
            generate(path, rows)
        verb, formula, options = (("cox", COX, ()) if task == "engine-cox"
                                  else ("regress", LOGIT, ("--family", "binomial")))
        seconds, estimates, highest = ours(verb, path, formula, *options)
        listed, ratio = "none fits", "–"
        if task in PEER_ROWS:
            some = min(rows, PEER_ROWS[task])
            small = path if some == rows else str(folder / f"{some}.parquet")
            if not pathlib.Path(small).exists():
                generate(small, some)
            same = estimates if some == rows else ours(verb, small, formula, *options)[1]
            found = peer(python, rscript, task, small, some)
            listed = ", ".join(f"{name} {time:.1f} ({some:,} rows)"
                               for name, (time, _) in sorted(found.items())) or "none installed"
            if found and some == rows:
                ratio = f"{min(time for time, _ in found.values()) / seconds:.1f}×"
            elif found:
                each = min(time for time, _ in found.values()) / some
                ratio = f"{each / (seconds / rows):.1f}× for each row"
            for name, (_, theirs) in found.items():
                distance = gap(same, theirs)
                notes.append(f"{task}: estimates of {name} within {distance:.1e}.")
                if not distance <= TOLERANCE[task]:
                    failures.append(f"{name} on {task} by {distance:.1e}")
        lines.append(f"| {title}, {rows:,} rows, {highest:,} MB resident at most | {seconds:.1f} |"
                     f" {listed} | {ratio} | {wanted}× |")
    return lines, notes, failures
