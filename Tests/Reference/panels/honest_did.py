"""Slow, independent intervals under violations of parallel trends and power of pre-tests.

Written from Rambachan & Roth (2023), Andrews, Roth & Pakes (2023) and Roth (2022), numpy and scipy
alone. All vertices of the dual are found by trying every basis; the least favourable distribution is
integrated in Cartesian coordinates; limits come from a fine grid refined by bisection; shortest
intervals from a general-purpose minimiser on the weights themselves.

    python3 honest_did.py honestdid_mpdta.json > honest_did.json
"""
import itertools
import json
import sys

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq, linprog, minimize
from scipy.special import ndtr
from scipy.stats import ncx2, chi2, norm


def ndtr_sf(x):
    return ndtr(-x)


def rows(kind, m, times, step=None, up=None, sign=0, direction=0):
    """Inequalities rows @ delta <= bound on all biases (reference -1 at 0), post-treatment ones only."""
    full = list(range(min(times), max(times) + 1))
    place = {t: i for i, t in enumerate(times)}

    def unit(t):
        e = np.zeros(len(times))
        if t != -1:
            e[place[t]] = 1
        return e

    a, d = [], []
    if kind == "relative-magnitude":
        worst = up * (unit(step + 1) - unit(step))
        for t in range(0, max(times) + 1):
            for s in (1, -1):
                a.append(s * (unit(t) - unit(t - 1)) - m * worst)
                d.append(0)
    else:
        for t in full[1:-1]:
            for s in (1, -1):
                a.append(s * (unit(t + 1) - 2 * unit(t) + unit(t - 1)))
                d.append(m)
    if sign:
        for t in range(0, max(times) + 1):
            a.append(-sign * unit(t))
            d.append(0)
    if direction:
        for t in full[1:]:
            a.append(-direction * (unit(t) - unit(t - 1)))
            d.append(0)
    a, d = np.array(a), np.array(d, float)
    post = [i for i, t in enumerate(times) if t >= 0]
    keep = np.abs(a[:, post]).max(axis=1) > 0
    return a[keep], d[keep]


class Hybrid:
    def __init__(self, a, d, b, v, times, target, alpha):
        post = [i for i, t in enumerate(times) if t >= 0]
        self.kappa = alpha / 10
        self.second = (alpha - self.kappa) / (1 - self.kappa)
        sigma = np.sqrt(np.diag(a @ v @ a.T))
        # A basis of the effects: the first direction has target 1, the others 0.
        null = np.linalg.svd(target[None, :])[2][1:]
        first = target / (target @ target)
        self.x1 = a[:, post] @ first
        self.nuisance = a[:, post] @ null.T
        self.y = a @ b - d
        self.sigma = sigma
        equations = np.vstack([self.nuisance.T, sigma])
        right = np.zeros(len(equations))
        right[-1] = 1
        vertices = []
        for basis in itertools.combinations(range(len(a)), len(equations)):
            part = equations[:, basis]
            if np.linalg.matrix_rank(part, tol=1e-9) < len(equations):
                continue
            w = np.linalg.solve(part, right)
            if (w > -1e-11).all():
                g = np.zeros(len(a))
                g[list(basis)] = np.maximum(w, 0)
                vertices.append(g)
        self.g = np.unique(np.round(np.array(vertices), 12), axis=0)
        self.cov = self.g @ a @ v @ a.T @ self.g.T
        self.points = self.g @ a @ np.linalg.cholesky(v)
        self.critical = self.least_favourable()

    def least_favourable(self):
        u, s, w = np.linalg.svd(self.points, full_matrices=False)
        assert (s[2:] < 1e-8 * s[0]).all(), "more than two dimensions"
        p = self.points @ w[:2].T
        # Turned so that no side of the region is close to upright, which would need finer steps.
        turns = np.linspace(0, np.pi, 721)
        upright = [min(abs(np.cos(r) * q[1] - np.sin(r) * q[0]) / np.hypot(*q) for q in p) for r in turns]
        r = turns[int(np.argmax(upright))]
        p = np.column_stack([np.cos(r) * p[:, 0] + np.sin(r) * p[:, 1], np.cos(r) * p[:, 1] - np.sin(r) * p[:, 0]])

        node, weight = np.polynomial.legendre.leggauss(40)

        def covered(c):
            cuts = []
            for i, j in itertools.combinations(range(len(p)), 2):
                det = p[i, 0] * p[j, 1] - p[i, 1] * p[j, 0]
                if abs(det) > 1e-12:
                    cuts.append((c * p[j, 1] - c * p[i, 1]) / det)
            cuts += [c / q[0] for q in p if abs(q[1]) < 1e-12 and abs(q[0]) > 1e-12]
            edges = np.union1d(np.arange(-9.0, 9.5, 0.5), [x for x in cuts if abs(x) < 9])
            width = np.diff(edges)
            z = (edges[:-1] + width / 2)[:, None] + width[:, None] / 2 * node
            low, high = np.full(z.shape, -np.inf), np.full(z.shape, np.inf)
            alive = np.ones(z.shape, bool)
            for q in p:
                room = c - q[0] * z
                if abs(q[1]) < 1e-12:
                    alive &= room >= 0
                elif q[1] > 0:
                    high = np.minimum(high, room / q[1])
                else:
                    low = np.maximum(low, room / q[1])
            mass = norm.pdf(z) * np.maximum(0, norm.cdf(high) - norm.cdf(low)) * alive
            return ((mass @ weight) * width / 2).sum()

        return brentq(lambda c: covered(c) - (1 - self.kappa), 1e-3, 8, xtol=1e-11)

    def accepts(self, theta):
        y = self.y - self.x1 * theta
        values = self.g @ y
        j = int(np.argmax(values))
        eta = values[j]
        if eta <= 0:
            return True
        if eta >= self.critical:
            return False
        var = self.cov[j, j]
        ratio = self.cov[:, j] / var
        rest = values - ratio * eta
        below, above = ratio < 1 - 1e-10, ratio > 1 + 1e-10
        low = (rest[below] / (1 - ratio[below])).max(initial=-np.inf)
        high = (rest[above] / (1 - ratio[above])).min(initial=self.critical)
        s = np.sqrt(var)
        if s < 1e-12:
            return False
        f = (ndtr_sf(eta / s) - ndtr_sf(high / s)) / (ndtr_sf(low / s) - ndtr_sf(high / s))
        return bool(f >= self.second)

    def statistic(self, theta):
        """By linear programming, to check the vertices."""
        k = self.nuisance.shape[1]
        a = np.hstack([-self.nuisance, -self.sigma[:, None]])
        return linprog(
            np.r_[np.zeros(k), 1], A_ub=a, b_ub=-(self.y - self.x1 * theta),
            bounds=[(None, None)] * (k + 1), method="highs").fun

    def limits(self, centre, unit):
        # Beyond the first stage's own interval nothing is accepted.
        low, high = centre - 60 * unit, centre + 60 * unit
        slope = self.g @ self.x1
        for one, height in zip(slope, self.g @ self.y):
            if one > 1e-12:
                low = max(low, (height - self.critical) / one)
            elif one < -1e-12:
                high = min(high, (height - self.critical) / one)
            elif height > self.critical:
                return None
        if low > high:
            return None
        grid = np.linspace(low, high, 3001)
        inside = [t for t in grid if self.accepts(t)]
        if not inside:
            return None
        for t in (inside[0], inside[-1]):
            assert abs(self.statistic(t) - (self.g @ (self.y - self.x1 * t)).max()) < 1e-7

        def refine(out, into):
            for _ in range(80):
                mid = (out + into) / 2
                if self.accepts(mid):
                    into = mid
                else:
                    out = mid
            return into

        step = grid[1] - grid[0]
        return refine(inside[0] - step, inside[0]), refine(inside[-1] + step, inside[-1])


