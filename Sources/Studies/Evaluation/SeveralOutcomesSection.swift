internal import Reporting
internal import Statistics

/// P-values adjusted for several outcomes and horizons.
enum SeveralOutcomesSection: EvaluationSection {
  static let showsEffects = true
  static let place = EvaluationPlace.afterEffects
  private static let name = "several_outcomes"

  static func check(_ study: StudyFile) throws(SiblingError) { try OutcomeFamily.check(study) }

  static func run(_ run: EvaluationRun, _ tables: inout StudyTables) throws(SiblingError) {
    let leading = LeadingEffects(run.study, tables)
    let family = try OutcomeFamily(leading)
    guard !family.members.isEmpty else { return }
    let estimates = leading.estimates
    let raw = family.members.map { estimates[$0.row, "p.value"].number }
    let holm = HolmAdjustment.adjusted(raw)
    let (joint, refusal) = try family.joint(leading, run)
    let fewest = ResultTable.fewest(family.members.map { estimates.hiddenCounts($0.row) })
    var table = ResultTable.severalOutcomes
    for (place, member) in family.members.enumerated() {
      var cells = estimates.estimateCells(member.row)
      cells.merge(estimates.hiddenCounts(member.row)) { first, _ in first }
      cells["outcome"] = .text(member.name)
      cells["analysis"] = estimates[member.row, "analysis"]
      cells["term"] = estimates[member.row, "term"]
      cells["p.holm"] = Cell(holm[place])
      // Resampling by another law than that of the p-value by itself must not make it smaller.
      cells["p.romano_wolf"] = Cell(joint.map { max($0.adjusted[place], raw[place] ?? 0) })
      cells["family"] = Cell(family.members.count)
      cells["alpha"] = .number(1 - run.study.level)
      cells["resampling"] = Cell(joint?.resampling)
      cells["draws"] = Cell(joint?.draws)
      cells["hidden_n_fewest"] = Cell(fewest)
      try table.append(cells)
    }
    tables.cohort.append(table)
    if let refusal { tables.cohortNotes[name] = [refusal] }
  }

  /// How the adjusted p-values change the reading.
  enum Finding: Equatable {
    /// None stood out by itself.
    case noneBefore
    /// All that stood out still do.
    case allKept
    /// Some still do.
    case someKept
    /// None still does.
    case noneKept
  }

  /// What allowing for each other does to p-values at a level; nil where one is missing.
  static func finding(raw: [Double?], adjusted: [Double?], alpha: Double) -> Finding? {
    let pairs = zip(raw, adjusted).compactMap { raw, adjusted in
      raw.flatMap { raw in adjusted.map { (raw, $0) } }
    }
    guard pairs.count == raw.count, !pairs.isEmpty else { return nil }
    let before = pairs.filter { $0.0 <= alpha }
    let after = before.filter { $0.1 <= alpha }
    if before.isEmpty { return .noneBefore }
    return after.count == before.count ? .allKept : after.isEmpty ? .noneKept : .someKept
  }

  static func compose(_ report: inout Report) throws(SiblingError) {
    guard let table = report.context.table(name) else { return }
    let column = adjustedColumn(table)
    report.section("Several outcomes")
    report.document.paragraph(
      "The study has \(try table.cell(row: 0, "family"), .integer) effects to read. Among several, one that looks unlikely by chance turns up more often than each p-value says by itself. The p-values below allow for that: if no outcome were affected, the chance that any of them falls below a level is at most that level, or about so where they are resampled."
    )
    report.document.paragraph(try sentence(report, table, column))
    report.document.table(
      table, caption: "P-values of the leading effects, by themselves and allowing for each other.",
      columns: [
        .init("outcome", "Outcome", names: names(report)), .init("term", "Term"),
        .init("p.value", "p by itself", .pValue), .init("p.holm", "p, Holm", .pValue),
      ]
        + (column == "p.romano_wolf"
          ? [.init("p.romano_wolf", "p, Romano and Wolf", .pValue)] : []))
    report.document.list(
      (report.context.cohortNotes[name] ?? []).map { Prose(plain: $0) }
        + [
          "Intervals elsewhere in this report are not widened for the number of outcomes. An adjusted p-value above a level says that chance among so many is not ruled out, not that nothing changed."
        ])
  }

