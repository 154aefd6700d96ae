// Options that say where rows are, of every verb.

extension OptionKey {
  static let engine = OptionKey(
    "engine", .choice(["memory", "duckdb", "postgresql", "spark"]),
    "Where the rows are. With an engine, DATA or --source names a table or file there, and only sums by cell"
      + " leave it for the verbs that work from sums. Connections come from the environment"
      + " (SIBLING_DUCKDB, SIBLING_POSTGRESQL, SIBLING_SPARK).")
  static let engineSource = OptionKey(
    "source", .text,
    "The table, view or file in the engine; stands in for DATA.")
  static let engineTimeout = OptionKey(
    "engine-timeout", .number, "The most seconds that one query of the engine may take.")
}
