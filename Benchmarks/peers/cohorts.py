"""Files of other programs: reading the clients' file in Stata's format."""
import pathlib


def run(path, tasks, load, timed, skip, sums):
    if "dta" not in tasks:
        return
    file = pathlib.Path(path).with_suffix(".dta")
    if not file.exists():
        skip("pandas", "dta", "no Stata file was made")
        return
    pandas, pyreadstat = load("pandas"), load("pyreadstat")
    if pandas:
        timed("pandas", pandas.__version__, "dta", lambda: pandas.read_stata(file), sums)
    if pyreadstat:
        timed("pyreadstat", pyreadstat.__version__, "dta",
              lambda: pyreadstat.read_dta(str(file))[0], sums)
    else:
        skip("pyreadstat", "dta")
