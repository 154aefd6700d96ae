"""Conley-Taber, Ferman-Pinto, Ibragimov-Mueller and cluster-level t on three made-up samples.

Everything is written out with dummy variables and least squares; nothing is absorbed or enumerated
cleverly. Usage: python few_sites.py > few_sites.json (writes few_sites.csv beside it too).
"""
import itertools
import json
import math

import numpy as np
from scipy import stats


def world(name, launch, periods, rows):
    out = []
    for g, start in enumerate(launch):
        for t in range(periods):
            for i in range(rows(g)):
                k = len(out) + 1
                d = int(start is not None and t >= start)
                x = math.sin(3.1 * k) + 0.2 * g
                y = (math.cos(1.7 * g + 0.4) + 0.3 * t + 0.5 * x + 0.8 * d
                     + 1.3 * math.sin(2.3 * k + g) / math.sqrt(1 + 0.1 * g))
                out.append((name, g, t, d, x, y))
    return out


SAMPLES = {
    "panel": world("panel", [3, 3, 3] + [None] * 6, 5, lambda g: 1),
    "staggered": world("staggered", [2, 4] + [None] * 7, 6, lambda g: 2),
    "cross": world("cross", [0, 0] + [None] * 5, 1, lambda g: 3 + 4 * (g % 4) + g),
}


def dummies(codes):
    return (codes[:, None] == np.unique(codes)[None, :]).astype(float)


def residual(columns, y):
    return y - columns @ np.linalg.lstsq(columns, y, rcond=None)[0]


def tails(values, v):
    slack = 1e-9 * abs(v)
    below, above = np.sum(values <= v + slack), np.sum(values >= v - slack)
    return min(1.0, 2 * (1 + min(below, above)) / (1 + len(values)))


def analyse(rows, effects, level=0.9):
    g, t, d, x, y = (np.array([r[j] for r in rows], float) for j in (1, 2, 3, 4, 5))
    clusters, periods = np.unique(g), np.unique(t)
    nuisance = [np.ones((len(y), 1)), x[:, None]]
    if effects:
        nuisance += [dummies(g), dummies(t)]
    nuisance = np.hstack(nuisance)
    dt, yt = residual(nuisance, d), residual(nuisance, y)
    estimate = dt @ yt / (dt @ dt)
    e = yt - estimate * dt
    cell = lambda v, c, p: v[(g == c) & (t == p)].mean()
    means = np.array([[cell(e, c, p) for p in periods] for c in clusters])
    treated = [c for c in range(len(clusters)) if d[g == clusters[c]].any()]
    other = [c for c in range(len(clusters)) if c not in treated]
    near = residual(dummies(g), d) if effects else d
    sums = np.array([[near[(g == c) & (t == p)].sum() for p in periods] for c in clusters])
    square = sum((near[g == clusters[c]] ** 2).sum() for c in treated)
    values = np.array([
        sum(sums[j] @ means[l] for j, l in zip(treated, choice)) / square
        for choice in itertools.product(other, repeat=len(treated))])
    needed = math.floor((1 - level) * (len(values) + 1) / 2 + 1e-9)
    ordered = np.sort(values)
    result = {
        "estimate": estimate,
        "conley_taber": {"p": tails(values, estimate), "n": len(values),
                         "low": estimate - ordered[-needed], "high": estimate - ordered[needed - 1]},
    }
    # Ferman-Pinto: the errors that given choices of residuals make, and the variance function.
    fp = []
    for null in (0.0, 0.5):
        u = yt - null * dt
        w = sum(sums[c] for c in treated) / square
        um = np.array([[cell(u, c, p) for p in periods] for c in clusters])
        big = um @ w
        m = np.array([(g == c).sum() / len(periods) for c in clusters])
        design = np.column_stack([np.ones(len(m)), 1 / m])
        a, b = np.linalg.lstsq(design, big ** 2, rcond=None)[0] if len(set(m)) > 1 else (
            (big ** 2).mean(), 0.0)
        v = np.full(len(m), (big ** 2).mean()) if b <= 0 else 1 / m if a <= 0 else a + b / m
        full = np.array([[dt[(g == c) & (t == p)].sum() for p in periods] for c in clusters])
        # Draw b gives cluster c the residuals of cluster (7b² + 3c² + bc + 5c) mod 97 mod G.
        count = len(clusters)
        errors = []
        for draw in range(40):
            total = 0.0
            for c in range(count):
                l = (7 * draw ** 2 + 3 * c ** 2 + draw * c + 5 * c) % 97 % count
                total += full[c] @ um[l] * math.sqrt(v[c] / v[l])
            errors.append(total / (dt @ dt))
        fp.append({"null": null, "variance": list(v / v[0]), "errors": errors,
                   "p": tails(np.array(errors), estimate - null)})
    result["ferman_pinto"] = fp
    # One number a cluster: the covariate out by its slope within cells, then means or changes.
    if len({tuple(cell(d, c, p) for p in periods) for c in clusters}) == 2:
        cells = dummies(g * 1000 + t)
        constant = np.allclose(residual(cells, x), 0)
        adjusted = y if constant else y - x * (
            residual(cells, x) @ residual(cells, y) / (residual(cells, x) ** 2).sum())
        path = np.array([cell(d, treated[0], p) for p in periods])
        contrast = (np.where(path == 1, 1 / path.sum(), -1 / max(1, (1 - path).sum()))
                    if (path == 0).any() else np.full(len(path), 1 / len(path)))
        number = lambda v: np.array([sum(contrast[i] * cell(v, c, p)
                                         for i, p in enumerate(periods)) for c in clusters])
        z, is1 = number(adjusted), np.array([c in treated for c in range(len(clusters))])
        columns = [np.ones(len(z))] + ([number(x)] if constant else []) + [is1.astype(float)]
        design = np.column_stack(columns)
        beta = np.linalg.lstsq(design, z, rcond=None)[0]
        df = len(z) - design.shape[1]
        s2 = ((z - design @ beta) ** 2).sum() / df
        se = math.sqrt(s2 * np.linalg.inv(design.T @ design)[-1, -1])
        result["cluster_t"] = {"estimate": beta[-1], "se": se, "df": df,
                               "p": 2 * stats.t.sf(abs(beta[-1] / se), df)}
        a, b = z[is1], z[~is1]
        diff = a.mean() - b.mean()
        se = math.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
        df = min(len(a), len(b)) - 1
        result["ibragimov_muller"] = {
            "estimate": diff, "se": se, "df": df, "p": 2 * stats.t.sf(abs(diff / se), df),
            "adjusted": constant}
    return result


if __name__ == "__main__":
    with open("few_sites.csv", "w") as file:
        file.write("sample,site,period,d,x,y\n")
        for rows in SAMPLES.values():
            for r in rows:
                file.write(f"{r[0]},{r[1]},{r[2]},{r[3]},{r[4]!r},{r[5]!r}\n")
    print(json.dumps({name: analyse(rows, name != "cross") for name, rows in SAMPLES.items()},
                     default=float))
