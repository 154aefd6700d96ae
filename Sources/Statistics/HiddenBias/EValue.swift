internal import Glibc

/// The least strength of an unrecorded factor that could explain an association away.
///
/// An unrecorded factor would have to be associated with both treatment and outcome by a risk ratio of
/// at least the E-value, beyond the recorded covariates, to move the estimate to no effect; weaker ones could
/// not (VanderWeele, T. J. and Ding, P. (2017), https://doi.org/10.7326/M16-2607). Other scales are
/// turned into risk ratios first, as there.
public struct EValue: Sendable, Equatable {
  /// The risk ratio that the estimate was turned into.
  public let riskRatio: Double
  /// The risk ratios of the limits; nil when none was given.
  public let interval: ConfidenceInterval?
  /// The E-value of the estimate.
  public let point: Double
  /// The E-value of the limit nearest to no effect, 1 when the interval holds it; nil without.
  public let limit: Double?

  /// The E-value of a risk ratio alone: RR + √(RR(RR − 1)), of its inverse below 1.
  public static func value(ofRiskRatio ratio: Double) -> Double {
    guard ratio > 0, ratio.isFinite else { return .nan }
    let size = ratio < 1 ? 1 / ratio : ratio
    return size + (size * (size - 1)).squareRoot()
  }

  /// The E-value of a risk ratio with its limits, if there are any.
  ///
  /// - Throws: `badValue` for ratios that are not positive, `badInterval` for limits out of order.
  public static func riskRatio(
    _ estimate: Double, interval: ConfidenceInterval? = nil
  ) throws(SiblingError) -> EValue {
    try make(estimate, interval) { $0 }
  }

  /// The E-value of an odds ratio: as a risk ratio for a rare outcome (below 15 in 100 at the end of
  /// follow-up), otherwise its square root stands for the risk ratio.
  ///
  /// - Throws: as for a risk ratio.
  public static func oddsRatio(
    _ estimate: Double, interval: ConfidenceInterval? = nil, isRare: Bool = false
  ) throws(SiblingError) -> EValue {
    try make(estimate, interval) { isRare ? $0 : $0.squareRoot() }
  }

  /// The E-value of a hazard ratio: as a risk ratio for a rare outcome, otherwise
  /// (1 − 0.5^√HR)/(1 − 0.5^√(1/HR)) stands for the risk ratio.
  ///
  /// - Throws: as for a risk ratio.
  public static func hazardRatio(
    _ estimate: Double, interval: ConfidenceInterval? = nil, isRare: Bool = false
  ) throws(SiblingError) -> EValue {
    let half = -log(2.0)
    return try make(estimate, interval) { ratio in
      guard !isRare else { return ratio }
      let root = ratio.squareRoot()
      return expm1(half * root) / expm1(half / root)
    }
  }

  /// The E-value of a standardised mean difference d with its standard error: exp(0.91 d) stands for
  /// the risk ratio, exp(0.91 d ± 1.78 s) for its limits of level 0.95, and in proportion at others.
  ///
  /// - Throws: `badValue` for numbers that are not finite or a negative standard error.
  public static func standardizedDifference(
    _ estimate: Double, standardError: Double? = nil, level: Double = 0.95
  ) throws(SiblingError) -> EValue {
    guard estimate.isFinite, standardError.map({ $0.isFinite && $0 >= 0 }) ?? true else {
      throw SiblingError(
        .badValue, "a standardised difference and its standard error must be finite",
        column: "estimate")
    }
    guard level > 0, level < 1 else {
      throw SiblingError(.invalidOption, "the level must lie between 0 and 1", column: "level")
    }
    // 1.78 is 0.91 times the 0.975 quantile, rounded as published.
    let reach =
      level == 0.95 ? 1.78 : 0.91 * Normal.standard.upperQuantile((1 - level) / 2)
    let interval = standardError.map {
      ConfidenceInterval(
        low: exp(0.91 * estimate - reach * $0), high: exp(0.91 * estimate + reach * $0),
        level: level)
    }
    return try riskRatio(exp(0.91 * estimate), interval: interval)
  }