def hybrid(kind, m, times, b, v, target, alpha, sign=0, direction=0):
    post = [i for i, t in enumerate(times) if t >= 0]
    full = np.zeros(len(b))
    full[post] = target
    unit = np.sqrt(full @ v @ full)
    sets = [(None, None)]
    if kind == "relative-magnitude":
        ups = [direction] if direction else [1, -1]
        sets = [(s, up) for s in range(min(times), -1) for up in ups]
    found = []
    for step, up in sets:
        a, d = rows(kind, m / unit if kind == "smoothness" else m, times, step, up, sign, direction)
        test = Hybrid(a, d, b / unit, v / unit**2, times, target, alpha)
        limits = test.limits(full @ b / unit, 1)
        if limits:
            found.append(limits)
    if not found:
        return None
    return [unit * min(f[0] for f in found), unit * max(f[1] for f in found)]


def fixed_length(m, times, b, v, target, alpha):
    pre = [i for i, t in enumerate(times) if t < -1]
    post = [i for i, t in enumerate(times) if t >= 0]
    distance = np.array([times[i] + 1.0 for i in pre])
    full = np.zeros(len(b))
    full[post] = target
    unit = np.sqrt(full @ v @ full)
    v = v / unit**2
    m = m / unit
    # Bends that add up to each bias: the columns are the biases of a unit bend at one period, none of
    # which changes the slope into the reference.
    centres = list(range(min(times) + 1, max(times)))
    bend = np.zeros((len(b), len(centres)))
    for j, c in enumerate(centres):
        for i, t in enumerate(times):
            if c >= -1 and t > c:
                bend[i, j] = t - c
            if c < -1 and t < c:
                bend[i, j] = c - t
    line = np.array([t + 1.0 for t in times])

    def quantile(t):
        return brentq(lambda c: norm.cdf(c - t) - norm.cdf(-c - t) - (1 - alpha), 0, t + 10, xtol=1e-14)

    def half(w):
        x = full.copy()
        x[pre] = w
        s = np.sqrt(x @ v @ x)
        return s * quantile(m * np.abs(bend.T @ x).sum() / s)

    particular = -(full @ line) * distance / (distance @ distance)
    null = np.linalg.svd(distance[None, :])[2][1:]
    best = None
    for start in range(2):
        c = np.random.default_rng(start).normal(size=len(null)) * (start > 0)
        if len(null):
            for _ in range(3):
                r = minimize(lambda c: half(particular + c @ null), c, method="Nelder-Mead",
                             options=dict(xatol=1e-12, fatol=1e-15, maxiter=40000, maxfev=40000))
                c = r.x
        value = half(particular + c @ null)
        if best is None or value < best[0]:
            best = (value, particular + c @ null)
    x = full.copy()
    x[pre] = best[1]
    return [x @ b - unit * best[0], x @ b + unit * best[0]]


