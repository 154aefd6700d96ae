internal import Glibc

/// What changed between two versions of one result table.
struct TableDifference {
  let file: String
  let name: String
  let causes: ReportCauses
  var found: [ReportDifference.Finding] = []
  /// How many numbers have other last digits only.
  var lastDigits = 0

  /// Compares the rows of one key; what is in one only came or went.
  mutating func compare(_ a: WrittenRows, _ keysA: RowKeys, _ b: WrittenRows, _ keysB: RowKeys) {
    let inOld = Dictionary(
      keysA.keys.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { a, _ in a })
    let inNew = Set(keysB.keys)
    let scales = Dictionary(
      zip(a.columns, RowKeys.scales(a)), uniquingKeysWith: { a, _ in a })
    for (row, key) in keysB.keys.enumerated() {
      guard let before = inOld[key] else {
        found.append(
          .init(what: "row came", file: file, row: key, because: cause(b[row, "analysis"])))
        continue
      }
      for column in b.columns where a.has(column) && !keysB.columns.contains(column) {
        compare(a, before, b, row, key, column, scale: scales[column] ?? 0)
      }
    }
    for (row, key) in keysA.keys.enumerated() where !inNew.contains(key) {
      found.append(
        .init(what: "row went", file: file, row: key, because: cause(a[row, "analysis"])))
    }
  }

  /// Columns of text that judge.
  private static let verdicts: Set<String> = ["verdict", "status", "reading"]

  /// A difference without the noise behind the twelve digits that tables hold.
  private static func rounded(_ value: Double) -> Double {
    guard value != 0, value.isFinite else { return value }
    let unit = pow(10, 9 - log10(value.magnitude).rounded(.down))
    return unit.isFinite ? (value * unit).rounded() / unit : value
  }

  private func cause(_ analysis: String) -> String {
    causes.of(table: name, analysis: analysis)
  }

  private mutating func compare(
    _ a: WrittenRows, _ before: Int, _ b: WrittenRows, _ row: Int, _ key: String, _ column: String,
    scale: Double
  ) {
    let (old, new) = (a[before, column], b[row, column])
    if old == new { return }
    let because = cause(b[row, "analysis"])
    guard let from = Double(old), let to = Double(new) else {
      // A number that came or went is a number's change too: withheld now, or no longer.
      let isNumber = Double(old) != nil || Double(new) != nil
      let isVerdict = Self.verdicts.contains(column)
      found.append(
        .init(
          what: isNumber ? "number" : isVerdict ? "verdict" : "text", file: file, row: key,
          column: column, old: old,
          new: new, because: because))
      return
    }
    if NumberAgreement.agree(from, to, scale: scale) {
      lastDigits += 1
      return
    }
    let error = Double(a[before, "std.error"]) ?? 0
    let isEstimate = ["estimate", "conf.low", "conf.high", "survival"].contains(column)
    found.append(
      .init(
        what: "number", file: file, row: key, column: column, old: old, new: new,
        change: Self.rounded(to - from),
        inStandardErrors: isEstimate && error > 0 ? Self.rounded((to - from) / error) : nil,
        because: because))
  }
}
