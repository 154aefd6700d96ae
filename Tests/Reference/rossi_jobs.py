"""Golden job spells and outcomes of the 432 men of Data/rossi, computed without the package.

Each man's weeks become a string of y and n as long as his observation; jobs are its runs of y,
found by regular expression. Usage: rossi_jobs.py Data/rossi/rossi_weekly.csv > rossi_jobs.csv
"""
import csv
import re
import sys


def sustained(man, weeks, by):
    """Primary, lower bound, upper bound, upper bound when a late job seen to end is no success."""
    if not man["start"] or (man["start"] <= by and man["length"] < weeks):
        return 0, 0, 0, 0
    if man["start"] <= by:
        return 1, 1, 1, 1
    if man["arrest"] and man["length"] < weeks:
        return 0, 0, 0, 0
    return 0, 0, 1, int(man["ending"] == "ongoing" or man["length"] >= weeks)


out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow("id fin any_job weeks_worked weeks_to_first_job wait_cause first_job_start first_job_weeks"
             " first_job_ending jobs s13 s13_low s13_high s13_sharp s26 s26_low s26_high s26_sharp".split())
for row in csv.DictReader(open(sys.argv[1])):
    cells = [row[f"emp{week}"] for week in range(1, 53)]
    last, arrest = int(row["week"]), row["arrest"] == "1"
    assert all(cells[:last]) and not any(cells[last:])
    text = "".join(cell[0] for cell in cells if cell)
    jobs = list(re.finditer("y+", text))
    man = {"arrest": arrest, "start": None, "length": None, "ending": ""}
    if jobs:
        first = jobs[0]
        man["start"], man["length"] = first.start() + 1, len(first.group())
        man["ending"] = "lost" if text[first.end():] else ("exit" if arrest else "ongoing")
    out.writerow(
        [row["id"], row["fin"], int(bool(jobs)), text.count("y"), man["start"] or last,
         1 if jobs else 2 if arrest else 0, man["start"] or "", man["length"] or "", man["ending"],
         len(jobs), *sustained(man, 13, 40), *sustained(man, 26, 27)])
