// How complete and plausible the data are, as result files.

extension ResultTable {
  /// Missing values by column and arm: `results/data_quality.csv`.
  public static var dataQuality: ResultTable {
    ResultTable(
      unchecked: "data_quality", summary: "Missing values of clients and jobs by column and arm.",
      columns: [
        .label("table", "The table of the schema"),
        .label("column", "The column"),
        .label("arm", "The arm of the client's site; unknown where it is not known"),
        .count("n", "Rows of the arm"),
        .count("missing", "Rows without a value"),
        .derived("share_missing", from: ["n", "missing"], "The share of rows without a value")
          .remade(.fraction(Fraction("missing", of: ["n"])), otherwise: .coarse(2)),
        .derived(
          "notable", from: ["n", "missing"], "Whether one row in twenty or more has no value",
          type: .flag
        ).remade(.reaches(Fraction("missing", of: ["n"]), 0.05)),
        .hiddenCount("present"),
      ], sums: [.inRow(whole: "n", parts: ["missing", "present"])])
  }

  /// Values that occur oftener than by themselves: `results/data_heaps.csv`.
  ///
  /// Shares are rounded and without their counts: beside the rows of a table these would tell how few
  /// values are missing.
  public static var dataHeaps: ResultTable {
    ResultTable(
      unchecked: "data_heaps", summary: "Round dates, hours and tenures beside what is expected.",
      columns: [
        .label("table", "The table of the schema"),
        .label("column", "The column, or tenure for the length of a job"),
        .label("values", "What the values have in common"),
        .derived("share", from: ["n", "heaped"], "Their share, to one in a thousand")
          .remade(.decimals(Fraction("heaped", of: ["n"]), 3), otherwise: .coarse(2)),
        .number("expected", "The share in smooth data; blank where there is no telling"),
        .hiddenCount("n"), .hiddenCount("heaped"), .hiddenCount("others"),
      ], sums: [.inRow(whole: "n", parts: ["heaped", "others"])])
  }

  /// What breaks a rule of the schema: `results/data_findings.csv`.
  public static var dataFindings: ResultTable {
    ResultTable(
      unchecked: "data_findings", summary: "Rows that break a rule of the schema, by rule.",
      columns: [
        .label("rule", "The rule"),
        .label("severity", "error or warning"),
        .label("table", "The table of the schema"),
        .label("column", "The column"),
        .label("finding", "What was found, in words"),
        .count("rows", "Rows concerned; for running counts, sites"),
      ])
  }
}
