"""Reference values of the panel estimators, by dense matrices written out from the papers.

python3 panel_estimators.py ../../../Data/mpdta/mpdta.csv ../castle_homicide.csv > panel_estimators.json
numpy only. Imputation: Borusyak, Jaravel & Spiess (2024): v = w on treated rows, -Z0 (Z0'WZ0)^-1 Z1'w
(times the row's weight) on untreated ones; variance sum over clusters (sum v e)^2. Two-stage: both
stages' moments stacked, second-stage residuals. Extended two-way, stacked and triple difference: least
squares on all dummies, CR1 with K less the effects nested in clusters.
"""
import csv, json, sys
import numpy as np


def columns(path, names):
    rows = list(csv.DictReader(open(path)))
    return [np.array([float(r[n]) for r in rows]) for n in names]


def dummies(codes):
    return (codes[:, None] == np.unique(codes)[None, :]).astype(float)


class Panel:
    def __init__(self, unit, time, group, y):
        self.unit, self.time, self.y = unit, time, y
        self.group = np.where(group == 0, np.inf, group)
        self.treated = time >= self.group
        self.event = time - self.group

    def rows(self, keep):
        p = Panel(self.unit[keep], self.time[keep], np.where(np.isinf(self.group), 0, self.group)[keep], self.y[keep])
        return p


def keys(p, how, mask):
    """Distinct groups of treated rows as (term, mask)."""
    if how == "simple":
        return [("overall", mask)]
    if how == "none":
        return [("ATT(%g,%g)" % (g, t), mask & (p.group == g) & (p.time == t))
                for g in np.unique(p.group[mask]) for t in np.unique(p.time[mask & (p.group == g)])]
    value = {"dynamic": p.event, "group": p.group, "calendar": p.time}[how]
    letter = {"dynamic": "e", "group": "g", "calendar": "t"}[how]
    return [("%s=%g" % (letter, k), mask & (value == k)) for k in np.unique(value[mask])]


def imputation(p, how, x=None, w=None, cluster=None, two_stage=False):
    n = len(p.y)
    w = np.ones(n) if w is None else w
    cluster = p.unit if cluster is None else cluster
    z = [dummies(p.unit), dummies(p.time)[:, 1:]]
    if x is not None:
        z.append(x)
    z = np.hstack(z)
    base = ~p.treated
    treated = p.treated & np.isin(p.unit, p.unit[base])
    z0, w0 = z[base], w[base]
    inverse = np.linalg.pinv(z0.T @ (w0[:, None] * z0), rcond=1e-13)
    beta = inverse @ (z0.T @ (w0 * p.y[base]))
    left = p.y - z @ beta
    codes = np.unique(cluster, return_inverse=True)[1]
    count = codes.max() + 1

    def influence(mask, residual):
        share = np.where(mask, w, 0) / w[mask].sum()
        v = share.copy()
        v[base] = -w0 * (z0 @ (inverse @ (z.T @ share)))
        return np.bincount(codes, v * residual, minlength=count), share

    centre = np.zeros(n)
    for _, cell in keys(p, "none", treated):
        top = np.bincount(codes[cell], w[cell], minlength=count)
        both = np.bincount(codes[cell], w[cell] * left[cell], minlength=count)
        centre[cell] = (top * both).sum() / (top ** 2).sum()
    out, total, pull = {}, 0, 0
    for term, mask in keys(p, how, treated):
        value = (w * left)[mask].sum() / w[mask].sum()
        residual = left.copy()
        residual[mask] -= value if two_stage else centre[mask]
        psi, _ = influence(mask, residual)
        out[term] = [value, float(np.sqrt((psi ** 2).sum()))]
        share = w[mask].sum() / w[treated].sum()
        total += share * value
        pull = pull + share * psi
    if how not in ("simple", "none"):
        out["overall"] = [total, float(np.sqrt((pull ** 2).sum()))]
    return out


def regress(y, columns, effects, cluster, w=None, nested=()):
    """Least squares with dummies; CR1 with K less nested effects (one kept). Minimum norm by pinv."""
    w = np.ones(len(y)) if w is None else w
    d = np.hstack([dummies(e) for e in effects])
    root = np.sqrt(w)
    q = np.linalg.svd(root[:, None] * d, full_matrices=False)
    basis = q[0][:, q[1] > 1e-9 * q[1][0]]
    rank = basis.shape[1]
    left = root[:, None] * columns
    left = left - basis @ (basis.T @ left)
    ry = root * y
    ry = ry - basis @ (basis.T @ ry)
    bread = np.linalg.inv(left.T @ left)
    b = bread @ (left.T @ ry)
    e = ry - left @ b
    codes = np.unique(cluster, return_inverse=True)[1]
    g = codes.max() + 1
    scores = np.zeros((g, columns.shape[1]))
    np.add.at(scores, codes, left * e[:, None])
    k = columns.shape[1] + rank - sum(len(np.unique(effects[i])) - 1 for i in nested)
    n = len(y)
    v = bread @ (scores.T @ scores) @ bread * g / (g - 1) * (n - 1) / (n - k)
    return b, v


def averages(p, b, v, cells, how, w=None, mask=None):
    w = np.ones(len(p.y)) if w is None else w
    every = np.zeros(len(p.y), bool)
    for _, m in cells:
        every |= m
    if mask is not None:
        every &= mask
    out = {}
    share = lambda m: np.array([w[c & m].sum() for _, c in cells]) / w[m].sum()
    groups = keys(p, how, every)
    if how not in ("simple", "none"):
        groups.append(("overall", every & (p.event >= 0)))
    for term, m in groups:
        a = np.concatenate([share(m), np.zeros(len(b) - len(cells))])
        out[term] = [float(a @ b), float(np.sqrt(a @ v @ a))]
    return out


