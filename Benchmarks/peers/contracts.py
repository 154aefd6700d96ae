"""The peer of the contract replay: the same arithmetic in pandas and numpy.

Claims are made of the clients' file here and in `ContractClaims.swift` alike. Names are whole numbers
here, which pandas sorts faster than text. It knows these terms only: one duration, payers' caps that
bind apart from one another, no evidence left open.
"""
import numpy as np
import pandas as pd

BEGIN = 16892
PRICES = {  # contract and version: engagement, job start and 13 weeks under and from 16 hours
    0: [100003, 70001, 135000, 140000, 165000],
    1: [79001, 65000, 125000, 130000, 155000],
    2: [90007, 70000, 135000, 140000, 165000],
}
SHARES = np.array([200000, 700000, 100000])
SOF, COMMISSIONER = 30_000_000_000, {0: 7_000_000_000, 1: 9_000_000_000}


def claims(d):
    row = np.arange(len(d))
    client, step = row // 3, row % 3
    first = 3 * client
    age, imd, motivation, weeks = (d[c].to_numpy()[first].astype(np.int64)
                                   for c in ("age", "imd", "motivation", "weeks"))
    engaged = BEGIN + (7 * client + age) % 900
    second = (step == 2) & (client % 10 == 0)
    start = engaged + 30 + 5 * motivation + 40 * second
    outcome = np.where(step == 0, 0, np.where((step == 1) | second, 1, 2))
    event = np.select([step == 0, outcome == 1], [engaged, start], start + 90)
    return pd.DataFrame({
        "id": row, "client": client, "contract": np.where(imd <= 5, 0, 1), "outcome": outcome,
        "event": event, "claimed": event + 10 * d["imd"].to_numpy().astype(np.int64),
        "start": start, "end": start + 7 * weeks, "hours": (7 * age + client) % 40,
        "verified": motivation != 1})


def split(amount):
    """Largest remainder by three shares; the earlier first where rests are equal."""
    exact = amount[:, None] * SHARES
    parts, rest = exact // 1_000_000, exact % 1_000_000
    left = amount - parts.sum(axis=1)
    rank = np.argsort(np.argsort(-rest, axis=1, kind="stable"), axis=1, kind="stable")
    return parts + (rank < left[:, None])


def capped(amounts, cap):
    """What a cap leaves of amounts that are counted in order."""
    return np.diff(np.minimum(np.cumsum(amounts), cap), prepend=0)


def replay(claims):
    c = claims.sort_values(["claimed", "client", "id"], ignore_index=True)
    version = np.where(c["contract"] == 1, 2, np.where(c["event"] < BEGIN + 548, 0, 1))
    upper = (c["hours"] >= 16).to_numpy()
    cell = np.select([c["outcome"] == 0, c["outcome"] == 1], [0, 1 + upper], 3 + upper)
    price = np.array([PRICES[v] for v in range(3)])[version, cell]
    job = (c["outcome"] > 0).to_numpy()
    worked = np.minimum(np.minimum(c["end"], c["event"]), c["start"] + 90) - c["start"] + 1
    short = ((c["outcome"] == 2) & (worked < 91)).to_numpy()
    unproven = job & ~c["verified"].to_numpy() & ~short
    late = (c["claimed"] - c["event"] > 95).to_numpy() & ~short & ~unproven
    fine = ~(short | unproven | late)
    order = c[fine].groupby(["contract", "client", "outcome"], sort=False).cumcount()
    beyond = np.zeros(len(c), dtype=bool)
    beyond[order.index[order > 0]] = True
    due = np.where(fine & ~beyond, price, 0)
    parts = np.where(job[:, None], due[:, None] * np.array([0, 0, 1]), split(due))
    expected = parts.copy()
    expected[:, 2] = capped(parts[:, 2], SOF)
    for contract, cap in COMMISSIONER.items():
        mine = (c["contract"] == contract).to_numpy()
        expected[mine, 1] = capped(parts[mine, 1], cap)
    c["due"], c["expected"] = due, expected.sum(axis=1)
    day = pd.to_datetime(c["event"], unit="D")
    c["quarter"] = day.dt.year * 4 + day.dt.quarter
    c["version"] = version
    for place, payer in enumerate(("mhep_bii", "commissioner", "sof")):
        c[payer] = expected[:, place]
    lines = c.groupby(["contract", "version", "quarter", "outcome"])[
        ["due", "expected", "mhep_bii", "commissioner", "sof"]].sum()
    return c, lines, [short.sum(), unproven.sum(), late.sum(), beyond.sum()]


def calls(d):
    """The call of the task: peer, version, call and the numbers to compare."""
    made = claims(d)

    def estimates(result):
        c, lines, stopped = result
        due, expected = lines["due"].sum(), lines["expected"].sum()
        return [(c["due"] > 0).sum(), due / 100, (due - expected) / 100, *stopped,
                *(lines[payer].sum() / 100 for payer in ("mhep_bii", "commissioner", "sof"))]

    yield "pandas, these terms only", pd.__version__, lambda: replay(made), estimates
