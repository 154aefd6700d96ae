public import Statistics

/// What the data alone say of an average effect when an outcome lies between two known values.
///
/// Nobody's other outcome is known, so it may be anything from `lower` to `upper`; the effect then lies
/// between two bounds (Manski, C. F. (1990), American Economic Review 80(2), 319–323). Outcomes that
/// are missing are read in the worst way too. Assumptions that outcomes only ever move one way narrow
/// the bounds (Manski and Pepper 2000, https://doi.org/10.1111/1468-0262.00144). The
/// confidence interval covers the effect, not the whole range, with the given probability (Imbens
/// and Manski (2004), https://doi.org/10.1111/j.1468-0262.2004.00555.x).
public struct ManskiBounds: Sendable, Equatable {
  /// A direction in which the effect on everybody is assumed to go.
  public enum Response: String, Sendable, CaseIterable {
    /// Nothing is assumed.
    case none
    /// Treatment lowers nobody's outcome.
    case increasing
    /// Treatment raises nobody's outcome.
    case decreasing
  }

  /// How the treated are assumed to differ from the others.
  public enum Selection: String, Sendable, CaseIterable {
    /// Nothing is assumed.
    case none
    /// In either state the treated would on average do at least as well as the others.
    case positive
    /// In either state the treated would on average do no better than the others.
    case negative
  }

  /// The least value that the outcome can have.
  public var lower: Double
  /// The greatest value that the outcome can have.
  public var upper: Double
  /// Whose effect: ATE, ATT or ATC.
  public var estimand: Estimand
  /// Whether treatment is assumed to help or to harm.
  public var response: Response
  /// Whether the treated are assumed to be better or worse placed.
  public var selection: Selection
  /// The confidence level.
  public var level: Double

  /// Bounds for an outcome from `lower` to `upper`.
  public init(
    lower: Double, upper: Double, estimand: Estimand = .ate, response: Response = .none,
    selection: Selection = .none, level: Double = 0.95
  ) {
    self.lower = lower
    self.upper = upper
    self.estimand = estimand
    self.response = response
    self.selection = selection
    self.level = level
  }

  /// The bounds from one outcome and treatment a row; NaN is a missing outcome.
  ///
  /// `weights` are sampling weights. Standard errors treat rows, or clusters, as independent draws.
  /// - Throws: `invalidOption` for settings out of range, `sizeMismatch`, `constantTreatment`,
  ///   `badValue` with the row of an outcome outside its range, `badWeight`, `tooFewClusters`,
  ///   `badDesign` when the data contradict the assumptions.
  public func bounds(
    outcome: [Double], treatment: [Bool], weights: [Double]? = nil, cluster: Factor? = nil
  ) throws(SiblingError) -> ManskiInterval {
    try check(outcome, treatment, weights, cluster)
    let sums = ManskiSums(outcome, treatment, weights, cluster)
    let low = side(sums, isLow: true)
    let high = side(sums, isLow: false)
    guard low.value <= high.value else {
      throw SiblingError(
        .badDesign, "the data contradict the assumptions: the lower bound is above the upper one",
        help: "drop --monotone-response or --monotone-selection, or turn its direction")
    }
    let reach = try Self.reach(
      width: high.value - low.value, error: max(low.error, high.error), level: level)
    let missing = outcome.count { $0.isNaN }
    return ManskiInterval(
      estimand: estimand, low: low.value, high: high.value, lowError: low.error,
      highError: high.error,
      interval: ConfidenceInterval(
        low: low.value - reach * low.error, high: high.value + reach * high.error, level: level),
      treatedRows: sums.treatedRows, comparisonRows: sums.comparisonRows, missingOutcomes: missing)
  }

  /// A bound with its standard error.
  private struct Side {
    var value: Double
    var error: Double
  }

  /// The lower or the upper bound: the sharpest of those that the assumptions allow.
  private func side(_ sums: ManskiSums, isLow: Bool) -> Side {
    // The lower bound reads the treated's unknowns low and the comparisons' high.
    let forTreated = isLow ? lower : upper
    let forComparison = isLow ? upper : lower
    var sides: [Side] = []
    // A statistic of the form Σ weights × something: value and error from its contributions.
    let assumesDirection = isLow ? response == .increasing : response == .decreasing
    let assumesSelection = isLow ? selection == .negative : selection == .positive
    if assumesDirection { sides.append(Side(value: 0, error: 0)) }
    if assumesSelection {
      let (one, zero) = sums.means(treated: forTreated, comparison: forComparison)
      sides.append(
        Side(
          value: one - zero,
          error: sums.error { row in
            sums.treatment[row]
              ? (sums.filled(row, forTreated) - one) / sums.treatedShare
              : -(sums.filled(row, forComparison) - zero) / (1 - sums.treatedShare)
          }))
    }
    let (value, error) = unassuming(sums, forTreated, forComparison)
    sides.append(Side(value: value, error: error))
    return sides.reduce(sides[0]) {
      (isLow ? $1.value > $0.value : $1.value < $0.value) ? $1 : $0
    }
  }

