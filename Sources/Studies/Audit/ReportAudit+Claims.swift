internal import Glibc
internal import Reporting
internal import Statistics

extension ReportAudit {
  /// A row of `claims.csv`.
  struct Claim {
    var sentence: String
    var text: String
    var file: String
    var rowKey: String
    var column: String
    var kind: String
  }

  /// The documents whose numbers are audited.
  static let documents = ["report.md", "summary.md"]

  /// The claims of the report.
  ///
  /// - Throws: when `claims.csv` can't be read or has other columns.
  mutating func writtenClaims() throws(SiblingError) -> [Claim] {
    let rows = try table("claims.csv")
    guard rows.has("sentence"), rows.has("text_value"), rows.has("kind") else {
      throw SiblingError(
        .unknownColumn, "claims.csv has no columns sentence, text_value and kind",
        help: "write the report again with this version: 'sibling run'",
        location: .init(file: report.folder + "/claims.csv", line: 1))
    }
    return rows.rows.indices.map { row in
      Claim(
        sentence: rows[row, "sentence"], text: rows[row, "text_value"], file: rows[row, "file"],
        rowKey: rows[row, "row_key"], column: rows[row, "column"], kind: rows[row, "kind"])
    }
  }

  /// Every numeral has a claim, every claim is said, and each shows its cell.
  mutating func claims() throws(SiblingError) {
    let claims = try writtenClaims()
    let isName = try cells(claims)
    var isSaid = [Bool](repeating: false, count: claims.count)
    for name in Self.documents where report.files.contains(name) {
      var coverage = ClaimCoverage(MarkdownText(try report.text(name)), claims, isName)
      coverage.cover(&isSaid)
      for orphan in coverage.orphans {
        note(
          "number", "\(name):\(orphan.line):\(orphan.column)", "a claim", orphan.text, .orphan)
      }
      for _ in 0..<coverage.covered { note("number", name, "a claim", "a claim", .ok) }
      for (place, expected) in coverage.changed {
        note(
          "claim", "\(name):\(place.line):\(place.column)", expected, place.text, .mismatch)
      }
      words(coverage.blocks.map(\.text), name)
    }
    // A figure's title and subtitle stand in the picture alone.
    let pictures = report.files.filter { $0.hasSuffix(".svg") }.compactMap { try? report.text($0) }
    for (claim, said) in zip(claims, isSaid)
    where !said && claim.kind == "cell" && !pictures.contains(where: { $0.contains(claim.text) }) {
      note(
        "claim", "claims.csv: \(claim.sentence.prefix(80))", claim.text,
        "not said in report.md or summary.md", .mismatch)
    }
    try directions(claims)
  }

  /// Each claim shows the cell that it names.
  ///
  /// - Returns: whether the cell of each claim is a text, which can stand in many rows.
  private mutating func cells(_ claims: [Claim]) throws(SiblingError) -> [Bool] {
    var isName = [Bool](repeating: false, count: claims.count)
    var keys = ClaimedRowKeys()
    for claim in claims where claim.kind == "cell" { keys.declare(claim.file, claim.rowKey) }
    for (index, claim) in claims.enumerated() {
      let place = "\(claim.file): \(claim.rowKey); \(claim.column)"
      switch claim.kind {
      case "cell":
        guard report.files.contains(claim.file) else {
          note("cell", place, claim.text, "no such file", .mismatch)
          continue
        }
        let rows = try table(claim.file)
        guard let row = keys.row(claim.rowKey, claim.file, rows), rows.has(claim.column) else {
          note("cell", place, claim.text, "no such row or column", .mismatch)
          continue
        }
        let cell = rows[row, claim.column]
        isName[index] = !cell.isEmpty && Double(cell) == nil
        let isWithheld = !rows[row, claim.column + "_flag"].isEmpty
        let isShown = ClaimedText(text: claim.text).shows(cell, isWithheld: isWithheld)
        note(
          "cell", place, claim.text, isWithheld ? "withheld" : cell, isShown ? .ok : .mismatch)
      case "manifest":
        let value = report.manifest[claim.rowKey]?.text ?? ""
        let isThere = value == claim.text || ClaimedText.contains(value, claim.text)
        note(
          "cell", "manifest.json: \(claim.rowKey)", claim.text, value, isThere ? .ok : .mismatch)
      case "study":
        note("study text", place, "the study file, not in the folder", claim.text, .notRecomputable)
      case "figure":
        note(
          "figure", place, "a number that the chart makes of its table", claim.text,
          .notRecomputable)
      case "constant", "structure": note(claim.kind, "claims.csv", claim.text, claim.text, .ok)
      default:
        note(
          "number", "claims.csv: \(claim.sentence.prefix(80))", "an origin", claim.text, .orphan)
      }
    }
    return isName
  }
}

/// Rows of a table by the keys that claims name them by.
struct ClaimedRowKeys {
  private var names: [String: Set<String>] = [:]
  private var rows: [String: [String: Int]] = [:]

  /// Learns from a key which columns are labels.
  mutating func declare(_ file: String, _ key: String) {
    for part in key.split(separator: ";") {
      guard let end = part.firstIndex(of: "=") else { continue }
      names[file, default: []].insert(String(part[..<end].drop { $0 == " " }))
    }
  }

  /// The row of a key; nil when there is none.
  mutating func row(_ key: String, _ file: String, _ table: WrittenRows) -> Int? {
    if rows[file] == nil {
      let labels = table.columns.filter { names[file]?.contains($0) ?? false }
      var index: [String: Int] = [:]
      for row in table.rows.indices {
        let key = table.key(ofRow: row, by: labels)
        if index[key] == nil { index[key] = row }
      }
      rows[file] = index
    }
    return rows[file]?[key]
  }
}
