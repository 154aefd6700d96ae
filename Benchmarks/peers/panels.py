"""Peers of panel estimators and of the wild cluster bootstrap.

Panels are made of the clients' file here and in `Tasks+Panels.swift` alike: ten rows a unit, treatment
from period 4, 6 or 8 on, or never, by the age of the unit's first client.
"""
import importlib

import numpy as np

PERIODS = 10
STARTS = np.array([0, 4, 6, 8])
COPIES = 10


def panel(d, copies=1):
    """A row a unit and period; copies are further units with outcomes moved a little."""
    pandas = importlib.import_module("pandas")
    n = len(d) // PERIODS * PERIODS
    row = np.arange(n)
    first = row // PERIODS * PERIODS
    age = d["age"].to_numpy(dtype=float)
    start = STARTS[age[first].astype(int) % 4]
    time = row % PERIODS + 1
    on = (start > 0) & (time >= start)
    y = d["weeks"].to_numpy(dtype=float)[:n] / 10 + 0.1 * age[first] + 0.05 * time * (start == 6)
    y = y + np.where(on, 0.5 * (time - start + 1), 0)
    part = {"unit": row // PERIODS + 1, "time": time, "start": start, "d": on * 1.0, "y": y}
    for name in ("age", "imd", "readiness"):
        part[name] = d[name].to_numpy(dtype=float)[first]
    if copies == 1:
        return pandas.DataFrame(part)
    parts = []
    for copy in range(copies):
        moved = dict(part, unit=part["unit"] + copy * (n // PERIODS),
                     y=y + 0.1 * copy * ((row * (copy + 7)) % 5))
        parts.append(pandas.DataFrame({k: moved[k] for k in ("unit", "time", "d", "y")}))
    return pandas.concat(parts, ignore_index=True)


def module(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def version(name):
    return importlib.import_module("importlib.metadata").version(name)


def calls(task, d):
    """The calls of a task: peer, version, call and the numbers to compare; no call: not installed."""
    if task == "att-gt":
        p = panel(d)
        csdid, differences = module("csdid.att_gt"), module("differences")
        if csdid:
            q = p.assign(start=p["start"].astype(float))
            yield ("csdid", version("csdid"),
                   lambda: csdid.ATTgt(yname="y", gname="start", idname="unit", tname="time",
                                       xformla="y~age+imd+readiness", data=q, biters=1000).fit(
                                           est_method="dr", bstrap=True),
                   lambda f: f.results["att"])
        else:
            yield ("csdid", None, None, None)
        if differences:
            q = p.assign(start=p["start"].where(p["start"] > 0)).set_index(["unit", "time"])
            yield ("differences", version("differences"),
                   lambda: differences.ATTgt(data=q, cohort_column="start").fit(
                       "y ~ age + imd + readiness", est_method="dr", boot_iterations=1000,
                       random_state=1, n_jobs=1, progress_bar=False),
                   lambda f: list(f.to_pandas().iloc[:, 0]))
        else:
            yield ("differences", None, None, None)
    pyfixest = module("pyfixest")
    if task in ("twfe", "twfe-large", "sun-abraham") and not pyfixest:
        yield ("pyfixest", None, None, None)
        return
    if task in ("twfe", "twfe-large"):
        p = panel(d, COPIES if task == "twfe-large" else 1)
        yield ("pyfixest", version("pyfixest"),
               lambda: pyfixest.feols("y ~ d | unit + time", p, vcov={"CRV1": "unit"}),
               lambda f: [f.coef().iloc[0], f.se().iloc[0]])
    if task == "sun-abraham":
        p = panel(d)
        yield ("pyfixest", version("pyfixest"),
               lambda: pyfixest.event_study(p, yname="y", idname="unit", tname="time",
                                            gname="start", estimator="saturated", att=False),
               lambda f: list(f.aggregate(weighting="shares")["Estimate"].astype(float)))
    if task == "wild-bootstrap":
        wild, sm = module("wildboottest.wildboottest"), module("statsmodels.api")
        if not (wild and sm):
            yield ("wildboottest", None, None, None)
            return
        x = np.column_stack([np.ones(len(d))]
                            + [d[c].to_numpy(dtype=float) for c in ("sib", "age", "imd", "readiness")])
        site = d["site"].astype("category").cat.codes.to_numpy()
        model = sm.OLS(d["weeks"].to_numpy(dtype=float), x)
        yield ("wildboottest", version("wildboottest"),
               lambda: wild.wildboottest(model, B=9999, cluster=site, param="x1", weights_type="rademacher",
                                         bootstrap_type="11", seed=1, show=False),
               lambda f: [float(f["statistic"].iloc[0])])