def independent(matrix):
    kept = []
    for j in range(matrix.shape[1]):
        trial = matrix[:, kept + [j]]
        if np.linalg.matrix_rank(trial / np.linalg.norm(trial, axis=0), tol=1e-8) == len(kept) + 1:
            kept.append(j)
    return kept


def within(p, columns, w=None):
    d = np.hstack([dummies(p.unit), dummies(p.time)])
    root = np.ones(len(p.y)) if w is None else np.sqrt(w)
    d = root[:, None] * d
    c = root[:, None] * columns
    return c - d @ np.linalg.lstsq(d, c, rcond=None)[0]


def etwfe(p, how, never=False, x=None):
    cells = keys(p, "none", p.treated)
    if never:
        off = np.isfinite(p.group) & (p.time != p.group - 1)
        cells = keys(p, "none", off)
    c = [m.astype(float) for _, m in cells]
    if x is not None:
        extra = [m * (x - x[m].mean()) for _, m in cells]
        extra += [x] + [x * (p.group == g) for g in np.unique(p.group)] + [x * (p.time == t) for t in np.unique(p.time)[1:]]
        c = np.column_stack(c + extra)
        left = within(p, c)
        size = np.linalg.norm(left, axis=0) > 1e-8 * np.linalg.norm(c, axis=0)
        places = np.flatnonzero(size)
        c = c[:, places[independent(left[:, places])]]
    else:
        c = np.column_stack(c)
    b, v = regress(p.y, c, [p.unit, p.time], p.unit, nested=(0,))
    return averages(p, b, v, cells, how)


def stacked(p, leads, lags, how, corrective=True):
    sizes, parts = [], []
    for g in np.unique(p.group[np.isfinite(p.group)]):
        if g - leads < p.time.min() or g + lags > p.time.max():
            continue
        use = (p.time >= g - leads) & (p.time <= g + lags) & ((p.group == g) | (p.group > g + lags))
        parts.append((g, np.flatnonzero(use)))
    rows = np.concatenate([r for _, r in parts])
    stack = np.concatenate([np.full(len(r), i) for i, (_, r) in enumerate(parts)])
    own = np.concatenate([p.group[r] == g for g, r in parts])
    w = np.ones(len(rows))
    if corrective:
        for i in range(len(parts)):
            here = stack == i
            w[here & ~own] = ((here & own).sum() / own.sum()) / ((here & ~own).sum() / (~own).sum())
    q = p.rows(rows)
    inside = own & (q.event != -1)
    cells = keys(q, "dynamic" if how in ("simple", "dynamic") else "none", inside)
    b, v = regress(q.y, np.column_stack([m.astype(float) for _, m in cells]),
                   [stack * 1e6 + q.unit, stack * 1e6 + q.time], q.unit, w, nested=(0,))
    after = (q.event >= 0) if how in ("simple", "group", "calendar") else None
    return averages(q, b, v, cells, how, mask=after)


def triple(p, eligible, how, cluster=None, place=None):
    cells = keys(p, "none" if how else "simple", p.treated & eligible)
    place = np.where(np.isinf(p.group), 0, p.group) if place is None else place
    cluster = p.unit if cluster is None else cluster
    b, v = regress(p.y, np.column_stack([m.astype(float) for _, m in cells]),
                   [p.unit, place * 1e4 + p.time, eligible * 1e4 + p.time], cluster, nested=(0,))
    return averages(p, b, v, cells, how or "simple")


year, county, lpop, lemp, first = columns(sys.argv[1], ["year", "countyreal", "lpop", "lemp", "first.treat"])
m = Panel(county, year, first, lemp)
x = np.column_stack([lpop * (year - 2003) ** 2, np.sin(np.arange(len(year)))])
w = 1 + county % 3
site = county % 17
hole = np.flatnonzero((np.arange(len(year)) % 9 != 4))
h = m.rows(hole)
hows = ["none", "simple", "dynamic", "group", "calendar"]
sid, time, post, homicide = columns(sys.argv[2], ["sid", "year", "first_post", "l_homicide"])
c = Panel(sid, time, post, homicide)
result = {}
for how in hows:
    for name, two in [("imputation", False), ("two_stage", True)]:
        result["%s_%s" % (name, how)] = imputation(m, how, two_stage=two)
        result["%s_%s_x" % (name, how)] = imputation(m, how, x, two_stage=two)
        result["%s_%s_weighted" % (name, how)] = imputation(m, how, w=w, two_stage=two)
        result["%s_%s_site" % (name, how)] = imputation(m, how, cluster=site, two_stage=two)
        result["%s_%s_holes" % (name, how)] = imputation(h, how, x[hole], w[hole], two_stage=two)
    result["etwfe_%s" % how] = etwfe(m, how)
    result["etwfe_%s_lpop" % how] = etwfe(m, how, x=lpop)
    result["etwfe_%s_never" % how] = etwfe(m, how, never=True) if how in ("none", "dynamic") else None
    result["stacked_%s" % how] = stacked(m, 1, 1, how)
    result["stacked_%s_plain" % how] = stacked(m, 1, 1, how, False)
    result["triple_%s" % how] = triple(m, lpop > 3, how)
result["triple"] = triple(m, lpop > 3, None)
result["triple_site"] = triple(m, lpop > 3, None, site)
result["castle_two_stage_simple"] = imputation(c, "simple", two_stage=True)
result["castle_two_stage_dynamic"] = imputation(c, "dynamic", two_stage=True)
result["castle_imputation_group"] = imputation(c, "group")
print(json.dumps({k: v for k, v in result.items() if v}, indent=1))
