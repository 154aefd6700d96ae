internal import Reporting

/// Sentences about an effect, generated from its released cells: the words always match the numbers.
struct EffectSentence {
  let context: ReportContext
  let outcome: OutcomeWords

  /// What an interval says of an effect.
  enum Reading: Equatable {
    case higher
    case lower
    case inconclusive
    case withheld
  }

  /// How an interval reads against a null value.
  static func reading(_ cells: EffectCells, null: Double = 0) -> Reading {
    guard let low = cells.low.number, let high = cells.high.number else { return .withheld }
    return low > null ? .higher : high < null ? .lower : .inconclusive
  }

  /// The reading in a word for tables.
  static func verdict(_ cells: EffectCells, outcome: OutcomeWords) -> String {
    switch reading(cells) {
    case .higher: outcome.higherIsBetter ? "favours the treated" : "favours the comparison"
    case .lower: outcome.higherIsBetter ? "favours the comparison" : "favours the treated"
    case .inconclusive: "inconclusive"
    case .withheld: "withheld"
    }
  }

  /// The headline's title.
  static func title(_ cells: EffectCells, outcome: OutcomeWords) -> Prose {
    switch reading(cells) {
    case .higher: "Higher: \(outcome.label)"
    case .lower: "Lower: \(outcome.label)"
    case .inconclusive: "Inconclusive: \(outcome.label)"
    case .withheld: "Withheld by disclosure control: \(outcome.label)"
    }
  }

  /// The headline: the interval first, in a natural frequency, with the counterfactual.
  func headline(_ cells: EffectCells) -> Prose {
    guard let low = cells.low.number, let high = cells.high.number else {
      return "The effect on \(outcome.label) is withheld by disclosure control."
    }
    let core: Prose
    switch outcome.kind {
    case "binary":
      core =
        "For every 100 \(context.treatedLabel), \(span(cells, low, high, .perHundred(1), ("fewer", "more"))) had \(outcome.label) than would have been expected of similar people among \(context.comparisonLabel)"
    case "amount", "weeks":
      core =
        "The average of \(outcome.label) among \(context.treatedLabel) was \(span(cells, low, high, outcome.difference, ("lower", "higher"))) than would have been expected of similar people among \(context.comparisonLabel)"
    default:
      core =
        "\(capitalised(outcome.label)) among \(context.treatedLabel) was \(span(cells, low, high, outcome.difference, ("lower", "higher"))) than would have been expected from \(context.comparisonLabel)"
    }
    let best: Prose =
      outcome.kind == "binary"
      ? "\(cells.estimate, .perHundred(1).signed)" : "\(cells.estimate, outcome.difference.signed)"
    var sentence: Prose = "\(core) (95% interval; best estimate \(best))."
    if Self.reading(cells) == .inconclusive {
      sentence =
        sentence
        + " The result is **inconclusive**: it should not be taken to mean that the programme has no effect."
    }
    return sentence
  }

  /// `between 2 fewer and 9 more`, `between 3 and 9 more`.
  private func span(
    _ cells: EffectCells, _ low: Double, _ high: Double, _ style: NumberStyle,
    _ words: (below: String, above: String)
  ) -> Prose {
    let plain = style.magnitude
    if low >= 0 {
      return "between \(cells.low, plain) and \(cells.high, plain) \(words.above)"
    }
    if high <= 0 {
      return "between \(cells.high, plain) and \(cells.low, plain) \(words.below)"
    }
    return
      "between \(cells.low, plain) \(words.below) and \(cells.high, plain) \(words.above)"
  }
}
