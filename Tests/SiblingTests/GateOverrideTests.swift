import Foundation
import TestSupport
import Testing

/// What a run shows, withholds and says when the gate fails, is overridden, or lets only describe.
@Suite("A gate that fails, is overridden or describes") struct GateOverrideTests {
  private func run(_ folder: TemporaryFolder) throws -> CommandLineRun {
    try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out"], folder: folder.url)
  }

  @Test("three treated sites with a strong effect are described, and it is said why")
  func threeTreatedSites() throws {
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(25, treated: 3, people: 20),
      "study.yaml": MadeUpStudy.file(),
    ])
    let run = try run(folder)
    #expect(run.status == 0, "\(run.errors)")
    let checks = CSVRecords(try folder.text("out/results/diagnostics.csv"))
    // Twenty-five sites choose three in 2300 ways, so that the p-value alone would let it pass.
    #expect(close(checks.number("value", ["check": "attainable p"]), 1.0 / 2300, .converged))
    #expect(checks.row(["check": "attainable p"])?["status"] == "PASS")
    #expect(checks.number("value", ["check": "treated sites"]) == 3)
    #expect(checks.row(["check": "treated sites"])?["status"] == "WARN")
    let estimates = CSVRecords(try folder.text("out/results/estimates.csv")).rows
    #expect(!estimates.isEmpty && estimates.allSatisfy { $0["gate"] == "descriptive" })
    #expect(JSONText(try folder.text("out/manifest.json"))["gate"] == "descriptive")
    for file in ["out/report.md", "out/summary.md"] {
      let text = try folder.text(file)
      #expect(text.contains("A description, not a judgement"), "\(file)")
      #expect(text.contains("than in the comparison group"), "\(file)")
      #expect(text.contains("so few whole sites stand on one side"), "\(file)")
      #expect(!text.contains("without the programme"), "\(file)")
      #expect(!text.contains("Favourable:"), "\(file)")
    }
    #expect(try folder.text("out/report.md").contains("doi:10.1162/REST"))
  }

  @Test("a failed gate leaves no effect in any file")
  func failedEverywhere() throws {
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(6, treated: 3),
      "study.yaml": MadeUpStudy.file(effect: "    estimators: [gcomp, difference, aipw]") + """
        hidden-bias: {e-value: true}
        missing-evidence: {outcomes: [y]}
        gate: {smallest-effect: {y: 0.1}}
        analyses:
          - {name: raw, verb: regress, label: raw, formula: "y ~ t + x"}
          - {name: few, verb: few-clusters, label: few, formula: "y ~ t + x", term: t, cluster: site}

        """,
    ])
    // The numbers that must not be seen: with the reason to show them, they are.
    let failed = try run(folder)
    #expect(failed.status == 2, "\(failed.errors)")
    let withheld = folder.files(below: "out")
    try folder.write(
      "study.yaml",
      try folder.text("study.yaml").replacingOccurrences(
        of: "gate: {", with: "gate: {override: {reason: to test}, "))
    let shown = try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "shown"], folder: folder.url)
    #expect(shown.status == 0, "\(shown.errors)")
    let names = ["estimates", "analysis_raw", "analysis_few", "hidden_bias"]
    var secrets: Set<String> = []
    for name in names {
      let table = CSVRecords(try folder.text("shown/results/\(name).csv"))
      #expect(!table.rows.isEmpty)
      #expect(!withheld.contains("results/\(name).csv"))
      for row in table.rows {
        for column in ["estimate", "conf.low", "conf.high", "statistic"] {
          // Long enough not to stand there by chance.
          if let text = row[column], text.count > 6 { secrets.insert(String(text.prefix(6))) }
        }
      }
    }
    #expect(secrets.count > 8)
    for file in withheld {
      let text = try folder.text("out/\(file)")
      for secret in secrets { #expect(!text.contains(secret), "\(secret) in \(file)") }
      #expect(!text.contains("forest"), "\(file)")
    }
    for secret in secrets {
      #expect(!failed.output.contains(secret) && !failed.errors.contains(secret))
    }
  }

  @Test("an override shows effects under a banner and is on record")
  func overridden() throws {
    let reason = "sites were drawn by lot and the commissioner wants the figures"
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(6, treated: 3),
      "study.yaml": MadeUpStudy.file() + "gate:\n  override:\n    reason: \(reason)\n",
    ])
    let run = try run(folder)
    #expect(run.status == 0, "\(run.errors)")
    for file in ["out/report.md", "out/summary.md"] {
      let text = try folder.text(file)
      let banner = try #require(text.range(of: "The design gate failed and was overridden"))
      let headline = try #require(text.range(of: "A description, not a judgement"))
      #expect(banner.lowerBound < headline.lowerBound)
      #expect(text.contains(reason))
      #expect(text.contains("attainable p"))
    }
    let estimates = CSVRecords(try folder.text("out/results/estimates.csv")).rows
    #expect(!estimates.isEmpty && estimates.allSatisfy { $0["gate"] == "descriptive" })
    let manifest = try folder.text("out/manifest.json")
    #expect(manifest.contains("\"gate_override\"") && manifest.contains(reason))
  }

  @Test("an override that is not needed changes nothing and is told")
  func idle() throws {
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(10, treated: 5),
      "study.yaml": MadeUpStudy.file() + "gate: {override: {reason: to be safe}}\n",
    ])
    #expect(try run(folder).status == 0)
    let report = try folder.text("out/report.md")
    #expect(!report.contains("was overridden"))
    #expect(report.contains("no check failed, so that this changes nothing"))
    #expect(!(try folder.text("out/manifest.json").contains("gate_override")))
  }

  @Test("an override without a reason is refused")
  func withoutReason() throws {
    for gate in ["{override: {}}", "{override: {reason: ''}}", "{override: {reason: '--'}}"] {
      let folder = try TemporaryFolder([
        "people.csv": MadeUpStudy.sites(6, treated: 3),
        "study.yaml": MadeUpStudy.file() + "gate: \(gate)\n",
      ])
      let run = try run(folder)
      #expect(run.status == 65, "\(gate) \(run.errors)")
      #expect(folder.files() == ["people.csv", "study.yaml"])
    }
  }

  @Test("thresholds of the study file decide, and the report says that they are not the house's")
  func thresholds() throws {
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(6, treated: 3),
      "study.yaml": MadeUpStudy.file()
        + "gate: {thresholds: {attainable-p: {fail: 0.1}, treated-sites: {warn: 3}, reason: a pilot}}\n",
    ])
    let run = try run(folder)
    #expect(run.status == 0, "\(run.errors)")
    let report = try folder.text("out/report.md")
    #expect(
      report.contains(
        "`attainable-p` (fail) is `0.1` and not the house's `0.05`, so that more passes"))
    #expect(report.contains("Why: a pilot"))
    #expect(JSONText(try folder.text("out/manifest.json"))["gate"] == "associational")
  }
}
