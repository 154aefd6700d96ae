internal import LinearAlgebra
public import Statistics

/// Estimates a treatment's effect on a matched or weighted sample.
///
/// `difference` compares weighted means. `gComputation` fits an outcome model with the weights,
/// predicts every row of the target group with and without treatment, and compares the averages
/// (Robins, J. (1986), https://doi.org/10.1016/0270-0255(86)90088-6). Standard errors follow by the
/// delta method from a cluster-robust covariance, conditional on the matched sample's covariates;
/// clusters are matched sets (Abadie, A. and Spiess, J. (2022),
/// https://doi.org/10.1080/01621459.2020.1840383).
public struct MatchedEffect: Sendable, Equatable {
  /// How the potential outcomes' means are estimated.
  public enum Method: String, Sendable, CaseIterable {
    /// Weighted means of the two groups.
    case difference
    /// Averages of an outcome model's predictions.
    case gComputation = "gcomp"
  }

  /// How the two means are compared.
  public enum Scale: String, Sendable, CaseIterable {
    /// Treated less comparison: for a binary outcome the risk difference.
    case difference
    /// Treated over comparison: for a binary outcome the risk ratio.
    case ratio
    /// The marginal odds ratio of a binary outcome.
    case oddsRatio = "odds-ratio"
  }

  /// The outcome model of g-computation.
  public enum OutcomeModel: String, Sendable, CaseIterable {
    /// Logistic for a 0/1 outcome, linear otherwise; linear too where logistic separates, which the
    /// notes then say.
    case automatic
    /// Least squares.
    case linear
    /// Logistic regression.
    case logit
  }

  /// How the means are estimated.
  public var method: Method
  /// How they are compared.
  public var scale: Scale
  /// The outcome model of g-computation.
  public var outcomeModel: OutcomeModel
  /// The confidence level.
  public var level: Double

  /// An effect estimator; the defaults give a difference of weighted means.
  public init(
    method: Method = .difference, scale: Scale = .difference,
    outcomeModel: OutcomeModel = .automatic, level: Double = 0.95
  ) {
    self.method = method
    self.scale = scale
    self.outcomeModel = outcomeModel
    self.level = level
  }

  /// The effect in a matched sample.
  ///
  /// `outcome` and `treatment` have one entry a row of the study; `design` is needed by
  /// g-computation. Standard errors are clustered by `cluster`, or else by matched set (CR1). When
  /// units could be matched more than once, rows are repeated for each set that they stand in, and
  /// clustered both by set and by unit. `within` restricts the sample to a subgroup, matched as it
  /// was.
  /// - Throws: `sizeMismatch`, `missingValue`, `constantOutcome`, `invalidOption`, `badValue` when a
  ///   ratio is not defined, `tooFewClusters`, `tooFewObservations`, `separation` of a logistic
  ///   model asked for.
  public func estimate(
    outcome: [Double], treatment: [Bool], match whole: Match, design: OutcomeDesign? = nil,
    cluster: Factor? = nil, within: [Bool]? = nil
  ) throws(SiblingError) -> EffectEstimate {
    try Inputs.length(whole.weights.count, expected: treatment.count, of: "the match")
    if let within { try Inputs.length(within.count, expected: treatment.count, of: "the subgroup") }
    let match = within.map { whole.restricted(to: $0) } ?? whole
    let sample: EffectSample
    if let cluster {
      sample = .weighted(match.weights, clusters: [cluster], by: "cluster")
    } else if let sets = match.subclassFactor {
      sample =
        match.isStratified
        ? .stratified(match.weights)
        : .weighted(match.weights, clusters: [sets], by: "matched set")
    } else if match.allowsReuse {
      sample = .repeated(match)
    } else {
      // Samples without sets: every unit is on its own.
      sample = .weighted(match.weights, clusters: [], by: "")
    }
    return try estimate(
      outcome: outcome, treatment: treatment, weights: match.weights, estimand: match.estimand,
      population: match.population, sample: sample, design: design)
  }

