import Foundation
import Testing

/// Studies whose data are on an engine.
@Suite struct EngineStudyTests {
  private func folder(
    _ data: String, head: String = "public: true", method: String = "ipw", more: String = ""
  ) throws -> TemporaryFolder {
    let study = MadeUpStudy.file(level: "individual", head: head)
      .replacing("  file: people.csv\n", with: data)
      .replacing("  formula: \"t ~ x\"\n", with: "  formula: \"t ~ x\"\n  method: \(method)\n")
    return try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(12, treated: 6) + more, "study.yaml": study,
    ])
  }

  private func run(_ folder: TemporaryFolder, _ name: String = "report") throws -> CommandLineRun {
    try CommandLineRun(
      "run", folder.path + "/study.yaml", "--output", folder.path + "/" + name)
  }

  @Test func rowsGiveTheSameReportAsAFile() throws {
    let file = try folder("  file: people.csv\n")
    let rows = try folder("  engine: memory\n  source: people.csv\n")
    #expect(try run(file).status == 0)
    #expect(try run(rows).status == 0)
    let names = file.files(below: "report/results")
    #expect(names.contains("estimates.csv"))
    for name in names {
      let path = "report/results/" + name
      #expect(try file.bytes(path) == rows.bytes(path), "\(name)")
    }
    let manifest = try rows.text("report/manifest.json")
    #expect(manifest.contains("\"kind\": \"memory\"") || manifest.contains("\"kind\":\"memory\""))
  }

  @Test func sumsCountTheRulesAsRowsDo() throws {
    let rows = try folder("  engine: memory\n  source: people.csv\n")
    let sums = try folder("  engine: memory\n  source: people.csv\n  by: sums\n")
    #expect(try run(rows).status == 0)
    let outcome = try run(sums)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let path = "report/results/attrition.csv"
    #expect(try rows.text(path) == sums.text(path))
    let report = try sums.text("report/report.md")
    #expect(report.contains("no row of a person left the engine"))
    #expect(report.contains("from sums it can't be had"))
  }

  /// A table's cells by column, one dictionary a row.
  private func rows(_ text: String) -> [[String: String]] {
    let lines = text.split(separator: "\n")
    let names = lines.first?.split(separator: ",", omittingEmptySubsequences: false) ?? []
    return lines.dropFirst().map { line in
      // None of the cells that are looked at has a comma; a quoted one is the convention's.
      var cells: [String] = [""]
      var isQuoted = false
      for character in line {
        if character == "\"" { isQuoted.toggle() }
        if character == ",", !isQuoted {
          cells.append("")
        } else {
          cells[cells.count - 1].append(character)
        }
      }
      return Dictionary(zip(names.map(String.init), cells)) { first, _ in first }
    }
  }

  @Test func fewSitesLeadAStudyBySumsWithTheNumbersOfOneByRows() throws {
    func study(_ data: String) throws -> TemporaryFolder {
      let study = MadeUpStudy.file()
        .replacing("  file: people.csv\n", with: data)
        .replacing("  formula: \"t ~ x\"\n", with: "  formula: \"t ~ x\"\n  method: ipw\n")
      return try TemporaryFolder([
        "people.csv": MadeUpStudy.sites(24, treated: 11), "study.yaml": study,
      ])
    }
    let byRows = try study("  file: people.csv\n")
    let bySums = try study("  engine: memory\n  source: people.csv\n  by: sums\n")
    #expect(try run(byRows).status == 0)
    let outcome = try run(bySums)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let found = try [byRows, bySums].map { folder in
      try #require(
        rows(try folder.text("report/results/estimates.csv")).first {
          $0["analysis"] == "few-sites"
        })
    }
    #expect(found[0].count > 15)
    for (name, cell) in found[0] {
      if let number = Double(cell), let other = Double(found[1][name] ?? "") {
        #expect((number - other).magnitude <= 1e-9 * number.magnitude, "\(name)")
      } else {
        #expect(found[1][name] == cell, "\(name)")
      }
    }
    #expect(try bySums.text("report/summary.md").contains("sites stand behind this"))
  }

  @Test func panelsGiveTheSameEffectsBySums() throws {
    // Forty-five units in three cohorts over five years.
    var text = "unit,year,first,y\n"
    for unit in 0..<45 {
      let first = [0, 2003, 2004][unit % 3]
      for year in 2001...2005 {
        let noise = Double((unit * 31 + year * 17) % 23) / 23
        let effect = first > 0 && year >= first ? 0.5 + 0.2 * Double(year - first) : 0
        text += "\(unit),\(year),\(first),\(noise + Double(unit % 7) / 7 + effect)\n"
      }
    }
    func study(_ data: String) throws -> TemporaryFolder {
      try TemporaryFolder([
        "panel.csv": text,
        "study.yaml": """
        study: panel
        title: A made-up panel
        question: Did it work?
        public: true
        data:
        \(data)
        assignment:
          level: site
          mechanism: policy
          site: unit
        outcomes:
          - name: y
            label: the outcome
            kind: number
        difference-in-differences:
          - {outcome: y, unit: unit, time: year, group: first}
          - {outcome: y, unit: unit, time: year, group: first, method: twfe}

        """,
      ])
    }
    let byRows = try study("  file: panel.csv")
    let bySums = try study("  engine: memory\n  source: panel.csv\n  by: sums")
    for folder in [byRows, bySums] {
      let outcome = try run(folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    for name in ["estimates", "group_time", "event_study"] {
      let tables = try [byRows, bySums].map {
        rows(try $0.text("report/results/\(name).csv"))
      }
      #expect(tables[0].count == tables[1].count && !tables[0].isEmpty, "\(name)")
      for (row, other) in zip(tables[0], tables[1]) {
        for (column, cell) in row {
          if let number = Double(cell), let second = Double(other[column] ?? "") {
            #expect((number - second).magnitude <= 1e-9 * max(1, number.magnitude), "\(column)")
          } else {
            #expect(other[column] == cell, "\(name) \(column)")
          }
        }
      }
    }
  }

  @Test func aReportBySumsIsReproduced() throws {
    let sums = try folder("  engine: memory\n  source: people.csv\n  by: sums\n")
    #expect(try run(sums).status == 0)
    let again = try CommandLineRun(
      "reproduce", sums.path + "/report", "--study", sums.path + "/study.yaml")
    #expect(again.status == 0, "\(again.errors)")
  }

  @Test(arguments: [
    ("  engine: memory\n", "missing-key"),
    ("  file: people.csv\n  source: people.csv\n", "bad-value"),
    ("  file: people.csv\n  by: sums\n", "bad-value"),
    ("  engine: memory\n  source: people.csv\n  file: people.csv\n", "bad-value"),
    ("  engine: duckdb\n  source: people.csv\n  types: {id: text}\n", "bad-value"),
    (
      "  engine: memory\n  source: people.csv\n  by: sums\n  joins: {file: a.csv, by: id}\n",
      "bad-value"
    ),
  ])
  func keysThatDoNotGoTogetherAreRefused(_ data: String, _ code: String) throws {
    let outcome = try run(try folder(data))
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("[\(code)]"), "\(outcome.errors)")
    #expect(outcome.errors.contains("study.yaml:"))
  }

  @Test(arguments: ["nearest", "subclass", "cem", "entropy"])
  func aDesignThatNeedsRowsIsRefusedBySums(method: String) throws {
    let folder = try folder(
      "  engine: memory\n  source: people.csv\n  by: sums\n", method: method)
    let outcome = try run(folder)
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("study.yaml:"), "\(outcome.errors)")
    #expect(outcome.errors.contains("method: ipw"), "\(outcome.errors)")
    #expect(folder.files().filter { $0.hasPrefix("report/") }.isEmpty)
  }

  @Test(arguments: [("7,s0,1,0.5,1\n", "duplicate-key"), (",s0,1,0.5,1\n", "missing-value")])
  func onePersonHasOneRowBySumsToo(_ row: String, _ code: String) throws {
    let folder = try folder(
      "  engine: memory\n  source: people.csv\n  by: sums\n", more: row)
    let outcome = try run(folder)
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("[\(code)]"), "\(outcome.errors)")
    #expect(outcome.errors.contains("study.yaml:"), "\(outcome.errors)")
  }

  @Test func theFirstPageSaysThatItIsBySums() throws {
    let sums = try folder("  engine: memory\n  source: people.csv\n  by: sums\n")
    #expect(try run(sums).status == 0)
    #expect(try sums.text("report/summary.md").contains("**By sums.**"))
    let rows = try folder("  engine: memory\n  source: people.csv\n")
    #expect(try run(rows).status == 0)
    #expect(try !rows.text("report/summary.md").contains("**By sums.**"))
  }

  @Test func weightsOfAnEngineBearTheRowsKey() throws {
    let folder = try folder("  file: people.csv\n")
    let outcome = try CommandLineRun(
      "weight", folder.path + "/people.csv", "t ~ x", "--engine", "memory", "--row-key", "id")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("row,id,treated,propensity,weight\n1,1,"))
    let plain = try CommandLineRun(
      "weight", folder.path + "/people.csv", "t ~ x", "--row-key", "id")
    #expect(plain.status == 64)
  }

  @Test func rowsStayInTheEngineUnderSuchAProfile() throws {
    let folder = try folder(
      "  engine: memory\n  source: people.csv\n", head: "disclosure: opensafely")
    let outcome = try run(folder)
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("by: sums"))
    #expect(folder.files().filter { $0.hasPrefix("report/") }.isEmpty)
  }

  @Test func aDesignThatNamesAnOutcomeIsRefusedBySumsToo() throws {
    let folder = try folder("  engine: memory\n  source: people.csv\n  by: sums\n")
    let study = try folder.text("study.yaml").replacing("t ~ x", with: "t ~ x + y")
    try folder.write("study.yaml", study)
    let outcome = try run(folder)
    #expect(outcome.status == 65 && outcome.errors.contains("the design may not see it"))
  }
}
