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
        .derived("share_missing", from: ["n", "missing"], "The share of rows without a value"),
        .derived(
          "notable", from: ["n", "missing"], "Whether one row in twenty or more has no value",
          type: .flag),
        .hiddenCount("present"),
      ], sums: [.inRow(whole: "n", parts: ["missing", "present"])])
  }

  /// Values that occur oftener than by themselves: `results/data_heaps.csv`.
  public static var dataHeaps: ResultTable {
    ResultTable(
      unchecked: "data_heaps", summary: "Round dates, hours and tenures beside what is expected.",
      columns: [
        .label("table", "The table of the schema"),
        .label("column", "The column, or tenure for the length of a job"),
        .label("values", "What the values have in common"),
        .count("n", "Values"),
        .count("heaped", "Values that have it in common"),
        .derived("share", from: ["n", "heaped"], "Their share"),
        .number("expected", "The share in smooth data; blank where there is no telling"),
        .hiddenCount("others"),
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
