"""Golden values of plans, funnel plots and payments for each outcome.

Exact fractions for binomial and Poisson-free sums, scipy for Poisson tails, numpy's quantile for
winsorising, a loop over every table for the exact test; nothing of the package is used.
Run: python3 plans.py PROJECT_FOLDER > plans.json
"""
import csv
import itertools
import json
import sys
from fractions import Fraction
from math import comb, sqrt

import numpy
from scipy import stats

data = sys.argv[1] + "/Data"


def rows(name):
    with open(f"{data}/{name}", newline="") as file:
        return list(csv.DictReader(file))


STAGES = ["engagement", "job_start", "sustained"]


def interpolated(below, mass, p):
    """The smallest r with P(R <= r) >= p, moved down by how far it overshoots."""
    r = 0
    while below(r) < p:
        r += 1
    return r - float((below(r) - p) / mass(r))


def binomial_limits(n, share, tail):
    terms = [comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1)]
    sums = list(itertools.accumulate(terms))
    ends = [interpolated(lambda r: sums[r], lambda r: terms[r], p) / n for p in (tail, 1 - tail)]
    return max(0.0, ends[0]), min(1.0, ends[1])


def poisson_limits(base, rate, tail):
    law = stats.poisson(base * rate)
    ends = [interpolated(lambda r: law.cdf(r), lambda r: law.pmf(r), p) / base
            for p in (float(tail), float(1 - tail))]
    return max(0.0, ends[0]), ends[1]


def funnel(counts, bases, proportion):
    centre = Fraction(sum(counts), sum(bases))
    c = float(centre)
    s2 = [(c * (1 - c) if proportion else c) / n for n in bases]
    z = numpy.array([(x / n - c) / sqrt(v) for x, n, v in zip(counts, bases, s2)])
    low, high = numpy.quantile(z, [0.1, 0.9])
    phi = float((numpy.clip(z, low, high) ** 2).mean())
    w = 1 / numpy.array(s2)
    k = len(bases)
    tau2 = max(0.0, (k * phi - (k - 1)) / (w.sum() - (w**2).sum() / w.sum()))
    out = {"centre": c, "phi": phi, "tau2": tau2, "sites": []}
    pearson = float((z**2).sum())
    out["phi_low"] = pearson / stats.chi2.ppf(0.975, k - 1)
    out["phi_high"] = pearson / stats.chi2.ppf(0.025, k - 1)
    for x, n, v, one in zip(counts, bases, s2, z):
        limits = {}
        for name, tail in (("95", Fraction(1, 40)), ("998", Fraction(1, 1000))):
            low, high = (binomial_limits(n, centre, tail) if proportion
                         else poisson_limits(n, c, tail))
            limits[name] = [low, high]
            f = sqrt(max(1, phi))
            top = 1 if proportion else numpy.inf
            limits["wide" + name] = [max(0, c + (low - c) * f), min(top, c + (high - c) * f)]
            reach = stats.norm.isf(float(tail)) * sqrt(v + tau2)
            limits["added" + name] = [max(0, c - reach), min(top, c + reach)] if tau2 else [low, high]
        out["sites"].append({"count": x, "base": n, "z": float(one), **limits})
    return out


def exact_test(counts, totals):
    """P(chi-squared >= observed) over every table with the margins, by exact fractions."""
    x, n = sum(counts), sum(totals)

    def chi(table):
        return sum((Fraction(k) - Fraction(m * x, n)) ** 2 / Fraction(m * x * (n - x), n * n)
                   for k, m in zip(table, totals))

    seen, p = chi(counts), Fraction(0)
    for table in itertools.product(*[range(m + 1) for m in totals]):
        if sum(table) == x and chi(table) >= seen:
            weight = 1
            for k, m in zip(table, totals):
                weight *= comb(m, k)
            p += Fraction(weight, comb(n, x))
    return float(p)


out = {}

# The published totals: four projects for people with severe mental illness, nested counts.
projects = {r["project"]: r for r in rows("mhep/projects.csv")}
sums = {p: {s: [0, 0] for s in STAGES} for p in projects}
for r in rows("mhep/targets.csv"):
    sums[r["project"]][r["outcome"]][0] += int(r["target"])
    sums[r["project"]][r["outcome"]][1] += int(r["achieved"])
