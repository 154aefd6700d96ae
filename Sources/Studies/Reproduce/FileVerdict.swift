/// What comparing a file of a report with the one that a rerun wrote came to.
struct FileVerdict {
  /// The verdicts, the good ones first.
  enum Verdict: String {
    /// The same bytes.
    case identical
    /// The same but for last digits, which another processor kernel may give.
    case equal
    /// A format that was made afterwards, which no run writes.
    case apart = "made apart"
    /// Other content.
    case differs
    /// The rerun writes the file and the report does not hold it.
    case missing
    /// The report holds the file and the rerun does not write it.
    case extra
    /// An input is as it was.
    case unchanged
    /// An input has other bytes.
    case changed
    /// An input is not there.
    case absent

    /// Whether the report was not reproduced.
    var isDrift: Bool {
      switch self {
      case .identical, .equal, .apart, .unchanged: false
      case .differs, .missing, .extra, .changed, .absent: true
      }
    }
  }

  /// `input`, `file` or `status`.
  let kind: String
  /// The file, relative to the report or to the study file.
  let file: String
  let verdict: Verdict
  /// The first place that differs: the row's key or the line.
  var place = ""
  /// Its column.
  var column = ""
  /// What the report holds there.
  var recorded = ""
  /// What the rerun gave.
  var again = ""
}

/// Compares the files of a report with those of a rerun.
struct ReportComparison {
  let recorded: WrittenReport
  let again: WrittenReport
  /// Whether the bytes must be the same: both were made with one processor kernel.
  let isExact: Bool
  /// The kernels of both, whose names stand in some files.
  let kernels: (recorded: String, again: String)

  /// A verdict for each file of either, in order of their paths.
  func verdicts() -> [FileVerdict] {
    let old = Set(recorded.files)
    let new = Set(again.files)
    return old.union(new).sorted().map { file in
      guard new.contains(file) else {
        return FileVerdict(
          kind: "file", file: file, verdict: Self.isMadeApart(file) ? .apart : .extra)
      }
      guard old.contains(file) else {
        return FileVerdict(kind: "file", file: file, verdict: .missing)
      }
      return compare(file)
    }
  }

  /// Formats that other verbs make of a report that is there.
  private static func isMadeApart(_ file: String) -> Bool {
    [".html", ".png", ".docx", ".pdf", ".zip"].contains { file.hasSuffix($0) }
  }

  private func compare(_ file: String) -> FileVerdict {
    guard let a = try? recorded.bytes(file), let b = try? again.bytes(file) else {
      return FileVerdict(kind: "file", file: file, verdict: .differs, place: "can't be read")
    }
    if a == b { return FileVerdict(kind: "file", file: file, verdict: .identical) }
    guard let old = String(validating: a, as: UTF8.self),
      let new = String(validating: b, as: UTF8.self)
    else { return FileVerdict(kind: "file", file: file, verdict: .differs, place: "bytes") }
    if file.hasSuffix(".csv"), let verdict = compareRows(file) { return verdict }
    return compareLines(file, old, new)
  }

  /// Compares cell by cell; nil when either is no table.
  private func compareRows(_ file: String) -> FileVerdict? {
    guard let old = try? recorded.rows(file), let new = try? again.rows(file) else { return nil }
    guard old.columns == new.columns else {
      return FileVerdict(
        kind: "file", file: file, verdict: .differs, place: "header",
        recorded: old.columns.joined(separator: ","), again: new.columns.joined(separator: ","))
    }
    let scales = RowKeys.scales(old)
    for row in 0..<min(old.rows.count, new.rows.count) {
      for (position, column) in old.columns.enumerated() {
        let (a, b) = (old.rows[row][position], new.rows[row][position])
        if a == b || (!isExact && agree(a, b, scale: scales[position])) { continue }
        return FileVerdict(
          kind: "file", file: file, verdict: .differs, place: "row \(row + 1)", column: column,
          recorded: a, again: b)
      }
    }
    guard old.rows.count == new.rows.count else {
      return FileVerdict(
        kind: "file", file: file, verdict: .differs,
        place: "row \(min(old.rows.count, new.rows.count) + 1)",
        recorded: "\(old.rows.count) rows", again: "\(new.rows.count) rows")
    }
    // Cells that agree in other bytes, quoted otherwise say, are not what was written.
    return FileVerdict(
      kind: "file", file: file, verdict: isExact ? .differs : .equal, place: isExact ? "bytes" : "")
  }

  /// Whether two cells are the same number but for last digits, or texts whose numerals are.
  private func agree(_ a: String, _ b: String, scale: Double) -> Bool {
    if let a = Double(a), let b = Double(b) { return NumberAgreement.agree(a, b, scale: scale) }
    return NumeralText.agree(neutral(a[...]), neutral(b[...]))
  }

  /// A text without the kernels' names: which of the two was in use is told elsewhere and is no
  /// result.
  private func neutral(_ text: Substring) -> Substring {
    var text = text
    for kernel in [kernels.recorded, kernels.again] where !kernel.isEmpty {
      text = text.replacing(kernel, with: "the kernel in use")
    }
    return text
  }

  private func compareLines(_ file: String, _ old: String, _ new: String) -> FileVerdict {
    let kind: NumeralText.Kind =
      file.hasSuffix(".svg") || file.hasSuffix(".html") ? .markup : .words
    let isJSON = file.hasSuffix(".json")
    let a = old.split(separator: "\n", omittingEmptySubsequences: false)
    let b = new.split(separator: "\n", omittingEmptySubsequences: false)
    for line in 0..<max(a.count, b.count) {
      let left = line < a.count ? a[line] : ""
      let right = line < b.count ? b[line] : ""
      if line < a.count, line < b.count {
        if left == right { continue }
        if !isExact, agree(left, right, kind, isJSON: isJSON) { continue }
      }
      return FileVerdict(
        kind: "file", file: file, verdict: .differs, place: "line \(line + 1)",
        recorded: Self.cut(left), again: Self.cut(right))
    }
    return FileVerdict(
      kind: "file", file: file, verdict: isExact ? .differs : .equal, place: isExact ? "bytes" : "")
  }

  private func agree(
    _ a: Substring, _ b: Substring, _ kind: NumeralText.Kind, isJSON: Bool
  ) -> Bool {
    // Sizes and hashes follow from the files that they belong to, which are compared themselves.
    if isJSON {
      for mark in ["\"bytes\": ", "\"hash\": \"sha256:"] where a.contains(mark) && b.contains(mark)
      {
        return true
      }
    }
    return NumeralText.agree(neutral(a), neutral(b), kind)
  }

  /// The first letters of a line.
  private static func cut(_ line: Substring) -> String {
    line.count <= 120 ? String(line) : line.prefix(120) + "…"
  }
}
