import Foundation
import TestSupport
import Testing

/// What a run says of how sure one may be, and whether its first page is one.
@Suite struct EvidenceStudyTests {
  private func run(
    _ folder: TemporaryFolder, _ arguments: String...
  ) throws -> CommandLineRun {
    try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out", "-q"] + arguments, folder: folder.url)
  }

  private func people(_ study: String, _ data: String? = nil) throws -> TemporaryFolder {
    try TemporaryFolder([
      "people.csv": data ?? MadeUpStudy.sites(10, treated: 5), "study.yaml": study,
    ])
  }

  /// Words of a page beside its table, and lines on a sheet of A4 with 95 characters a line.
  private func size(_ page: String) -> (words: Int, lines: Double) {
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let isBlank = line.allSatisfy { $0 == " " || $0 == ">" }
      return isBlank ? 0.5 : (Double(line.count) / 95).rounded(.up)
    }
    let text = page.split(separator: "\n").filter { !$0.hasPrefix("|") }
    let words = text.map { $0.split(separator: " ").count }.reduce(0, +)
    return (words, lines.reduce(0, +))
  }

  @Test(arguments: [
    ("mhep", ["not rated"]), ("mhep-early", ["not rated"]), ("mpdta", ["very low", "low"]),
    ("rossi", ["low", "moderate"]),
  ]) func everyKindOfStudyIsRated(_ name: String, _ words: [String]) throws {
    let folder = try TemporaryFolder()
    let run = try CommandLineRun(
      "run", "Data/\(name)/study.yaml", "--output", "\(folder.path)/out", "-q")
    #expect(run.status == 0, "\(run.errors)")
    let evidence = CSVRecords(try folder.text("out/results/evidence.csv"))
    let word = try #require(evidence.row(["domain": "rating"])?["judgement"])
    #expect(words.contains(word))
    let (page, report) = (try folder.text("out/summary.md"), try folder.text("out/report.md"))
    #expect(page.contains("**\(word)**") && report.contains("**\(word)**"))
    let isCompared = word != "not rated"
    #expect(folder.files(below: "out").contains("results/robins_i.csv") == isCompared)
    #expect(folder.files(below: "out").contains("results/maryland.csv") == isCompared)

    // One page: question, how sure, what can't be said, where to read on.
    for part in ["**The question.**", "**How sure.**", "**What can't be said.**", "**Read on.**"] {
      #expect(page.components(separatedBy: part).count == 2, "\(part)")
    }
    #expect(size(page).words <= 500 && size(page).lines <= 62, "\(size(page))")

    // A section that has an item is a section of the report.
    let headings = report.split(separator: "\n").filter { $0.hasPrefix("## ") }
    for item in CSVRecords(try folder.text("out/results/checklists.csv")).rows {
      guard let section = item["where"], !section.isEmpty, section != "First page" else { continue }
      #expect(headings.contains { $0.hasSuffix(". \(section)") }, "\(item)")
    }
  }

  /// The committed reports' first pages are pages.
  @Test(arguments: [
    "castle", "ips-simulated", "launch", "mhep", "mhep-early", "mpdta", "nsw", "rossi",
  ])
  func committedFirstPagesFitASheet(_ name: String) throws {
    let page = try String(
      contentsOf: Golden.projectFolder.appendingPathComponent("Reports/\(name)/summary.md"),
      encoding: .utf8)
    #expect(size(page).words <= 500 && size(page).lines <= 62, "\(size(page))")
  }

  @Test func authorsAnswersAreShownAsTheirs() throws {
    let answers = """
      evidence:
        funding: paid by nobody in particular
        robins-i:
          deviations: {judgement: moderate, why: some went elsewhere}
          confounding: {judgement: low, why: we believe so}
        maryland: {level: 4, why: a threshold decided}
      """
    let folder = try people(MadeUpStudy.file(effect: answers))
    let run = try run(folder)
    #expect(run.status == 0, "\(run.errors)")
    let robins = CSVRecords(try folder.text("out/results/robins_i.csv"))
    let deviations = try #require(
      robins.row(["domain": "Departures from intended interventions"]))
    #expect(deviations["judgement"] == "no information")
    #expect(deviations["authors_judgement"] == "moderate")
    #expect(deviations["authors_why"] == "some went elsewhere")
    // Whole sites compared afterwards are of serious risk, whatever the authors believe.
    #expect(robins.row(["domain": "Confounding"])?["judgement"] == "serious")
    #expect(robins.row(["domain": "overall"])?["judgement"] == "serious")
    let maryland = CSVRecords(try folder.text("out/results/maryland.csv")).rows
    #expect(maryland.first?["level"] != "4" && maryland.first?["authors_level"] == "4")
    let items = CSVRecords(try folder.text("out/results/checklists.csv"))
    for (list, item) in [("TARGET", "20"), ("STROBE", "22")] {
      let funding = try #require(items.row(["checklist": list, "item": item]))
      #expect(funding["state"] == "reported by the authors")
      #expect(funding["where"] == "Confidence in the evidence")
    }
    #expect(items.row(["checklist": "TARGET", "item": "17"])?["state"] == "not established")
    #expect(try folder.text("out/report.md").contains("**Funding.** Paid by nobody in particular."))
  }

  @Test func withoutAnswersNothingIsClaimedForTheAuthors() throws {
    let folder = try people(MadeUpStudy.file())
    #expect(try run(folder).status == 0)
    let items = CSVRecords(try folder.text("out/results/checklists.csv"))
    for item in ["17", "18", "20", "21", "2", "4", "5"] {
      #expect(items.row(["checklist": "TARGET", "item": item])?["state"] == "not established")
    }
    #expect(items.row(["checklist": "TARGET", "item": "8"])?["state"] == "reported")
    #expect(!(try folder.text("out/report.md").contains("What the authors add")))
  }

  @Test func aMisspeltJudgementIsRefusedWhereItStands() throws {
    let bad = "evidence:\n  robins-i:\n    deviations: {judgement: modrate, why: so}"
    let run = try run(try people(MadeUpStudy.file(effect: bad)))
    #expect(run.status == 65)
    #expect(run.errors.contains("study.yaml:") && run.errors.contains("moderate"), "\(run.errors)")
    let other = try self.run(
      try people(MadeUpStudy.file(effect: "evidence:\n  robins-i:\n    deviation: {}")))
    #expect(other.status == 65 && other.errors.contains("deviations"), "\(other.errors)")
  }

  @Test func withheldEffectsAreNotRated() throws {
    let folder = try people(MadeUpStudy.file(), MadeUpStudy.sites(6, treated: 3))
    #expect(try run(folder).status == 2)
    let evidence = CSVRecords(try folder.text("out/results/evidence.csv"))
    #expect(evidence.rows.map { $0["judgement"] } == ["not rated"])
    #expect(try folder.text("out/summary.md").contains("effects are withheld"))
  }

  /// Few people lost: what disclosure control withholds is not evaluated, and no value tells of it.
  @Test func whatIsWithheldDoesNotShowInTheRating() throws {
    let data = MadeUpStudy.sites(10, treated: 5)
    func losing(_ count: Int) -> String {
      let lines = data.split(separator: "\n")
      return lines.enumerated().map { index, line in
        guard index > 0, index <= count else { return String(line) }
        return line.split(separator: ",").dropLast().joined(separator: ",") + ","
      }.joined(separator: "\n") + "\n"
    }
    var found: [[String: String]] = []
    for count in [3, 4] {
      let folder = try people(MadeUpStudy.file(head: "disclosure: acro-default"), losing(count))
      let run = try run(folder)
      #expect(run.status == 0, "\(run.errors)")
      let row = CSVRecords(try folder.text("out/results/evidence.csv")).row(["domain": "attrition"])
      found.append(try #require(row))
    }
    #expect(found[0]["judgement"] == "not evaluated" && found[0]["value"] == "")
    #expect(found[0] == found[1])

    let many = try people(MadeUpStudy.file(), losing(30))
    #expect(try run(many).status == 0)
    let row = CSVRecords(try many.text("out/results/evidence.csv")).row(["domain": "attrition"])
    // Thirty of 200 treated people and none of 200 others.
    #expect(row?["value"] == "0.15" && row?["judgement"] == "serious concern")
  }
}
