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
  /// without a score or when units may be matched more than once.
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
  /// `covariateCalipers`. With `pairing` the distance is a score that rules discards, the order and
  /// the caliper, and units are paired by the pairing distance (Rubin, D. B. and Thomas, N. (2000),
  /// https://doi.org/10.1080/01621459.2000.10474233). Between coordinates ties go to the row that
  /// stands last in the data; a caliper on them is in their own units.
  ///
  /// With `prefer` everyone is first matched, all rounds, within the own level of that factor, and
  /// then those with fewer matches than they ask for among all levels.
  /// - Throws: `invalidOption` for settings that contradict each other or need a score where there is
  ///   none, `constantTreatment`, `sizeMismatch`, `missingValue`, `badValue`, `noOverlap` when
  ///   discarding empties a group, `noMatches`.
  /// - Complexity: O(n log n) on a score; with coordinates, covariate calipers or anti-exact factors
  ///   each search goes through a k-d tree, which is O(log n) in few dimensions.
  public func match(
    treatment: [Bool], distance: MatchingDistance, pairing: MatchingDistance? = nil,
    exact: Factor? = nil, prefer: Factor? = nil, antiExact: [Factor] = [],
    covariateCalipers: [CovariateCaliper] = []
  ) throws(SiblingError) -> Match {
    let constraints = try Constraints(
      treatment: treatment, distance: distance, pairing: pairing, exact: exact, prefer: prefer,
      antiExact: antiExact, covariateCalipers: covariateCalipers, matching: self)
    let plan = try Plan(self, hasScore: constraints.hasScore)
    var first = NearestSearch(
      constraints: constraints, strata: constraints.preferredStrata, reuseLimit: plan.reuseLimit)
    let wanted = plan.wanted(search: first, treatment: treatment)
    first.run(plan.order, wanted: wanted)
    guard prefer != nil else {
      return try Match(search: first, constraints: constraints, plan: plan)
    }
    var second = NearestSearch(
      constraints: constraints, strata: exact, reuseLimit: plan.reuseLimit, after: first)
    second.run(plan.order, wanted: zip(wanted, first.matchCounts).map { $0 - $1 })
    return try Match(search: second, constraints: constraints, plan: plan)
  }
}

extension Constraints {
  /// The strata among which units are matched first.
  fileprivate var preferredStrata: Factor? {
    guard let prefer else { return exact }
    return exact.map { $0.crossed(with: prefer) } ?? prefer
  }
}

extension NearestSearch {
  /// Matches in an order, round by round.
  fileprivate mutating func run(_ order: MatchingOrder, wanted: [Int32]) {
    switch order {
    case .closest: run(wanted: wanted, closestFirst: true)
    case .farthest: run(wanted: wanted, closestFirst: false)
    case .largest, .smallest, .random, .data: run(wanted: wanted, sequence: sequence(order))
    }
  }
}
