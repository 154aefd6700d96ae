public import Statistics

/// What an estimate and its interval say in words, made by rule so that the words always match
/// the numbers.
///
/// The interval comes first. An interval that includes the null value is inconclusive, which never
/// reads as if nothing had changed; no word depends on the p-value. Where a limit would be printed
/// as zero although it is not, it gets as many decimals as it needs.
public struct Wording: Sendable {
  /// What the estimate is.
  public enum Measure: Sendable, Equatable {
    /// A difference; the null value is 0.
    case difference
    /// A ratio of rates, risks, odds or hazards; the null value is 1.
    case ratio
  }

  /// What the interval says about the programme.
  public enum Verdict: String, Sendable, CaseIterable {
    /// The whole interval lies on the good side of the null value.
    case favourable
    /// The whole interval lies on the bad side of the null value.
    case unfavourable
    /// The interval includes the null value.
    case inconclusive
    /// There is no interval, or it was withheld.
    case unavailable
  }

  /// How far the design gate lets the words go.
  public enum Strength: String, Sendable, CaseIterable {
    /// Compared with what would have happened without the programme.
    case causal
    /// Compared with similar people, with a caution.
    case associational
    /// Compared with a group, nothing more.
    case descriptive
  }

  /// The lower limit.
  public let low: ReleasedCell
  /// The upper limit.
  public let high: ReleasedCell
  /// The confidence level's cell, when the table has one.
  public let level: ReleasedCell?
  /// What the estimate is.
  public var measure: Measure
  /// Whether a larger value is better for the people concerned.
  public var higherIsBetter: Bool
  /// How far the gate lets the words go.
  public var strength: Strength
  /// What the programme is called within a sentence.
  public var programme: String
  /// What follows "than" instead of the words that the strength gives.
  public var counterfactual: String?

  /// Words for the interval in a row of a released table with `conf.low` and `conf.high`.
  ///
  /// - Throws: `internalError` when there is no such row.
  public init(
    _ released: Released<ResultTable>, where match: [String: ResultTable.Cell],
    measure: Measure = .difference, higherIsBetter: Bool = true, strength: Strength = .causal,
    programme: String = "the programme"
  ) throws(SiblingError) {
    low = try released.cell("conf.low", where: match)
    high = try released.cell("conf.high", where: match)
    let hasLevel = released.value.position(of: "conf.level") != nil
    level = hasLevel ? try released.cell("conf.level", where: match) : nil
    self.measure = measure
    self.higherIsBetter = higherIsBetter
    self.strength = strength
    self.programme = programme
  }

  /// The verdict on an interval before it is put into a table.
  ///
  /// A limit that equals the null value leaves the result inconclusive.
  public static func verdict(
    low: Double?, high: Double?, measure: Measure = .difference, higherIsBetter: Bool = true
  ) -> Verdict {
    guard let low, let high, !low.isNaN, !high.isNaN else { return .unavailable }
    let null = measure == .difference ? 0.0 : 1
    if low > null { return higherIsBetter ? .favourable : .unfavourable }
    if high < null { return higherIsBetter ? .unfavourable : .favourable }
    return .inconclusive
  }

  /// The verdict on the interval.
  public var verdict: Verdict {
    Wording.verdict(
      low: low.number, high: high.number, measure: measure, higherIsBetter: higherIsBetter)
  }

  /// The interval's name, such as `95% interval`.
  public var intervalName: Prose {
    guard let level, level.number != nil else { return "confidence interval" }
    return "\(level, .percent()) interval"
  }
}

extension Wording {
  /// The interval in words: `between 3 and 11 more`, `between 2 fewer and 5 more`.
  ///
  /// A ratio is told as a change in percent: `between 53% lower and 2% higher`. `noun` follows the
  /// word of direction, as in `between 7 and 13 more weeks in work`.
  public func interval(
    _ style: NumberStyle = .decimals(0), more: String = "more", less: String = "fewer",
    noun: String = ""
  ) -> Prose {
    guard let from = low.number, let to = high.number else {
      return low.cell == .suppressed || high.cell == .suppressed
        ? "an amount that was withheld by disclosure control \(withheld, style)"
        : "an amount for which no interval could be estimated"
    }
    let shown = Wording.distinct(measure == .ratio ? .percentChange() : style, from, to)
    let null = measure == .ratio ? 1.0 : 0
    let up = measure == .ratio && more == "more" ? "higher" : more
    let down = measure == .ratio && less == "fewer" ? "lower" : less
    // More weeks, fewer weeks: the unit follows the word of direction.
    let unit = shown.countsThings ? shown.suffix : ""
    let end = unit + (noun.isEmpty ? "" : " " + noun)
    let size = shown.countsThings ? shown.magnitude.bare : shown.magnitude
    if from >= null {
      return "between \(low, size.bareUnlessPercent) and \(high, size) \(up)\(end)"
    }
    if to <= null {
      return "between \(high, size.bareUnlessPercent) and \(low, size) \(down)\(end)"
    }
    return "between \(low, size) \(down) and \(high, size) \(up)\(end)"
  }

  /// A natural frequency for a difference of shares.
  ///
  /// `For every 100 people accepted, between 3 and 11 more started a job than would have without
  /// the programme.`
  public func perHundred(people: String, outcome: String) -> Prose {
    if let missing { return missing }
    let range = interval(.perHundred(), more: "more", less: "fewer")
    let start: Prose = "For every 100 \(people), \(range) \(outcome)"
    // Nobody had more "than among similar people": the comparison stands by itself.
    switch strength {
    case _ where counterfactual != nil, .causal:
      return "\(start) than \(compared(verb: "would have"))."
    case .associational: return "\(start), compared with similar people in the comparison group."
    case .descriptive: return "\(start), compared with the comparison group."
    }
  }

