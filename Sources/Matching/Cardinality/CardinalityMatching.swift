public import Statistics

/// Keeps the largest samples whose covariate means are as alike as asked for.
///
/// No score, no pairs: the balance of every covariate is a constraint, and the number of units kept
/// is what is made as large as can be. With a ratio k it keeps the most units of the target group and
/// k times as many of the other, such that each difference of means is within the tolerance
/// (cardinality matching: Zubizarreta, J. R., Paredes, R. D. and Rosenbaum, P. R. (2014),
/// https://doi.org/10.1214/13-AOAS713). Without one, for ATT and ATC, the whole target group is kept,
/// and the most units of the other whose means are within the tolerance of the target's (profile
/// matching: Cohn, E. R. and Zubizarreta, J. R. (2022), https://doi.org/10.1097/EDE.0000000000001517).
///
/// Solved by branch and bound on a linear programme; the certificate holds the number kept beside the
/// bound that no other choice can exceed. Kept units have weight one and no matched set, so that
/// standard errors are heteroskedasticity-robust.
public struct CardinalityMatching: Sendable, Equatable {
  /// The estimand: ATT, ATC or ATE.
  ///
  /// It says which group is the target, and which standard deviation the tolerance is in.
  public var estimand: Estimand
  /// Units of the other group for each unit of the target group (for ATE comparisons for each treated
  /// unit); nil keeps the whole target group, and is one for ATE.
  public var ratio: Int?
  /// The largest absolute standardised difference of means of every covariate.
  ///
  /// Units are the balance table's: the treated SD for ATT, the comparisons' for ATC, the root of the
  /// mean variance for ATE, all before matching. Covariates that are constant in the group whose SD
  /// counts have equal means.
  public var tolerance: Double
  /// How many branches are tried before the best choice so far is given with its gap; on large
  /// samples fewer, since their total work is limited too.
  public var nodeLimit: Int

  /// A configuration; the defaults keep all treated, with comparisons within 0.05 SD.
  public init(
    estimand: Estimand = .att, ratio: Int? = nil, tolerance: Double = 0.05, nodeLimit: Int = 2000
  ) {
    self.estimand = estimand
    self.ratio = ratio
    self.tolerance = tolerance
    self.nodeLimit = nodeLimit
  }

  /// Chooses among the rows of a study.
  ///
  /// `covariates` has a column for each mean that is constrained: give every level of a factor.
  /// Constant columns constrain nothing. Differences are compared with the tolerance to 1e-9 of a
  /// standard deviation. Which of several largest samples is chosen does not depend on the order of
  /// the rows, but for units that are alike in everything, of whom the first are kept.
  /// - Throws: `invalidOption` for another estimand, a ratio below one or a tolerance that is
  ///   negative; `badDesign` without a covariate that varies; `constantTreatment`, `sizeMismatch`,
  ///   `missingValue`, `badValue`; `tooFewObservations` where one unit has no standard deviation;
  ///   `noMatches` naming the covariate that binds when fewer than two of a group can be kept;
  ///   `nonConvergence` when the limit is reached before any choice was found.
  /// - Complexity: a linear programme of two rows a covariate and a column for each distinct profile of
  ///   covariates, then branches on the few columns that can matter.
  public func match(
    treatment: [Bool], covariates: [BalanceCovariate]
  ) throws(SiblingError) -> Match {
    guard tolerance >= 0, tolerance.isFinite else {
      throw SiblingError(
        .invalidOption, "the tolerance is a number of standard deviations, not negative",
        column: "tolerance")
    }
    if let ratio, ratio < 1 || ratio > Int(Int32.max) {
      throw SiblingError(
        .invalidOption, "the ratio is a whole number from 1", column: "ratio")
    }
    let plan = try StratumPlan(
      estimand, true, limit: "in the samples with balanced means")
    let problem = try CardinalityProblem(self, treatment: treatment, covariates: covariates)
    var search = CardinalitySearch(problem, nodeLimit: nodeLimit)
    search.run()
    guard let counts = search.counts else { throw problem.refusal(search) }
    return try Match(counts: counts, search: search, problem: problem, plan: plan)
  }
}
