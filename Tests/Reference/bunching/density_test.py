"""Reference numbers of the density test, from the package rddensity 3.0 (Python), run as a black box.

Samples: 400 normal draws rounded to six decimals; 3,000 whole days of an exponential law with a tenth moved to
the nearest whole month. Writes density_test.json beside this file.
"""

import json
import pathlib
import warnings

import numpy as np
import rddensity

warnings.filterwarnings("ignore")
rng = np.random.default_rng(20)
normal = np.round(np.sort(rng.normal(0.3, 1, 400)), 6)
days = np.ceil(rng.exponential(120, 3000))
heaped = rng.uniform(size=days.size) < 0.1
days = np.where(heaped, np.round(np.maximum(1, np.round(days / 30.4375)) * 30.4375), days)
few = np.round(np.concatenate([rng.normal(-1, 0.5, 40), rng.normal(1.2, 0.7, 45)]), 4)
samples = {"normal": (normal, 0.0), "days": (days, 98.0), "few": (few, 0.0)}


def numbers(row):
    return [float(row["left"]), float(row["right"]), float(row["diff"])]


def main():
    cases = []
    for name, (sample, cutoff) in samples.items():
        given = {"normal": (0.8, 0.95), "days": (40, 50), "few": (1.5, 1.6)}[name]
        for kernel in ("triangular", "uniform", "epanechnikov"):
            for vce in ("jackknife", "plugin"):
                for model in ("unrestricted", "restricted"):
                    for points in (True, False):
                        for rule in ("given", "comb", "each", "diff", "sum"):
                            if model == "restricted" and rule == "each":
                                continue
                            if name != "normal" and kernel != "triangular":
                                continue
                            h = []
                            if rule == "given":
                                h = list(given) if model == "unrestricted" else [given[1]] * 2
                            found = rddensity.rddensity(
                                sample, c=cutoff, p=2, kernel=kernel, vce=vce, fitselect=model,
                                massPoints=points, bino_flag=False,
                                **({"h": h} if h else {"bwselect": rule}))
                            sd = found.sd_jk if vce == "jackknife" else found.sd_asy
                            suffix = "jk" if vce == "jackknife" else "asy"
                            cases.append({
                                "sample": name, "kernel": kernel, "variance": vce, "model": model,
                                "points": points, "rule": rule,
                                "h": [float(found.h["left"]), float(found.h["right"])],
                                "density": numbers(found.hat), "error": numbers(sd),
                                "t": float(found.test["t_" + suffix]),
                                "p": float(found.test["p_" + suffix]),
                                "n": [int(found.n[k]) for k in (
                                    "full", "left", "right", "eff_left", "eff_right")],
                            })
    # other orders, the default otherwise
    for order in (1, 3):
        found = rddensity.rddensity(normal, c=0, p=order, bino_flag=False)
        cases.append({
            "sample": "normal", "order": order, "kernel": "triangular", "variance": "jackknife",
            "model": "unrestricted", "points": True, "rule": "comb",
            "h": [float(found.h["left"]), float(found.h["right"])],
            "density": numbers(found.hat), "error": numbers(found.sd_jk),
            "t": float(found.test["t_jk"]), "p": float(found.test["p_jk"]),
            "n": [int(found.n[k]) for k in ("full", "left", "right", "eff_left", "eff_right")],
        })
    out = {
        "source": "rddensity 3.0 (PyPI), Tests/Reference/bunching/density_test.py",
        "samples": {k: {"threshold": c, "values": [float(x) for x in v]}
                    for k, (v, c) in samples.items()},
        "cases": cases,
    }
    path = pathlib.Path(__file__).with_name("density_test.json")
    # ties in numbers that JSON can't hold
    text = json.dumps(out, separators=(",", ":")).replace("NaN", "null")
    path.write_text(text + "\n")
    print(len(cases), "cases", len(text), "bytes")


if __name__ == "__main__":
    main()