  /// The bound without assumptions.
  private func unassuming(
    _ sums: ManskiSums, _ forTreated: Double, _ forComparison: Double
  ) -> (value: Double, error: Double) {
    let (one, zero) = sums.means(treated: forTreated, comparison: forComparison)
    let share = sums.treatedShare
    switch estimand {
    case .att:
      return (
        one - forComparison,
        sums.error { sums.treatment[$0] ? (sums.filled($0, forTreated) - one) / share : 0 }
      )
    case .atc:
      return (
        forTreated - zero,
        sums.error {
          sums.treatment[$0] ? 0 : (zero - sums.filled($0, forComparison)) / (1 - share)
        }
      )
    case .ate, .ato, .atm:
      let value = share * (one - forComparison) + (1 - share) * (forTreated - zero)
      return (
        value,
        sums.error {
          (sums.treatment[$0]
            ? sums.filled($0, forTreated) - forComparison
            : forTreated - sums.filled($0, forComparison)) - value
        }
      )
    }
  }

  private func check(
    _ outcome: [Double], _ treatment: [Bool], _ weights: [Double]?, _ cluster: Factor?
  ) throws(SiblingError) {
    guard lower.isFinite, upper.isFinite, lower < upper else {
      throw SiblingError(
        .invalidOption, "the outcome's least value must lie below its greatest", column: "lower")
    }
    guard level > 0.5, level < 1 else {
      throw SiblingError(.invalidOption, "the level takes a number between 0.5 and 1")
    }
    guard estimand == .ate || estimand == .att || estimand == .atc else {
      throw SiblingError(
        .invalidOption, "bounds are for the ATE, ATT or ATC", column: "estimand")
    }
    _ = try Inputs.groups(treatment)
    try Inputs.length(outcome.count, expected: treatment.count, of: "the outcome")
    if let weights { try Inputs.weights(weights, treatment: treatment) }
    if let cluster {
      try Inputs.complete(cluster, expected: treatment.count, column: "cluster")
      guard cluster.droppingUnusedLevels().levels.count > 1 else {
        throw SiblingError(.tooFewClusters, "there is only one cluster", column: "cluster")
      }
    }
    if let row = outcome.firstIndex(where: { $0 < lower || $0 > upper }) {
      throw SiblingError(
        .badValue, "an outcome lies outside its range from \(lower) to \(upper)",
        help: "state the range that the outcome can have with --lower and --upper", row: row,
        column: "outcome")
    }
    for group in [true, false] {
      guard outcome.indices.contains(where: { treatment[$0] == group && !outcome[$0].isNaN })
      else {
        throw SiblingError(
          .missingValue, "no \(group ? "treated" : "comparison") row has an outcome",
          column: "outcome")
      }
    }
  }

  /// The number of standard errors C with Φ(C + width/error) − Φ(−C) = level.
  static func reach(
    width: Double, error: Double, level: Double
  ) throws(SiblingError) -> Double {
    guard error > 0 else { return 0 }
    let gap = width / error
    var (low, high) = (0.0, Normal.standard.upperQuantile((1 - level) / 2) + 1)
    for _ in 0..<200 {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { break }
      // The probability left outside, so that no digits are lost.
      let outside =
        Normal.standard.upperTail(middle + gap) + Normal.standard.upperTail(middle)
      if outside > 1 - level { low = middle } else { high = middle }
    }
    return high
  }
}

/// The range of effects that the data leave open.
public struct ManskiInterval: Sendable, Equatable {
  /// Whose effect.
  public var estimand: Estimand
  /// The lower bound.
  public var low: Double
  /// The upper bound.
  public var high: Double
  /// The standard error of the lower bound; 0 when an assumption fixes it.
  public var lowError: Double
  /// The standard error of the upper bound; 0 when an assumption fixes it.
  public var highError: Double
  /// The confidence interval of the effect.
  public var interval: ConfidenceInterval
  /// Treated rows.
  public var treatedRows: Int
  /// Comparison rows.
  public var comparisonRows: Int
  /// Rows without outcome, read in the worst way.
  public var missingOutcomes: Int
}