  /// The effect in a weighted sample.
  ///
  /// With `equations`, which have a row for each of the study's, the standard error is the stacked
  /// M-estimation sandwich: it knows that the weights were estimated, and that the covariates of the
  /// target population were sampled (Lunceford, J. K. and Davidian, M. (2004),
  /// https://doi.org/10.1002/sim.1903). Without, weights are taken as known, and standard errors are
  /// heteroskedasticity-robust (HC1) or clustered (CR1). `within` restricts the sample to a subgroup,
  /// weighted as it was.
  /// - Throws: as for a matched sample, and `badWeight`; `rankDeficient` when the weights' equations
  ///   can't be solved.
  public func estimate(
    outcome: [Double], treatment: [Bool], weights: [Double], estimand: Estimand,
    design: OutcomeDesign? = nil, cluster: Factor? = nil, clusterName: String = "cluster",
    equations: WeightEquations? = nil, within: [Bool]? = nil
  ) throws(SiblingError) -> EffectEstimate {
    if let equations { try equations.check(rows: treatment.count) }
    var (weights, equations) = (weights, equations)
    if let within {
      try Inputs.length(within.count, expected: treatment.count, of: "the subgroup")
      for row in weights.indices where row < within.count && !within[row] { weights[row] = 0 }
      equations = equations?.restricted(to: within)
    }
    return try estimate(
      outcome: outcome, treatment: treatment, weights: weights, estimand: estimand,
      population: estimand.rawValue,
      sample: .weighted(weights, clusters: cluster.map { [$0] } ?? [], by: clusterName),
      design: design, equations: equations)
  }

  private func estimate(
    outcome: [Double], treatment: [Bool], weights: [Double], estimand: Estimand,
    population: String, sample: EffectSample, design: OutcomeDesign?,
    equations: WeightEquations? = nil
  ) throws(SiblingError) -> EffectEstimate {
    _ = try Inputs.groups(treatment)
    try Inputs.weights(weights, treatment: treatment)
    try Inputs.twoEach(weights, treatment: treatment)
    try Inputs.length(outcome.count, expected: treatment.count, of: "the outcome")
    guard level > 0, level < 1 else {
      throw SiblingError(.invalidOption, "the confidence level must lie between 0 and 1")
    }
    let used = weights.indices.filter { weights[$0] > 0 }
    if let row = used.first(where: { !outcome[$0].isFinite }) {
      throw SiblingError(
        .missingValue, "the outcome is missing in a row with weight",
        help: "Leave out rows without outcome before matching, or impute them.", row: row,
        column: "outcome")
    }
    try design?.check(rows: treatment.count)
    let model = try chosenDesign(design, rows: treatment.count)
    let isBinary = used.allSatisfy { outcome[$0] == 0 || outcome[$0] == 1 }
    var prepared = sample.prepare(treatment: treatment, outcome: outcome)
    prepared.equations = equations
    let means = try potentialMeans(
      prepared, model.selecting(rows: prepared.rows), estimand, isBinary)
    try refuseEmptyRatio(isBinary, used, outcome, treatment)
    let contrast = MeanContrast(scale: scale, level: level)
    let value = try contrast.value(means)
    func count(_ group: Bool, eventsOnly: Bool) -> Int {
      used.count { treatment[$0] == group && (!eventsOnly || outcome[$0] == 1) }
    }
    return EffectEstimate(
      estimate: contrast.estimate(value, estimand: estimand, convention: means.convention),
      scale: scale, method: method == .difference ? .difference : .gComputation,
      population: population,
      meanTreated: means.treated, meanComparison: means.comparison,
      treatedRows: count(true, eventsOnly: false), comparisonRows: count(false, eventsOnly: false),
      treatedEvents: isBinary ? count(true, eventsOnly: true) : nil,
      comparisonEvents: isBinary ? count(false, eventsOnly: true) : nil,
      clusters: means.clusters, influence: value.influence, notes: means.notes)
  }

  /// A ratio has no finite value or error where a group has no event, or for odds nothing else.
  ///
  /// - Throws: `badValue`.
  private func refuseEmptyRatio(
    _ isBinary: Bool, _ used: [Int], _ outcome: [Double], _ treatment: [Bool]
  ) throws(SiblingError) {
    guard isBinary, scale != .difference else { return }
    for group in [true, false] {
      let rows = used.filter { treatment[$0] == group }
      let events = rows.count { outcome[$0] == 1 }
      guard events == 0 || (scale == .oddsRatio && events == rows.count) else { continue }
      throw SiblingError(
        .badValue,
        "\(events == 0 ? "no" : "every") \(group ? "treated" : "comparison") row has the outcome, so"
          + " a ratio can't be estimated",
        help: "Ask for the difference instead.", column: "outcome")
    }
  }

  private func chosenDesign(
    _ design: OutcomeDesign?, rows: Int
  ) throws(SiblingError) -> OutcomeDesign {
    switch method {
    case .difference:
      return .interacted(DesignMatrix(matrix: .init(rows: rows, columns: 0), names: []))
    case .gComputation:
      guard let design else {
        throw SiblingError(
          .invalidOption, "g-computation needs the covariates of an outcome model",
          help: "Give an outcome model, or use the difference of weighted means.")
      }
      return design
    }
  }
}
