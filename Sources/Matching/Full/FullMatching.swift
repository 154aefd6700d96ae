public import Statistics

/// Puts every unit into a matched set of one treated and comparisons, or one comparison and treated.
///
/// Among all such divisions that keep the rules, the total distance within sets is the least
/// possible; the certificate holds it beside the value of the dual problem, which no division can
/// undercut. On a score without rules for pairs this is a minimum edge cover of points on a line;
/// otherwise a flow of least cost. Units that no rule lets pair with anybody are left out and
/// counted.
///
/// Rosenbaum, P. R. (1991), A characterization of optimal designs for observational studies,
/// https://doi.org/10.1111/j.2517-6161.1991.tb01848.x; Hansen, B. B. (2004), Full matching in an
/// observational study of coaching for the SAT, https://doi.org/10.1198/016214504000000647;
/// Hansen, B. B. and Klopfer, S. O. (2006), https://doi.org/10.1198/106186006X137047.
public struct FullMatching: Sendable, Equatable {
  /// The estimand: ATT, ATC or ATE.
  public var estimand: Estimand
  /// The fewest comparisons for each treated unit of a set; 0.5 lets a comparison have two treated,
  /// and nil any number.
  public var minimumRatio: Double?
  /// The most comparisons for each treated unit of a set; 0.5 asks for at least two treated with
  /// each comparison, and nil sets no limit.
  public var maximumRatio: Double?
  /// The caliper on the distance; coordinates take one in raw units.
  public var caliper: Caliper?
  /// Who is left out for lack of common support; coordinates define none.
  public var discard: Discard
  /// Whether the non-zero weights of each group are scaled to a mean of one.
  public var normalizesWeights: Bool

  /// A configuration; the defaults are for the ATT with everybody in sets of any size.
  public init(
    estimand: Estimand = .att, minimumRatio: Double? = nil, maximumRatio: Double? = nil,
    caliper: Caliper? = nil, discard: Discard = .none, normalizesWeights: Bool = true
  ) {
    self.estimand = estimand
    self.minimumRatio = minimumRatio
    self.maximumRatio = maximumRatio
    self.caliper = caliper
    self.discard = discard
    self.normalizesWeights = normalizesWeights
  }

  /// Matches the rows of a study; sets agree on `exact`, whose levels that lack a group are dropped.
  ///
  /// Partners differ on every factor of `antiExact` and keep within `caliper` and each of
  /// `covariateCalipers`; units of one group within a set need not. Distances are resolved to whole
  /// steps: 2⁻⁵⁰ of the greatest on a score without rules for pairs or sizes.
  /// - Throws: `invalidOption` for another estimand, ratios that are neither whole nor one over a
  ///   whole number, or a caliper or discard that coordinates don't define; `badDesign` for ratios
  ///   that the groups can't keep, with those that they can; `constantTreatment`, `sizeMismatch`,
  ///   `missingValue`, `badValue` for a range that overflows, `noOverlap`, `noMatches`.
  /// - Complexity: O(n) on a score without rules for pairs or sizes, O(n log n) with sizes;
  ///   otherwise a network simplex on the pairs that can matter.
  public func match(
    treatment: [Bool], distance: MatchingDistance, exact: Factor? = nil, antiExact: [Factor] = [],
    covariateCalipers: [CovariateCaliper] = []
  ) throws(SiblingError) -> Match {
    let mayLack = caliper != nil || !antiExact.isEmpty || !covariateCalipers.isEmpty
    let limit =
      mayLack || exact == nil ? "that found a match" : "with an exact counterpart"
    let plan = try StratumPlan(estimand, normalizesWeights, limit: limit)
    let space = try PairSpace(
      treatment: treatment, distance: distance, exact: exact, antiExact: antiExact,
      covariateCalipers: covariateCalipers, caliper: caliper, discard: discard)
    let sizes = try SetSizes(minimum: minimumRatio, maximum: maximumRatio, rows: treatment.count)
    let strata = space.strata.filter { !$0.treated.isEmpty && !$0.comparison.isEmpty }
    // Where rules for pairs leave units out, the pairs that remain decide.
    if !mayLack { try sizes.check(strata.map { ($0.treated.count, $0.comparison.count) }) }
    var cover = FullCover(space: space, sizes: sizes)
    for stratum in strata { try cover.add(stratum.treated, stratum.comparison) }
    return try cover.match(plan: plan)
  }
}
