internal import Reporting
internal import Statistics
internal import Tables

/// The rows of a verb, for the tables of a report.
struct SumsRows {
  private let columns: [String: Column]
  /// The number of rows.
  let count: Int

  init(_ output: AnalysisOutput) {
    columns = Dictionary(
      output.columns.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    count = output.columns.first?.count ?? 0
  }

  var indices: Range<Int> { 0..<count }

  /// A number; nil where it is missing or there is no such column.
  func number(_ name: String, _ row: Int) -> Double? {
    guard let column = columns[name], !column.isMissing(row) else { return nil }
    switch column.values {
    case .integers(let values): return Double(values[row])
    case .doubles(let values): return values[row]
    default: return nil
    }
  }

  /// A text; nil where it is missing or there is no such column.
  func text(_ name: String, _ row: Int) -> String? {
    guard let column = columns[name], !column.isMissing(row) else { return nil }
    guard case .text(let factor) = column.values else { return nil }
    return factor.levels[Int(factor.codes[row])]
  }

  /// The cells of a row that a table of the report has columns for.
  func cells(_ row: Int, of table: ResultTable) -> [String: Cell] {
    var cells: [String: Cell] = [:]
    for column in table.columns where columns[column.name] != nil {
      if let text = text(column.name, row) {
        cells[column.name] = .text(text)
      } else {
        cells[column.name] = Cell(number(column.name, row))
      }
    }
    return cells
  }

  /// The estimate of a row.
  func estimate(_ row: Int, term: String? = nil, level: Double) -> Estimate {
    var interval: ConfidenceInterval?
    if let low = number("conf.low", row), let high = number("conf.high", row) {
      interval = ConfidenceInterval(low: low, high: high, level: level)
    }
    return Estimate(
      term: term ?? text("term", row) ?? text("arm", row) ?? "",
      estimate: number("estimate", row) ?? .nan,
      standardError: number("robust.se", row) ?? number("std.error", row),
      statistic: number("statistic", row), degreesOfFreedom: number("df", row),
      pValue: number("p.value", row), interval: interval,
      convention: text("se_type", row) ?? "")
  }
}
