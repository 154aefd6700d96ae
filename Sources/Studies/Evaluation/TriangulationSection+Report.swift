internal import Reporting
internal import Statistics

extension TriangulationSection {
  static func compose(_ report: inout Report) throws(SiblingError) {
    guard let table = report.context.table("triangulation"),
      let summary = report.context.table("agreement"),
      let outcome = report.context.outcome(table.value[0, "outcome"].plainText)
    else { return }
    report.section("Do the methods agree?")
    report.document.paragraph(
      "The effect on \(outcome.label), by every method that was used. Where methods that take different things for granted agree, the result does not hang on one of these assumptions."
    )
    report.document.paragraph(
      "\(try agreement(summary, report)) [results/agreement.csv](results/agreement.csv) holds how far."
    )
    let scale = table.value[0, "scale"]
    let isRatio = scale != "difference"
    let style = isRatio ? NumberStyle.decimals(2) : outcome.difference.signed
    let drawn = table.rows(
      at: table.value.rows.indices.filter { row in
        table.value[row, "scale"] == scale
          && (table.value[row, "estimate"] != .missing || table.value[row, "conf.low"] != .missing)
      })
    let chart = ForestPlot(
      title: chartTitle(summary, report),
      subtitle: Prose(
        plain: "\(capitalised(outcome.label)), \(report.context.treatedLabel) less"
          + " \(report.context.comparisonLabel). " + report.context.placeAndPeriod),
      style: style, axisTitle: report.axisTitle(outcome), labels: ["method"], group: "family",
      null: isRatio ? 1 : 0, isLogarithmic: isRatio,
      directions: outcome.higherIsBetter
        ? (below: "favours comparison", above: "favours treated")
        : (below: "favours treated", above: "favours comparison"),
      names: Self.familyNames)
    try report.figure(
      chart.figure(drawn, name: "triangulation"),
      caption:
        "The effect by method. The first one leads the report; bounds and what adjusts for nothing stand beside and are not compared."
    )
    report.document.table(
      table,
      caption:
        "The effect by method, and what each takes for granted. Distances are from the leading estimate, in its standard errors.",
      columns: [
        .init("family", "Kind", names: Self.familyNames), .init("method", "Method"),
        .init("estimand", "Whose effect"), .init("scale", "Scale"),
        .init(
          "estimate", "Estimate\(isRatio ? "" : report.unit(outcome))", style.withoutWords),
        .interval("Interval", style.withoutWords),
        .init("distance", "Distance", .decimals(1).signed),
        .init("agreement", "Against the leading one"), .init("assumes", "Takes for granted"),
      ])
    report.document.list(
      try bounds(table, outcome) + notes(report)
        + [
          "The methods share people and outcomes: that they agree is no independent confirmation, and no test of their difference is made, which would take them for independent.",
          report.context.isRandomised
            ? "Chance decided who was treated; the adjusted methods check what was left to it."
            : "What none of them can adjust for, because it was not recorded, can move all of them alike.",
        ])
  }

  /// Families as the chart and the table have them.
  static var familyNames: [String: String] {
    Dictionary(
      uniqueKeysWithValues: MethodFamily.allCases.map { ($0.rawValue, capitalised($0.rawValue)) })
  }

  private static func notes(_ report: Report) -> [Prose] {
    (report.context.cohortNotes["triangulation"] ?? []).map { Prose(plain: sentence($0)) }
  }

  static func firstPage(_ report: Report) throws(SiblingError) -> [Prose] {
    guard let summary = report.context.table("agreement") else { return [] }
    return ["**Do methods agree?** \(try agreement(summary, report))"]
  }