def pretrends(times, v, alpha, power):
    """Two periods before treatment: the box by integration given the first of them."""
    pre = [i for i, t in enumerate(times) if t < -1]
    post = [i for i, t in enumerate(times) if t >= 0]
    assert len(pre) == 2
    vp = v[np.ix_(pre, pre)]
    t = np.array([times[i] + 1.0 for i in pre])
    z = norm.ppf(1 - alpha / 2)
    h = z * np.sqrt(np.diag(vp))
    slope_on = vp[0, 1] / vp[0, 0]
    rest = np.sqrt(vp[1, 1] - vp[0, 1] ** 2 / vp[0, 0])
    s0 = np.sqrt(vp[0, 0])

    def moment(mu, what):
        def f(x):
            c = mu[1] + slope_on * (x - mu[0])
            lo, hi = (-h[1] - c) / rest, (h[1] - c) / rest
            mass = norm.cdf(hi) - norm.cdf(lo)
            own = [mass, x * mass, c * mass + rest * (norm.pdf(lo) - norm.pdf(hi))][what]
            return norm.pdf((x - mu[0]) / s0) / s0 * own
        return quad(f, -h[0], h[0], epsabs=1e-14, epsrel=1e-12, limit=400)[0]

    slope = brentq(lambda g: 1 - moment(g * t, 0) - power, 1e-6, 50 * s0, xtol=1e-14)
    mu = slope * t
    p = moment(mu, 0)
    passing = np.array([moment(mu, 1), moment(mu, 2)]) / p
    def effects(slope, passing):
        pull = v[np.ix_(post, pre)] @ np.linalg.solve(vp, passing - slope * t)
        bias = [slope * (times[i] + 1.0) for i in post]
        return bias, list(np.array(bias) + pull)
    out = {"individual": dict(zip(("slope", "bias", "passing"), (slope, *effects(slope, passing))))}
    unit = t @ np.linalg.solve(vp, t)
    c = chi2.ppf(1 - alpha, 2)
    joint = brentq(lambda g: ncx2.sf(c, 2, g * g * unit) - power, 1e-4, 50 * s0, xtol=1e-14)
    n = joint**2 * unit
    share = ncx2.cdf(c, 4, n) / ncx2.cdf(c, 2, n)
    out["joint"] = dict(zip(("slope", "bias", "passing"), (joint, *effects(joint, joint * t * share))))
    return out


def main():
    golden = json.load(open(sys.argv[1]))
    studies = {
        "mpdta": dict(times=[-3, -2, 0, 1], b=golden["b"], v=golden["V"]),
    }
    times = [-4, -3, -2, 0, 1, 2]
    spread = np.array([0.9, 0.7, 0.5, 0.6, 0.8, 1.1])
    v = [[float(spread[i] * spread[j] * 0.6 ** abs(times[i] - times[j])) for j in range(6)] for i in range(6)]
    studies["made"] = dict(times=times, b=[-0.4, 0.3, 0.5, 2.4, 2.9, 2.2], v=v)
    result = []
    for name, study in studies.items():
        b, v, times = np.array(study["b"]), np.array(study["v"]), study["times"]
        after = sum(t >= 0 for t in times)
        targets = {"0": np.eye(after)[0], "average": np.ones(after) / after}
        for label, target in targets.items():
            for kind in ("relative-magnitude", "smoothness"):
                scale = 1 if kind == "relative-magnitude" else 0.01 if name == "mpdta" else 0.3
                for sign, direction in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1)):
                    for m in (0.5, 2) if sign or direction else (0, 0.5, 1, 2):
                        if kind == "smoothness" and not sign and not direction:
                            limits = fixed_length(m * scale, times, b, v, target, 0.05)
                        else:
                            limits = hybrid(kind, m * scale, times, b, v, target, 0.05, sign, direction)
                        result.append(dict(
                            study=name, target=label, kind=kind, sign=sign, direction=direction,
                            m=m * scale, limits=limits))
                        print(result[-1], file=sys.stderr)
    power = [dict(power=p, **pretrends(studies["mpdta"]["times"], np.array(studies["mpdta"]["v"]), 0.05, p))
             for p in (0.5, 0.8)]
    json.dump(dict(studies=studies, intervals=result, pretrends=power), sys.stdout, indent=1)


main()
