"""Python's side: the peers' own calls on data in memory, a line of JSON for each.

Usage: peers.py FILE TASK,TASK REPETITIONS. `task:rows` works on the first rows of the file. A package
that is not installed is skipped and said so. What is called "written out" checks our results: it is
plain and slow, runs once, and is no peer in speed.
"""
import gc
import importlib
import json
import sys
import time

COVARIATES = ["age", "months_out", "motivation", "imd", "readiness", "female", "eth_asian",
              "eth_black", "eth_mixed", "eth_other", "edu_level12", "edu_level3", "edu_level4",
              "psychosis", "benefit"]
RISK = ["sib", *COVARIATES[:8], "psychosis"]
path, repetitions = sys.argv[1], int(sys.argv[3])
# Task → rows; None for all.
tasks = {name: int(rows) if rows else None
         for name, _, rows in (task.partition(":") for task in sys.argv[2].split(","))}


def load(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def skip(peer, task, reason="not installed"):
    print(json.dumps({"peer": peer, "task": task, "skipped": reason}), flush=True)


def timed(peer, version, task, call, estimates):
    for _ in range(1 if "written out" in peer else repetitions):
        gc.collect()
        start = time.perf_counter()
        result = call()
        seconds = time.perf_counter() - start
        numbers = [float(f"{x:.12g}") for x in estimates(result)]
        print(json.dumps({"peer": peer, "version": version, "task": task, "seconds": seconds,
                          "estimates": numbers}), flush=True)


def sums(frame):
    return [len(frame), *(frame[c].sum() for c in ("age", "months_out", "readiness", "weeks"))]


numpy, pandas, polars = load("numpy"), load("pandas"), load("polars")
if "csv" in tasks:
    for name, module in (("polars", polars), ("pandas", pandas)):
        if module:
            timed(name, module.__version__, "csv", lambda: module.read_csv(path), sums)
        else:
            skip(name, "csv")

if "dta" in tasks:
    import cohorts
    cohorts.run(path, tasks, load, timed, skip, sums)

sklearn = load("sklearn.linear_model")
lifelines = load("lifelines")
if not pandas:
    for task, peer in (("logit", "scikit-learn"), ("cox", "lifelines"), ("km", "lifelines"),
                       ("logrank", "lifelines"), ("balance", "numpy"), ("replay", "pandas")):
        if task in tasks:
            skip(peer, task, "pandas is not installed")
    sys.exit()
d = pandas.read_csv(path)

if "logit" in tasks:
    if sklearn:
        x = d[COVARIATES].to_numpy(dtype=float)
        y = d["sib"].to_numpy()
        # C = infinity switches the penalty off in every version.
        model = sklearn.LogisticRegression(C=numpy.inf, solver="newton-cholesky", tol=1e-8)
        timed("scikit-learn", load("sklearn").__version__, "logit", lambda: model.fit(x, y),
              lambda f: [f.intercept_[0], *f.coef_[0]])
    else:
        skip("scikit-learn", "logit")

if matchings := {"optimal", "mahalanobis", "nearest-calipers", "balance"} & tasks.keys():
    import matching
    for task in sorted(matchings):
        for peer, version, call, estimates in matching.calls(task, d.head(tasks[task] or len(d))):
            timed(peer, version, task, call, estimates)

if "replay" in tasks:
    import contracts
    for peer, version, call, estimates in contracts.calls(d.head(tasks["replay"] or len(d))):
        timed(peer, version, "replay", call, estimates)

PANELS = {"att-gt", "twfe", "twfe-large", "sun-abraham", "wild-bootstrap"}
if panels_asked := PANELS & tasks.keys():
    import panels
    for task in sorted(panels_asked):
        for peer, version, call, estimates in panels.calls(task, d.head(tasks[task] or len(d))):
            if call:
                timed(peer, version, task, call, estimates)
            else:
                skip(peer, task)

for task in [t for t in ("cox", "km", "logrank") if t in tasks and not lifelines]:
    skip("lifelines", task)
if lifelines:
    version = lifelines.__version__
    weeks, ended, sib = d["weeks"], d["ended"], d["sib"] == 1
    if "cox" in tasks:
        frame = d[["weeks", "ended", *RISK]].astype(float)
        timed("lifelines", version, "cox",
              lambda: lifelines.CoxPHFitter().fit(frame, "weeks", "ended"),
              lambda f: [f.params_[c] for c in RISK])
    if "km" in tasks:
        timed("lifelines", version, "km",
              lambda: [lifelines.KaplanMeierFitter().fit(weeks[arm], ended[arm])
                       for arm in (~sib, sib)],
              lambda fits: [s for f in fits for s in f.predict([13, 26, 52])])
    if "logrank" in tasks:
        from lifelines.statistics import logrank_test
        timed("lifelines", version, "logrank",
              lambda: logrank_test(weeks[~sib], weeks[sib], ended[~sib], ended[sib]),
              lambda r: [r.test_statistic])
