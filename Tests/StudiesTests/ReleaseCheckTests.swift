import Foundation
import Reporting
import Statistics
import Testing

@testable import Studies

/// A written report, and what the check says of it after somebody has changed it.
@Suite struct ReleaseCheckTests {
  private final class Written {
    let url: URL
    var path: String { url.appendingPathComponent("report").path }

    /// A report of two tables under ACRO's rules: one small quarter, its whole elsewhere.
    init(first: Int = 4, second: Int = 60, profile: DisclosureProfile = .acroDefault) throws {
      url = FileManager.default.temporaryDirectory
        .appendingPathComponent("sibling-release-\(UUID().uuidString)")
      var creaming = ResultTable.creaming
      for (period, n) in [("2020 Q1", first), ("2020 Q2", second), ("2020 Q3", 36)] {
        try creaming.append([
          "term": "mean.index", "arm": "sib", "period": .text(period), "n": .init(n),
          "estimate": 0.25,
        ])
      }
      var funnel = ResultTable.funnel
      try funnel.append([
        "by": "arm", "group": "sib", "stage": "accepted", "n_at_risk": 150,
        "n_reached": .init(first + second + 36), "n_not_reached": .init(114 - first - second),
      ])
      var disclosure = Disclosure(profile: profile)
      var folder = ReportFolder(path: path)
      let released = try disclosure.release([creaming, funnel])
      for table in released { try folder.write(table) }
      var document = Document(path: "report.md")
      document.heading(1, "Made up")
      document.paragraph(
        "Of \(try released[1].cell(row: 0, "n_at_risk"), .integer) people some were accepted.")
      try folder.write(document)
      try folder.commit(
        manifest: Manifest(study: "made up", command: "sibling run x", version: "1"),
        disclosure: disclosure)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func text(_ file: String) throws -> String {
      try String(contentsOfFile: path + "/" + file, encoding: .utf8)
    }

    /// Changes a file, and its hash in the data package unless it is to be found out.
    func change(_ file: String, _ old: String, _ new: String, hidesIt: Bool = true) throws {
      let before = try text(file)
      let after = before.replacingOccurrences(of: old, with: new)
      #expect(after != before)
      try Data(after.utf8).write(to: URL(fileURLWithPath: path + "/" + file))
      guard hidesIt, file != "datapackage.json" else { return }
      let package = try text("datapackage.json")
      try Data(
        package.replacingOccurrences(
          of: SHA256.hexadecimal(Array(before.utf8)), with: SHA256.hexadecimal(Array(after.utf8))
        ).utf8
      ).write(to: URL(fileURLWithPath: path + "/datapackage.json"))
    }
  }

  private func failures(_ check: ReleaseCheck) -> [DisclosureFinding] {
    check.findings.filter { $0.status == .fail }
  }

  @Test func whatARunWritesPasses() throws {
    let written = try Written()
    let check = try ReleaseCheck(written.path)
    #expect(!check.hasFailed, "\(failures(check))")
    let rows = try check.rendered(as: .csv)
    #expect(rows.hasPrefix("check,file,row_key,column,status,finding\n"))
  }

  @Test func aCellPutBackIsFound() throws {
    let written = try Written()
    let table = try written.text("results/creaming.csv")
    let line = try #require(table.split(separator: "\n").first { $0.contains("2020 Q1") })
    let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let header = table.split(separator: "\n")[0].split(separator: ",").map(String.init)
    let place = try #require(header.firstIndex(of: "n"))
    let flag = try #require(header.firstIndex(of: "n_flag"))
    func changed(n: String, flag text: String) -> String {
      var own = cells
      own[place] = n
      own[flag] = text
      return own.joined(separator: ",")
    }
    try written.change("results/creaming.csv", String(line), changed(n: "4", flag: ""))
    #expect(failures(try ReleaseCheck(written.path)).map(\.check) == ["minimum count"])
    try written.change(
      "results/creaming.csv", changed(n: "4", flag: ""), changed(n: "4", flag: "suppressed"))
    #expect(failures(try ReleaseCheck(written.path)).map(\.check) == ["withheld cells"])
  }

  @Test func aCellThatFollowsFromAnotherTableIsFound() throws {
    // Without the links between tables only the small quarter would be withheld.
    let written = try Written()
    let table = try written.text("results/creaming.csv")
    let number = table.contains(",60,") ? "36" : "60"
    let quarter = number == "36" ? "2020 Q3" : "2020 Q2"
    let isWholeHidden = try written.text("results/funnel.csv").contains("n_reached_flag")
    if isWholeHidden {
      let line = try #require(
        try written.text("results/funnel.csv").split(separator: "\n").last)
      try written.change(
        "results/funnel.csv", String(line), String(line).replacing(",,suppressed", with: ",100,"))
    } else {
      let line = try #require(table.split(separator: "\n").first { $0.contains(quarter) })
      try written.change(
        "results/creaming.csv", String(line),
        String(line).replacing(",,suppressed", with: ",\(number),"))
    }
    let found = failures(try ReleaseCheck(written.path))
    #expect(found.contains { $0.check == "withheld counts" && $0.rowKey.contains("2020 Q1") })
  }

  @Test func changedAndStrangeFilesAreFound() throws {
    let written = try Written()
    try written.change("results/funnel.csv", "150", "151", hidesIt: false)
    #expect(failures(try ReleaseCheck(written.path)).map(\.check) == ["files"])
    let other = try Written()
    try Data("x".utf8).write(to: URL(fileURLWithPath: other.path + "/people.txt"))
    let check = try ReleaseCheck(other.path)
    #expect(check.findings.contains { $0.file == "people.txt" && $0.status == .review })
    try Data("x\n".utf8).write(to: URL(fileURLWithPath: other.path + "/results/people.csv"))
    #expect(try ReleaseCheck(other.path).hasFailed)
  }

