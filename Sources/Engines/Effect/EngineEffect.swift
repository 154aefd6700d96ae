public import Matching
public import Statistics
public import Tables

/// A treatment's effect from sums that an engine gives: weighted means, g-computation in a weighted sample, and
/// augmented weighting.
///
/// The counterpart of `MatchedEffect` on inverse-probability weights and of `DoublyRobustEffect`'s `aipw`, with the
/// same estimates and standard errors. The score is a logit model. A fit takes one query to count, one for each step
/// of Newton's method, one or two for the outcome models, and two for the standard error; nothing but sums leaves the
/// engine.
public struct EngineEffect: Sendable {
  /// `difference`, `gcomp` or `aipw`.
  public var method: EffectMethod
  /// Whose effect; `aipw` estimates ATE, ATT or ATC.
  public var estimand: Estimand
  /// How the two means are compared.
  public var scale: MatchedEffect.Scale
  /// The confidence level.
  public var level: Double
  /// Whether the standard error knows that the score was fitted (M-estimation).
  public var isStacked: Bool
  /// Whether weights are multiplied by the share of the row's group.
  public var stabilizes: Bool
  /// Weights above this quantile (type 3) are set to it; nil for none.
  public var trimQuantile: Double?
  /// Whether groups are compared as they are, with sampling weights alone and no score; not for `aipw`.
  public var isUnadjusted = false

  /// An effect; the defaults give the ATT as a difference of weighted means.
  public init(
    method: EffectMethod = .difference, estimand: Estimand = .att,
    scale: MatchedEffect.Scale = .difference, level: Double = 0.95, isStacked: Bool = true,
    stabilizes: Bool = false, trimQuantile: Double? = nil
  ) {
    self.method = method
    self.estimand = estimand
    self.scale = scale
    self.level = level
    self.isStacked = isStacked
    self.stabilizes = stabilizes
    self.trimQuantile = trimQuantile
  }

  /// The effect on an outcome.
  ///
  /// `frame` is that of treatment ~ covariates, with sampling weights and at most one column of clusters; its rows
  /// must have the outcome and the columns of `covariates`, the outcome model's design; nil for the score's own.
  /// Rows of weight zero must have been left out.
  /// - Throws: `invalidOption`, `badDesign`, `constantTreatment`, `constantOutcome`, `badWeight`, `separation` and
  ///   `nonConvergence` of a model, `tooFewObservations`, `tooFewClusters`, `noOverlap` where a fitted probability
  ///   is 0 or 1, `badValue` where a ratio is not defined; the engine's failures.
  public func estimate(
    _ frame: EngineFrame, outcome: RowExpression, covariates: SymbolicDesign? = nil
  ) throws(SiblingError) -> EffectEstimate {
    try check(frame)
    var problem = try EffectProblem(self, frame, outcome, covariates)
    defer { problem.release() }
    if !isUnadjusted {
      try problem.keepRows(withOutcome: false)
      try problem.fitScore()
      try problem.keepRows(withOutcome: true)
    }
    if let trimQuantile, !isUnadjusted { try problem.findCap(trimQuantile) }
    let models = try problem.models()
    let variance = try problem.variance(models)
    let (treated, comparison) = (problem.arms[1], problem.arms[0])
    var notes = problem.notes
    for note in models.notes + variance.notes where !notes.contains(note) { notes.append(note) }
    return try EffectEstimate(
      means: (models.means[1], models.means[0]), covariance: variance.covariance, scale: scale,
      level: level, estimand: estimand, method: method, rows: (treated.rows, comparison.rows),
      events: problem.isBinary ? (treated.events, comparison.events) : nil,
      clusters: variance.clusters, convention: variance.convention, notes: notes)
  }

  private func check(_ frame: EngineFrame) throws(SiblingError) {
    guard [.difference, .gComputation, .augmentedWeighting].contains(method) else {
      throw SiblingError(.invalidOption, "\(method.rawValue) can't be had from sums")
    }
    guard !isUnadjusted || (method != .augmentedWeighting && !isStacked) else {
      throw SiblingError(
        .invalidOption, "m-estimation is for a score that is fitted, and there is none here")
    }
    guard frame.clusters.count <= 1 else {
      throw SiblingError(
        .invalidOption, "this estimator takes one column of clusters", column: "cluster")
    }
    if method == .augmentedWeighting, estimand == .ato || estimand == .atm {
      throw SiblingError(
        .invalidOption, "\(method.rawValue) estimates ATE, ATT or ATC",
        help: "\(estimand.rawValue) needs weighting: --method ipw.", column: "estimand")
    }
    guard level > 0, level < 1 else {
      throw SiblingError(.invalidOption, "the confidence level must lie between 0 and 1")
    }
    guard trimQuantile.map({ $0 > 0.5 && $0 < 1 }) ?? true else {
      throw SiblingError(
        .invalidOption, "the trimming quantile must lie between 0.5 and 1",
        help: "0.99 caps the largest hundredth of the weights.")
    }
  }
}