  static func firstPage(_ report: Report) throws(SiblingError) -> [Prose] {
    guard let table = report.context.table(name) else { return [] }
    return ["**Several outcomes.** \(try finding(report, table, adjustedColumn(table)))"]
  }

  /// The p-values that are spoken of: those of joint resamples where there are any.
  private static func adjustedColumn(_ table: Released<ResultTable>) -> String {
    table.value.cells("p.romano_wolf").allSatisfy { $0 == .missing } ? "p.holm" : "p.romano_wolf"
  }

  private static func names(_ report: Report) -> [String: String] {
    var names: [String: String] = [:]
    for outcome in report.context.outcomes { names[outcome.name] = capitalised(outcome.label) }
    for node in report.context.study.node["survival"]?.elements ?? [] {
      if let name = node["name"]?.text { names[name] = capitalised(node["label"]?.text ?? name) }
    }
    return names
  }

  /// What allowing for each other does, and the primary outcome's p-values.
  private static func sentence(
    _ report: Report, _ table: Released<ResultTable>, _ column: String
  ) throws(SiblingError) -> Prose {
    let found = try finding(report, table, column)
    let first = try table.cell(row: 0, "p.value")
    let after = try table.cell(row: 0, column)
    guard first.number != nil, after.number != nil else { return found }
    let label =
      names(report)[table.value[0, "outcome"].plainText] ?? table.value[0, "outcome"].plainText
    return
      "\(found) \(label): p \(try equals(first)) by itself, p \(try equals(after)) allowing for the others."
  }

  /// One sentence: what allowing for each other does.
  private static func finding(
    _ report: Report, _ table: Released<ResultTable>, _ column: String
  ) throws(SiblingError) -> Prose {
    let method = column == "p.holm" ? "Holm's method" : "Romano and Wolf's method"
    let family = try table.cell(row: 0, "family")
    let found = finding(
      raw: table.value.cells("p.value").map(\.number),
      adjusted: table.value.cells(column).map(\.number),
      alpha: 1 - report.context.study.level)
    guard let found else {
      return "Allowing for \(family, .integer) effects, not every p-value can be shown."
    }
    let level: Prose = "\(try table.cell(row: 0, "alpha"), .percent()) level"
    let words: Prose =
      switch found {
      case .noneBefore:
        "none stands out at the \(level), by itself or together; that leaves all of them inconclusive"
      case .allKept:
        "every effect that stands out at the \(level) by itself still does"
      case .someKept:
        "some effects that stand out at the \(level) by themselves still do, others are inconclusive then"
      case .noneKept:
        "no effect stands out at the \(level) any more: what stood out by itself may be one chance among several"
      }
    return "Allowing for \(family, .integer) effects by \(method), \(words)."
  }

  /// A p-value as a sentence has it: `= 0.012`, `< 0.001`.
  private static func equals(_ cell: ReleasedCell) throws(SiblingError) -> Prose {
    (cell.number ?? 1) < 0.001 ? "\(cell, .pValue)" : "= \(cell, .pValue)"
  }

  static func methods(_ report: Report) -> [Prose] {
    guard let table = report.context.table(name) else { return [] }
    var methods: [Prose] = [
      "**Several outcomes.** P-values: Holm, S. (1979), *Scandinavian Journal of Statistics* 6(2), 65–70."
    ]
    if adjustedColumn(table) == "p.romano_wolf" {
      methods.append(
        "**Several outcomes, jointly.** Stepping down over joint resamples: Romano, J. P. and Wolf, M. (2005), doi:10.1198/016214504000000539; (2016), doi:10.1016/j.spl.2016.02.012. What was resampled: \(table.value[0, "resampling"].plainText)."
      )
    }
    return methods
  }
}
