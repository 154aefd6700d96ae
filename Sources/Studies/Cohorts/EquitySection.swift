internal import Cohorts
internal import Reporting
internal import Statistics
internal import Tables

/// Access and outcomes by profile.
enum EquitySection: CohortSection {
  static let showsEffects = false

  private static func analysis(_ study: StudyFile) throws(SiblingError) -> EquityAnalysis {
    var options = try FlowWords.options(study, "equity", [.studyProfiles, .studyOutcomes])
    if !options.isGiven(.studyOutcomes), let standard = OptionKey.equityOutcomes.defaultText {
      options.set(.studyOutcomes, to: standard)
    }
    return try EquityAnalysis(
      options, outcomes: .studyOutcomes, profiles: .studyProfiles,
      own: FlowWords.definitions(study))
  }

  static func check(_ study: StudyFile) throws(SiblingError) {
    try FlowWords.check(study, "equity", "equity needs the tables of a cohort") {
      () throws(SiblingError) in _ = try analysis(study)
    }
  }

  static func run(_ run: CohortRun, _ tables: inout StudyTables) throws(SiblingError) {
    guard let node = run.study.node["equity"], let cohort = run.cohort else { return }
    let (parts, notes): ([EquityAnalysis.Part], [String])
    do throws(SiblingError) {
      var analysis = try analysis(run.study)
      // Of outcomes by arm an effect could be had by subtraction.
      if run.isWithheld { analysis.settings.definitions = [] }
      (parts, notes) = try analysis.fit(cohort)
    } catch {
      throw error.location == nil ? error.located(node.location) : error
    }
    var table = ResultTable.equity
    for part in parts {
      for (row, unknown) in zip(part.result.rows, part.unknown) {
        try table.append(cells(row, part, unknown))
      }
      let test = part.result.heterogeneity
      try table.append([
        "measure": .text(part.measure), "profile": .text(part.profile), "group": .text(testName),
        "arm": "difference", "n": Cell(test.people), "n_yes": nil,
        "statistic": Cell(test.statistic), "df": Cell(test.degreesOfFreedom),
        "df.residual": Cell(test.denominator), "p.value": Cell(test.pValue),
        "n_sites": Cell(test.sites), "note": Cell(test.note),
        // The test rests on everybody of whom it is known.
        "n_rest_yes": Cell(test.people), "n_rest_no": Cell(test.people),
      ])
    }
    tables.cohortNotes["equity"] = notes.distinct
    try FlowWords.add(
      [table], run.study, note: "equity", blocks: ["equity": ["profile", "measure"]], to: &tables)
  }

  /// What the rows of the tests are called.
  private static let testName = "heterogeneity"

  private static func cells(
    _ row: EquityRow, _ part: EquityAnalysis.Part, _ unknown: Int
  ) -> [String: Cell] {
    let (share, compared) = (row.share, row.comparison)
    return [
      "measure": .text(part.measure), "profile": .text(part.profile), "group": .text(row.group),
      "arm": .text(row.arm), "n": Cell(share.known), "n_yes": Cell(share.yes),
      "n_no": Cell(share.known - share.yes), "n_unknown": Cell(unknown),
      "estimate": Cell(share.estimate), "conf.low": Cell(share.interval?.low),
      "conf.high": Cell(share.interval?.high), "difference": Cell(compared.difference),
      "difference.low": Cell(compared.interval?.low),
      "difference.high": Cell(compared.interval?.high), "ratio": Cell(compared.ratio),
      "ratio.low": Cell(compared.ratioInterval?.low),
      "ratio.high": Cell(compared.ratioInterval?.high), "statistic": Cell(compared.statistic),
      "df": Cell(compared.statistic.map { _ in 1.0 }), "p.value": Cell(compared.pValue),
      "p.holm": Cell(row.adjusted), "n_rest_yes": Cell(row.rest.yes),
      "n_rest_no": Cell(row.rest.known - row.rest.yes),
    ]
  }

