internal import Reporting
public import Statistics

/// What changed between two reports of a study: causes first, then the gate, the headline and every
/// number that moved, each with the changed settings and inputs that can have moved it.
///
/// Numbers that agree to 1e-9 of their size, or to 1e-12 of the greatest of their column, have not
/// moved: another processor kernel gives other last digits.
public struct ReportDifference {
  let old: WrittenReport
  let new: WrittenReport
  var found: [Finding] = []
  /// How many numbers have other last digits only.
  var lastDigits = 0

  /// One thing that changed.
  struct Finding {
    /// `input`, `setting`, `version`, `kernel`, `gate`, `headline`, `words`, `table came`, `table
    /// went`, `row came`, `row went`, `verdict`, `number` or `text`.
    let what: String
    var file = ""
    var row = ""
    var column = ""
    var old = ""
    var new = ""
    /// New less old.
    var change: Double?
    /// The change in standard errors of the old row.
    var inStandardErrors: Double?
    var because = ""
  }

  /// Compares two report folders.
  ///
  /// - Throws: `unreadableFile` when either is no report; what is wrong with a table, located.
  public init(_ old: String, _ new: String) throws(SiblingError) {
    self.old = try WrittenReport(old)
    self.new = try WrittenReport(new)
    let causes = ReportCauses(self.old.manifest, self.new.manifest)
    found = causes.findings
    addGateAndHeadline()
    try addTables(causes)
    addDocuments()
    // What the reader asks first stands first; within a kind the order of files and rows stays.
    found = found.enumerated().sorted {
      (Self.rank($0.element), $0.offset) < (Self.rank($1.element), $1.offset)
    }.map(\.element)
  }

  private static func rank(_ finding: Finding) -> Int {
    switch finding.what {
    case "input", "setting", "version", "kernel": 0
    case "gate", "headline": 1
    case "verdict": 2
    case "table came", "table went": 3
    case "words": 6
    default: finding.file == "results/estimates.csv" ? 4 : 5
    }
  }

  /// Whether anything changed.
  public var isDifferent: Bool { !found.isEmpty }

  /// One line that sums up.
  public var summary: String {
    func count(_ what: String...) -> Int { found.count { what.contains($0.what) } }
    guard isDifferent else { return "nothing changed" + digits }
    let parts = [
      (count("input", "setting", "version", "kernel"), "cause"),
      (count("gate", "headline", "verdict"), "verdict or headline"),
      (count("number"), "number moved"), (count("text"), "text changed"),
      (count("row came"), "row came"), (count("row went"), "row went"),
      (count("table came"), "table came"), (count("table went"), "table went"),
    ].filter { $0.0 > 0 }.map { "\($0.0) × \($0.1)" }
    return (parts.isEmpty ? "only words changed" : parts.joined(separator: ", ")) + digits
  }

  private var digits: String {
    switch lastDigits {
    case 0: ""
    case 1: "; 1 number has other last digits only"
    default: "; \(lastDigits) numbers have other last digits only"
    }
  }

  /// The findings as rows.
  ///
  /// - Parameter limit: how many rows of one file and kind are shown; all when nil.
  /// - Returns: the rows, with a note when some are not shown.
  public func rows(limit: Int? = nil) -> AnalysisOutput {
    var shown: [Finding] = []
    var counts: [String: Int] = [:]
    var hidden = 0
    for finding in found {
      let group = finding.what + finding.file
      counts[group, default: 0] += 1
      if let limit, counts[group, default: 0] > limit { hidden += 1 } else { shown.append(finding) }
    }
    func present(_ text: String) -> String? { text.isEmpty ? nil : text }
    var output = AnalysisOutput(columns: [
      .texts("what", shown.map(\.what)), .texts("file", shown.map { present($0.file) }),
      .texts("row", shown.map { present($0.row) }),
      .texts("column", shown.map { present($0.column) }),
      .texts("old", shown.map { present($0.old) }), .texts("new", shown.map { present($0.new) }),
      .numbers("change", shown.map(\.change)),
      .numbers("change_in_se", shown.map(\.inStandardErrors)),
      .texts("because", shown.map { present($0.because) }),
    ])
    if hidden > 0 { output.notes.append("… and \(hidden) more rows, which --format csv shows") }
    return output
  }

  private mutating func addGateAndHeadline() {
    let gates = (old.manifest["gate"]?.text ?? "", new.manifest["gate"]?.text ?? "")
    if gates.0 != gates.1 {
      found.append(Finding(what: "gate", column: "verdict", old: gates.0, new: gates.1))
    }
    let withheld = (old.manifest["withheld"]?.text ?? "", new.manifest["withheld"]?.text ?? "")
    if withheld.0 != withheld.1, !withheld.0.isEmpty, !withheld.1.isEmpty {
      func words(_ text: String) -> String { text == "true" ? "withheld" : "shown" }
      found.append(
        Finding(
          what: "gate", column: "effects", old: words(withheld.0), new: words(withheld.1)))
    }
    let headlines = (Self.headline(old), Self.headline(new))
    if headlines.0 != headlines.1 {
      found.append(
        Finding(what: "headline", file: "summary.md", old: headlines.0, new: headlines.1))
    }
  }

  /// The first line of the summary's box.
  private static func headline(_ report: WrittenReport) -> String {
    guard let text = try? report.text("summary.md") else { return "" }
    let line = text.split(separator: "\n").first { $0.hasPrefix(">") } ?? ""
    return line.drop { $0 == ">" || $0 == " " || $0 == "*" || $0 == "#" }
      .replacing("**", with: "").description
  }

  private mutating func addTables(_ causes: ReportCauses) throws(SiblingError) {
    let before = old.files.filter(Self.isTable)
    let after = new.files.filter(Self.isTable)
    for file in Set(before).union(after).sorted() {
      let name = String(file.dropFirst("results/".count).dropLast(4))
      guard after.contains(file) else {
        found.append(
          Finding(what: "table went", file: file, because: causes.of(table: name)))
        continue
      }
      guard before.contains(file) else {
        found.append(
          Finding(what: "table came", file: file, because: causes.of(table: name)))
        continue
      }
      let a = try old.rows(file)
      let b = try new.rows(file)
      var difference = TableDifference(file: file, name: name, causes: causes)
      difference.compare(
        a, RowKeys(a, labels: labels(name)), b, RowKeys(b, labels: labels(name)))
      found += difference.found
      lastDigits += difference.lastDigits
    }
  }

  private static func isTable(_ file: String) -> Bool {
    file.hasPrefix("results/") && file.hasSuffix(".csv")
  }

  /// The label columns of a table, when both manifests know them alike.
  private func labels(_ name: String) -> [String]? {
    let a = old.manifest["row_keys"]?[name]?.text
    let b = new.manifest["row_keys"]?[name]?.text
    // A row's number is a poor name: a row more would make all that follow it look moved.
    guard a == b, a != AnalysisOutput.rowColumn else { return nil }
    return a?.split(separator: ",").map { String($0.drop { $0 == " " }) }
  }

  /// The documents whose words changed, apart from their numerals.
  private mutating func addDocuments() {
    for file in old.files where new.files.contains(file) && file.hasSuffix(".md") {
      guard let a = try? old.text(file), let b = try? new.text(file), a != b else { continue }
      func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map { line in String(line.filter { !$0.isNumber }) }
      }
      let changes = lines(b).difference(from: lines(a)).insertions.count
      if changes > 0 {
        found.append(
          Finding(
            what: "words", file: file,
            new: "\(changes) \(changes == 1 ? "line reads" : "lines read") otherwise"))
      }
    }
  }
}
