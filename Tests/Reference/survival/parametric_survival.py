"""Parametric survival by plain scipy: likelihoods written out, maximised with numerical derivatives.

python parametric_survival.py lung.csv > parametric_survival.json

Log densities and log survivor functions stand in their textbook form. BFGS finds the neighbourhood;
Newton's method on sixth-order central differences then runs until the estimates stand still. Standard
errors come from the numerical Hessian. Nothing here shares code or shortcuts with the project.
"""
import json
import sys

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

lung = pd.read_csv(sys.argv[1])
lung = lung[["time", "status", "age", "sex", "ph.ecog"]].dropna()
t = lung.time.values.astype(float)
d = (lung.status.values == 2).astype(float)
age, sex, ecog = lung.age.values.astype(float), lung.sex.values.astype(float), lung["ph.ecog"].values
X = np.column_stack([np.ones(len(t)), age, sex, ecog])
w = 0.5 + (age % 7) / 4
# A late start: 37 times the row's number, mod 60, where the row lasted longer.
s0 = (37.0 * np.arange(len(t))) % 60
s0 = np.where(s0 < t, s0, 0)
# Columns of like size, so that one step length serves every parameter.
center = np.array([0, 62.0, 1.4, 1.0])
spread = np.array([1, 9.0, 0.5, 0.7])
Z = (X - center) / spread
C6 = [(1, 3 / 4), (2, -3 / 20), (3, 1 / 60)]


def gradient(f, b, h=4e-3):
    g = np.zeros(len(b))
    for j in range(len(b)):
        e = np.zeros(len(b))
        e[j] = h
        g[j] = sum(c * (f(b + k * e) - f(b - k * e)) for k, c in C6) / h
    return g


def hessian(f, b, h):
    return np.array([gradient(lambda v: gradient(f, v, h)[j], b, h) for j in range(len(b))])


def maximise(f, start, h=2e-2):
    def g(b):
        with np.errstate(all="ignore"):
            value = f(b)
        return -value if np.isfinite(value) else 1e10

    b = optimize.minimize(g, start, method="Nelder-Mead", options=dict(maxiter=4000, maxfev=4000)).x
    b = optimize.minimize(g, b, method="BFGS").x
    for _ in range(12):
        step = np.linalg.solve(hessian(f, b, h), gradient(f, b, h / 5))
        b = b - step
        if np.abs(step).max() < 1e-11:
            break
    return b, f(b), np.linalg.inv(-hessian(f, b, h))


def back(b, V, p=4, extra=None):
    n = len(b)
    T = np.eye(n)
    T[:p, :p] = np.diag(1 / spread[:p])
    T[0, 1:p] = -(center / spread)[1:p]
    if extra is not None:
        T = extra @ T
    return (T @ b).tolist(), np.sqrt(np.diag(T @ V @ T.T)).tolist()


def gengamma(y, mu, sigma, q):
    """log f (of t) and log S at log t = y."""
    z = (y - mu) / sigma
    if abs(q) < 1e-9:
        return stats.norm.logpdf(z) - np.log(sigma) - y, stats.norm.logsf(z)
    k = q**-2
    u = k * np.exp(q * z)
    f = np.log(abs(q)) + k * np.log(k) + k * (q * z - np.exp(q * z)) - np.log(sigma) - y - special.gammaln(k)
    S = special.gammaincc(k, u) if q > 0 else special.gammainc(k, u)
    return f, np.log(S)


def gompertz(t, eta, shape):
    H = np.exp(eta) * np.expm1(shape * t) / shape
    return eta + shape * t - H, -H


out = {}


def record(name, f, start, extra=None):
    b, l, V = maximise(f, start)
    print(name, l, file=sys.stderr)
    coef, se = back(b, V, extra=extra)
    out[name] = dict(coef=coef, se=se, loglik=l)


def total(logf, logS, weight=1.0, before=0.0):
    return float(np.sum(weight * (np.where(d == 1, logf, logS) - before)))


y = np.log(t)
for name, weight, truncated in (("", 1.0, False), ("_weighted", w, False), ("_truncated", 1.0, True)):
    y0 = np.log(np.where(s0 > 0, s0, 1e-300))

    def gg(b, q):
        mu, sigma = Z @ b[:4], np.exp(b[4])
        before = np.where(s0 > 0, gengamma(y0, mu, sigma, q)[1], 0.0) if truncated else 0.0
        return total(*gengamma(y, mu, sigma, q), weight, before)

    start = np.array([5.7, 0, 0.1, -0.2, -0.3])
    # Printed order: Q before Log(scale).
    swap = np.eye(6)[[0, 1, 2, 3, 5, 4]]
    record("gengamma" + name, lambda b: gg(b, b[5]), np.append(start, 0.8), swap)
    record("gamma" + name, lambda b: gg(b, np.exp(b[4])), start)
    record("weibull" + name, lambda b: gg(b, 1.0), start)
    record("lognormal" + name, lambda b: gg(b, 0.0), start)

    def gom(b):
        eta, shape = Z @ b[:4] - np.log(300), b[4]
        before = np.where(s0 > 0, gompertz(s0 / 300, eta + np.log(300), shape)[1], 0.0) if truncated else 0.0
        f, S = gompertz(t / 300, eta + np.log(300), shape)
        return total(f - np.log(300), S, weight, before)

    unit = np.diag([1, 1, 1, 1, 1 / 300])
    b, l, V = maximise(gom, np.array([0.0, 0, -0.1, 0.2, 0.5]))
    coef, se = back(b, V, extra=unit)
    coef[0] -= np.log(300)
    out["gompertz" + name] = dict(coef=coef, se=se, loglik=l)

