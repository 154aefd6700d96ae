public import Statistics

/// The survival that everybody would have under either treatment, at chosen times.
///
/// Made by `AdjustedCurves`. `slopes` gives what each row's weight does to either curve; times the
/// weight that is the row's influence, whose squares sum to the variance.
public struct TreatmentCurves: Sendable {
  /// The times, ascending.
  public let times: [Double]
  /// Survival at each time if all were treated; NaN past the follow-up of the treated.
  public let treated: [Double]
  /// Survival at each time if none were treated; NaN past the follow-up of the comparisons.
  public let comparison: [Double]
  /// Things the reader must know.
  public let notes: [String]

  let source: any CurveSlopes

  /// The derivative of both curves at the k-th time in each row's weight.
  public func slopes(at k: Int) -> (treated: [Double], comparison: [Double]) {
    (source.slope(at: k, treated: true), source.slope(at: k, treated: false))
  }
}

/// What can say how a curve depends on the weight of each row.
protocol CurveSlopes: Sendable {
  func slope(at k: Int, treated: Bool) -> [Double]
}

/// Survival curves by treatment, adjusted for covariates.
///
/// Three estimators of one quantity, the survival of the whole sample under treatment and without:
/// - `weighted`: Kaplan–Meier curves under inverse-probability weights (Xie & Liu 2005,
///   doi:10.1002/sim.2174), right where the model of treatment is;
/// - `standardized`: a Cox model's predictions averaged over the sample (the g-formula; Makuch 1982,
///   doi:10.1016/0021-9681(82)90086-3), right where the Cox model is;
/// - `doublyRobust`: those predictions corrected by weighted martingale residuals, right where either the
///   Cox models of event or the models of treatment and censoring are (Zhang & Schaubel 2012,
///   doi:10.1002/bimj.201100180; Bai, Tsiatis & O'Brien 2013, doi:10.1111/biom.12009).
public struct AdjustedCurves: Sendable, Equatable {
  /// The times at which curves are read, ascending.
  public var times: [Double]

  /// Curves read at these times.
  public init(times: [Double]) {
    self.times = times.sorted()
  }

  /// Kaplan–Meier curves of the arms under weights.
  ///
  /// - Throws: `size-mismatch`, `bad-weight`, `constant-treatment`, `no-events`, `bad-interval`.
  /// - Complexity: O(n) a time.
  public func weighted(
    _ follow: SurvivalTimes, treatment: [Bool], weights: [Double]
  ) throws(SiblingError) -> TreatmentCurves {
    let arms = try WeightedArms(follow, treatment: treatment, weights: weights)
    return TreatmentCurves(
      times: times, treated: times.map { arms.treated.survival(at: $0) },
      comparison: times.map { arms.comparison.survival(at: $0) }, notes: notes(arms),
      source: WeightedSlopes(arms: arms, times: times))
  }

  /// The averages of a Cox model's predictions over the sample; ties as Breslow's.
  ///
  /// Each treatment has a baseline hazard of its own or, with `isProportional`, multiplies one.
  /// - Throws: `size-mismatch`, `bad-weight`, `bad-value`, `constant-treatment`, `no-events`,
  ///   `bad-interval` (also for late entry), or what the Cox model finds wrong.
  /// - Complexity: O(n p) a time.
  public func standardized(
    _ follow: SurvivalTimes, treatment: [Bool], covariates: DesignMatrix,
    weights: [Double]? = nil, isProportional: Bool = false
  ) throws(SiblingError) -> TreatmentCurves {
    let arms = try arms(follow, treatment, covariates, weights)
    let model = try StandardizedSlopes(
      follow, treatment: treatment, covariates: covariates.removingIntercept(), weights: weights,
      isProportional: isProportional, times: times)
    return TreatmentCurves(
      times: times, treated: masked(model.survival(treated: true), arms.treated),
      comparison: masked(model.survival(treated: false), arms.comparison),
      notes: notes(arms) + model.notes, source: model)
  }

  /// Predictions of a Cox model in each arm, corrected by weighted martingale residuals.
  ///
  /// `probability` is each row's probability of treatment. Event and censoring have a Cox model in each
  /// arm, with the same covariates. With more than 400 distinct times, follow-up is rounded up
  /// to 400 of them for the correction. The influence takes all models as known, as the efficient
  /// influence function does.
  /// - Throws: as `standardized`, and `bad-value` for a probability outside (0, 1).
  /// - Complexity: O(n m), m the distinct times or 400.
  public func doublyRobust(
    _ follow: SurvivalTimes, treatment: [Bool], covariates: DesignMatrix,
    probability: [Double], weights: [Double]? = nil
  ) throws(SiblingError) -> TreatmentCurves {
    let arms = try arms(follow, treatment, covariates, weights)
    try Checks.count(probability.count, is: follow.count, "the probability of treatment")
    if let row = probability.firstIndex(where: { !($0 > 0 && $0 < 1) }) {
      throw SiblingError(
        .badValue, "a probability of treatment is not between 0 and 1", row: row,
        column: "probability")
    }
    let model = try RobustSlopes(
      follow, treatment: treatment, covariates: covariates.removingIntercept(),
      probability: probability, weights: weights, times: times)
    return TreatmentCurves(
      times: times, treated: masked(model.survival(treated: true), arms.treated),
      comparison: masked(model.survival(treated: false), arms.comparison),
      notes: notes(arms) + model.notes, source: model)
  }

  private func arms(
    _ follow: SurvivalTimes, _ treatment: [Bool], _ covariates: DesignMatrix,
    _ weights: [Double]?
  ) throws(SiblingError) -> WeightedArms {
    try Checks.count(covariates.rows, is: follow.count, "the covariates")
    try Checks.finite(covariates.matrix, covariates.names)
    try Checks.weights(weights, rows: follow.count, allowingZero: false)
    guard follow.start == nil else {
      throw SiblingError(
        .badInterval, "curves from Cox models take no late entry", help: "use weighted curves",
        column: "start")
    }
    return try WeightedArms(follow, treatment: treatment, weights: weights)
  }

  private func masked(_ survival: [Double], _ arm: ArmFunctional) -> [Double] {
    zip(times, survival).map { arm.isKnown(at: $0) ? $1 : .nan }
  }

  private func notes(_ arms: WeightedArms) -> [String] {
    [("treated", arms.treated), ("comparisons", arms.comparison)].compactMap { name, arm in
      times.contains { !arm.isKnown(at: $0) }
        ? "times past \(arm.last), where the follow-up of the \(name) ends, are left out" : nil
    }
  }
}

/// The slopes of weighted Kaplan–Meier curves.
struct WeightedSlopes: CurveSlopes {
  let arms: WeightedArms
  let times: [Double]

  func slope(at k: Int, treated: Bool) -> [Double] {
    arms.slope { buffer in
      (treated ? arms.treated : arms.comparison).addSurvivalSlope(
        at: times[k], times: 1, to: buffer)
    }
  }
}
