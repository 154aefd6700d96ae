import Foundation
import Reporting
import Statistics
import TestSupport
import Testing

@testable import Studies

/// A report of a few made-up numbers on disk; gone at the end.
private final class WrittenFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    var estimates = ResultTable.estimates
    try estimates.append([
      "analysis": "matched", "estimand": "ATT", "estimator": "difference", "outcome": "y",
      "term": "ATT", "estimate": 0.125, "std.error": 0.04, "statistic": 3.125,
      "p.value": .number(2 * Normal.standard.upperTail(3.125)),
      "conf.low": .number(0.125 - 0.04 * Normal.standard.upperQuantile(0.025)),
      "conf.high": .number(0.125 + 0.04 * Normal.standard.upperQuantile(0.025)),
      "conf.level": 0.95, "scale": "difference", "n_treated": 120, "n_comparison": 240,
      "se_type": "HC1, weights taken as known, z",
    ])
    var attrition = ResultTable.attrition
    for (step, before, excluded) in [(1.0, 400.0, 30.0), (2, 370, 10)] {
      try attrition.append([
        "step": .number(step), "rule": "Seen", "arm": "all", "n_before": .number(before),
        "n_excluded": .number(excluded), "n_after": .number(before - excluded),
      ])
    }
    var disclosure = Disclosure(profile: .none)
    let effects = try disclosure.release(estimates)
    let steps = try disclosure.release(attrition)
    let wording = try Wording(effects, where: ["analysis": "matched"])
    var report = Document(path: "report.md")
    report.heading(1, "A made-up study")
    report.paragraph(
      "\(wording.perHundred(people: "people", outcome: "worked")) \(wording.verdictSentence)")
    report.table(
      effects, caption: "Effects.",
      columns: [
        .init("estimate", "Effect", .significant(4)), .interval("95% interval", .decimals(4)),
        .init("p.value", "p", .pValue), .init("n_treated", "Treated", .integer),
      ])
    report.list([
      "Of \(try steps.cell(row: 0, "n_before"), .integer), \(try steps.cell(row: 1, "n_after"), .integer) are left.",
      "Followed for \("26 weeks") (Bell 2002, doi:10.1093/pan/mpr025).",
    ])
    var folder = ReportFolder(path: url.path)
    try folder.write(effects)
    try folder.write(steps)
    try folder.write(report)
    folder.trace([
      OriginText(kind: .study, file: "study.yaml", rowKey: "outcomes[0].label", text: "26 weeks")
    ])
    var manifest = Manifest(study: "made-up", command: "sibling run study.yaml", version: "0.1.0")
    manifest.planHash = String(repeating: "a", count: 64)
    manifest.gate = "causal"
    try folder.commit(manifest: manifest, disclosure: disclosure)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func text(_ file: String) throws -> String {
    try String(contentsOf: url.appendingPathComponent(file), encoding: .utf8)
  }

  func write(_ file: String, _ text: String) throws {
    try text.write(to: url.appendingPathComponent(file), atomically: true, encoding: .utf8)
  }

  func audit() throws -> [ReportAudit.Finding] {
    var audit = try ReportAudit(url.path)
    return try audit.run()
  }
}

@Suite struct ReportAuditTests {
  @Test func aSoundReportHasNothingToFind() throws {
    let findings = try WrittenFolder().audit()
    let wrong = findings.filter { $0.status == .orphan || $0.status == .mismatch }
    #expect(wrong == [])
    for check in ["number", "cell", "interval", "statistic", "p-value", "steps", "verdict", "hash"]
    {
      #expect(findings.contains { $0.check == check && $0.status == .ok }, "\(check)")
    }
  }

  /// Every digit of the documents is changed in turn, and found.
  @Test func everyChangedDigitOfTheReportIsFound() throws {
    let folder = try WrittenFolder()
    let report = try folder.text("report.md")
    let bytes = Array(report.utf8)
    let doi = try #require(report.utf8.firstRange(of: "doi:".utf8))
    let address = report.utf8.distance(from: report.startIndex, to: doi.lowerBound)
    var tried = 0
    for (place, byte) in bytes.enumerated() where (48...57).contains(byte) && place < address {
      // "Table 1" and the number of an item are structure.
      let before = String(decoding: bytes[..<place].suffix(7), as: UTF8.self)
      if before.hasSuffix("Table ") { continue }
      var damaged = bytes
      damaged[place] = 48 + (byte - 48 + 1) % 10
      try folder.write("report.md", String(decoding: damaged, as: UTF8.self))
      #expect(ReportAudit.failed(try folder.audit()), "byte \(place) after '\(before)'")
      tried += 1
    }
    #expect(tried > 20)
  }

