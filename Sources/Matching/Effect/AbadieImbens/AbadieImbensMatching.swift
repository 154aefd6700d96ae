internal import LinearAlgebra
public import Statistics

/// Estimates a treatment's effect by matching with replacement, everybody who is equally near
/// averaged.
///
/// Each row's missing outcome is the mean of its M nearest in the other group (exactly equal
/// distances all count). The variance is that of Abadie, A. and Imbens, G. W. (2006),
/// https://doi.org/10.1111/j.1468-0262.2006.00655.x, for the population: the spread of the matched
/// differences, and for each row (K² − K′)σ² (ATE: K² + 2K − K′), K the weight that the row has been
/// given as a match and K′ the sum of the squares of its parts. σ² is one number from the matched
/// differences, or each row's own from its nearest in its own group.
///
/// When the score was estimated, the variance is corrected for that (Abadie, A. and Imbens, G. W.
/// (2016), https://doi.org/10.3982/ECTA11293). With bias adjustment, a regression in the matched
/// group makes up for matches that differ in covariates (Abadie, A. and Imbens, G. W. (2011),
/// https://doi.org/10.1198/jbes.2009.07333). The bootstrap is no alternative: it fails for matching
/// (Abadie, A. and Imbens, G. W. (2008), https://doi.org/10.3982/ECTA6474).
public struct AbadieImbensMatching: Sendable, Equatable {
  /// Whose effect: ATT, ATC or ATE.
  public var estimand: Estimand
  /// M, the matches of each row.
  public var matches: Int
  /// The neighbours in a row's own group that its variance is estimated from; 0 assumes one variance
  /// for all.
  public var varianceNeighbors: Int
  /// How the two means are compared.
  public var scale: MatchedEffect.Scale
  /// The confidence level.
  public var level: Double

  /// A matching estimator; the defaults match one to one for the ATT, with one variance for all.
  public init(
    estimand: Estimand = .att, matches: Int = 1, varianceNeighbors: Int = 0,
    scale: MatchedEffect.Scale = .difference, level: Double = 0.95
  ) {
    self.estimand = estimand
    self.matches = matches
    self.varianceNeighbors = varianceNeighbors
    self.scale = scale
    self.level = level
  }

  /// The effect, from one entry a row of the study.
  ///
  /// `score` is the fitted score that `distance` is made of; without it the distance is taken as
  /// known. `adjusting` is a design with an intercept for bias adjustment; nil for none. `within`
  /// matches among these rows only.
  /// - Throws: `constantTreatment`, `sizeMismatch`, `missingValue`, `badValue`, `constantOutcome`,
  ///   `invalidOption`, `tooFewObservations` where a group is smaller than the matches asked for.
  /// - Complexity: O(n log n) on a score, O(n₁n₀) on coordinates.
  public func estimate(
    outcome: [Double], treatment: [Bool], distance: MatchingDistance,
    score: PropensityScoreFit? = nil, adjusting: DesignMatrix? = nil, within: [Bool]? = nil
  ) throws(SiblingError) -> EffectEstimate {
    _ = try Inputs.groups(treatment)
    let chosen = try within.map { within throws(SiblingError) in
      try Inputs.length(within.count, expected: treatment.count, of: "the subgroup")
      return within.indices.filter { within[$0] }
    }
    let problem = try AbadieImbensProblem(
      self, outcome: outcome, treatment: treatment, distance: distance, score: score,
      adjusting: adjusting, rows: chosen ?? Array(treatment.indices))
    let means = try problem.means()
    let contrast = MeanContrast(scale: scale, level: level)
    let value = try contrast.value(means.means)
    let isBinary = problem.outcome.allSatisfy { $0 == 0 || $0 == 1 }
    func count(_ group: Bool, eventsOnly: Bool) -> Int {
      problem.treatment.indices.count {
        problem.treatment[$0] == group && means.isUsed[$0]
          && (!eventsOnly || problem.outcome[$0] == 1)
      }
    }
    return EffectEstimate(
      estimate: contrast.estimate(
        value, estimand: estimand, convention: means.means.convention),
      scale: scale, method: .abadieImbens, population: estimand.rawValue,
      meanTreated: means.means.treated, meanComparison: means.means.comparison,
      treatedRows: count(true, eventsOnly: false), comparisonRows: count(false, eventsOnly: false),
      treatedEvents: isBinary ? count(true, eventsOnly: true) : nil,
      comparisonEvents: isBinary ? count(false, eventsOnly: true) : nil, clusters: nil,
      influence: nil, notes: means.means.notes)
  }
}
