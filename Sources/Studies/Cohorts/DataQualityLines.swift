internal import Cohorts
internal import Statistics

/// The data-quality report of `sibling validate`, as lines for a terminal.
struct DataQualityLines {
  let quality: DataQuality
  /// Whether the data are public, so that least and greatest values may be shown.
  let isPublic: Bool

  /// The report: each table's columns, heaps, and the rules with counts and first places.
  var all: [String] {
    var lines = quality.tables.flatMap { table($0) }
    if !isPublic { lines.append("(ranges are shown for public data only)") }
    lines += heaps
    lines += rules
    return lines
  }

  private func table(_ table: TableQuality) -> [String] {
    var title = "\(table.name): \(table.rows) row\(table.rows == 1 ? "" : "s")"
    if !table.others.isEmpty {
      title += "; other columns kept: " + table.others.joined(separator: ", ")
    }
    let missing = quality.missing.filter { $0.table == table.name }
    let arms = ["non_sib", "sib", "unknown"].filter { arm in missing.contains { $0.arm == arm } }
    let hasReasons = table.columns.contains { !$0.reasons.isEmpty }
    var cells = [["column", "missing", "share"] + arms]
    if isPublic { cells[0].append("range") }
    if hasReasons { cells[0].append("reasons") }
    for column in table.columns {
      var row = [column.name, String(column.missing), Self.percent(column.missing, table.rows)]
      for arm in arms {
        let own = missing.first { $0.column == column.name && $0.arm == arm }
        row.append(own.map { Self.percent($0.missing, $0.rows) } ?? "")
      }
      if isPublic { row.append(column.range.joined(separator: " to ")) }
      if hasReasons {
        row.append(column.reasons.map { "\($0.reason) \($0.count)" }.joined(separator: ", "))
      }
      cells.append(row)
    }
    return ["", title] + Self.aligned(cells, numeric: 1..<(3 + arms.count))
  }

  private var heaps: [String] {
    guard !quality.heaps.isEmpty else { return [] }
    var cells = [["column", "values", "n", "of", "share", "expected"]]
    for heap in quality.heaps {
      cells.append([
        "\(heap.table).\(heap.column)", heap.what, String(heap.count), String(heap.total),
        Self.percent(heap.count, heap.total),
        heap.expected.map { Self.percent(Int(($0 * 10_000).rounded()), 10_000) } ?? "",
      ])
    }
    return ["", "round values"] + Self.aligned(cells, numeric: 2..<6)
  }

  /// The rules that are broken, with counts and the first lines.
  var rules: [String] {
    guard !quality.violations.isEmpty else { return ["", "rules: none is broken"] }
    var cells = [["rule", "severity", "column", "rows", "first lines"]]
    for kind in quality.violations {
      let lines = kind.first.compactMap(\.location?.line).prefix(5).map(String.init)
      cells.append([
        kind.rule.rawValue, kind.severity.rawValue, "\(kind.table).\(kind.column)",
        String(kind.count),
        lines.joined(separator: ", ") + (kind.count > lines.count && !lines.isEmpty ? ", …" : ""),
      ])
    }
    return ["", "rules that are broken"] + Self.aligned(cells, numeric: 3..<4)
  }

  /// A warning in words at its first place: what it is, how often, what to do.
  static func warning(_ kind: DataViolations, words: (SiblingError.Location) -> String) -> String {
    let start = kind.first.first?.location.map { "\(words($0)): " } ?? ""
    let count = kind.count > 1 ? " (\(kind.count) places)" : ""
    let help = kind.first.first.map { "\n  help: \($0.help)" } ?? ""
    return "\(start)warning [\(kind.rule.rawValue)]: \(kind.table): \(kind.message)\(count)\(help)"
  }

  private static func percent(_ count: Int, _ total: Int) -> String {
    guard total > 0 else { return "" }
    let tenths = Int((Double(count) / Double(total) * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10)%"
  }

  /// Rows of cells in columns two blanks apart, numbers to the right.
  private static func aligned(_ cells: [[String]], numeric: Range<Int>) -> [String] {
    let widths = (cells.first ?? []).indices.map { column in
      cells.map { $0[column].count }.max() ?? 0
    }
    return cells.map { row in
      var line = " "
      for (column, cell) in row.enumerated() {
        let pad = String(repeating: " ", count: widths[column] - cell.count)
        line += " " + (numeric.contains(column) ? pad + cell : cell + pad) + " "
      }
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
  }
}
