"""Golden values of the tests on hidden bias, from formulas written out in numpy and by enumeration.

    python3 hidden_bias.py lalonde.csv > hidden_bias.json

numpy and scipy only; no statistics package of the field is involved.
"""

import csv
import itertools
import json
import sys

import numpy as np
from scipy import optimize, stats

rows = list(csv.DictReader(open(sys.argv[1])))
column = lambda name: np.array([float(row[name]) for row in rows])
race = np.array([row["race"] for row in rows])
covariates = {
    "age": [column("age")],
    "educ": [column("educ")],
    "race": [(race == "hispan") * 1.0, (race == "white") * 1.0],
    "married": [column("married")],
    "nodegree": [column("nodegree")],
    "re74": [column("re74") / 1000],
    "re75": [column("re75") / 1000],
}
treat, outcome = column("treat"), column("re78")


def residual_sum(y, columns):
    x = np.column_stack([np.ones(len(y))] + columns)
    q, _ = np.linalg.qr(x)
    r = y - q @ (q.T @ y)
    r = r - q @ (q.T @ r)
    return r @ r


def omitted_variable():
    everything = [c for group in covariates.values() for c in group]
    n, k = len(treat), len(everything) + 2
    x = np.column_stack([treat, np.ones(n)] + everything)
    beta = np.linalg.lstsq(x, outcome, rcond=None)[0]
    df = n - k
    sigma2 = residual_sum(outcome, [treat] + everything) / df
    # the residual of treatment on the rest gives the coefficient's variance
    se = np.sqrt(sigma2 / residual_sum(treat, everything))
    t = beta[0] / se
    f = abs(t) / np.sqrt(df)
    result = {
        "estimate": beta[0], "std_error": se, "df": df, "partial_r2": t * t / (t * t + df),
        "rv": optimize.brentq(lambda r: r / np.sqrt(1 - r) - f, 0, 0.999, xtol=1e-15),
        "benchmarks": [],
    }
    for name in ["educ", "race", "re74"]:
        rest = [c for other, group in covariates.items() if other != name for c in group]
        d = 1 - residual_sum(treat, everything) / residual_sum(treat, rest)
        y = 1 - residual_sum(outcome, [treat] + everything) / residual_sum(outcome, [treat] + rest)
        for multiple in [1, 2, 0.5]:
            rd = multiple * d / (1 - d)
            shared = multiple * d * d / ((1 - multiple * d) * (1 - d))
            if rd >= 1 or shared >= 1 or shared < 0:
                result["benchmarks"].append({"name": name, "multiple": multiple})
                continue
            eta = (np.sqrt(multiple) + np.sqrt(shared)) / np.sqrt(1 - shared)
            ry = min(1.0, eta * eta * y / (1 - y))
            bias = se * np.sqrt(df) * np.sqrt(ry * rd / (1 - rd))
            adjusted = np.sign(beta[0]) * (abs(beta[0]) - bias)
            adjusted_se = se * np.sqrt((1 - ry) / (1 - rd)) * np.sqrt(df / (df - 1))
            result["benchmarks"].append({
                "name": name, "multiple": multiple, "r2_treatment": rd, "r2_outcome": ry,
                "estimate": adjusted, "std_error": adjusted_se,
            })
    return result


def m_statistic():
    """Sets of one treated (first) and two or three comparisons; worst bias by enumeration."""
    sets = [
        [5.1, 3.0, 4.2], [2.2, 2.9, 1.1], [7.4, 3.3, 3.9, 5.5], [4.0, 4.1, 0.3], [9.9, 2.0, 6.1],
        [3.5, 1.5, 2.5, 2.0], [6.0, 6.5, 5.0],
    ]
    gaps = [abs(a - b) for s in sets for a, b in itertools.combinations(s, 2)]
    scale = np.median(gaps)
    psi = lambda w: np.sign(w) * min(abs(w / scale), 2.5)
    scores = [[sum(psi(a - b) for b in s) / len(s) for a in s] for s in sets]
    observed = sum(s[0] for s in scores)
    result = {"sets": sets, "deviates": []}
    for gamma in [1, 1.5, 2, 4]:
        mean = variance = 0
        for s in scores:
            q = np.array(s)
            candidates = []
            for u in itertools.product([0, 1], repeat=len(q)):
                p = gamma ** np.array(u, float)
                p /= p.sum()
                m = p @ q
                candidates.append((m, p @ q**2 - m * m))
            best = max(m for m, _ in candidates)
            mean += best
            variance += max(v for m, v in candidates if m > best - 1e-12)
        result["deviates"].append([gamma, (observed - mean) / np.sqrt(variance)])
    return result


def signed_ranks():
    """The exact signed rank distribution by listing all signs of twelve differences with ties."""
    d = np.array([3, -1, 4, 1, -5, 9, 2, 6, 5, -3, 5, 8.0])
    ranks = stats.rankdata(np.abs(d))
    observed = ranks[d > 0].sum()
    result = {"differences": d.tolist(), "p": []}
    for gamma in [1, 1.5, 3]:
        share = gamma / (1 + gamma)
        upper = sum(
            share ** sum(z) * (1 - share) ** (len(d) - sum(z))
            for z in itertools.product([0, 1], repeat=len(d))
            if np.dot(z, ranks) >= observed - 1e-9)
        result["p"].append([gamma, upper])
    return result


def risk_difference():
    """The limit's E-value of the risk difference by root finding, 60 of 400 against 40 of 600."""
    a, n1, b, n0 = 60, 400, 40, 600
    p1, p0, f, z = a / n1, b / n0, n1 / (n1 + n0), stats.norm.ppf(0.975)

    def limit(factor):
        scale = f + (1 - f) / factor
        left = p1 - p0 * factor
        v = (p1 * (1 - p1) / n1 + factor**2 * p0 * (1 - p0) / n0) * scale**2
        v += (left * (1 - 1 / factor)) ** 2 * f * (1 - f) / (n1 + n0)
        return left * scale - z * np.sqrt(v)

    root = optimize.brentq(limit, 1, p1 / p0, xtol=1e-15)
    e = lambda r: r + np.sqrt(r * (r - 1))
    return {"counts": [a, n1, b, n0], "point": e(p1 / p0), "limit": e(root)}


json.dump(
    {
        "omitted_variable": omitted_variable(), "m_statistic": m_statistic(),
        "signed_ranks": signed_ranks(), "risk_difference": risk_difference(),
    }, sys.stdout, indent=1)
print()
