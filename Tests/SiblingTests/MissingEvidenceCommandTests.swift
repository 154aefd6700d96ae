import Foundation
import TestSupport
import Testing

/// The verbs on missing evidence and the study section, through the real binary.
@Suite struct MissingEvidenceCommands {
  /// Twelve people: treated 1 1 0 1 ? ?, comparisons 0 1 0 0 0 ?.
  private static let twelve =
    "arm,y,s\n"
    + zip(
      ["sib", "sib", "sib", "sib", "sib", "sib", "non", "non", "non", "non", "non", "non"],
      ["1", "1", "0", "1", "", "", "0", "1", "0", "0", "0", ""]
    ).map { "\($0),\($1),\($1 == "" ? "unknown" : $1 == "1" ? "yes" : "no")\n" }.joined()

  private func run(_ arguments: String..., input: String = twelve) throws -> CommandLineRun {
    try CommandLineRun(arguments: arguments, input: input)
  }

  @Test func twelvePeople() throws {
    let run = try run("missing-evidence", "-", "arm ~ 1", "--outcome", "y", "--treated", "sib")
    #expect(run.status == 0, "\(run.errors)")
    let values = run.numbers("estimate")
    let expected = [0.55, 1.0 / 3, 0.55, 1.0 / 6, 2.0 / 3, Double.nan, 0.5, 0.75]
    #expect(close(values, expected, .converged))
    #expect(close(run.numbers("low")[5], 1.0 / 6, .closedForm))
    #expect(run.errors.contains("unknown for 2 of 6 treated and 1 of 6 comparisons"))
    // Three words are three states.
    let words = try self.run(
      "missing-evidence", "-", "arm ~ 1", "--outcome", "s", "--treated", "sib")
    #expect(words.output == run.output)
  }

  @Test func tippingAndAttrition() throws {
    let tipping = try run(
      "tipping-point", "-", "arm ~ 1", "--outcome", "y", "--treated", "sib", "--grid", "0,1")
    #expect(tipping.status == 0, "\(tipping.errors)")
    let estimates = Array(tipping.numbers("estimate").suffix(4))
    #expect(close(estimates, [1.0 / 3, 1.0 / 6, 2.0 / 3, 0.5], .closedForm))
    let attrition = try run(
      "attrition", "-", "arm ~ 1", "--outcome", "y", "--treated", "sib")
    #expect(attrition.status == 0, "\(attrition.errors)")
    #expect(close(attrition.numbers("estimate")[3], 1.0 / 6, .closedForm))
  }

  @Test func badInputIsRefused() throws {
    let cases: [([String], Int32, String)] = [
      (["missing-evidence", "-", "arm ~ 1"], 64, "outcome"),
      (
        ["missing-evidence", "-", "arm ~ 1", "--outcome", "y", "--truncate", "0.1"], 64, "truncate"
      ),
      (["missing-evidence", "-", "arm ~ 1", "--outcome", "arm"], 65, "treatment"),
      (["missing-evidence", "-", "arm ~ 1", "--outcome", "z"], 65, "no column"),
      (["tipping-point", "-", "arm ~ 1", "--outcome", "y", "--grid", "0,2"], 64, "0 to 1"),
      (
        ["tipping-point", "-", "arm ~ 1", "--outcome", "y", "--grid", "0", "--delta", "1"], 64,
        "combined"
      ),
      (["attrition", "-", "arm ~ 1", "--outcome", "y", "--reason", "z"], 65, "no column"),
    ]
    for (arguments, status, words) in cases {
      let run = try CommandLineRun(arguments: arguments, input: Self.twelve)
      #expect(run.status == status, "\(arguments): \(run.errors)")
      #expect(run.errors.contains(words), "\(arguments): \(run.errors)")
      #expect(run.output.isEmpty)
    }
    let empty = try CommandLineRun(
      arguments: ["missing-evidence", "-", "arm ~ 1", "--outcome", "y"],
      input: "arm,y\na,1\na,0\nb,\nb,\n")
    #expect(empty.status == 65 && empty.errors.contains("has a known outcome"))
  }

  @Test func smallCountsAreWithheld() throws {
    let run = try run(
      "missing-evidence", "-", "arm ~ 1", "--outcome", "y", "--treated", "sib", "--disclosure",
      "acro-default")
    #expect(run.status == 0, "\(run.errors)")
    #expect(!run.numbers("estimate").contains { $0.isFinite })
  }

  /// People in ten sites; some outcomes unknown, more among the treated.
  private static let people: String = {
    var text = "id,site,t,x,y,z\n"
    for number in 0..<600 {
      let site = number % 10
      let treated = site < 5
      let x = (number * 7) % 50
      let u = Double((number * 37) % 101) / 101
      let v = Double((number * 53) % 97) / 97
      let yes = u < 0.4 + (treated ? 0.2 : 0) ? "1" : "0"
      let isUnknown = v < (treated ? 0.25 : 0.15)
      text += "\(number),s\(site),\(treated ? 1 : 0),\(x),\(isUnknown ? "" : yes),\(yes)\n"
    }
    return text
  }()

  private static func study(_ section: String) -> String {
    MadeUpStudy.file()
      .replacing("keep: \"!is.na(y)\"", with: "keep: \"x >= 0\"")
      .replacing("kind: number", with: "kind: binary\n  - {name: z, label: z, kind: binary}")
      + section
  }

  @Test func aStudyTellsWhatUnknownOutcomesCouldChange() throws {
    let folder = try TemporaryFolder([
      "people.csv": Self.people,
      "study.yaml": Self.study("missing-evidence:\n  outcomes: [y, z]\n"),
    ])
    let run = try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out"], folder: folder.url)
    #expect(run.status == 0, "\(run.errors)")
    let report = try folder.text("out/report.md")
    #expect(report.contains("What unknown outcomes could change"))
    #expect(report.contains("Everybody's outcome is known for z"))
    #expect(report.contains("people with unknown outcome among clients"))
    let rows = CSVRecords(try folder.text("out/results/missing_evidence.csv"))
    let low = rows.number("low", ["outcome": "y", "reading": "bounds"])
    let known = rows.number("estimate", ["outcome": "y", "reading": "complete-case"])
    let high = rows.number("high", ["outcome": "y", "reading": "bounds"])
    #expect(low < known && known < high)
    #expect(!rows.rows.contains { $0["outcome"] == "z" })
    #expect(try folder.text("out/results/tipping_point.csv").contains("at-random"))
    #expect(try folder.text("out/figures/tipping_point_y.svg").contains("Missing at random"))
  }

  @Test func aStudyIsCheckedBeforeItsDataAreRead() throws {
    for (section, words) in [
      ("missing-evidence: {outcomes: [w]}\n", "not a declared outcome"),
      ("missing-evidence: {grid: [0, 2]}\n", "probabilities from 0 to 1"),
      ("missing-evidence: {predictors: '~ +'}\n", "formula"),
    ] {
      let folder = try TemporaryFolder([
        "people.csv": Self.people, "study.yaml": Self.study(section),
      ])
      let run = try CommandLineRun(
        arguments: ["run", "study.yaml", "--output", "out"], folder: folder.url)
      #expect(run.status == 65 || run.status == 64, "\(run.errors)")
      #expect(run.errors.contains(words), "\(run.errors)")
      #expect(run.errors.contains("study.yaml:"), "\(run.errors)")
    }
  }
}
