"""Stata and SPSS files with known contents: python3 statistical_files.py, pandas and pyreadstat.

Writes, beside itself, people_114.dta and people_118.dta (pandas), people_115.dta, people_13.dta and
people.sav, people.zsav (pyreadstat, which is ReadStat's writer), codes.dta (pyreadstat: user-defined
missing values), and people.csv, the same people as delimited text. old_labels.sav, whose text is in
Windows-1252, is written byte by byte, as is the big-endian codes_113.dta.
"""
import datetime as dt
import struct

import numpy as np
import pandas as pd
import pyreadstat

n = 12
people = pd.DataFrame({
    "id": ["C%03d" % i for i in range(1, n + 1)],
    "age": np.array([18 + (7 * i) % 40 for i in range(n)], dtype="int8"),
    "wage": [round(8.5 + 1.25 * ((5 * i) % 9) + i / 64, 6) for i in range(n)],
    "employed": np.array([(i * i) % 3 % 2 for i in range(n)], dtype="int8"),
    "joined": [dt.date(2019, 1 + i, 29 - i) for i in range(n)],
    "town": ["Leeds", "Zürich", "", "Łódź", "York", "São Paulo", "東京", "Leeds", "", "York",
             "Bath", "Leeds"],
})
people.to_csv("people.csv", index=False)

yes = {"employed": {0: "no", 1: "yes"}}
words = {"id": "Client", "wage": "Hourly wage, £", "employed": "In work at 52 weeks"}
latin = people.assign(town=people.town.map(
    lambda t: t if t.encode("latin-1", "ignore").decode("latin-1") == t else "Turku"))


def stata(frame, name, version, **more):
    frame = frame.assign(joined=pd.to_datetime(frame.joined))
    frame.to_stata(name, write_index=False, version=version, convert_dates={"joined": "td"},
                   time_stamp=dt.datetime(2024, 2, 29, 12), value_labels=yes,
                   variable_labels={k: v.replace("£", "GBP") for k, v in words.items()}, **more)


stata(latin, "people_114.dta", 114)
long = people.assign(story=["x" * (2100 * (i % 2)) + "né%d" % i for i in range(n)])
stata(long, "people_118.dta", 118, convert_strl=["story"])
pyreadstat.write_dta(latin, "people_13.dta", version=13, variable_value_labels=yes,
                     column_labels=words)

codes = pd.DataFrame({
    "income": [1200.5, "a", 900.25, "b", "b", np.nan, 40.0, "a", 0.5, "a"],
    "site": [1, 2, 3, 1, 2, 3, 1, 2, "z", 1],
    "score": [1, 2, 3, 97, 98, 3, 2, 1, 2, 3],
})
pyreadstat.write_dta(
    codes, "codes.dta", version=15, missing_user_values={"income": ["a", "b"], "site": ["z"]},
    variable_value_labels={
        "income": {"a": "Refused", "b": "Does not know"},
        "site": {1: "Shoreditch", 2: "Bath", 3: "Leeds", "z": "No site"},
        "score": {97: "Other", 98: "No answer"}})

spss = people.assign(
    score=[1.0, 2.0, 3.0, -9.0, -8.0, 2.0, 2.0, 99.0, 1.0, 3.0, np.nan, 1.0],
    answer=["y", "n", "y", "n", "?", "y", "y", "n", "n", "y", "y", "n"],
    half=[0.5 * i for i in range(n)],
    seen=[dt.datetime(2020, 5, 1 + i) for i in range(n)],
    clock=[dt.datetime(2020, 5, 1 + i, 6 * (i % 4), 30 * (i % 2)) for i in range(n)],
    story=[("é" * 200 if i % 2 else "") + "end%d" % i for i in range(n)])
for name, more in (("people.sav", {}), ("people.zsav", {"compress": True})):
    pyreadstat.write_sav(
        spss, name, column_labels=words | {"score": "Self-rating"},
        variable_value_labels=yes | {
            "score": {1: "low", 2: "middle", 3: "high", -9: "refused", -8: "unknown", 99: "error"},
            "answer": {"y": "Yes", "n": "No"}},
        missing_ranges={"score": [{"lo": -9, "hi": -8}, 99], "answer": ["?"]},
        variable_format={"joined": "EDATE10", "id": "A8", "age": "F3.0", "employed": "F1.0",
                         "half": "F8.2"}, **more)