  /// A number of a table is changed and its hash with it, so that only arithmetic can tell.
  @Test(arguments: [
    ("results/estimates.csv", ",0.04,", ",0.05,", "interval"),
    ("results/estimates.csv", ",3.125,", ",3.225,", "statistic"),
    ("results/attrition.csv", ",30,370", ",20,370", "steps"),
    ("results/attrition.csv", ",10,360", ",10,361", "steps"),
  ]) func changedTablesAreFound(file: String, old: String, new: String, check: String) throws {
    let folder = try WrittenFolder()
    let before = try folder.text(file)
    let after = before.replacingOccurrences(of: old, with: new)
    #expect(after != before)
    try folder.write(file, after)
    let package = try folder.text("datapackage.json").replacingOccurrences(
      of: SHA256.hexadecimal(Array(before.utf8)), with: SHA256.hexadecimal(Array(after.utf8)))
    try folder.write("datapackage.json", package)
    let wrong = try folder.audit().filter { $0.status == .mismatch }
    #expect(!wrong.contains { $0.check == "hash" })
    #expect(wrong.contains { $0.check == check }, "\(wrong)")
  }

  @Test func changedClaimsAndFilesAreFound() throws {
    let folder = try WrittenFolder()
    let claims = try folder.text("claims.csv")
    try folder.write("claims.csv", claims.replacingOccurrences(of: ",0.1250,", with: ",0.1251,"))
    try folder.write("claims.csv", claims.replacingOccurrences(of: ",120,", with: ",121,"))
    let wrong = try folder.audit().filter { $0.status != .ok }
    #expect(wrong.contains { $0.check == "hash" && $0.place == "claims.csv" })
    #expect(wrong.contains { $0.check == "cell" && $0.expected == "121" && $0.found == "120" })
    #expect(wrong.contains { $0.check == "number" && $0.status == .orphan && $0.found == "120" })
  }

  @Test func wordsThatDoNotMatchAreFound() throws {
    let folder = try WrittenFolder()
    let report = try folder.text("report.md")
    try folder.write("report.md", report + "\nThe difference is significant.\n")
    #expect(try folder.audit().contains { $0.check == "words" && $0.status == .mismatch })
    for file in ["report.md", "claims.csv"] {
      let text = file == "report.md" ? report : try folder.text(file)
      try folder.write(file, text.replacingOccurrences(of: " more worked", with: " fewer worked"))
    }
    #expect(try folder.audit().contains { $0.check == "direction" && $0.status == .mismatch })
  }

  @Test func aFolderThatIsNoReportIsRefused() {
    #expect(throws: SiblingError.self) { _ = try ReportAudit("/nowhere") }
  }

  @Test(arguments: [
    ("−2.5 percentage points", "-0.0248", true), ("+7.3", "0.0732", true), ("7.3", "0.0732", true),
    ("58%", "0.577836411609", true), ("59%", "0.577836411609", false), ("−53%", "0.47", true),
    ("$3,038", "3037.6", true), ("$3,038", "3037.4", false), ("< 0.001", "0.0004", true),
    ("< 0.001", "0.002", false), ("−2.5", "0.0248", false),
    ("1.88218e-5", "1.88217865613e-05", true),
    ("yes", "true", true), ("Site 12", "Site 12", true), ("30%", "30:70", false),
    ("2", "-2.2", true),
  ]) func textsShowTheirCells(text: String, cell: String, isShown: Bool) {
    #expect(ClaimedText(text: text).shows(cell, isWithheld: false) == isShown)
  }

  @Test func withheldCellsReadC() {
    #expect(ClaimedText(text: "[c]").shows("", isWithheld: true))
    #expect(!ClaimedText(text: "[c]").shows("", isWithheld: false))
    #expect(!ClaimedText(text: "[c]").shows("7", isWithheld: false))
  }

  @Test func markdownIsReadWithItsPlaces() {
    let text = MarkdownText(
      "# 3. Title 7\n\n> **Bold** \\$5 [a 1](b2.md)\n\n| x | 4 |\n\n```\n9\n```\n1. item 8\n")
    #expect(
      text.blocks.map(\.text) == ["Title 7", "Bold $5 a 1", "x", "4", "item 8"])
    #expect(text.blocks[1].places[5].line == 3 && text.blocks[1].places[5].column == 13)
  }

  /// The reports of the bundled studies hold together.
  @Test func bundledReportsHoldTogether() throws {
    let folder = Golden.projectFolder.appendingPathComponent("Reports")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names.count >= 8)
    for name in names {
      var audit = try ReportAudit(folder.appendingPathComponent(name).path)
      let wrong = try audit.run().filter { $0.status == .orphan || $0.status == .mismatch }
      #expect(wrong == [], "\(name)")
    }
  }
}
