internal import Engines
public import Statistics
public import Tables

/// A table with everything that trips engines up: missing values, quotes, dates, whole numbers that overflow when
/// multiplied, text in several scripts, logarithms of nothing.
public enum ConformanceData {
  /// The name under which tests load it.
  public static let name = "conformance"

  /// The table: id and small (integers), x and y (numbers), flag (truth), day (date), site and arm (text).
  ///
  /// - Throws: `internalError` at most.
  public static func table(rows: Int = 2000) throws(SiblingError) -> Table {
    var stream = RandomStream(seed: 9, name: "conformance")
    var (x, y): ([Double], [Double]) = ([], [])
    var (small, id): ([Int], [Int]) = ([], [])
    var flag: [Int8] = []
    var day: [Int32] = []
    var (site, arm): ([String?], [String?]) = ([], [])
    let sites = ["A", "a", "Zoë", "O'Brien", "say \"hi\"", "北", "É"]
    for row in 0..<rows {
      let draws = (0..<8).map { _ in stream.uniform() }
      id.append(row + 1)
      x.append(row % 37 == 0 ? .nan : (draws[0] - 0.5) * 20)
      y.append(row % 53 == 0 ? 0 : draws[1] * 1e6)
      small.append(row % 41 == 0 ? .min : 20_000 + Int(draws[2] * 12_000))
      flag.append(row % 29 == 0 ? -1 : draws[3] < 0.4 ? 1 : 0)
      day.append(row % 43 == 0 ? .min : Int32(10_957 + Int(draws[4] * 9000)))
      site.append(row % 31 == 0 ? nil : sites[Int(draws[5] * 7)])
      arm.append(draws[6] < 0.3 ? "sib" : "other")
    }
    return try Table([
      Column(name: "id", values: .integers(id)), Column(name: "x", values: .doubles(x)),
      Column(name: "y", values: .doubles(y)), Column(name: "small", values: .integers(small)),
      Column(name: "flag", values: .booleans(flag)), Column(name: "day", values: .dates(day)),
      Column(name: "site", values: .text(Factor(site))),
      Column(name: "arm", values: .text(Factor(arm))),
    ])
  }

  /// The table as CSV with a header; missing is empty.
  ///
  /// - Throws: `internalError` at most.
  public static func csv(rows: Int = 2000) throws(SiblingError) -> String {
    let table = try table(rows: rows)
    var lines = [table.names.joined(separator: ",")]
    for row in 0..<table.rowCount {
      lines.append(table.columns.map { cell($0, row) }.joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func cell(_ column: Column, _ row: Int) -> String {
    if column.isMissing(row) { return "" }
    switch column.values {
    case .integers(let values): return String(values[row])
    case .doubles(let values): return "\(values[row])"
    case .booleans(let values): return values[row] == 1 ? "true" : "false"
    case .dates(let values): return CivilDate(days: values[row]).isoText
    case .text(let factor):
      var text = ""
      for character in factor.levels[Int(factor.codes[row])] {
        text += character == "\"" ? "\"\"" : String(character)
      }
      return "\"\(text)\""
    }
  }
}