smi = [p for p in projects if projects[p]["cohort"] == "smi"]
out["not_nested"] = [p for p in projects
                     if not sums[p]["engagement"][1] >= sums[p]["job_start"][1] >= sums[p]["sustained"][1]]
out["rates"] = {}
for a, b in ((0, 1), (1, 2), (0, 2)):
    out["rates"][f"{STAGES[a]}-{STAGES[b]}"] = funnel(
        [sums[p][STAGES[b]][1] for p in smi], [sums[p][STAGES[a]][1] for p in smi], True)
out["ratios"] = {s: funnel([sums[p][s][1] for p in smi], [sums[p][s][0] for p in smi], False)
                 for s in STAGES}
out["exact"] = {"empty": exact_test([0, 3, 5, 9, 2], [8, 11, 9, 12, 14]),
                "small": exact_test([1, 4, 2], [6, 5, 7])}


def share(pence, number):
    """To the penny, half a penny up."""
    return int((Fraction(pence, number) + Fraction(1, 2)).__floor__())


paid = {p: 0 for p in projects}
payments = {p: {"paid_to_date": 0, "first_to_date": 0, "latest_to_date": 0, "gaps": []} for p in projects}
for r in rows("mhep/payments.csv"):
    if r["actual_gbp"] == "":
        continue
    amount = [round(Fraction(r[c]) * 100) for c in ("actual_gbp", "first_plan_gbp", "latest_plan_gbp")]
    paid[r["project"]] += amount[0]
    one = payments[r["project"]]
    one["paid_to_date"] += amount[0]
    one["first_to_date"] += amount[1]
    one["latest_to_date"] += amount[2]
    one["gaps"].append([r["quarter_end"], amount[0] - amount[1], amount[0] - amount[2]])
out["payments"] = payments


def per_outcome(members):
    total = {"paid": sum(paid[p] for p in members),
             "maximum": 100 * sum(int(projects[p]["max_outcome_payment_gbp"]) for p in members),
             "investment": 100 * sum(int(projects[p]["investment_gbp"]) for p in members)}
    for s in STAGES:
        target, achieved = (sum(sums[p][s][i] for p in members) for i in (0, 1))
        total[s] = [target, achieved, share(total["paid"], achieved), share(total["maximum"], target)]
    return total


out["per_outcome"] = {p: per_outcome([p]) for p in projects}
out["per_outcome"]["smi"] = per_outcome(smi)
out["per_outcome"]["all"] = per_outcome(list(projects))

# The simulated contracts: targets of the middle case against the sites' counts, by quarter.
site = {r["contract_id"]: r["site_id"] for r in rows("ips-simulated/contracts.csv")}
counted = dict(zip(STAGES, ("engaged", "starts", "sustained")))
periods = {(r["site_id"], r["period"]): r for r in rows("ips-simulated/site_periods.csv")}
versions = {}
for r in rows("ips-simulated/targets.csv"):
    if r["case"] == "median":
        key = (r["contract_id"], r["outcome"], r["period"])
        versions.setdefault(key, []).append((r["set_on"], float(r["expected_n"])))
plans = {}
for (contract, outcome, period), stated in sorted(versions.items()):
    line = plans.setdefault(f"{contract}-{outcome}", {"quarters": [], "first": 0, "latest": 0, "reached": 0})
    first, latest = min(stated)[1], max(stated)[1]
    reached = int(periods[site[contract], period][counted[outcome]])
    line["first"] += first
    line["latest"] += latest
    line["reached"] += reached
    line["quarters"].append([period, first, latest, reached, line["first"], line["latest"], line["reached"]])
for line in plans.values():
    x, mean = line["reached"], line["latest"]
    line["low"] = stats.gamma.ppf(0.025, x) / mean
    line["high"] = stats.gamma.ppf(0.975, x + 1) / mean
    line["p"] = min(1, 2 * min(stats.poisson.cdf(x, mean), stats.poisson.sf(x - 1, mean)))
out["plans"] = plans
json.dump(out, sys.stdout, indent=1)
print()
