"""Cost-effectiveness of seven made-up sites by dense algebra and root finding (numpy, scipy).

Run: python3 value_for_money.py > value_for_money.json
"""
import json
import sys

import numpy as np
from scipy import optimize, stats

# treated, cost, clients, sum of outcomes, weight of outcomes
SITES = np.array([
    [1, 120000, 60, 18, 55], [1, 90000, 30, 12, 31], [1, 200000, 110, 50, 100],
    [0, 60000, 50, 10, 48], [0, 100000, 70, 15, 70], [0, 40000, 44, 8, 40],
    [0, 150000, 90, 22, 93],
], float)


def regression(y, w, d):
    """Weighted least squares on an intercept and d, one row a cluster, CR2 by the hat matrix."""
    x = np.column_stack([np.ones(len(y)), d])
    bread = np.linalg.inv(x.T @ np.diag(w) @ x)
    map_ = bread @ x.T @ np.diag(w)
    residuals = y - x @ map_ @ y
    hat = x @ map_
    g = map_[1] / np.sqrt(1 - np.diag(hat))
    p = np.diag(g) @ (np.eye(len(y)) - hat)
    omega = p @ np.diag(1 / w) @ p.T
    return map_[1] @ y, g * residuals, np.trace(omega) ** 2 / np.sum(omega ** 2)


def fieller(c, e, vc, ve, cov, t):
    """Where (c - r e)^2 = t^2 (vc - 2 r cov + r^2 ve), by root finding on both sides."""
    f = lambda r: (c - r * e) ** 2 - t * t * (vc - 2 * r * cov + r * r * ve)
    a = e * e - t * t * ve
    grid = np.concatenate([-np.logspace(8, -2, 40001), [0], np.logspace(-2, 8, 40001)])
    values = f(grid)
    roots = [optimize.brentq(f, grid[i], grid[i + 1], xtol=1e-12, rtol=1e-15)
             for i in range(len(grid) - 1) if values[i] * values[i + 1] < 0]
    return {"leading": float(a), "roots": roots}


d = SITES[:, 0]
cost, u, cost_df = regression(SITES[:, 1] / SITES[:, 2], SITES[:, 2], d)
effect, v, effect_df = regression(SITES[:, 3] / SITES[:, 4], SITES[:, 4], d)
vc, ve, cov = u @ u, v @ v, u @ v
df = min(cost_df, effect_df)
benefits = []
for value in [0, 5000, 20000]:
    estimate, se = value * effect - cost, np.sqrt(value ** 2 * ve + vc - 2 * value * cov)
    q = stats.t.ppf(0.975, df)
    benefits.append([value, estimate, se, estimate - q * se, estimate + q * se,
                     stats.t.cdf(estimate / se, df)])
json.dump({
    "cost": cost, "effect": effect, "cost_variance": vc, "effect_variance": ve, "covariance": cov,
    "cost_df": cost_df, "effect_df": effect_df, "benefits": benefits,
    "sites95": fieller(cost, effect, vc, ve, cov, stats.t.ppf(0.975, df)),
    "sites99": fieller(cost, effect, vc, ve, cov, stats.t.ppf(0.995, df)),
    "normal": fieller(500, 0.05, 200 ** 2, 0.03 ** 2, 0, stats.norm.ppf(0.975)),
    "whole": fieller(100, 0.01, 200 ** 2, 0.03 ** 2, 0, stats.norm.ppf(0.975)),
}, sys.stdout, indent=1)