# Royston–Parmar: log cumulative hazard (odds, probit) a spline of log time, two internal knots at
# terciles of the log event times.
x = np.log(t)
knots = np.quantile(x[d == 1], [0, 1 / 3, 2 / 3, 1])
lo, hi = knots[0], knots[-1]
cube = lambda v: np.maximum(v, 0) ** 3
sq = lambda v: 3 * np.maximum(v, 0) ** 2


def basis(x):
    cols, slopes = [np.ones_like(x), x], [np.zeros_like(x), np.ones_like(x)]
    for k in knots[1:-1]:
        lam = (hi - k) / (hi - lo)
        cols.append(cube(x - k) - lam * cube(x - lo) - (1 - lam) * cube(x - hi))
        slopes.append(sq(x - k) - lam * sq(x - lo) - (1 - lam) * sq(x - hi))
    return np.column_stack(cols), np.column_stack(slopes)


B, D = basis(x)
x0 = np.log(np.where(s0 > 0, s0, 1.0))
B0 = basis(x0)[0]
# An orthonormal basis of the splines, for the maximiser only.
R = np.linalg.qr(B)[1] / np.sqrt(len(x))
Ri = np.linalg.inv(R)
links = {
    "hazard": (lambda e: e - np.exp(e), lambda e: -np.exp(e)),
    "odds": (lambda e: e - 2 * np.logaddexp(0, e), lambda e: -np.logaddexp(0, e)),
    "normal": (stats.norm.logpdf, lambda e: stats.norm.logsf(e)),
}
for scale, (dens, surv) in links.items():
    for name, truncated, varying in (("", False, False), ("_truncated", True, False), ("_varying", False, True)):
        def flex(b):
            g = Ri @ b[:4]
            lin = Z[:, 1:] @ b[4:7]
            eta, slope = B @ g + lin, D @ g
            if varying:
                eta, slope = eta + b[7] * Z[:, 2] * x, slope + b[7] * Z[:, 2]
            if np.any(slope[d == 1] <= 0):
                return -1e10
            before = np.where(s0 > 0, surv(B0 @ g + lin), 0.0) if truncated else 0.0
            return float(np.sum(np.where(d == 1, dens(eta) + np.log(np.maximum(slope, 1e-300)) - x, surv(eta)) - before))

        g0 = np.array([-7.0, 1.2, 0, 0]) if scale != "normal" else np.array([-5.0, 0.9, 0, 0])
        start = np.concatenate([R @ g0, [0.1, -0.2, 0.3], [0.0] if varying else []])
        b, l, V = maximise(flex, start, 4e-3)
        n = len(b)
        T = np.eye(n)
        T[:4, :4] = Ri
        T[4:7, 4:7] = np.diag(1 / spread[1:])
        T[0, 4:7] = -(center / spread)[1:]
        if varying:
            T[7, 7] = 1 / spread[2]
            T[1, 7] = -center[2] / spread[2]
        out[f"flexible_{scale}{name}"] = dict(coef=(T @ b).tolist(), se=np.sqrt(np.diag(T @ V @ T.T)).tolist(), loglik=l)

# Mixture cure, logistic incidence of ever having the event on sex, Weibull or log-normal latency on
# age and sex; those whose age is divisible by three are followed for 1100 days without event.
cured = age % 3 == 0
tc = np.where(cured, 1100.0, t)
dc = np.where(cured, 0.0, d)
yc = np.log(tc)
for family in ("weibull", "lognormal", "loglogistic"):
    def cure(b):
        mu, sigma = Z[:, :3] @ b[:3], np.exp(b[3])
        pi = special.expit(b[4] + b[5] * Z[:, 2])
        z = (yc - mu) / sigma
        if family == "weibull":
            f, S = z - np.exp(z), np.exp(-np.exp(z))
        elif family == "lognormal":
            f, S = stats.norm.logpdf(z), stats.norm.sf(z)
        else:
            f, S = z - 2 * np.logaddexp(0, z), special.expit(-z)
        return float(np.sum(np.where(dc == 1, np.log(pi) + f - np.log(sigma) - yc, np.log(1 - pi + pi * S))))

    b, l, V = maximise(cure, np.array([5.7, 0, 0.1, -0.3, 2.0, 0.0]))
    T = np.zeros((6, 6))
    T[0, 4], T[0, 5], T[1, 5] = 1, -center[2] / spread[2], 1 / spread[2]
    T[2, 0], T[2, 1], T[2, 2] = 1, -center[1] / spread[1], -center[2] / spread[2]
    T[3, 1], T[4, 2], T[5, 3] = 1 / spread[1], 1 / spread[2], 1
    out["cure_" + family] = dict(coef=(T @ b).tolist(), se=np.sqrt(np.diag(T @ V @ T.T)).tolist(), loglik=l)

json.dump(out, sys.stdout, indent=0)
print()
