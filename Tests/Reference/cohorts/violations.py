"""Messy tables of clients, jobs and sites, and how many rows break each rule, by pandas.

Writes messy_clients.csv, messy_jobs.csv, messy_sites.csv and violations.csv beside itself.
Python 3, numpy, pandas; no other package counts anything.
"""

import os

import numpy as np
import pandas as pd

HERE = os.path.dirname(os.path.abspath(__file__))
FOREVER = pd.Timestamp("2200-01-01")
CUT = pd.Timestamp("2020-09-30")
rng = np.random.default_rng(7)
n, m, population = 300, 260, 190

people = np.array([f"{i:05x}h" for i in rng.permutation(population)])


def days(numbers):
    return pd.Series(pd.to_datetime(numbers, unit="D"))


def holed(series, share):
    series[rng.random(len(series)) < share] = pd.NaT
    return series


clients = pd.DataFrame({"client_id": people[rng.integers(0, population, n)]})
clients["episode_no"] = rng.integers(1, 4, n)
clients["site_id"] = [f"S{i}" for i in rng.integers(0, 13, n)]  # S12 is no site
referral = rng.integers(17500, 18500, n)
accept = referral + rng.integers(-2, 40, n)
engage = accept + rng.integers(-2, 40, n)
clients["referral_date"] = holed(days(referral), 0.05)
clients["accept_date"] = holed(days(accept), 0.2)
clients["engagement_date"] = holed(days(engage), 0.3)
clients["exit_date"] = holed(days(engage + rng.integers(-20, 300, n)), 0.4)
clients["last_contact_date"] = holed(days(referral + rng.integers(-3, 600, n)), 0.1)
clients["data_cut_date"] = CUT
decisions = np.array(["accepted", "declined_client", "pending", None], dtype=object)
clients["referral_decision"] = decisions[rng.choice(4, n, p=[0.7, 0.1, 0.1, 0.1])]
clients["age"] = rng.integers(5, 110, n)
clients["imd_decile"] = rng.integers(0, 12, n)
levels = np.array(["none", "l3", "L3", None], dtype=object)
clients["education"] = levels[rng.choice(4, n)]
reasons = np.array(["refused", "unknown", "hm", None], dtype=object)
clients["education_reason"] = reasons[rng.choice(4, n, p=[0.1, 0.1, 0.02, 0.78])]

jobs = pd.DataFrame({"job_id": [f"J{i}" for i in rng.integers(0, 600, m)]})
jobs["client_id"] = np.where(rng.random(m) < 0.05, "zz", people[rng.integers(0, population, m)])
jobs["episode_no"] = rng.integers(1, 3, m)
start = rng.integers(17550, 18600, m)
earliest = start + rng.integers(-5, 200, m)
jobs["start_date"] = days(start)
jobs["end_earliest"] = holed(days(earliest), 0.3)
jobs["end_latest"] = holed(days(earliest + rng.integers(-1, 10, m)), 0.3)
jobs["ongoing_at_last_contact"] = np.array(["y", "n"])[rng.integers(0, 2, m)]
jobs["hours_per_week"] = rng.integers(0, 100, m)
same = ["client_id", "start_date", "end_earliest", "end_latest", "hours_per_week"]
jobs.loc[100:110, same] = jobs.loc[50:60, same].values
sites = pd.DataFrame({"site_id": [f"S{i}" for i in range(12)], "arm": ["sib"] * 3 + ["non_sib"] * 9})

counts = []


def count(rule, column, number):
    if number:
        counts.append((rule, column, int(number)))


def out_of_order(table, name, columns):
    latest = pd.Series(pd.NaT, index=table.index)
    for column in columns:
        count("dates-out-of-order", f"{name}.{column}", (table[column] < latest).sum())
        latest = table[column].where(table[column].notna(), latest)


out_of_order(clients, "clients", ["referral_date", "accept_date", "engagement_date", "exit_date"])
out_of_order(clients, "clients", ["referral_date", "last_contact_date"])
out_of_order(jobs, "jobs", ["start_date", "end_earliest", "end_latest"])
for column in ["referral_date", "accept_date", "engagement_date", "exit_date", "last_contact_date"]:
    count("after-data-cut", "clients." + column, (clients[column] > CUT).sum())
