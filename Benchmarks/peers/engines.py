"""Python's peers of the engines' tasks: FILE.parquet TASK ROWS. Seconds cover reading and the fit."""
import importlib
import json
import sys
import time

COVARIATES = ["x1", "x2", "age", "female", "priors", "x6", "x7", "x8"]
path, task, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])


def load(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def show(peer, start, estimates):
    print(json.dumps({"peer": peer, "seconds": time.perf_counter() - start,
                      "estimates": {k: float(v) for k, v in estimates.items()}}), flush=True)


pandas, numpy = load("pandas"), load("numpy")
sklearn, lifelines = load("sklearn.linear_model"), load("lifelines")
if pandas and load("pyarrow"):
    if task == "engine-logit" and sklearn:
        start = time.perf_counter()
        d = pandas.read_parquet(path, columns=[*COVARIATES, "y"])
        # C = infinity switches the penalty off in every version.
        model = sklearn.LogisticRegression(C=numpy.inf, solver="newton-cholesky", tol=1e-8)
        model.fit(d[COVARIATES].to_numpy(dtype=float), d["y"].to_numpy())
        show("scikit-learn", start, {"(Intercept)": model.intercept_[0],
                                     **dict(zip(COVARIATES, model.coef_[0]))})
    if task == "engine-cox" and lifelines:
        start = time.perf_counter()
        d = pandas.read_parquet(path, columns=[*COVARIATES, "weeks", "ended"])
        fit = lifelines.CoxPHFitter().fit(d, "weeks", "ended")
        show("lifelines", start, dict(fit.params_))