  /// An estimate with its direction in a word: `7.3 more`, `2 fewer`; an estimate of nothing has no
  /// direction.
  ///
  /// It gets as many decimals as it takes not to read as nothing.
  public static func amount(
    _ cell: ReleasedCell, _ style: NumberStyle, more: String = "more", less: String = "fewer",
    measure: Measure = .difference
  ) -> Prose {
    guard let value = cell.number else { return "\(cell, style)" }
    let shown = distinct(measure == .ratio ? .percentChange() : style, value, value)
    let scaled = shown.scaled(value)
    if scaled == 0 { return "\(cell, shown) difference" }
    let size = shown.countsThings ? shown.magnitude.bare : shown.magnitude
    let unit = shown.countsThings ? shown.suffix : ""
    return "\(cell, size) \(scaled > 0 ? more : less)\(unit)"
  }

  /// The headline: who, the interval, and the counterfactual in words.
  ///
  /// `Participants earned between $551 and $3,038 more a year than they would have without the
  /// programme.` `subject` is a subject with its verb; `noun` follows the word of direction.
  public func headline(
    subject: String, _ style: NumberStyle, more: String = "more", less: String = "less",
    noun: String = ""
  ) -> Prose {
    if let missing { return missing }
    let range = interval(style, more: more, less: less, noun: noun)
    return "\(subject) \(range) than \(compared(verb: "they would have"))."
  }

  /// The sentence in place of a comparison where there is no interval to compare by.
  private var missing: Prose? {
    guard low.number == nil || high.number == nil else { return nil }
    guard low.cell != .suppressed, high.cell != .suppressed else {
      return "Disclosure control withheld this comparison (\(withheld, .decimals(0)))."
    }
    return "There is an estimate, but no interval that could be stood behind."
  }

  /// The limit that was withheld.
  private var withheld: ReleasedCell { low.cell == .suppressed ? low : high }

  private func compared(verb: String) -> String {
    if let counterfactual { return counterfactual }
    return switch strength {
    case .causal: "\(verb) without \(programme)"
    case .associational: "among similar people in the comparison group"
    case .descriptive: "in the comparison group"
    }
  }

  /// What the interval means, in one or two sentences.
  public var verdictSentence: Prose {
    let null: Prose = measure == .difference ? "zero" : "a ratio of one"
    let sentence: Prose
    // A description does not judge; it says where the interval lies.
    let (good, bad): (Prose, Prose) =
      strength == .descriptive
      ? ("The", "The") : ("The result is favourable: the", "The result is unfavourable: the")
    switch verdict {
    case .favourable:
      sentence = "\(good) whole \(intervalName) lies on the better side of \(null)."
    case .unfavourable:
      sentence = "\(bad) whole \(intervalName) lies on the worse side of \(null)."
    case .inconclusive:
      sentence = """
        The result is inconclusive: the \(intervalName) includes \(null), so it is compatible with \
        a benefit and with a harm. This should not be taken to mean that \(programme) makes no \
        difference.
        """
    case .unavailable:
      return "No verdict is given, as there is no interval that can be shown."
    }
    guard strength != .causal, verdict != .inconclusive else { return sentence }
    return sentence
      + " This is \(strength == .associational ? "an association" : "a description"), not evidence that \(programme) caused it."
  }

  /// What the interval says of a difference that would be important, which the study names.
  ///
  /// - Parameters:
  ///   - important: the smallest difference that matters, in the units of the interval, above nought.
  ///   - style: how differences are written.
  /// - Returns: nil for a ratio, without an interval, or where nothing is named.
  public func importance(_ important: ReleasedCell, _ style: NumberStyle) -> Prose? {
    guard measure == .difference, let size = important.number, size > 0,
      let from = low.number, let to = high.number
    else { return nil }
    let (least, most) = higherIsBetter ? (from, to) : (-to, -from)
    let named: Prose = "the \(important, style) that the study calls important"
    if least >= size {
      return
        "Every difference within the interval is an improvement of at least \(named)."
    }
    if most < size, least <= -size {
      return
        "The interval holds no improvement as large as \(named), and includes changes for the worse of that size."
    }
    if most < size {
      return "Every improvement within the interval is smaller than \(named)."
    }
    let harm: Prose =
      least <= -size ? " It also includes changes for the worse of that size." : ""
    return
      "The interval includes improvements smaller and larger than \(named), so that whether the difference matters is open.\(harm)"
  }

  /// The style with as many more decimals as it takes to show both limits apart and neither, unless
  /// it is, as nothing.
  static func distinct(_ style: NumberStyle, _ low: Double, _ high: Double) -> NumberStyle {
    var style = style
    func isZero(_ text: String) -> Bool { !text.utf8.contains { $0 >= 49 && $0 <= 57 } }
    for _ in 0..<6 {
      guard case .decimals(let places) = style.form else { return style }
      let size = style.magnitude.bare
      let hides = [low, high].contains {
        $0.isFinite && style.scaled($0) != 0 && isZero(size.text($0))
      }
      if !hides, low == high || style.text(low) != style.text(high) { return style }
      style.form = .decimals(places + 1)
    }
    return style
  }
}

extension NumberStyle {
  /// The style without a unit in words; a per cent sign stays, as `3% and 11%` reads better.
  var bareUnlessPercent: NumberStyle { suffix == "%" ? self : bare }
}
