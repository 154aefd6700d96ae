"""Reference numbers of the exact tests around a threshold and of excess mass, in rational arithmetic.

Python's standard library only. Prints counts.json.
"""

import json
from fractions import Fraction
from math import comb


def upper(n, k, p):
    """P(X >= k)."""
    return sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))


def bisect(f, target, low=Fraction(0), high=Fraction(1)):
    """Where the rising f reaches the target."""
    for _ in range(70):
        middle = (low + high) / 2
        if f(middle) < target:
            low = middle
        else:
            high = middle
    return high


def binomial(before, after, p):
    n = before + after
    at_least = upper(n, after, p)
    at_most = 1 - upper(n, after + 1, p)
    odds = p / (1 - p)
    half = Fraction(25, 1000)
    low = bisect(lambda q: upper(n, after, q), half) if after else Fraction(0)
    high = bisect(lambda q: upper(n, after + 1, q), 1 - half) if before else None
    critical = next(k for k in range(n + 1) if upper(n, k, p) <= Fraction(5, 100))
    found = bisect(lambda q: upper(n, critical, q), Fraction(8, 10), low=p)
    return {
        "before": before, "after": after, "expected": float(p),
        "p": float(min(Fraction(1), 2 * min(at_least, at_most))), "excess": float(at_least),
        "low": float(low / (1 - low) / odds),
        "high": float(high / (1 - high) / odds) if high is not None else None,
        "detectable": float((found - p) * n), "share": float((found - p) / (1 - p)),
    }


print(json.dumps({"binomial": [
    binomial(10, 20, Fraction(1, 2)), binomial(10, 20, Fraction(9, 19)),
    binomial(40, 41, Fraction(1, 2)), binomial(3, 12, Fraction(9, 19)),
]}, indent=1))