count("impossible-age", "clients.age", ((clients.age < 14) | (clients.age > 100)).sum())
count("out-of-range", "clients.imd_decile", (~clients.imd_decile.between(1, 10)).sum())
count("out-of-range", "jobs.hours_per_week", (jobs.hours_per_week > 80).sum())
count("hours-at-boundary", "jobs.hours_per_week", (jobs.hours_per_week == 16).sum())
count("unknown-category", "clients.education", (clients.education == "L3").sum())
reason = clients.education_reason
count("unknown-reason", "clients.education_reason", (reason == "hm").sum())
count(
    "reason-though-filled", "clients.education_reason", (reason.notna() & clients.education.notna()).sum()
)
key = ["client_id", "episode_no"]
count("duplicate-key", "clients.client_id", clients.duplicated(key).sum())
count("duplicate-key", "jobs.job_id", jobs.duplicated("job_id").sum())
count("unknown-site", "clients.site_id", (~clients.site_id.isin(sites.site_id)).sum())

known = jobs.client_id.isin(clients.client_id)
first = clients.reset_index().drop_duplicates(key).set_index(key)["index"]
owner = pd.Series([first.get(pair, -1) for pair in zip(jobs.client_id, jobs.episode_no)])
count("unknown-client", "jobs.client_id", (~known).sum())
count("unknown-episode", "jobs.episode_no", (known & (owner < 0)).sum())
referred = pd.Series([clients.referral_date[i] if i >= 0 else pd.NaT for i in owner])
count("job-before-referral", "jobs.start_date", (jobs.start_date < referred).sum())
for column in ["start_date", "end_earliest"]:
    count("after-data-cut", "jobs." + column, ((owner >= 0) & (jobs[column] > CUT)).sum())


def overlapping(intervals):
    found, end = 0, None
    for first_day, last_day in sorted(intervals):
        found += end is not None and first_day < end
        end = last_day if end is None else max(end, last_day)
    return found


total = 0
for _, person in clients.groupby("client_id"):
    intervals = []
    for row in person.itertuples():
        known_days = [d for d in (row.referral_date, row.accept_date, row.engagement_date) if not pd.isna(d)]
        if not known_days:
            continue
        accepted = row.referral_decision == "accepted" or pd.isna(row.referral_decision)
        begun = not (pd.isna(row.accept_date) and pd.isna(row.engagement_date))
        end = row.exit_date
        if pd.isna(end):
            end = FOREVER if accepted and begun else known_days[0]
        intervals.append((known_days[0], max(end, known_days[0])))
    total += overlapping(intervals)
count("overlapping-episodes", "clients.referral_date", total)

total = twice = 0
for _, person in jobs.groupby("client_id"):
    never = {"end_earliest": pd.Timestamp("1900-01-01"), "end_latest": pd.Timestamp("1900-01-01")}
    ends = {}
    for row in person.fillna(never).itertuples():
        end = row.end_earliest if row.end_earliest > never["end_latest"] else row.end_latest
        if end == never["end_latest"]:
            end = FOREVER if row.ongoing_at_last_contact == "y" else row.start_date
        job = (row.start_date, row.end_earliest, row.end_latest, row.hours_per_week)
        twice += job in ends
        ends[job] = max(ends.get(job, row.start_date), end)
    intervals = [(job[0], end) for job, end in ends.items()]
    total += overlapping(intervals)
count("overlapping-jobs", "jobs.start_date", total)
count("same-job-twice", "jobs.start_date", twice)

employed = pd.Series([i in set(owner) for i in clients.index])
engaged = clients.engagement_date.notna()
by_site = pd.DataFrame(
    {"site": clients.site_id, "engaged": engaged, "job": employed, "only_job": employed & ~engaged}
)
by_site = by_site.groupby("site").sum()
exceeding = (by_site.job > by_site.engaged) & (by_site.only_job > 0)
count("starts-exceed-engagements", "clients.engagement_date", exceeding.sum())

for name, table in (("clients", clients), ("jobs", jobs), ("sites", sites)):
    table.to_csv(os.path.join(HERE, f"messy_{name}.csv"), index=False, date_format="%Y-%m-%d")
table = pd.DataFrame(counts, columns=["rule", "column", "count"])
table.groupby(["rule", "column"], as_index=False).sum().to_csv(
    os.path.join(HERE, "violations.csv"), index=False
)