  @Test func aSentenceOnAWithheldNumberIsFound() throws {
    let written = try Written()
    try written.change("claims.csv", "results/funnel.csv", "results/creaming.csv")
    let found = failures(try ReleaseCheck(written.path))
    #expect(found.map(\.check) == ["claims"])
  }

  @Test func aNumberWrittenInByHandIsFound() throws {
    let written = try Written()
    try written.change("report.md", "some were accepted", "146 were accepted")
    let found = failures(try ReleaseCheck(written.path))
    #expect(Set(found.map(\.check)) == ["text"] && found.allSatisfy { $0.file == "report.md" })
    #expect(found.contains { $0.finding.contains("146") })
  }

  @Test func rulesOfTheStudysOwnAreReadBack() throws {
    let dominance = DisclosureProfile.Dominance(share: 0.8, ratio: 0.2)
    let kinds: [(CountRounding, DisclosureProfile.CurveTreatment, Bool)] = [
      (.exact, .held, true), (.nearest(5), .held, false), (.nearest(10), .midpoint, true),
      (.midpoint(6), .midpoint, false),
    ]
    for (rounding, curves, zeros) in kinds {
      let profile = try DisclosureProfile.custom(
        minimumCount: 7, zerosAreDisclosive: zeros, residual: 9, rounding: rounding,
        curves: curves, dominance: dominance, reason: "The holder asks for it.", isPublic: false)
      let rules = try #require(
        try DisclosureCost.tables(exact: [], released: [], profile: profile).first)
      let table = PublishedTable(
        path: rules.path, columns: rules.columns, sums: [], hasRowsOfPeople: false,
        rows: rules.rows)
      #expect(DisclosureProfile(written: table) == profile)
    }
    let empty = PublishedTable(
      path: "results/disclosure_rules.csv", columns: [], sums: [], hasRowsOfPeople: false, rows: [])
    #expect(DisclosureProfile(written: empty) == nil)
  }

  @Test func claimsOfOtherKindsPointToNoCell() throws {
    let written = try Written()
    let claims = try written.text("claims.csv")
    let line = try #require(claims.split(separator: "\n").last)
    try written.change(
      "claims.csv", String(line), line + "\nA chart.,2,results/funnel.csv,,,figure")
    #expect(!(try ReleaseCheck(written.path).hasFailed))
  }

  @Test func earlierReleasesAreComparedWith() throws {
    let (old, new) = (try Written(first: 40, second: 60), try Written(first: 43, second: 60))
    #expect(try !ReleaseCheck(new.path).hasFailed)
    let check = try ReleaseCheck(new.path, against: [old.path])
    #expect(failures(check).contains { $0.check == "earlier release" && $0.rowKey.contains("Q1") })
    #expect(try !ReleaseCheck(old.path, against: [old.path]).hasFailed)
    let small = try Written(first: 4)
    #expect(try ReleaseCheck(small.path, against: [old.path]).hasFailed)
  }

  @Test func packsWhatMayGoAndTheRecordBesideIt() throws {
    let written = try Written()
    let pack = written.url.appendingPathComponent("pack").path
    let check = try ReleaseCheck(written.path)
    #expect(try check.pack(into: pack) == 7)
    let files = try FileManager.default.subpathsOfDirectory(atPath: pack).filter {
      $0.contains(".")
    }.sorted()
    #expect(files.contains("results.json") && files.contains("checksums/results.json.txt"))
    #expect(files.contains("not-for-release/disclosure_log.csv"))
    #expect(files.contains("report.html") && !files.contains("disclosure_log.csv"))
    let data = try Data(contentsOf: URL(fileURLWithPath: pack + "/results.json"))
    let record = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let results = try #require(record["results"] as? [String: [String: Any]])
    let first = try #require(results["output_0"])
    #expect(
      Set(first.keys) == [
        "uid", "status", "type", "properties", "files", "outcome", "command", "summary",
        "timestamp", "comments", "exception",
      ])
    #expect(first["uid"] as? String == "output_0" && first["timestamp"] as? String == "")
    #expect(first["status"] as? String == "review")
    let sum = try String(contentsOfFile: pack + "/checksums/report.md.txt", encoding: .utf8)
    #expect(sum == SHA256.hexadecimal(Array(try written.text("report.md").utf8)))
    // It may be packed again, but a folder of another kind is left alone.
    #expect(try check.pack(into: pack) == 7)
    #expect(throws: SiblingError.self) { _ = try check.pack(into: written.path) }
  }

  @Test func whatFailsIsNotPacked() throws {
    let written = try Written()
    try written.change("results/funnel.csv", "150", "151", hidesIt: false)
    let pack = written.url.appendingPathComponent("pack").path
    let check = try ReleaseCheck(written.path)
    let error = #expect(throws: SiblingError.self) { _ = try check.pack(into: pack) }
    #expect(error?.code == .disclosure)
    #expect(!FileManager.default.fileExists(atPath: pack))
  }

  @Test func aFolderThatIsNoReportIsRefused() throws {
    let error = #expect(throws: SiblingError.self) { _ = try ReleaseCheck("/nonexistent") }
    #expect(error?.code == .unreadableFile)
    let written = try Written()
    try written.change("datapackage.json", "\"resources\"", "\"nothing\"")
    #expect(throws: SiblingError.self) { _ = try ReleaseCheck(written.path) }
  }
}
