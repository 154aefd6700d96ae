"""Makes launch.csv: fifteen made-up sites over twelve quarters, five of which launch a bond.

Run as: python3 launch.py > launch.csv. The truth: from its launch on, a bond raises the share of
accepted clients who start a job by 8 percentage points.
"""
import random

EFFECT = 0.08
LAUNCH = {1: 5, 2: 5, 3: 7, 4: 7, 5: 7}

random.seed(2016)
print("site,quarter,launch,live,accepted,started,rate")
for site in range(1, 16):
    level = random.gauss(0.30, 0.06)
    shock = 0.0
    for quarter in range(1, 13):
        # Shocks of a site last: each keeps half of the one before.
        shock = 0.5 * shock + random.gauss(0, 0.03)
        launch = LAUNCH.get(site, 0)
        live = int(launch > 0 and quarter >= launch)
        share = min(max(level + 0.004 * quarter + shock + EFFECT * live, 0.02), 0.9)
        accepted = random.randint(25, 60)
        started = sum(random.random() < share for _ in range(accepted))
        print(f"S{site:02},{quarter},{launch},{live},{accepted},{started},{started / accepted:.6f}")
