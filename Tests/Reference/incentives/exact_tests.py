"""Exact tests of hours and claims: the numbers in HoursHeapingTests and ClaimTimingTests.

scipy 1.x: beta quantiles (Clopper and Pearson), fisher_exact, binom; exchanges by enumeration.
"""

import itertools
import math

import numpy as np
from scipy import stats
from scipy.optimize import brentq


def clopper(x, n, tail=0.025):
    low = stats.beta.ppf(tail, x, n - x + 1) if x else 0.0
    high = stats.beta.ppf(1 - tail, x + 1, n - x) if x < n else 1.0
    return low, high


def odds(limits, expected=0.5):
    return [v / (1 - v) / (expected / (1 - expected)) for v in limits]


print("share 6 of 15", clopper(6, 15))
print("odds 7 to 2", odds(clopper(7, 9)))
print("odds 8 to 2", odds(clopper(8, 10)))
for a, b, c, d in [(6, 3, 3, 1), (6, 3, 1, 7)]:
    error = math.sqrt(1 / a + 1 / b + 1 / c + 1 / d) * stats.norm.ppf(0.975)
    ratio = a * d / (b * c)
    p = stats.fisher_exact([[a, b], [c, d]]).pvalue
    print("table", (a, b, c, d), p, ratio, ratio * math.exp(-error), ratio * math.exp(error))
inside = [4, 5, 6, 1, 2, 0]
chosen = [sum(inside[i] for i in c) for c in itertools.combinations(range(6), 3)]
differences = np.array([c / 30 - (18 - c) / 30 for c in chosen])
print("exchange", differences[0], np.mean(np.abs(differences) >= 0.4 - 1e-12), np.std(differences))
share = brentq(lambda p: stats.binom.sf(8, 10, p) - 0.8, 0.5, 0.9999)
print("detectable of 10", share / (1 - share))
expected = 28 / 365
print("calendar", 2 * stats.binom.sf(3, 10, expected), odds([0.4], expected), odds(clopper(4, 10), expected))
