internal import Reporting
internal import Statistics
internal import Tables

/// What unknown outcomes could change, in words, for one outcome.
struct EvidenceProse {
  let outcome: OutcomeWords

  init(_ outcome: OutcomeWords) { self.outcome = outcome }

  private var match: [String: ResultTable.Cell] { ["outcome": .text(outcome.name)] }
  private var isBinary: Bool { outcome.kind == "binary" }
  private var style: NumberStyle { outcome.difference.signed }
  /// How a mean outcome is written: of 100 people, or in the outcome's units.
  private var meanStyle: NumberStyle {
    isBinary ? .perHundred(0) : outcome.kind == "share" ? .percent(1) : outcome.difference
  }

  /// Adds the outcome's part of the section.
  ///
  /// - Throws: `internalError` when a sentence asks for a cell that is not there.
  func compose(_ report: inout Report) throws(SiblingError) {
    let context = report.context
    guard let readings = context.rows("missing_evidence", where: match) else {
      guard context.cohortNotes["missing_evidence \(outcome.name)"] != nil else { return }
      report.document.paragraph(
        "Everybody's outcome is known for \(outcome.label), so no reading of unknown outcomes can change its result."
      )
      return
    }
    report.document.heading(3, Prose(plain: capitalised(outcome.label)))
    try howMany(readings, &report)
    try sideBySide(readings, &report)
    for note in context.cohortNotes["missing_evidence \(outcome.name)"] ?? [] {
      report.document.paragraph(Prose(plain: sentence(note)))
    }
    try tipping(&report)
    try attrition(&report)
  }

  private func howMany(
    _ readings: Released<ResultTable>, _ report: inout Report
  ) throws(SiblingError) {
    let context = report.context
    func cell(_ name: String) throws(SiblingError) -> ReleasedCell {
      try readings.cell(row: 0, name)
    }
    let (one, zero) = (try cell("unknown_treated"), try cell("unknown_comparison"))
    guard one.number != 0 || zero.number != 0 else {
      report.document.paragraph(
        "Everybody's outcome is recorded, but for some people the record leaves it open and a convention settles it. Worst and best case read these both ways."
      )
      return
    }
    report.document.paragraph(
      "The outcome is unknown for \(one, .integer) of \(try cell("n_treated"), .integer) people among \(context.treatedLabel) and for \(zero, .integer) of \(try cell("n_comparison"), .integer) among \(context.comparisonLabel)."
    )
  }

  private func sideBySide(
    _ readings: Released<ResultTable>, _ report: inout Report
  ) throws(SiblingError) {
    let context = report.context
    let bounds = readings.rows(where: ["reading": "bounds"])
    if !bounds.value.rows.isEmpty {
      let (low, high) = (try bounds.cell(row: 0, "low"), try bounds.cell(row: 0, "high"))
      let (from, to) = (try bounds.cell(row: 0, "conf.low"), try bounds.cell(row: 0, "conf.high"))
      if from.number != nil {
        report.document.paragraph(
          "Whatever the unknown outcomes are, the difference lies between \(from, style.withoutWords) and \(to, style) once chance is allowed for, and between \(low, style.withoutWords) and \(high, style) without it. Anything narrower rests on an assumption about them."
        )
      } else {
        report.document.paragraph(
          "Whatever the unknown outcomes are, the difference lies between \(low, style.withoutWords) and \(high, style), chance aside. Anything narrower rests on an assumption about them."
        )
      }
    }
    let names = readingNames
    let shown = ["complete-case", "missing-is-no", "ipcw", "worst", "best"]
    let positions = readings.value.rows.indices.filter {
      shown.contains(readings.value[$0, "reading"].text ?? "")
        && readings.value[$0, "estimate"].number != nil
    }
    if positions.count > 1 {
      let chart = ForestPlot(
        title: "The difference under each reading of unknown outcomes",
        subtitle: Prose(
          plain: "\(capitalised(outcome.label)), \(context.treatedLabel) less"
            + " \(context.comparisonLabel). " + context.placeAndPeriod),
        style: outcome.difference.bare, axisTitle: axisTitle, labels: ["reading"], names: names)
      try report.figure(
        chart.figure(readings.rows(at: positions), name: "missing_evidence_\(outcome.name)"),
        caption:
          "Reading unknown outcomes as “no” is shown because it is often done; it is wrong unless they are known to be no."
      )
    }
    report.document.table(
      readings, caption: "The difference under each reading of unknown outcomes.",
      columns: [
        .init("reading", "Reading", names: names),
        .init("estimate", "Difference", style.withoutWords),
        .interval("95% interval".replacingLevel(context.study.level), style.withoutWords),
        .interval("From worst to best", low: "low", high: "high", style.withoutWords),
        .init("p.value", "p", .pValue),
      ])
  }

  private var axisTitle: String {
    switch outcome.kind {
    case "binary", "share": "Difference in percentage points"
    case "weeks": "Difference in weeks"
    default: outcome.unit.isEmpty ? "Difference" : "Difference in \(outcome.unit)"
    }
  }

  private var readingNames: [String: String] {
    [
      "complete-case": "Known outcomes only",
      "missing-is-no": isBinary ? "Unknown read as no (wrong)" : "Unknown read as 0 (wrong)",
      "ipcw": "Known, weighted to stand for all", "worst": "Worst case", "best": "Best case",
      "bounds": "Worst to best", "lee-low": "Trimmed, lower", "lee-high": "Trimmed, upper",
    ]
  }
}

extension String {
  /// A heading that says 95% with the study's own level.
  func replacingLevel(_ level: Double) -> String {
    replacing("95%", with: "\(NumberText.significant(100 * level, digits: 3))%")
  }
}
