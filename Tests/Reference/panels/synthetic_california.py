"""Weights and effects of synthetic comparisons of California, by numpy and scipy's nnls alone.

Usage: synthetic_california.py california_prop99.csv > synthetic_california.json
"""
import csv, json, sys
import numpy as np
from scipy.optimize import nnls

rows = list(csv.DictReader(open(sys.argv[1])))
states = sorted({r["state"] for r in rows})
years = sorted({int(r["year"]) for r in rows})
y = np.full((len(states), len(years)), np.nan)
for r in rows:
    y[states.index(r["state"]), years.index(int(r["year"]))] = float(r["packs"])


def simplex(a, b, ridge=0.0, intercept=False):
    """min |Aw + c - b|^2 + ridge |w|^2, w >= 0, sum 1: nnls, then least squares on its support."""
    p = a - b[:, None]
    if intercept:
        p = p - p.mean(axis=0)
    n = p.shape[1]
    if ridge > 0:
        p = np.vstack([p, np.sqrt(ridge) * np.eye(n)])
    scale = np.sqrt((p**2).sum(axis=0).max())
    stacked = np.vstack([p / scale, np.ones(n)])
    u, _ = nnls(stacked, np.r_[np.zeros(p.shape[0]), 1.0], maxiter=100000)
    support = np.flatnonzero(u > 1e-12 * u.max())
    last, rest = support[-1], support[:-1]
    w = np.zeros(n)
    w[rest] = np.linalg.lstsq(p[:, rest] - p[:, [last]], -p[:, last], rcond=None)[0]
    w[last] = 1 - w[rest].sum()
    g = p.T @ (p @ w)
    assert w.min() >= 0 and (w @ g - g.min()) / scale**2 < 1e-12
    return w


def noise(c, t0):
    return np.diff(c[:, :t0], axis=1).std(ddof=1)


def sdid(treated, donors, t0):
    c, b = y[donors], y[treated].mean(axis=0)
    s = noise(c, t0)
    size = len(treated) * (len(years) - t0)
    w = simplex(c[:, :t0].T, b[:t0], np.sqrt(size) * s**2 * t0, True)
    l = simplex(c[:, :t0], c[:, t0:].mean(axis=1), 1e-12 * s**2 * len(donors), True)
    gap = b - w @ c
    return w, l, gap[t0:].mean() - l @ gap[:t0]


def jackknife(treated, donors, t0, w, l):
    values = []
    for left in treated + donors:
        tr = [i for i in treated if i != left]
        kept = [k for k, i in enumerate(donors) if i != left]
        v = w[kept] / w[kept].sum()
        gap = y[tr].mean(axis=0) - v @ y[[donors[k] for k in kept]]
        values.append(gap[t0:].mean() - l @ gap[:t0])
    n = len(values)
    return np.sqrt((n - 1) * np.var(values))


california = states.index("California")
donors = [i for i in range(len(states)) if i != california]
t0 = years.index(1989)
control = simplex(y[donors, :t0].T, y[california, :t0])
gap = y[california] - control @ y[donors]
w, l, effect = sdid([california], donors, t0)
five, others = donors[33:], donors[:33]
fw, fl, fe = sdid(five, others, t0)
full = simplex(y[donors].T, y[california])
residual = np.abs(y[california] - full @ y[donors])
shifts = [np.roll(residual, -s)[t0:].sum() for s in range(len(years))]
json.dump(
    {
        "control": {"weights": control.tolist(), "att": gap[t0:].mean(), "gaps": gap.tolist()},
        "sdid": {"unit": w.tolist(), "period": l.tolist(), "att": effect},
        "five": {
            "states": [states[i] for i in five],
            "att": fe,
            "jackknife": jackknife(five, others, t0, fw, fl),
        },
        "conformal": float(np.mean([s >= shifts[0] * (1 - 1e-10) for s in shifts])),
    },
    sys.stdout,
    indent=1,
)
