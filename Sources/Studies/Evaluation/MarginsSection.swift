internal import Reporting
internal import Statistics

/// Whether an effect lies beyond a declared margin: non-inferiority and equivalence.
enum MarginsSection: EvaluationSection {
  static let showsEffects = true
  static let place = EvaluationPlace.afterEffects
  private static let name = "margins"

  static func check(_ study: StudyFile) throws(SiblingError) {
    for margin in try DeclaredMargin.all(study) { _ = try margin.test(level: study.level) }
  }

  static func run(_ run: EvaluationRun, _ tables: inout StudyTables) throws(SiblingError) {
    let leading = LeadingEffects(run.study, tables)
    var table = ResultTable.margins
    var notes: [String] = []
    for margin in try DeclaredMargin.all(run.study) {
      guard let row = leading.row(margin.outcome) else {
        notes.append("no effect on '\(margin.outcome)' leads, so that its margin can't be asked")
        continue
      }
      let isRatio = leading.estimates[row, "scale"].text.map { $0 != "difference" } ?? false
      guard isRatio == margin.isRatio else {
        notes.append(
          "the effect on '\(margin.outcome)' that leads is a \(isRatio ? "ratio" : "difference"), its"
            + " margin is not; declare the margin on that scale")
        continue
      }
      guard let answer = try MarginAnswer(margin, row: row, leading, run) else {
        notes.append("the effect on '\(margin.outcome)' has no interval to hold against a margin")
        continue
      }
      var cells = leading.estimates.estimateCells(row)
      cells.merge(leading.estimates.hiddenCounts(row)) { first, _ in first }
      cells.merge(answer.cells) { _, new in new }
      cells["outcome"] = .text(margin.outcome)
      cells["question"] = .text(margin.question)
      cells["margin.low"] = Cell(margin.low)
      cells["margin.high"] = Cell(margin.high)
      cells["why"] = .text(margin.why)
      cells["scale"] = leading.estimates[row, "scale"]
      try table.append(cells)
    }
    if !table.rows.isEmpty { tables.cohort.append(table) }
    if !notes.isEmpty { tables.cohortNotes[name] = notes }
  }

  static func compose(_ report: inout Report) throws(SiblingError) {
    let notes = (report.context.cohortNotes[name] ?? []).map { Prose(plain: sentence($0)) }
    guard let table = report.context.table(name) else {
      guard !notes.isEmpty else { return }
      report.section("Is it as good, within a margin?")
      report.document.list(notes)
      return
    }
    report.section("Is it as good, within a margin?")
    report.document.paragraph(
      "These margins were declared in the study file. The tests start from the assumption that the difference is as large as the margin, so that a wide interval shows nothing: it leaves the question open."
    )
    for row in table.value.rows.indices {
      guard let outcome = report.context.outcome(table.value[row, "outcome"].plainText) else {
        continue
      }
      let words = try MarginWords(table, row: row, outcome)
      report.document.heading(3, "\(capitalised(outcome.label)): \(words.question)")
      report.document.paragraph(words.sentence)
      if let p = words.pValue { report.document.paragraph(p) }
      report.document.paragraph("Why this margin: \(sentence(table.value[row, "why"].plainText))")
      guard words.isNonInferiority, words.hasInterval else { continue }
      let chart = ForestPlot(
        title: words.chartTitle,
        subtitle: Prose(
          plain: "\(capitalised(outcome.label)). " + report.context.placeAndPeriod),
        style: words.style.signed, axisTitle: report.axisTitle(outcome), labels: ["question"],
        null: words.isRatio ? 1 : 0, isLogarithmic: words.isRatio,
        benchmark: (cell: words.margin, label: "margin"),
        names: ["non-inferiority": "Leading estimate"])
      try report.figure(
        chart.figure(table.rows(at: [row]), name: "margin_\(outcome.name)"),
        caption: "The leading estimate with its interval, and the margin.")
    }
    report.document.list(
      notes + [
        "As everywhere in this report, a margin says nothing about differences that come from what was not recorded."
      ])
  }

  static func firstPage(_ report: Report) throws(SiblingError) -> [Prose] {
    guard let table = report.context.table(name) else { return [] }
    var lines: [Prose] = []
    for row in table.value.rows.indices {
      guard let outcome = report.context.outcome(table.value[row, "outcome"].plainText) else {
        continue
      }
      let words = try MarginWords(table, row: row, outcome)
      lines.append("**\(capitalised(words.question))** \(words.sentence)")
    }
    return lines
  }

  static func methods(_ report: Report) -> [Prose] {
    guard let table = report.context.table(name) else { return [] }
    var methods: [Prose] = []
    let questions = table.value.cells("question")
    if questions.contains("non-inferiority") {
      methods.append(
        "**Non-inferiority.** The report's two-sided interval against the margin, which is a one-sided test at half of one less its level."
      )
    }
    if questions.contains("equivalence") {
      methods.append(
        "**Equivalence.** Two one-sided tests, Schuirmann, D. J. (1987), doi:10.1007/BF01068419; the interval shown is the one that decides them."
      )
    }
    return methods
  }
}
