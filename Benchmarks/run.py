"""Times our estimators and their peers side by side, and checks that they agree.

Both sides read one file of made-up clients. In every round each side runs once in a process of its
own, so that what else the machine does falls on all alike. Reported are medians, and ratios of the
fastest peer to us. Run by `make bench`; settings are environment variables:

  BENCH_ROWS    rows of data                          (1000000)
  BENCH_ROUNDS  rounds, each side once in each        (3)
  BENCH_REPEATS timings of each call in a process     (2)
  BENCH_TASKS   some of the tasks below, with commas  (all)
  BENCH_PYTHON  a Python that has the peers           (python3)
  BENCH_RSCRIPT an R that has the peers               (Rscript)
  BENCH_BINARY  our program                           (.build/release/sibling-bench)
  BENCH_OUTPUT  where the table goes                  (Benchmarks/RESULTS.md)

Tasks on data beyond memory are in engines.py, with settings of their own.
"""
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import typing

import engines

FOLDER = pathlib.Path(__file__).resolve().parent
setting = os.environ.get
ROWS = int(setting("BENCH_ROWS", "1000000"))
ROUNDS = int(setting("BENCH_ROUNDS", "3"))
REPEATS = setting("BENCH_REPEATS", "2")
PYTHON = setting("BENCH_PYTHON", "python3")
RSCRIPT = setting("BENCH_RSCRIPT", "Rscript")
BINARY = setting("BENCH_BINARY", str(FOLDER.parent / ".build/release/sibling-bench"))
OUTPUT = pathlib.Path(setting("BENCH_OUTPUT", str(FOLDER / "RESULTS.md")))
SEED = "20260101"


class Task(typing.NamedTuple):
    """A timed call: its title, the ratio that we want to the fastest peer, the first rows of the
    file that it works on (all when None), and a peer's time recorded elsewhere: name and seconds."""
    title: str
    wanted: int
    rows: int | None = None
    recorded: tuple[str, float] | None = None


TASKS = {
    "csv": Task("CSV, 20 columns", 1),
    "dta": Task("Stata file, 20 columns", 1),
    "simulate": Task("a simulated cohort of as many referrals", 1),
    "validate": Task("every rule of the schema on its clients, sites and jobs", 1),
    "score": Task("six definitions of an outcome on its clients", 1),
    "replay": Task("contract replay of as many claims, three versions, caps of two payers", 1),
    "impute": Task("multiple imputation, 5 copies × 5 iterations, 3 of 8 columns", 5, 100_000),
    "logit": Task("propensity logit, 15 columns + intercept", 5),
    "nearest": Task("nearest 1:1 + logit score, caliper 0.2", 10, None, ("MatchIt 4.7.2", 4.0)),
    "nearest-exact": Task("the same, exact on a factor", 10, None, ("MatchIt 4.7.2", 4.7)),
    "nearest-calipers": Task("nearest, two covariate calipers", 100, 100_000,
                             ("MatchIt 4.7.2", 70.0)),
    "mahalanobis": Task("nearest, Mahalanobis, 6 covariates", 100, 40_000,
                        ("MatchIt 4.7.2", 110.0)),
    "optimal": Task("optimal pair on the score", 50, 10_000, ("MatchIt/optmatch", 2.6)),
    "full": Task("full matching on the score", 2000, 10_000, ("MatchIt/optmatch", 53.0)),
    "full-large": Task("full matching on the score, all rows", 1),
    "balance": Task("balance, 19 columns, SMD + VR + KS, before and after", 20, None,
                    ("MatchIt 4.7.2", 14.3)),
    "att-gt": Task("group-time effects, doubly robust, 3 covariates, 10 periods, 1000 draws", 30,
                   None, ("did, faster mode", 7.7)),
    "twfe": Task("two-way fixed effects, clustered by unit", 3, None, ("fixest", 0.11)),
    "twfe-large": Task("two-way fixed effects, ten times the rows", 5, None, ("fixest", 2.2)),
    "sun-abraham": Task("Sun–Abraham, 10 periods", 25, None, ("fixest", 8.6)),
    "wild-bootstrap": Task("wild cluster bootstrap, 9999 draws, 40 clusters", 13, 100_000,
                           ("fwildclusterboot", 0.61)),
    "cox": Task("Cox, Efron, 10 covariates", 7),
    "cox-cluster": Task("Cox with cluster-robust errors", 80, 10_000),
    "cox-cluster-large": Task("Cox with cluster-robust errors", 80, 100_000,
                              ("R survival 3.8", 3.2)),
    "cox-start-stop": Task("Cox, start–stop", 18),
    "cox-strata": Task("Cox, 40 strata", 20),
    "cox-pairs": Task("Cox, a stratum for every two rows", 10),
    "km": Task("Kaplan–Meier by arm", 3),
    "km-weighted": Task("weighted Kaplan–Meier with robust errors, all times distinct", 300, 40_000),
    "km-weighted-large": Task("weighted Kaplan–Meier with robust errors, all rows", 1),
    "logrank": Task("log-rank", 3),
    "incidence": Task("Aalen–Johansen with errors", 19),
    "fine-gray": Task("Fine–Gray, 10 covariates", 100, 10_000),
    "fine-gray-large": Task("Fine–Gray, 10 covariates, all rows", 1),
    "rmst": Task("restricted mean by arm", 30, None, ("survRM2", 0.96)),
    "weibull": Task("Weibull regression, 10 covariates", 11),
    "royston-parmar": Task("Royston–Parmar, 2 knots, 10 covariates", 30, 100_000,
                           ("rstpm2 stpm2", 6.4)),
}
# The recorded times come from another machine, on which this call took so many seconds. Where the
# same peer runs here too, a recorded time is also shown scaled by the two machines' ratio.
ANCHOR = ("logit", "scikit-learn", 0.81)
# How far a peer's estimates may stand from ours, relative to the larger or absolute near zero.
# lifelines stops its Cox iterations early; the others iterate close to the end.
# finegray orders events and censoring of one week otherwise than crr and we do.
# Imputed values are drawn; means of the completed columns agree within their noise.
TOLERANCE = {("lifelines", "cox"): 1e-4, ("R survival", "fine-gray"): 1e-3,
             ("R mice", "impute"): 5e-3}
