public import Statistics

/// Matches each focal unit to its nearest neighbours, greedily and without regret.
///
/// Focal units (the treated for ATT, the comparisons for ATC) choose in turn. k:1 matching goes
/// round by round: everyone gets match r before anyone gets r + 1, and a focal unit that finds no
/// match stops. Among candidates the smallest |Δ| wins; then the fewest steps in the list of all
/// units ranked by score, counting every unit; then the smaller rank.
///
/// Rubin, D. B. (1973), Matching to remove bias in observational studies, Biometrics 29,
/// https://doi.org/10.2307/2529684. Variable ratios follow Ming, K. and Rosenbaum, P. R. (2000),
/// https://doi.org/10.1111/j.0006-341X.2000.00118.x.
public struct NearestNeighborMatching: Sendable, Equatable {
  /// The estimand: ATT or ATC.
  public var estimand: Estimand
  /// Matches for each focal unit; with a maximum ratio the average number.
  public var ratio: Double
  /// The fewest matches of a focal unit under a variable ratio; 1 when nil.
  public var minimumRatio: Int?
  /// The most matches of a focal unit; asks for a variable ratio.
  public var maximumRatio: Int?
  /// Whether a unit may be matched more than once.
  public var replacement: Bool
  /// The most focal units that one unit may be matched to; nil: 1, or no limit with replacement.
  public var reuseLimit: Int?
  /// Who chooses first; nil: the greatest score for ATT, the smallest for ATC, rows as they stand
  /// when units may be matched more than once.
  public var order: MatchingOrder?
  /// The caliper on the distance.
  public var caliper: Caliper?
  /// Who is left out for lack of common support.
  public var discard: Discard
  /// Whether the weights of the matches are scaled to a mean of one.
  public var normalizesWeights: Bool

  /// A matching configuration; the defaults give one-to-one matching without replacement.
  public init(
    estimand: Estimand = .att, ratio: Double = 1, minimumRatio: Int? = nil,
    maximumRatio: Int? = nil, replacement: Bool = false, reuseLimit: Int? = nil,
    order: MatchingOrder? = nil, caliper: Caliper? = nil, discard: Discard = .none,
    normalizesWeights: Bool = true
  ) {
    self.estimand = estimand
    self.ratio = ratio
    self.minimumRatio = minimumRatio
    self.maximumRatio = maximumRatio
    self.replacement = replacement
    self.reuseLimit = reuseLimit
    self.order = order
    self.caliper = caliper
    self.discard = discard
    self.normalizesWeights = normalizesWeights
  }

  /// Matches the rows of a study.
  ///
  /// `treatment` and the columns of every other argument have one entry a row. Pairs agree on the
  /// level of `exact`, differ on every factor of `antiExact`, and keep within `caliper` and each of
  /// `covariateCalipers`.
  /// - Throws: `invalidOption` for settings that contradict each other, `constantTreatment`,
  ///   `sizeMismatch`, `missingValue`, `noOverlap` when discarding empties a group, `noMatches`.
  /// - Complexity: O(n log n) without pairwise constraints; with covariate calipers or anti-exact
  ///   factors a search also passes over the candidates that they rule out, and `closest` searches
  ///   again whenever the candidate it had in mind was taken.
  public func match(
    treatment: [Bool], distance: MatchingDistance, exact: Factor? = nil, antiExact: [Factor] = [],
    covariateCalipers: [CovariateCaliper] = []
  ) throws(SiblingError) -> Match {
    let plan = try Plan(self)
    let constraints = try Constraints(
      treatment: treatment, distance: distance, exact: exact, antiExact: antiExact,
      covariateCalipers: covariateCalipers, matching: self)
    var search = NearestSearch(constraints: constraints, reuseLimit: plan.reuseLimit)
    let wanted = plan.wanted(search: search, treatment: treatment)
    switch plan.order {
    case .closest: search.run(wanted: wanted, closestFirst: true)
    case .farthest: search.run(wanted: wanted, closestFirst: false)
    case .largest, .smallest, .random, .data:
      search.run(wanted: wanted, sequence: search.sequence(plan.order))
    }
    return try Match(search: search, constraints: constraints, plan: plan)
  }
}
