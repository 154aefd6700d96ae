public import Statistics

/// Bounds on a matched comparison's p-value and effect under hidden bias of a given size.
///
/// Two people of one matched set may differ in their odds of treatment by at most a factor Γ because
/// of something that was not recorded; Γ = 1 is random assignment within sets. For each Γ the
/// p-value of the null hypothesis of no effect lies between two bounds, which are attained
/// (Rosenbaum, P. R. (2002), Observational Studies, chapter 4, doi:10.1007/978-1-4757-3692-2). Outcomes of sets with
/// several comparisons, or several treated, are compared by M-statistics (Rosenbaum (2007),
/// https://doi.org/10.1111/j.1541-0420.2006.00717.x).
///
/// - Complexity: O(n log n) time a Γ for n people; with exact p-values O(n³).
public struct RosenbaumBounds: Sendable, Equatable {
  /// What is computed from the outcomes of the sets.
  public enum Statistic: String, Sendable, CaseIterable {
    /// Wilcoxon's signed rank statistic: pairs that do not differ are dropped, ties share the mean
    /// of their ranks.
    case wilcoxon
    /// The Hodges–Lehmann estimate of an additive effect, by inverting the signed rank statistic.
    case hodgesLehmann = "hodges-lehmann"
    /// McNemar's statistic for outcomes of 0 and 1: the binomial tail P(X ≥ x) over the pairs that
    /// differ, the observed count included.
    case mcNemar = "mcnemar"
    /// Huber's M-statistic in Maritz's form; also for sets of several comparisons or several treated.
    case mStatistic = "m"
  }

  /// The direction of the alternative hypothesis.
  public enum Alternative: String, Sendable, CaseIterable {
    /// The treated have higher outcomes.
    case greater
    /// The treated have lower outcomes.
    case less
    /// Either; the p-value is twice the smaller one-sided one, at most 1.
    case twoSided = "two-sided"
  }

  /// How the signed rank statistic's p-value is computed.
  public enum PValue: String, Sendable, CaseIterable {
    /// By the normal approximation without continuity correction.
    case normal
    /// By the exact distribution; for at most ``RosenbaumBounds/largestExact`` pairs.
    case exact
  }

  /// The most pairs that exact p-values are offered for.
  public static let largestExact = 200

  /// The statistic.
  public var statistic: Statistic
  /// The direction of the alternative.
  public var alternative: Alternative
  /// The sizes of hidden bias, each at least 1.
  public var gammas: [Double]
  /// How the signed rank statistic's p-value is computed.
  public var pValue: PValue
  /// Where Huber's function becomes flat, in medians of the absolute differences within sets.
  public var huberTrim: Double
  /// The confidence level; the sensitivity value is the Γ at which the upper p-value reaches 1 less it.
  public var level: Double

  /// Bounds with the given settings.
  public init(
    statistic: Statistic = .wilcoxon, alternative: Alternative = .greater,
    gammas: [Double] = [1, 1.25, 1.5, 2], pValue: PValue = .normal, huberTrim: Double = 2.5,
    level: Double = 0.95
  ) {
    self.statistic = statistic
    self.alternative = alternative
    self.gammas = gammas
    self.pValue = pValue
    self.huberTrim = huberTrim
    self.level = level
  }

  /// The bounds for matched pairs, from the treated's outcome less the comparison's.
  ///
  /// - Throws: `noMatches` without pairs, `missingValue` or `badValue` with the pair as row,
  ///   `constantOutcome` when no pair differs, `invalidOption` for settings out of range.
  public func bounds(differences: [Double]) throws(SiblingError) -> RosenbaumBoundsResult {
    try check()
    try Self.requireFinite(differences, "the difference of a pair")
    guard !differences.isEmpty else {
      throw SiblingError(.noMatches, "there are no matched pairs to judge")
    }
    switch statistic {
    case .hodgesLehmann: return hodgesLehmann(differences)
    case .wilcoxon: return result(try signedRanks(differences), sets: differences.count)
    case .mcNemar: return result(try discordant(differences), sets: differences.count)
    case .mStatistic:
      let sets = differences.map { MatchedSet(odd: $0 / 2, others: [-$0 / 2], oddIsTreated: true) }
      return result(try scores(sets), sets: sets.count)
    }
  }

