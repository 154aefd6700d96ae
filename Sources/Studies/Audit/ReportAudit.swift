internal import Glibc
internal import Reporting
public import Statistics

/// An audit of a written report from its files alone: every number is traced, and numbers that can be
/// had from each other are computed again.
public struct ReportAudit {
  /// How a check came out.
  public enum Status: String, Sendable, CaseIterable {
    /// As it should be.
    case ok
    /// A number that nothing explains.
    case orphan
    /// Something else is found than is expected.
    case mismatch
    /// Nothing in the folder tells what it should be.
    case notRecomputable = "not recomputable"
  }

  /// One check of one thing.
  public struct Finding: Sendable, Equatable {
    /// What was checked.
    public let check: String
    /// Where: a file with line and column, or a file with row and column.
    public let place: String
    /// What was expected.
    public let expected: String
    /// What was found.
    public let found: String
    /// How it came out.
    public let status: Status
  }

  let report: WrittenReport
  /// The disclosure profile of the run.
  let profile: String
  /// Whether counts are rounded, so that what is made of them need not agree with exact ones.
  private(set) var isRounded = false
  var findings: [Finding] = []
  private var tables: [String: WrittenRows] = [:]

  /// Opens a folder that a run has written.
  ///
  /// - Throws: `unreadableFile` when it is no report.
  public init(_ folder: String) throws(SiblingError) {
    report = try WrittenReport(folder)
    profile = report.manifest["disclosure"]?["profile"]?.text ?? "none"
  }

  /// Audits the report.
  ///
  /// - Returns: every check, in the order of the files.
  /// - Throws: when a file that the report can't do without is missing or is not a table.
  public mutating func run() throws(SiblingError) -> [Finding] {
    findings = []
    isRounded = try Self.isRounded(report)
    try files()
    try claims()
    for file in report.files where file.hasPrefix("results/") && file.hasSuffix(".csv") {
      let rows = try table(file)
      intervals(file, rows)
      relations(file, rows)
    }
    return findings
  }

  /// Whether the rules that the report tells round its counts.
  private static func isRounded(_ report: WrittenReport) throws(SiblingError) -> Bool {
    let file = "results/disclosure_rules.csv"
    guard report.files.contains(file) else { return false }
    let rules = try report.rows(file)
    return rules.rows.indices.contains {
      rules[$0, "rule"] == "rounding" && rules[$0, "setting"] != "none"
    }
  }

  /// A table of the report, read once.
  ///
  /// - Throws: what is wrong with it.
  mutating func table(_ file: String) throws(SiblingError) -> WrittenRows {
    if let known = tables[file] { return known }
    let rows = try report.rows(file)
    tables[file] = rows
    return rows
  }

  /// Notes how a check came out.
  mutating func note(
    _ check: String, _ place: String, _ expected: String, _ found: String, _ status: Status
  ) {
    findings.append(
      Finding(check: check, place: place, expected: expected, found: found, status: status))
  }

  /// How many checks came out in each way, in a line.
  public static func summary(_ findings: [Finding]) -> String {
    let counts = Status.allCases.map { status in
      "\(findings.count { $0.status == status }) \(status.rawValue)"
    }
    return "\(findings.count) checks: " + counts.joined(separator: ", ")
  }

  /// Whether something was found that should not be.
  public static func failed(_ findings: [Finding]) -> Bool {
    findings.contains { $0.status == .orphan || $0.status == .mismatch }
  }

  /// The findings as rows: all of them, or those that are not as they should be and a row for the rest
  /// of each check.
  public static func output(_ findings: [Finding], all: Bool) -> AnalysisOutput {
    var shown = findings
    if !all {
      shown = findings.filter { $0.status == .orphan || $0.status == .mismatch }
      var order: [String] = []
      var counts: [String: (check: String, status: Status, reason: String, number: Int)] = [:]
      for finding in findings where finding.status == .ok || finding.status == .notRecomputable {
        let reason = finding.status == .ok ? "" : finding.expected
        let key = "\(finding.check)|\(finding.status)|\(reason)"
        if counts[key] == nil { order.append(key) }
        counts[key, default: (finding.check, finding.status, reason, 0)].number += 1
      }
      for key in order {
        guard let count = counts[key] else { continue }
        shown.append(
          Finding(
            check: count.check, place: "", expected: count.reason, found: "\(count.number) times",
            status: count.status))
      }
    }
    return AnalysisOutput(columns: [
      .texts("check", shown.map(\.check)), .texts("place", shown.map(\.place)),
      .texts("expected", shown.map(\.expected)), .texts("found", shown.map(\.found)),
      .texts("status", shown.map(\.status.rawValue)),
    ])
  }
}
