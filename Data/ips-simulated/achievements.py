"""Totals by contract from targets.csv, contracts.csv and site_periods.csv: achievements.csv and projects.csv.

Targets are those of the last version, middle case, over all quarters; achieved is what the site counted from the
contract's first quarter on. Run in this folder: python3 achievements.py
"""
import csv


def rows(name):
    with open(name, newline="") as file:
        return list(csv.DictReader(file))


contracts, targets, periods = rows("contracts.csv"), rows("targets.csv"), rows("site_periods.csv")
sites = {row["site_id"]: row for row in rows("sites.csv")}
counted = {"engagement": "engaged", "job_start": "starts", "sustained": "sustained"}
first = {}
for row in contracts:
    if row["contract_id"] not in first or row["effective_from"] < first[row["contract_id"]]["effective_from"]:
        first[row["contract_id"]] = row
with open("achievements.csv", "w", newline="") as one, open("projects.csv", "w", newline="") as two:
    achieved = csv.writer(one, lineterminator="\n")
    projects = csv.writer(two, lineterminator="\n")
    achieved.writerow("project,site,outcome,hours_band,target,achieved,from,to".split(","))
    projects.writerow("project,name,site,cohort,provider,launch,max_outcome_payment_gbp,investment_gbp".split(","))
    for contract, row in sorted(first.items()):
        own = [t for t in targets if t["contract_id"] == contract and t["case"] == "median"]
        last = max(t["target_version"] for t in own)
        quarters = sorted({t["period"] for t in own})
        site = row["site_id"]
        for outcome, column in counted.items():
            target = sum(float(t["expected_n"]) for t in own if t["outcome"] == outcome
                         and t["target_version"] == last)
            total = sum(int(p[column]) for p in periods if p["site_id"] == site
                        and quarters[0] <= p["period"] <= quarters[-1])
            start, end = quarters[0].split("-Q"), quarters[-1].split("-Q")
            achieved.writerow([contract, site, outcome, "any", round(target), total,
                               f"{start[0]}-{int(start[1]) * 3 - 2:02d}", f"{end[0]}-{int(end[1]) * 3:02d}"])
        investment = round(float(row["investor_equity_gbp"]) + float(row["loan_gbp"]))
        projects.writerow([contract, f"{site} (simulated)", site, sites[site]["cohort"], sites[site]["provider_id"],
                           row["effective_from"][:7], round(float(row["outcome_cap_gbp"])), investment])