  static func compose(_ report: inout Report) throws(SiblingError) {
    guard let table = report.context.table("equity") else { return }
    let words = FlowWords(report.context.study)
    report.section("Who gets in and who finds work")
    report.document.paragraph(
      """
      For each group: the share accepted of those referred, and of those accepted the shares who \
      engaged and who reached each outcome, among people of whom it is known. Each group is compared \
      with everybody else; the p-values are adjusted for comparing several groups (Holm). These \
      comparisons take clients as independent and do not say why groups differ.
      """)
    for profile in table.value.cells("profile").compactMap(\.text).distinct {
      report.document.heading(3, "\(capitalised(words[profile]))")
      try part(&report, table.rows(where: ["profile": .text(profile)]), profile, words)
    }
    report.document.list(FlowWords.items(report.context.cohortNotes["equity"], report.context))
  }

  private static func part(
    _ report: inout Report, _ rows: Released<ResultTable>, _ profile: String, _ words: FlowWords
  ) throws(SiblingError) {
    let measures = rows.value.cells("measure").compactMap(\.text).distinct
    let outcome = measures.first { !["accepted", "engaged"].contains($0) } ?? measures[0]
    let shown = rows.value.rows.indices.filter {
      rows.value[$0, "measure"] == .text(outcome) && rows.value[$0, "group"] != .text(testName)
        && (rows.value[$0, "arm"] != "all" || isWithoutArms(rows))
    }
    let isClear = rows.value.rows.indices.contains {
      rows.value[$0, "measure"] == .text(outcome)
        && (rows.value[$0, "p.holm"].number ?? 1) < 1 - report.context.study.level
    }
    let label = words.inside(profile)
    let what = outcome == "job_start" ? "Job starts" : "Shares"
    if shown.count <= 40, !shown.isEmpty {
      try report.figure(
        EquityChart(
          title: isClear
            ? "\(what) differ by \(label)"
            : "No clear difference in \(what.lowercased()) by \(label)",
          subtitle: Prose(
            plain: "\(words[outcome]), with 95% intervals. " + report.context.placeAndPeriod),
          axisTitle: outcome == "accepted"
            ? "Share of people referred of whom it is known"
            : "Share of accepted people of whom it is known",
          names: words.names
        ).figure(rows.rows(at: shown), name: "equity_\(profile)"),
        caption: "Shares as they are, without adjustment for anything else about the people.")
    }
    let everybody = rows.value.rows.indices.filter {
      rows.value[$0, "arm"] == "all" && rows.value[$0, "group"] != .text(testName)
    }
    report.document.table(
      rows.rows(at: everybody),
      caption: "Everybody by \(label); the file holds the arms too.",
      columns: [
        .init("measure", "Measure", names: words.names),
        .init("group", capitalised(words[profile]), names: words.names),
        .init("n", "Known", .integer), .init("n_unknown", "Not known", .integer),
        .interval("Share", .percent()),
        .interval(
          "Difference from the rest, points", low: "difference.low", high: "difference.high",
          .perHundred(1).signed), .init("p.holm", "p, adjusted", .pValue),
      ])
    var items: [Prose] = []
    for row in rows.value.rows.indices where rows.value[row, "group"] == .text(testName) {
      guard let p = rows.value[row, "p.value"].number else { continue }
      let cell = try rows.cell(row: row, "p.value")
      items.append(
        "\(words[rows.value[row, "measure"].plainText]): differences between groups in the arms' difference are \(FlowWords.chance(p)) (p \(p < 0.001 ? "" : "= ")\(cell, .pValue))."
      )
    }
    guard !items.isEmpty else { return }
    report.document.paragraph(
      "Does the difference between the arms vary by \(label)? With the sites as clusters:")
    report.document.list(items)
  }

  private static func isWithoutArms(_ rows: Released<ResultTable>) -> Bool {
    rows.value.cells("arm").allSatisfy { $0 == "all" || $0 == "difference" }
  }
}