DEFAULT_TOLERANCE = 1e-6


def lines(command):
    """The JSON lines that a program prints; an error ends the benchmark with what it said."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def distance(ours, theirs):
    if len(ours) != len(theirs):
        return float("inf")
    return max(abs(a - b) / max(1.0, abs(a), abs(b)) for a, b in zip(ours, theirs))


def processor():
    try:
        for line in open("/proc/cpuinfo"):
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def show(seconds):
    return f"{seconds:.3f}" if seconds < 10 else f"{seconds:.1f}"


def measure(data, tasks):
    """Runs the sides in turn; gives timings by (task, peer), estimates, versions and skips."""
    sides = [("ours", [BINARY, "run", data, tasks, REPEATS])]
    skipped = {}
    for name, program, script in (("Python", PYTHON, "peers.py"), ("R", RSCRIPT, "peers.R")):
        if shutil.which(program):
            sides.append((name, [program, str(FOLDER / "peers" / script), data, tasks, REPEATS]))
        else:
            skipped[(name, "all its tasks")] = f"{program} is not installed"
    seconds, estimates, versions = {}, {}, {}
    for turn in range(ROUNDS):
        # The order is turned round each time, so that no side always runs on a warmer machine.
        for name, command in sides if turn % 2 == 0 else reversed(sides):
            print(f"round {turn + 1} of {ROUNDS}: {name}", file=sys.stderr, flush=True)
            for row in lines(command):
                key = (row["task"], row["peer"])
                if "skipped" in row:
                    skipped[(row["peer"], row["task"])] = row["skipped"]
                    continue
                seconds.setdefault(key, []).append(row["seconds"])
                estimates[key] = row["estimates"]
                versions[row["peer"]] = row["version"]
    return seconds, estimates, versions, skipped


def check_pairs(folder):
    """Our pairs against greedy matching written out in R, on a file small enough for that."""
    small = str(folder / "small.csv")
    subprocess.run([BINARY, "generate", "20000", SEED, small], check=True)
    ours = lines([BINARY, "run", small, "nearest", "1"])[0]["estimates"]
    plain = lines([RSCRIPT, str(FOLDER / "peers/peers.R"), small, "greedy", "1"])[0]["estimates"]
    return ours, plain, distance(ours, plain)


def make_stata(data):
    """The clients in Stata's format beside the CSV, where pandas is there to write it."""
    code = ("import pandas, sys; d = pandas.read_csv(sys.argv[1]);"
            " d.to_stata(sys.argv[1][:-4] + '.dta', write_index=False, version=118)")
    if shutil.which(PYTHON):
        subprocess.run([PYTHON, "-c", code, data], capture_output=True)


def main():
    usual = [*TASKS, *(task for task, (_, _, runs) in engines.TASKS.items() if runs)]
    tasks = setting("BENCH_TASKS", ",".join(usual)).split(",")
    if unknown := [task for task in tasks if task not in TASKS and task not in engines.TASKS]:
        known = ", ".join([*TASKS, *engines.TASKS])
        sys.exit(f"there is no task {', '.join(unknown)}; there are {known}")
    beyond = [task for task in tasks if task in engines.TASKS]
    tasks = [task for task in tasks if task in TASKS]
    if not pathlib.Path(BINARY).exists():
        sys.exit(f"{BINARY} is missing; run swift build -c release --product sibling-bench")
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        data = str(folder / "clients.csv")
        subprocess.run([BINARY, "generate", str(ROWS), SEED, data], check=True)
        if "dta" in tasks:
            make_stata(data)
        # A task with fewer rows is called `name:rows` by all sides.
        calls = ",".join(f"{task}:{TASKS[task].rows}" if TASKS[task].rows else task
                         for task in tasks)
        size = os.path.getsize(data) / 1e6
        load = os.getloadavg()[0]
        seconds, estimates, versions, skipped = (
            measure(data, calls) if tasks else ({}, {}, {}, {}))
        engine = engines.run(folder, beyond, PYTHON, RSCRIPT) if beyond else ([], [], [])
        pairs = None
        if "nearest" in tasks and shutil.which(RSCRIPT):
            pairs = check_pairs(folder)
    text, failures = report(tasks, seconds, estimates, versions, skipped, pairs, size, load, engine)
    OUTPUT.write_text(text)
    print(text)
    if failures:
        sys.exit("estimates disagree: " + "; ".join(failures))


