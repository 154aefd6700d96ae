"""Peers and checks of matching and balance, on numpy and, where it is there, scipy."""
import importlib

import numpy as np

COVARIATES = ["age", "months_out", "motivation", "imd", "readiness", "female", "eth_asian",
              "eth_black", "eth_mixed", "eth_other", "edu_level12", "edu_level3", "edu_level4",
              "psychosis", "benefit"]
MEASURED = COVARIATES[:6]
CALIPERS = {"age": 2.0, "imd": 1.0}
PLAIN = ("numpy, written out", np.__version__)


def propensity(d):
    """Probabilities of treatment by Newton's method, to full convergence."""
    x = np.column_stack([np.ones(len(d)), d[COVARIATES].to_numpy(dtype=float)])
    scale = np.maximum(np.abs(x).max(axis=0), 1)
    x = x / scale
    y = d["sib"].to_numpy(dtype=float)
    b = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ b))
        step = np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x, x.T @ (y - p))
        b += step
        if np.abs(step).max() < 1e-13:
            break
    return 1 / (1 + np.exp(-x @ b))


def greedy(order, pool, gaps):
    """Each focal unit in order takes the nearest unused unit; `gaps` gives distances or infinity."""
    free = np.ones(len(pool), dtype=bool)
    pairs, total = 0, 0.0
    for unit in order:
        gap = np.where(free, gaps(unit), np.inf)
        best = int(gap.argmin())
        if np.isfinite(gap[best]):
            free[best] = False
            pairs += 1
            total += gap[best]
    return [pairs, total]


def calls(task, d):
    """The calls of a task: peer, version, call and the numbers to compare."""
    sib = d["sib"].to_numpy()
    treated, pool = np.flatnonzero(sib == 1), np.flatnonzero(sib == 0)
    if task == "optimal":
        p = propensity(d)
        try:
            optimize = importlib.import_module("scipy.optimize")
            version = importlib.import_module("scipy").__version__
        except ImportError:
            return
        cost = np.abs(p[treated][:, None] - p[pool][None, :])
        yield ("scipy linear_sum_assignment", version, lambda: optimize.linear_sum_assignment(cost),
               lambda found: [len(found[0]), cost[found].sum()])
    if task == "mahalanobis":
        x = d[MEASURED].to_numpy(dtype=float)
        within = np.vstack([x[g] - x[g].mean(axis=0) for g in (treated, pool)])
        covariance = within.T @ within / (len(x) - 2)
        z = np.linalg.solve(np.linalg.cholesky(covariance), x.T).T
        yield (*PLAIN, lambda: greedy(treated, pool, lambda i: np.sqrt(
            ((z[pool] - z[i]) ** 2).sum(axis=1))), lambda found: found)
    if task == "nearest-calipers":
        p = propensity(d)
        columns = [(d[name].to_numpy(dtype=float), width) for name, width in CALIPERS.items()]

        def gaps(i):
            gap = np.abs(p[pool] - p[i])
            for values, width in columns:
                gap[np.abs(values[pool] - values[i]) > width] = np.inf
            return gap

        order = treated[np.argsort(-p[treated], kind="stable")]
        yield (*PLAIN, lambda: greedy(order, pool, gaps), lambda found: found)
    if task == "balance":
        group = sib == 1
        score = 0.25 * d["readiness"].to_numpy() - 0.01 * (d["age"].to_numpy() - 40)
        weight = np.where(group, 1.0, np.exp(score))
        columns = [score, *(d[c].to_numpy(dtype=float) for c in COVARIATES),
                   *(1.0 - d[[c for c in COVARIATES if c.startswith(prefix)]].sum(axis=1).to_numpy()
                     for prefix in ("eth_", "edu_")),
                   d["weeks"].to_numpy(dtype=float)]
        yield (*PLAIN, lambda: balance(columns, group, weight), lambda found: found)


def balance(columns, treated, weight):
    """SMD, variance ratio (0 for binary columns) and KS of each column, before and after."""
    found, scales = [], []
    for w in (np.ones(len(treated)), weight):
        shares = [np.where(group, w, 0.0) / w[group].sum() for group in (treated, ~treated)]
        corrections = [1 - (share ** 2).sum() for share in shares]
        for place, x in enumerate(columns):
            binary = x.min() == 0 and x.max() == 1 and np.isin(x, (0, 1)).all()
            means = [share @ x for share in shares]
            variances = [share @ (x - mean) ** 2 / (1 if binary else correction)
                         for share, mean, correction in zip(shares, means, corrections)]
            if len(scales) < len(columns):
                scales.append(np.sqrt(variances[0]))
            order = np.argsort(x, kind="stable")
            last = np.append(np.diff(x[order]) > 0, True)
            gaps = np.cumsum((shares[0] - shares[1])[order])[last]
            found += [(means[0] - means[1]) / scales[place],
                      0 if binary else variances[0] / variances[1], abs(gaps).max()]
    return found
