internal import Reporting
internal import Statistics

/// Sentences about an outcome's effect; the words come from Reporting's tested rules.
struct EffectSentence {
  let context: ReportContext
  let outcome: OutcomeWords

  /// The words of a row of an estimates table.
  func wording(_ rows: Released<ResultTable>, row: Int) throws(SiblingError) -> Wording {
    var match: [String: ResultTable.Cell] = [:]
    for column in rows.value.columns where column.role == .label {
      match[column.name] = rows.value[row, column.name]
    }
    let strength: Wording.Strength =
      switch context.gate.verdict {
      case .causal: .causal
      case .associational: .associational
      case .descriptive: .descriptive
      }
    var wording = try Wording(
      rows, where: match, higherIsBetter: outcome.higherIsBetter, strength: strength,
      programme: context.setting("short-name") ?? "the programme")
    if rows.value[row, "analysis"] == "difference-in-differences", strength != .causal {
      wording.counterfactual =
        "the change among \(context.comparisonLabel) would have led one to expect"
    }
    return wording
  }

  /// The headline: the interval first, in a natural frequency, with the counterfactual.
  func headline(_ rows: Released<ResultTable>, row: Int) throws(SiblingError) -> [Prose] {
    let wording = try wording(rows, row: row)
    let first: Prose
    switch outcome.kind {
    case "binary":
      first = wording.perHundred(people: context.treatedLabel, outcome: "had \(outcome.label)")
    case "amount":
      first = wording.headline(
        subject: "\(capitalised(outcome.label)) of \(context.treatedLabel) were",
        outcome.difference, more: "higher", less: "lower")
    case "weeks":
      first = wording.headline(
        subject: "\(capitalised(context.treatedLabel)) had", .weeks(1), more: "more",
        less: "fewer", noun: outcome.phrase)
    default:
      first = wording.headline(
        subject: "\(capitalised(outcome.label)) of \(context.treatedLabel) was",
        outcome.difference, more: "higher", less: "lower")
    }
    let best = try rows.cell(row: row, "estimate")
    let style = outcome.kind == "binary" ? NumberStyle.perHundred(1) : outcome.difference
    let isCount = outcome.kind == "binary" || outcome.kind == "weeks"
    if wording.verdict == .unavailable { return [first, wording.verdictSentence] }
    let amount = Wording.amount(
      best, style, more: isCount ? "more" : "higher", less: isCount ? "fewer" : "lower")
    var paragraphs: [Prose] = [
      "\(first) This is the \(wording.intervalName); the best estimate is \(amount).",
      wording.verdictSentence,
    ]
    if let important = try importance(wording) { paragraphs.append(important) }
    return paragraphs
  }

  /// What the interval says of the difference that the study calls important; nil without one.
  private func importance(_ wording: Wording) throws(SiblingError) -> Prose? {
    guard
      let named = context.rows("important_differences", where: ["outcome": .text(outcome.name)])
    else { return nil }
    let style: NumberStyle =
      switch outcome.kind {
      case "binary", "share": .percentagePoints(.significant(3))
      case "amount": .money(outcome.unit)
      case "weeks": .unit("weeks", singular: "week", .significant(3))
      default: .significant(3)
      }
    return wording.importance(try named.cell(row: 0, "important"), style)
  }

  /// The verdict in a word.
  func verdict(_ rows: Released<ResultTable>, row: Int) throws(SiblingError) -> String {
    try wording(rows, row: row).verdict.rawValue
  }

  /// The headline's title.
  func title(_ rows: Released<ResultTable>, row: Int) throws(SiblingError) -> Prose {
    let verdict = try wording(rows, row: row).verdict
    // A heading that judges would claim what the design can't support.
    if context.gate.verdict == .descriptive, verdict != .unavailable {
      return "A description, not a judgement: \(outcome.label)"
    }
    return switch verdict {
    case .favourable: "Favourable\(rating): \(outcome.label)"
    case .unfavourable: "Unfavourable\(rating): \(outcome.label)"
    case .inconclusive: "Inconclusive: \(outcome.label)"
    case .unavailable: "No interval can be shown: \(outcome.label)"
    }
  }

  /// The confidence in the evidence in brackets: a heading that judges must not be read without it.
  private var rating: Prose {
    guard let table = context.table("evidence")?.value, table.rows.count > 1,
      let row = table.firstRow(where: ["domain": "rating"])
    else { return "" }
    return " (\(table[row, "judgement"].plainText) confidence)"
  }

  /// A chart's title: the finding in at most ten words.
  func chartTitle(_ rows: Released<ResultTable>, row: Int) throws(SiblingError) -> Prose {
    switch try wording(rows, row: row).verdict {
    case .favourable: "The treated did better than their comparisons"
    case .unfavourable: "The treated did worse than their comparisons"
    case .inconclusive: "The result is inconclusive"
    case .unavailable: "No interval can be shown"
    }
  }
}

/// The released cells of one effect.
struct EffectCells {
  let estimate: ReleasedCell
  let low: ReleasedCell
  let high: ReleasedCell
  let pValue: ReleasedCell

  /// The cells of a row of an estimates table.
  init(_ rows: Released<ResultTable>, row: Int) throws(SiblingError) {
    estimate = try rows.cell(row: row, "estimate")
    low = try rows.cell(row: row, "conf.low")
    high = try rows.cell(row: row, "conf.high")
    pValue = try rows.cell(row: row, "p.value")
  }
}
