"""Largest balanced samples of lalonde.csv by HiGHS (scipy.optimize.milp), independent of Sibling.

Usage: python3 cardinality_lalonde.py lalonde.csv > cardinality_lalonde.json
"""
import csv, json, sys
import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

rows = list(csv.DictReader(open(sys.argv[1])))
treated = np.array([row["treat"] == "1" for row in rows])


def column(name):
    return np.array([float(row[name]) for row in rows])


races = sorted({row["race"] for row in rows})
covariates = [column("age"), column("educ")]
covariates += [np.array([float(row["race"] == race) for row in rows]) for race in races]
covariates += [column(name) for name in ("married", "nodegree", "re74", "re75")]


def variance(values):
    binary = set(np.unique(values)) <= {0, 1}
    return values.mean() * (1 - values.mean()) if binary else values.var(ddof=1)


def solve(estimand, ratio, tolerance):
    focal = ~treated if estimand == "ATC" else treated
    lines = []
    for values in covariates:
        spread = {
            "ATT": variance(values[treated]),
            "ATC": variance(values[~treated]),
            "ATE": (variance(values[treated]) + variance(values[~treated])) / 2,
        }[estimand] ** 0.5
        z = (values - values[focal].mean()) / spread
        for sign in (1, -1):
            if ratio is None:
                lines.append(np.where(focal, 0, sign * z - tolerance))
            else:
                lines.append(np.where(focal, ratio * (sign * z - tolerance), -sign * z))
    low, high = [-np.inf] * len(lines), [0] * len(lines)
    if ratio is None:
        gain, most = (~focal).astype(float), (~focal).astype(float)
    else:
        lines.append(np.where(focal, -ratio, 1.0))
        low, high = low + [0], high + [0]
        gain, most = focal.astype(float), np.ones(len(rows))
    found = [
        milp(-gain, integrality=np.full(len(rows), whole), bounds=Bounds(0, most),
             constraints=LinearConstraint(np.array(lines), low, high),
             options={"mip_rel_gap": 0}).fun
        for whole in (1, 0)
    ]
    return {"estimand": estimand, "ratio": ratio, "tolerance": tolerance,
            "kept": round(-found[0]), "relaxation": -found[1]}


settings = [
    ("ATT", None, 0.05), ("ATT", None, 0.1), ("ATE", 1, 0.05), ("ATE", 1, 0.1), ("ATE", 1, 0.01),
    ("ATE", 2, 0.05), ("ATT", 1, 0.05), ("ATT", 2, 0.1), ("ATC", 1, 0.05),
    ("ATT", 2, 0.02),
]
json.dump({"_".join(map(str, one)): solve(*one) for one in settings}, sys.stdout, indent=1)
print()