def old_spss(name):
    """A system file as SPSS before 16 wrote it: little-endian, uncompressed, code page 1252."""
    def text(value, width):
        return value.encode("cp1252").ljust(width)

    out = b"$FL2" + text("@(#) SPSS DATA FILE", 60) + struct.pack("<iiiii", 2, 2, 0, 0, 3)
    out += struct.pack("<d", 100.0) + text("01 Jan 0512:00:00", 17) + text("", 64) + bytes(3)

    def variable(kind, name, label, fmt):
        body = struct.pack("<iiiiii", 2, kind, 1, 0, fmt, fmt) + text(name, 8)
        label = label.encode("cp1252")
        return body + struct.pack("<i", len(label)) + label.ljust((len(label) + 3) // 4 * 4)

    out += variable(0, "ANSWER", "Réponse", 5 << 16 | 8 << 8)
    out += variable(8, "CAFE", "Café", 1 << 16 | 8 << 8)
    out += struct.pack("<ii", 3, 2)
    for value, label in ((1.0, "d’accord"), (2.0, "pas d’accord – non")):
        label = label.encode("cp1252")
        cell = bytes([len(label)]) + label
        out += struct.pack("<d", value) + cell.ljust((len(cell) + 7) // 8 * 8)
    out += struct.pack("<iii", 4, 1, 1)
    out += struct.pack("<iiii8i", 7, 3, 4, 8, 15, 0, 0, -1, 1, 1, 2, 1252)
    out += struct.pack("<iii", 7, 4, 8) + struct.pack("<i", 3) + struct.pack(
        "<ddd", -1.7976931348623157e308, 1.7976931348623157e308, -1.7976931348623155e308)
    out += struct.pack("<ii", 999, 0)
    for number, word in ((1.0, "crème"), (2.0, "€ 2"), (1.0, "naïf")):
        out += struct.pack("<d", number) + text(word, 8)
    open(name, "wb").write(out)


def old_stata(name):
    """A data set of format 113 (Stata 8 and 9), big-endian, with .a, .b and two kinds of dates."""
    def text(value, width):
        return value.encode("cp1252").ljust(width, b"\0")

    names = ["sex", "born", "month", "stamp", "pay", "late"]
    types = bytes([251, 252, 252, 255, 254, 253])
    formats = ["%8.0g", "%d", "%tm", "%tc", "%9.0g", "%tdD_m_Y"]
    rows = [
        (1, 0, 700, 0.0, 1.5, 22280), (2, -1, 701, 86_400_000.0 * 22280, None, 22281),
        (1, 365, None, 86_400_000.0 * 3653, 2.25, None), (102, None, 702, None, 4.0, 21915),
        (103, 10, 703, 86_400_000.0, "b", 21916)]
    out = bytes([113, 1, 1, 0]) + struct.pack(">hi", len(names), len(rows))
    out += text("made by hand", 81) + text("29 Feb 2024 12:00", 18) + types
    out += b"".join(text(name, 33) for name in names) + struct.pack(">7h", *[0] * 7)
    out += b"".join(text(f, 12) for f in formats)
    out += b"".join(text(l, 33) for l in ["sex", "", "", "", "", ""])
    out += b"".join(text(l, 81) for l in ["Sexe déclaré", "Born", "", "", "", ""])
    out += struct.pack(">bi", 0, 0)
    for sex, born, month, stamp, pay, late in rows:
        out += struct.pack(">b", sex)
        out += struct.pack(">h", 32741 if born is None else born)
        out += struct.pack(">h", 32741 if month is None else month)
        out += bytes.fromhex("7fe0000000000000") if stamp is None else struct.pack(">d", stamp)
        out += bytes.fromhex("7f000000") if pay is None else (
            bytes.fromhex("7f001000") if pay == "b" else struct.pack(">f", pay))
        out += struct.pack(">i", 2147483621 if late is None else late)
    labels = {1: "homme", 2: "femme", 2147483622: "non demandé"}
    joined = [text(label, len(label.encode("cp1252")) + 1) for label in labels.values()]
    offsets = [sum(map(len, joined[:i])) for i in range(len(joined))]
    table = struct.pack(">ii", len(labels), sum(map(len, joined)))
    table += struct.pack(">3i", *offsets) + struct.pack(">3i", *labels) + b"".join(joined)
    out += struct.pack(">i", len(table)) + text("sex", 33) + bytes(3) + table
    open(name, "wb").write(out)


old_spss("old_labels.sav")
old_stata("codes_113.dta")
