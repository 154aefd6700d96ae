internal import Reporting
internal import Statistics

/// What an effect held against its margin says, by rules that follow the interval.
///
/// It never says that there is no difference, nor that a difference was ruled out that the interval holds.
struct MarginWords {
  /// What is asked, in a few words.
  let question: String
  /// The answer in a sentence or two.
  let sentence: Prose
  /// The p-value with its test; nil where there is none.
  let pValue: Prose?
  /// The chart's title.
  let chartTitle: Prose
  /// The margin of non-inferiority.
  let margin: ReleasedCell
  let isNonInferiority: Bool
  let isRatio: Bool
  let hasInterval: Bool
  /// How differences are written.
  let style: NumberStyle

  /// The words of a row of the table `margins`.
  ///
  /// - Throws: `internalError` when a cell is not there.
  init(_ table: Released<ResultTable>, row: Int, _ outcome: OutcomeWords) throws(SiblingError) {
    func cell(_ name: String) throws(SiblingError) -> ReleasedCell {
      try table.cell(row: row, name)
    }
    isRatio = table.value[row, "scale"].text.map { $0 != "difference" } ?? false
    isNonInferiority = table.value[row, "question"] == "non-inferiority"
    style = isRatio ? .percentChange(1) : outcome.difference
    question =
      isNonInferiority ? "no worse than the margin?" : "alike within the margins?"
    let (low, high) = (try cell("conf.low"), try cell("conf.high"))
    let (least, most) = (try cell("margin.low"), try cell("margin.high"))
    margin = outcome.higherIsBetter ? least : most
    hasInterval = low.number != nil && high.number != nil
    let verdict = table.value[row, "verdict"].text.flatMap { MarginTest.Verdict(rawValue: $0) }
    guard let from = low.number, let to = high.number, let verdict else {
      sentence =
        "\(capitalised(outcome.label)): the interval is withheld, so that no answer can be shown [c]."
      chartTitle = "The interval can't be shown"
      pValue = nil
      return
    }
    let signed = style.signed
    let level = try cell("conf.level")
    let bounds: Prose =
      "\(level, .percent()) interval of the \(isRatio ? "ratio less one" : "difference"), \(low, signed.bare) to \(high, signed)"
    let label = capitalised(outcome.label)
    if isNonInferiority {
      let null = isRatio ? 1.0 : 0
      let worst = outcome.higherIsBetter ? low : high
      let isBetter = outcome.higherIsBetter ? from > null : to < null
      let side = outcome.higherIsBetter ? "above" : "below"
      switch verdict {
      case .holds:
        let more: Prose =
          isBetter
          ? " It lies wholly on the better side of no difference too, so that it is not only no worse."
          : ""
        sentence =
          "\(label): not worse by more than \(margin, style.magnitude). The \(bounds), lies wholly \(side) the margin of \(margin, signed).\(more)"
        chartTitle = "The whole interval is no worse than the margin"
      case .open:
        sentence =
          "\(label): it could be worse by as much as \(worst, style.magnitude), more than the margin of \(margin, style.magnitude), so that it has not been shown to be no worse than that (the \(bounds)). That is no evidence that it is worse."
        chartTitle = "The interval holds the margin: the question stays open"
      case .fails:
        sentence =
          "\(label): worse by more than the margin of \(margin, style.magnitude): the \(bounds), lies wholly beyond it."
        chartTitle = "The whole interval lies beyond the margin"
      }
    } else {
      switch verdict {
      case .holds:
        sentence =
          "\(label): alike within the margins of \(least, signed.bare) and \(most, signed): the \(bounds), lies wholly between them. A difference of that size is not ruled out."
      case .open:
        sentence =
          "\(label): the difference could be as low as \(low, signed.bare) or as high as \(high, signed) (\(level, .percent()) interval), which is not wholly within the margins of \(least, signed.bare) and \(most, signed). That they are alike has not been shown, and neither has it that they are not."
      case .fails:
        sentence =
          "\(label): not alike: the \(bounds), lies wholly beyond the margins of \(least, signed.bare) and \(most, signed)."
      }
      chartTitle = "The interval against the margins"
    }
    let p = try cell("p.value")
    let alpha = try cell("alpha")
    let how = table.value[row, "se_type"].plainText
    pValue =
      p.number == nil
      ? nil
      : "The one-sided p-value\(isNonInferiority ? "" : " (the greater of two)") is \(p, .pValue), to be held against \(alpha, .decimals(3)). Convention: \(how)."
  }
}