  /// How far the methods agree, by the verdict of the rules in `Agreement`.
  static func agreement(
    _ summary: Released<ResultTable>, _ report: Report
  ) throws(SiblingError) -> Prose {
    let methods = try summary.cell(row: 0, "methods")
    let same = try summary.cell(row: 0, "same_direction")
    let meeting = try summary.cell(row: 0, "overlapping")
    let furthest = try summary.cell(row: 0, "furthest")
    let kinds = try summary.cell(row: 0, "families")
    guard
      let verdict = summary.value[0, "verdict"].text.flatMap({ Agreement.Verdict(rawValue: $0) })
    else { return "How far the methods agree is withheld [c]." }
    let isFar = (furthest.number ?? 0) >= 0.05
    let distance: Prose =
      isFar
      ? " The estimate furthest from it lies \(furthest, .decimals(1)) of its standard errors away."
      : ""
    let kind: Prose =
      (kinds.number ?? 0) > 1 ? ", of \(kinds, .integer) kinds," : ", all of one kind,"
    let shared: Prose =
      (kinds.number ?? 0) > 1
      ? "" : " They take the same for granted, so that their agreement says little."
    let clear = try clearness(summary, report)
    // Estimates about nothing fall on both sides of it whatever the method.
    let hangs: Prose =
      isOpen(report)
      ? "By itself that one is inconclusive, so that estimates on both sides of no effect are no surprise."
      : "The direction hangs on the method."
    switch verdict {
    case .single:
      return "Only one method gives this effect, so that nothing can be said of agreement."
    case .close:
      return
        "The \(methods, .integer) methods\(kind) point the same way, and no estimate lies further from the leading one than its standard error.\(clear)\(shared)"
    case .alike:
      return
        "The \(methods, .integer) methods\(kind) point the same way, and their intervals meet that of the leading one.\(distance)\(clear)\(shared)"
    case .apart:
      return
        "The \(methods, .integer) methods\(kind) point the same way, but only \(meeting, .integer) of their intervals meet that of the leading one, itself included: how large the effect is hangs on the method.\(distance)\(clear)"
    case .opposed:
      return
        "The \(methods, .integer) methods\(kind) do not point the same way: \(same, .integer) have the direction of the leading one, itself included. \(hangs)\(distance)\(clear)"
    }
  }

  /// How many methods would be conclusive by themselves, where the leading one is and others are not:
  /// close estimates can lie on both sides of that line, and a reader must not learn it from a table only.
  private static func clearness(
    _ summary: Released<ResultTable>, _ report: Report
  ) throws(SiblingError) -> Prose {
    guard isMixed(summary, report) else { return "" }
    return
      " The intervals of \(try summary.cell(row: 0, "clear"), .integer) lie wholly on that side of no effect; by the others alone the result would be inconclusive."
  }

  /// Whether the leading interval is conclusive and that of some other method is not.
  private static func isMixed(_ summary: Released<ResultTable>, _ report: Report) -> Bool {
    guard isLeadingClear(report), let clear = summary.value[0, "clear"].number,
      let methods = summary.value[0, "methods"].number
    else { return false }
    return clear < methods
  }

  /// Whether the leading interval is shown and holds no "no difference".
  private static func isLeadingClear(_ report: Report) -> Bool {
    guard let table = report.context.rows("triangulation", where: ["role": "leads"])?.value,
      table[0, "conf.low"].number != nil, table[0, "conf.high"].number != nil
    else { return false }
    return !isOpen(report)
  }

  /// Whether the leading interval holds no difference.
  private static func isOpen(_ report: Report) -> Bool {
    guard let table = report.context.rows("triangulation", where: ["role": "leads"])?.value,
      let low = table[0, "conf.low"].number, let high = table[0, "conf.high"].number
    else { return false }
    let null = table[0, "scale"] == "difference" ? 0.0 : 1
    return low <= null && high >= null
  }

  private static func chartTitle(_ summary: Released<ResultTable>, _ report: Report) -> Prose {
    switch summary.value[0, "verdict"].text.flatMap({ Agreement.Verdict(rawValue: $0) }) {
    case .single: "Only one method gives the effect"
    case .close where isMixed(summary, report):
      "The methods lie close; some are inconclusive by themselves"
    case .close: "The methods agree closely"
    case .alike: "The methods point the same way"
    case .apart: "The methods agree on direction, not on size"
    case .opposed: "The methods do not agree on the direction"
    case nil: "Agreement of the methods can't be shown"
    }
  }

  /// What the bounds say of the leading estimate.
  private static func bounds(
    _ table: Released<ResultTable>, _ outcome: OutcomeWords
  ) throws(SiblingError) -> [Prose] {
    guard let row = table.value.firstRow(where: ["family": .text(MethodFamily.bounds.rawValue)])
    else { return [] }
    let (low, high) = (
      try table.cell(row: row, "conf.low"), try table.cell(row: row, "conf.high")
    )
    guard let from = low.number, let to = high.number else { return [] }
    let style = outcome.difference.signed
    let zero: Prose =
      from <= 0 && to >= 0
      ? "zero lies between them, so that the direction rests on what is assumed of unknown outcomes"
      : "zero does not lie between them, whatever the unknown outcomes are"
    return ["Bounds, chance allowed for, run from \(low, style.bare) to \(high, style): \(zero)."]
  }
}
