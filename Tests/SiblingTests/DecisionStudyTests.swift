import Foundation
import TestSupport
import Testing

/// Agreement of methods, choices, several outcomes and margins in a report.
@Suite struct DecisionStudies {
  /// Two outcomes of people in sites: the second is the first with its treated shifted back.
  private static func people(_ sites: Int, treated: Int) -> String {
    var lines = MadeUpStudy.sites(sites, treated: treated).split(separator: "\n").map(String.init)
    lines[0] += ",z"
    for index in lines.indices.dropFirst() {
      let cells = lines[index].split(separator: ",").compactMap { Double($0.drop { $0 == "s" }) }
      let noise = Double((index * 53) % 97) / 97
      lines[index] += ",\(cells[4] - cells[2] + noise)"
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func study(
    _ more: String, level: String = "site", head: String = "public: true", better: String = "higher"
  ) -> String {
    MadeUpStudy.file(level: level, head: head, effect: "  - outcome: z\n\(more)")
      .replacingOccurrences(
        of: "    kind: number\n",
        with: "    kind: number\n    better: \(better)\n  - name: z\n    label: the other outcome\n"
          + "    kind: number\n")
  }

  private static let decisions = """
    decisions:
      draws: 299
      margins:
        - outcome: y
          non-inferiority: -0.2
          why: so it was agreed
        - outcome: z
          equivalence: 2
          why: so it was agreed
    specifications:
      draws: 199
      choices:
        - name: method
          options:
            - name: nearest
            - {name: entropy, method: entropy}
        - name: people
          options:
            - name: all
            - {name: not the lowest, where: 'x > 0.1'}
            - {name: nobody, where: 'x > 7'}
    """

  private func run(
    _ study: String, _ data: String
  ) throws -> (folder: TemporaryFolder, run: CommandLineRun) {
    let folder = try TemporaryFolder(["people.csv": data, "study.yaml": study])
    let run = try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out", "-q"], folder: folder.url)
    return (folder, run)
  }

  @Test func fewSitesDecideByExchange() throws {
    let (folder, run) = try run(
      Self.study(Self.decisions), Self.people(10, treated: 5))
    #expect(run.status == 0, "\(run.errors)")
    func table(_ name: String) throws -> CSVRecords {
      CSVRecords(try folder.text("out/results/\(name).csv"))
    }
    let estimates = try table("estimates")
    let lead = ["analysis": "few-sites", "outcome": "y"]
    // Methods: the leading one stands first and has no distance.
    let methods = try table("triangulation")
    #expect(methods.rows.first?["role"] == "leads")
    #expect(
      close(methods.number("estimate", ["role": "leads"]), estimates.number("estimate", lead)))
    let families = Set(methods.rows.compactMap { $0["family"] })
    #expect(families.isSuperset(of: ["matching", "weighting", "doubly robust", "site by site"]))
    #expect(try table("agreement").rows.first?["verdict"] == "close")
    // Several outcomes: by all exchanges, never below the p-value itself.
    let several = try table("several_outcomes")
    #expect(several.rows.count == 2)
    for outcome in ["y", "z"] {
      let match = ["outcome": outcome]
      let raw = several.number("p.value", match)
      #expect(raw == estimates.number("p.value", ["analysis": "few-sites", "outcome": outcome]))
      #expect(several.number("p.romano_wolf", match) >= raw)
      #expect(several.number("p.holm", match) >= raw)
      #expect(several.row(match)?["draws"] == "252")
    }
    // Margins: the interval of non-inferiority is the report's own.
    let margins = try table("margins")
    let asked = ["outcome": "y", "question": "non-inferiority"]
    #expect(close(margins.number("conf.low", asked), estimates.number("conf.low", lead)))
    #expect(margins.row(asked)?["verdict"] == "holds")
    #expect(margins.number("p.value", asked) < 0.025)
    #expect(margins.number("conf.level", ["outcome": "z"]) == 0.9)
    // Choices: six combinations, of which those of nobody are skipped with a reason.
    let curve = try table("specifications")
    #expect(curve.rows.count == 6)
    #expect(curve.rows.filter { $0["status"] == "skipped" }.count == 2)
    #expect(curve.rows.filter { $0["status"] == "skipped" }.allSatisfy { $0["reason"] != "" })
    let own = ["as_reported": "true"]
    #expect(close(curve.number("estimate", own), estimates.number("estimate", lead)))
    #expect(close(curve.number("conf.low", own), estimates.number("conf.low", lead)))
    let summary = try table("specification_summary")
    #expect(summary.rows.first?["exchanges"] == "199")
    #expect(summary.number("favourable", [:]) == 1)
    let report = try folder.text("out/report.md")
    for heading in [
      "Do the methods agree?", "Other choices of the analysis", "Several outcomes",
      "Is it as good, within a margin?",
    ] { #expect(report.contains(heading), "\(heading)") }
    #expect(report.contains("Why this margin: So it was agreed."))
    let first = try folder.text("out/summary.md")
    #expect(first.contains("Do methods agree?") && first.contains("not worse by more than"))
  }

  @Test func peopleDecideByTheirInfluence() throws {
    let (folder, run) = try run(
      Self.study(
        Self.decisions.replacingOccurrences(of: "  draws: 199\n", with: ""), level: "individual"),
      Self.people(10, treated: 5))
    #expect(run.status == 0, "\(run.errors)")
    let several = CSVRecords(try folder.text("out/results/several_outcomes.csv"))
    #expect(several.rows.first?["resampling"]?.contains("matched sets") == true)
    #expect(several.rows.first?["draws"] == "299")
    let margins = CSVRecords(try folder.text("out/results/margins.csv"))
    // The one-sided p-value from the estimate and its error.
    let match = ["outcome": "y"]
    let verb = try CommandLineRun(
      "margin", "--estimate", margins.row(match)?["estimate"] ?? "", "--std-error",
      margins.row(match)?["std.error"] ?? "", "--margin", "-0.2")
    #expect(
      close(verb.first("conf.low"), margins.number("conf.low", match), Tolerance(relative: 1e-9)))
  }

  @Test func aFailedGateShowsNone() throws {
    let (folder, run) = try run(Self.study(Self.decisions), Self.people(6, treated: 3))
    #expect(run.status == 2, "\(run.errors)")
    let files = folder.files(below: "out")
    for name in ["triangulation", "agreement", "specification", "several_outcomes", "margin"] {
      #expect(!files.contains { $0.contains(name) }, "\(name)")
    }
  }

  @Test func smallNumbersAreNotTold() throws {
    let (folder, run) = try run(
      Self.study(
        Self.decisions.replacingOccurrences(of: "'x > 0.1'", with: "'x > 0.001 | t == 0'"),
        head: "public: false"), Self.people(12, treated: 6))
    #expect(run.status == 0, "\(run.errors)")
    let curve = CSVRecords(try folder.text("out/results/specifications.csv"))
    for row in curve.rows { #expect(row["n_treated"] == "" && row["n_comparison"] == "") }
    // Six treated people at the lowest value: leaving them out would tell of them.
    let left = curve.rows.filter { $0["choice_people"] == "not the lowest" }
    #expect(!left.isEmpty && left.allSatisfy { $0["status"] == "skipped" })
    #expect(left.allSatisfy { $0["reason"]?.contains("fewer people") == true })
    let methods = CSVRecords(try folder.text("out/results/triangulation.csv"))
    #expect(methods.rows.allSatisfy { row in !row.keys.contains { $0.hasPrefix("hidden") } })
  }

  @Test func sameBytesOnAnyNumberOfThreads() throws {
    let folder = try TemporaryFolder([
      "people.csv": Self.people(10, treated: 5), "study.yaml": Self.study(Self.decisions),
    ])
    for threads in ["1", "2"] {
      let run = try CommandLineRun(
        arguments: ["run", "study.yaml", "--output", "out\(threads)", "-q", "--threads", threads],
        folder: folder.url)
      #expect(run.status == 0, "\(run.errors)")
    }
    for name in ["specifications", "several_outcomes", "triangulation", "margins"] {
      #expect(
        try folder.text("out1/results/\(name).csv") == folder.text("out2/results/\(name).csv"))
    }
  }

  @Test(arguments: [
    ("decisions:\n  margins: [{outcome: y, non-inferiority: 0.2, why: a}]", "better side"),
    ("decisions:\n  margins: [{outcome: y, non-inferiority: -0.2}]", "lacks the key 'why'"),
    ("decisions:\n  margins: [{outcome: w, equivalence: 1, why: a}]", "not one of the study's"),
    ("decisions:\n  margins: [{outcome: y, equivalence: [1, 2], why: a}]", "both sides"),
    ("decisions:\n  margins: [{outcome: y, why: a}]", "either non-inferiority or equivalence"),
    ("decisions:\n  family: [y, w]", "neither an outcome"),
    ("decisions:\n  draws: 3", "from 99"),
    ("decisions:\n  same-by-survival: {analysis: s, time: 3}", "no survival analysis"),
    ("decisions:\n  triangulation: some", "did you mean"),
    (
      "specifications:\n  choices: [{name: a, options: [{name: b, method: ipw}]}, {name: c, "
        + "options: [{name: d, method: entropy}]}]", "both set 'method'"
    ),
    (
      "specifications:\n  maximum: 1\n  choices: [{name: a, options: [{name: b}, {name: c, where: "
        + "'x > 0'}]}]", "2 combinations"
    ),
    (
      "specifications:\n  choices: [{name: a, options: [{name: b, formula: 't ~ q'}]}]", "'q'"
    ),
    ("specifications:\n  choices: [{name: a, options: [{name: b}, {name: b}]}]", "different names"),
  ]) func mistakesAreLocated(_ more: String, _ words: String) throws {
    let (_, run) = try run(Self.study(more), Self.people(10, treated: 5))
    if words == "did you mean" {
      #expect(run.status == 65 && run.errors.contains("can't be 'some'"), "\(run.errors)")
    } else {
      #expect(run.status == 65, "\(run.errors)")
      #expect(run.errors.contains(words), "\(run.errors)")
    }
    #expect(run.errors.contains("study.yaml:"), "\(run.errors)")
  }

  @Test func pValuesOfAFile() throws {
    let run = try CommandLineRun(
      "adjust", "Data/infarction/p_values.csv", "--p", "p", "--method", "bh")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.numbers("p.adjusted").dropFirst(3).first == 0.035625)
    let wrong = try CommandLineRun("adjust", "-", "--p", "p", input: "p\n0.1\n1.5\n")
    #expect(wrong.status == 65 && wrong.errors.contains(":3:"), "\(wrong.errors)")
    let absent = try CommandLineRun("adjust", "-", "--p", "q", input: "p\n0.1\n")
    #expect(absent.status == 65, "\(absent.errors)")
  }

  @Test func marginsOfAFile() throws {
    let run = try CommandLineRun(
      "margin", "-", "--low", "-1", "--high", "1",
      input: "term,estimate,std.error,df\na,0.4,0.25,17\nb,,1,\nc,3,0.1,\n")
    #expect(run.status == 0, "\(run.errors)")
    #expect(close(run.numbers("p.value")[0], 0.014063243414872318, .converged))
    #expect(run.numbers("p.value").count == 2)
    #expect(run.errors.contains("1 rows without"))
    for arguments in [
      ["--estimate", "1", "--std-error", "1"], ["--estimate", "1", "--margin", "-1"],
      ["--estimate", "1", "--std-error", "1", "--low", "0"],
      ["--estimate", "1", "--std-error", "1", "--low", "0", "--high", "1", "--margin", "1"],
      ["--estimate", "one", "--std-error", "1", "--margin", "1"],
      ["--estimate", "1", "--std-error", "0", "--margin", "1"],
    ] {
      let wrong = try CommandLineRun(arguments: ["margin"] + arguments)
      #expect(wrong.status == 64, "\(arguments): \(wrong.errors)")
      #expect(wrong.output == "")
    }
  }
}