def machine_ratio(seconds):
    """How many times longer the anchor's call takes here than where the times were recorded."""
    task, peer, recorded = ANCHOR
    times = seconds.get((task, peer))
    return statistics.median(times) / recorded if times and ROWS == 1_000_000 else None


def report(tasks, seconds, estimates, versions, skipped, pairs, size, load, engine):
    out = ["# Speed beside the peers", ""]
    out.append(f"{time.strftime('%Y-%m-%d')}, {processor()}, {os.cpu_count()} processors, load"
               f" {load:.1f} at the start; {ROWS:,} rows, {size:.0f} MB of CSV; medians of"
               f" {ROUNDS} rounds × {REPEATS} timings, both sides in turn in the same run. Seconds"
               " of wall time for the call itself, data in memory (except CSV). Ratio: fastest"
               " peer over ours.")
    out += ["", "| task | ours | peers | ratio | wanted |", "|---|---|---|---|---|"]
    agreement, failures, notes = [], [], []
    if load > 1:
        notes.append("**The machine was busy** before the run: read the ratios with care, and none"
                     " beside a recorded number.")
    scale = machine_ratio(seconds)
    for task in tasks:
        title, wanted, rows, recorded = TASKS[task]
        if rows:
            title += f", {min(rows, ROWS):,} rows"
        if (task, "sibling") not in seconds:
            continue
        ours = statistics.median(seconds[(task, "sibling")])
        sides = sorted((statistics.median(times), peer) for (name, peer), times in seconds.items()
                       if name == task and peer != "sibling")
        # What is written out plainly checks our result; nobody uses it, so it is no peer in speed.
        peers = [(time, peer) for time, peer in sides if "written out" not in peer]
        listed = ", ".join(f"{peer} {show(median)}" for median, peer in peers)
        ratio = f"{peers[0][0] / ours:.1f}×" if peers else "–"
        if recorded and ROWS >= (rows or 1_000_000):
            name, elapsed = recorded
            listed += f"{'; ' if listed else ''}{name} {show(elapsed)} (recorded, not same run)"
            one = f"{elapsed / ours:.1f}× (recorded"
            one += f"; {scale * elapsed / ours:.0f}× scaled)" if scale else ")"
            ratio = one if not peers else f"{ratio}, {one}"
        out.append(f"| {title} | {show(ours)} | {listed or 'none installed'} | {ratio}"
                   f" | {wanted}× |")
        for _, peer in sides:
            gap = distance(estimates[(task, "sibling")], estimates[(task, peer)])
            bound = TOLERANCE.get((peer, task), DEFAULT_TOLERANCE)
            agreement.append(f"| {title} | {peer} | {gap:.1e} | {bound:.0e} |")
            if not gap <= bound:
                failures.append(f"{peer} on {task} by {gap:.1e}")
    lines_beyond, notes_beyond, failures_beyond = engine
    out += lines_beyond
    notes += notes_beyond
    failures += failures_beyond
    if lines_beyond:
        notes.append("Rows on DuckDB: one call of the command each, from start to end, with reading.")
    if pairs:
        ours, plain, gap = pairs
        agreement.append(f"| nearest, 20,000 rows: {ours[0]:.0f} pairs, sum of distances |"
                         f" greedy matching written out in R | {gap:.1e} |"
                         f" {DEFAULT_TOLERANCE:.0e} |")
        if not gap <= DEFAULT_TOLERANCE:
            failures.append(f"written-out greedy matching by {gap:.1e}")
    out += ["", "Largest difference between the sides' estimates, relative above one:", "",
            "| task | peer | difference | bound |", "|---|---|---|---|", *agreement, ""]
    if scale:
        notes.append(f"Recorded times come from another machine; scaled ratios take it that this one"
                     f" is {scale:.2f} times slower, as {ANCHOR[1]}'s {ANCHOR[0]} is.")
    notes += [f"Skipped: {peer}, {task}: {why}." for (peer, task), why in sorted(skipped.items())]
    peers = ", ".join(f"{peer} {version}" for peer, version in sorted(versions.items())
                      if peer != "sibling")
    notes.append(f"Versions: {peers or 'no peer was installed'}.")
    return "\n".join([*out, *(f"- {note}" for note in notes)]) + "\n", failures


if __name__ == "__main__":
    main()
