"""Golden values of the MHEP performance and payments, computed without the package.

Exact fractions for money, scipy-free: Poisson and binomial tails are summed term by term with
`fractions`/`decimal`, and interval limits are found by bisection on those sums to 30 digits.
"""
import csv
import json
import sys
from decimal import Decimal, getcontext

getcontext().prec = 60


def poisson_at_most(x, mean):
    term = (-mean).exp()
    total = Decimal(0)
    for k in range(x + 1):
        total += term
        term = term * mean / (k + 1)
    return total


def choose(n, k):
    from math import comb
    return Decimal(comb(n, k))


def binomial_at_most(x, n, p):
    return sum((choose(n, k) * p**k * (1 - p) ** (n - k) for k in range(x + 1)), Decimal(0))


def root(f, low, high):
    """The zero of a rising function."""
    for _ in range(120):
        middle = (low + high) / 2
        if f(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


HALF = Decimal("0.025")


def garwood(x):
    top = Decimal(4 * x + 40)
    low = Decimal(0) if x == 0 else root(
        lambda m: (1 - poisson_at_most(x - 1, m)) - HALF, Decimal(0), top)
    high = root(lambda m: HALF - poisson_at_most(x, m), Decimal(0), top)
    return low, high


def two_sided(x, mean):
    below = poisson_at_most(x, Decimal(mean))
    above = 1 - poisson_at_most(x - 1, Decimal(mean)) if x else Decimal(1)
    return min(Decimal(1), 2 * min(below, above))


def clopper(x, n):
    low = Decimal(0) if x == 0 else root(
        lambda p: (1 - binomial_at_most(x - 1, n, p)) - HALF, Decimal(0), Decimal(1))
    high = Decimal(1) if x == n else root(
        lambda p: HALF - binomial_at_most(x, n, p), Decimal(0), Decimal(1))
    return low, high


folder = sys.argv[1]
rows = list(csv.DictReader(open(f"{folder}/targets.csv")))
out = {"rows": [], "conversions": [], "payments": {}}
for r in rows:
    target, achieved = int(r["target"]), int(r["achieved"])
    low, high = garwood(achieved)
    out["rows"].append({
        "project": r["project"], "outcome": r["outcome"], "band": r["hours_band"],
        "ratio": float(Decimal(achieved) / target), "low": float(low / target),
        "high": float(high / target), "p": float(two_sided(achieved, target))})
for project in dict.fromkeys(r["project"] for r in rows):
    stage = {}
    for r in rows:
        if r["project"] == project:
            stage[r["outcome"]] = stage.get(r["outcome"], 0) + int(r["achieved"])
    if not stage["engagement"] >= stage["job_start"] >= stage["sustained"]:
        continue
    for a, b in (("engagement", "job_start"), ("job_start", "sustained"),
                 ("engagement", "sustained")):
        low, high = clopper(stage[b], stage[a])
        out["conversions"].append({
            "project": project, "from": a, "to": b, "rate": float(Decimal(stage[b]) / stage[a]),
            "low": float(low), "high": float(high)})
for r in csv.DictReader(open(f"{folder}/payments.csv")):
    p = out["payments"].setdefault(
        r["project"], {"first": 0, "latest": 0, "actual": 0, "first_to_date": 0,
                       "latest_to_date": 0, "quarters": 0, "reported": 0, "as_of": ""})
    pence = {k: int(Decimal(r[f"{c}_gbp"]) * 100) if r[f"{c}_gbp"] else None
             for k, c in (("first", "first_plan"), ("latest", "latest_plan"), ("actual", "actual"))}
    p["quarters"] += 1
    for k, v in pence.items():
        p[k] += v or 0
    if pence["actual"] is not None:
        p["reported"] += 1
        p["first_to_date"] += pence["first"]
        p["latest_to_date"] += pence["latest"]
        p["as_of"] = max(p["as_of"], r["quarter_end"])
json.dump(out, sys.stdout, indent=1)
print()
