internal import Engines

/// DuckDB's SQL.
struct DuckDBDialect: SQLDialect {
  /// The rows of the sources that the connection has looked at, by the name that the user gave.
  let relations: [String: String]

  func source(_ name: String) -> String { relations[name] ?? quoted(name) }

  func literal(_ value: Double) -> String {
    if value.isNaN { return "'NaN'::DOUBLE" }
    if value.isInfinite { return value < 0 ? "'-Infinity'::DOUBLE" : "'Infinity'::DOUBLE" }
    // With an exponent a number is a DOUBLE to DuckDB and never a DECIMAL.
    return value.sign == .minus ? "(\(digits(value)))" : digits(value)
  }

  var doubleType: String { "DOUBLE" }
  var textType: String { "VARCHAR" }

  func days(_ column: String) -> String { "(\(column) - DATE '1970-01-01')" }

  /// DuckDB computes a layer once by itself; a fence would only hinder it.
  var fence: String { "" }
}