  /// The bounds for matched sets, each with one treated or one comparison row, or both.
  ///
  /// The arrays have one entry a row; a row whose code is −1 is in no set. Statistics other than the
  /// M-statistic need pairs.
  /// - Throws: as for pairs; `sizeMismatch`; `badDesign` for sets that lack a group, have several
  ///   rows of both, or are no pairs where pairs are needed.
  public func bounds(
    outcome: [Double], treatment: [Bool], sets: Factor
  ) throws(SiblingError) -> RosenbaumBoundsResult {
    try check()
    let made = try matchedSets(outcome: outcome, treatment: treatment, sets: sets)
    let isPaired = made.allSatisfy { $0.others.count == 1 }
    guard statistic == .mStatistic else {
      guard isPaired else {
        throw SiblingError(
          .badDesign, "the statistic '\(statistic.rawValue)' needs matched pairs, one to one",
          help: "use the M-statistic (m) for sets with several comparisons")
      }
      return try bounds(differences: made.map { $0.odd - $0.others[0] })
    }
    return result(try scores(made), sets: made.count)
  }

  private func check() throws(SiblingError) {
    guard !gammas.isEmpty, gammas.allSatisfy({ $0 >= 1 && $0 <= 1e9 }) else {
      throw SiblingError(
        .invalidOption, "Γ takes numbers from 1 (no hidden bias) to 1e9", column: "gamma")
    }
    guard level >= 0.5, level < 1 else {
      throw SiblingError(.invalidOption, "the level takes a number from 0.5 to below 1")
    }
    guard huberTrim > 0, huberTrim.isFinite else {
      throw SiblingError(.invalidOption, "Huber's constant must be positive", column: "huber")
    }
  }

  static func requireFinite(_ values: [Double], _ what: String) throws(SiblingError) {
    guard let row = values.firstIndex(where: { !$0.isFinite }) else { return }
    throw SiblingError(
      values[row].isNaN ? .missingValue : .badValue,
      "\(what) is \(values[row].isNaN ? "missing" : "infinite")",
      help: "leave pairs without both outcomes out", row: row)
  }
}

/// What hidden bias of each size could do to a matched comparison.
public struct RosenbaumBoundsResult: Sendable, Equatable {
  /// The bounds at one Γ.
  public struct Bound: Sendable, Equatable {
    /// The size of the hidden bias.
    public var gamma: Double
    /// The smallest p-value that such a bias can produce; nil for the Hodges–Lehmann estimate.
    public var pLower: Double?
    /// The largest p-value that such a bias can produce; nil for the Hodges–Lehmann estimate.
    public var pUpper: Double?
    /// The smallest Hodges–Lehmann estimate; nil for other statistics.
    public var estimateLow: Double?
    /// The largest Hodges–Lehmann estimate; nil for other statistics.
    public var estimateHigh: Double?
    /// The lower limit of the effects that are not rejected under any such bias, by the normal
    /// approximation, half of 1 − level on either side; nil where unbounded or not computed.
    public var intervalLow: Double?
    /// The upper limit; see `intervalLow`.
    public var intervalHigh: Double?
  }

  /// The statistic.
  public var statistic: RosenbaumBounds.Statistic
  /// The alternative.
  public var alternative: RosenbaumBounds.Alternative
  /// One entry a Γ, in the order given.
  public var bounds: [Bound]
  /// The Γ at which the upper p-value reaches 1 − level; 1 when it is above that already without
  /// hidden bias, nil for the Hodges–Lehmann estimate.
  public var sensitivityValue: Double?
  /// The matched sets.
  public var sets: Int
  /// The sets that bear on the statistic: pairs that differ, sets whose scores differ.
  public var informativeSets: Int
}