  private static func make(
    _ estimate: Double, _ interval: ConfidenceInterval?, _ ratio: (Double) -> Double
  ) throws(SiblingError) -> EValue {
    for value in [estimate] + (interval.map { [$0.low, $0.high] } ?? []) {
      guard value > 0, value.isFinite else {
        throw SiblingError(
          .badValue, "a ratio and its limits must be positive numbers",
          help: "give the ratio itself, not its logarithm", column: "estimate")
      }
    }
    if let interval {
      guard interval.low <= estimate, estimate <= interval.high else {
        throw SiblingError(
          .badInterval, "the estimate does not lie between its limits", column: "low")
      }
    }
    let point = ratio(estimate)
    let limits = interval.map {
      ConfidenceInterval(low: ratio($0.low), high: ratio($0.high), level: $0.level)
    }
    return EValue(
      riskRatio: point, interval: limits, point: value(ofRiskRatio: point),
      limit: limits.map {
        $0.low > 1 ? value(ofRiskRatio: $0.low) : $0.high < 1 ? value(ofRiskRatio: $0.high) : 1
      })
  }
}

extension EValue {
  /// People with the outcome, and all people, in each group.
  public struct Counts: Sendable, Equatable {
    /// Treated with the outcome.
    public var treatedEvents: Int
    /// All treated.
    public var treated: Int
    /// Comparisons with the outcome.
    public var comparisonEvents: Int
    /// All comparisons.
    public var comparison: Int

    /// Counts of both groups.
    public init(treatedEvents: Int, treated: Int, comparisonEvents: Int, comparison: Int) {
      self.treatedEvents = treatedEvents
      self.treated = treated
      self.comparisonEvents = comparisonEvents
      self.comparison = comparison
    }
  }

  /// The E-value of a risk difference from counts, whose limit is that of the risk difference.
  ///
  /// A factor of strength B leaves at least (p₁ − p₀B)(f + (1 − f)/B), f being the treated's share;
  /// the limit's B is where that difference's lower confidence limit is nought (Ding, P. and
  /// VanderWeele, T. J. (2016), https://doi.org/10.1097/EDE.0000000000000457). A negative difference
  /// is judged with the groups exchanged.
  /// - Throws: `badValue` for counts out of order, an empty group or a group without the outcome.
  public static func riskDifference(
    _ counts: Counts, level: Double = 0.95
  ) throws(SiblingError) -> EValue {
    guard counts.treated > 0, counts.comparison > 0, counts.treatedEvents >= 0,
      counts.comparisonEvents >= 0, counts.treatedEvents <= counts.treated,
      counts.comparisonEvents <= counts.comparison
    else {
      throw SiblingError(
        .badValue, "people with the outcome can't be more than all people of their group",
        help: "give events and numbers of both groups", column: "n-treated")
    }
    guard counts.treatedEvents > 0, counts.comparisonEvents > 0 else {
      throw SiblingError(
        .badValue, "a group without the outcome gives no finite risk ratio",
        column: "events-treated")
    }
    guard level > 0, level < 1 else {
      throw SiblingError(.invalidOption, "the level must lie between 0 and 1", column: "level")
    }
    let one = Double(counts.treatedEvents) / Double(counts.treated)
    let zero = Double(counts.comparisonEvents) / Double(counts.comparison)
    let isNegative = one < zero
    let (high, low) = isNegative ? (zero, one) : (one, zero)
    let (highCount, lowCount) =
      isNegative ? (counts.comparison, counts.treated) : (counts.treated, counts.comparison)
    let total = Double(counts.treated) + Double(counts.comparison)
    let f = Double(highCount) / total
    let highVariance = high * (1 - high) / Double(highCount)
    let lowVariance = low * (1 - low) / Double(lowCount)
    let reach = Normal.standard.upperQuantile((1 - level) / 2)
    /// The lower limit of the difference that a factor of strength b leaves.
    func limit(_ b: Double) -> Double {
      let (left, scale) = (high - low * b, f + (1 - f) / b)
      let slope = left * (1 - 1 / b)
      let variance =
        (highVariance + b * b * lowVariance) * scale * scale + slope * slope * f * (1 - f) / total
      return left * scale - reach * variance.squareRoot()
    }
    let ratio = one / zero
    var limitValue = 1.0
    if limit(1) > 0 {
      var (from, to) = (1.0, high / low)
      for _ in 0..<200 {
        let middle = from + (to - from) / 2
        guard middle > from, middle < to else { break }
        if limit(middle) > 0 { from = middle } else { to = middle }
      }
      limitValue = value(ofRiskRatio: from)
    }
    return EValue(
      riskRatio: ratio, interval: nil, point: value(ofRiskRatio: ratio), limit: limitValue)
  }
}
