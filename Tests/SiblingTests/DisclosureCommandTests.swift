import Foundation
import Testing

/// The verbs that check and pack a written report.
@Suite struct DisclosureCommandTests {
  @Test func checksAndPacksWhatARunWrote() throws {
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(12, treated: 6),
      "study.yaml": MadeUpStudy.file(level: "individual", mechanism: "self-selected", head: ""),
    ])
    func sibling(_ arguments: String...) throws -> CommandLineRun {
      try CommandLineRun(arguments: arguments, folder: folder.url)
    }
    let run = try sibling("run", "study.yaml", "--output", "out", "-q")
    #expect(run.status == 0, "\(run.errors)")
    let check = try sibling("disclosure", "check", "out")
    #expect(check.status == 0, "\(check.errors)\(check.output)")
    #expect(CSVRecords(check.output).rows.allSatisfy { $0["status"] != "fail" })
    let pack = try sibling("disclosure", "pack", "out", "--output", "pack")
    #expect(pack.status == 0, "\(pack.errors)")
    #expect(folder.files(below: "pack").contains("results.json"))
    #expect(try sibling("disclosure", "check", "out", "--against", "out").status == 0)
    #expect(try sibling("disclosure", "check", "nowhere").status == 65)

    // A small count put into a table is found, and nothing is packed.
    let estimates = try folder.text("out/results/estimates.csv")
    let header = try #require(CSVRecords(estimates).header.firstIndex(of: "n_treated"))
    var lines = estimates.split(separator: "\n").map(String.init)
    let number = try #require(CSVRecords(estimates).rows.first?["n_treated"])
    #expect(header > 0 && !number.isEmpty)
    lines[1] = lines[1].replacingOccurrences(of: ",\(number),", with: ",3,")
    try folder.write("out/results/estimates.csv", lines.joined(separator: "\n") + "\n")
    let refused = try sibling("disclosure", "check", "out")
    #expect(refused.status == 3)
    #expect(CSVRecords(refused.output).rows.contains { $0["check"] == "minimum count" })
    #expect(try sibling("disclosure", "pack", "out", "--output", "other").status == 3)
    #expect(folder.files(below: "other").isEmpty)
  }
}
