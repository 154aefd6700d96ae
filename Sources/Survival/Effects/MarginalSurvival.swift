internal import LinearAlgebra
public import Statistics

/// What a treatment does to survival in a matched or weighted sample.
///
/// The marginal hazard ratio of a weighted Cox model with the treatment alone, differences of the
/// weighted Kaplan–Meier curves at milestones, and the difference and ratio of restricted means (the
/// areas under those curves). Each comes with the derivative in every row's weight. Times the weight
/// that is the row's influence, so that its squares, summed by matched set or carried through the
/// equations that the weights were estimated by, give the variance.
///
/// Marginal hazard ratio after matching or weighting: Austin (2014), doi:10.1002/sim.5984; curves:
/// Xie & Liu (2005), doi:10.1002/sim.2174; influence of restricted means: Andersen, Hansen & Klein
/// (2004), doi:10.1007/s10985-004-4771-0.
/// - Complexity: O(n) a milestone or mean after the sort that `SurvivalTimes` has made.
public struct MarginalSurvival: Sendable, Equatable {
  /// What is compared.
  public enum Measure: String, Sendable, CaseIterable {
    /// The hazards, as a ratio that is taken as constant over time.
    case hazardRatio = "hazard-ratio"
    /// The shares without the event at given times.
    case milestone = "milestone"
    /// The mean time without the event up to a horizon.
    case restrictedMean = "rmst"
  }

  /// What is compared.
  public var measures: [Measure]
  /// The times of milestones; none means the horizon of the restricted mean.
  public var times: [Double]
  /// The horizon of restricted means; nil chooses it by survRM2's rule, as `RestrictedMean` does.
  public var tau: Double?
  /// How tied event times are treated by the hazard ratio.
  public var ties: CoxRegression.Ties

  /// An estimator of all measures.
  public init(
    measures: [Measure] = Measure.allCases, times: [Double] = [], tau: Double? = nil,
    ties: CoxRegression.Ties = .efron
  ) {
    self.measures = measures
    self.times = times
    self.tau = tau
    self.ties = ties
  }

  /// Compares the treated with the others; rows of weight zero take no part.
  ///
  /// A contrast that the data can't give (a time past the follow-up of an arm, no event in an arm)
  /// has a NaN and a note.
  /// - Throws: `size-mismatch`, `bad-weight`, `constant-treatment` (an arm without weight),
  ///   `no-events`, `bad-interval` (a negative time), `invalid-option` (a horizon or time that is not
  ///   positive) or what the Cox model finds wrong.
  public func fit(
    _ times: SurvivalTimes, treatment: [Bool], weights: [Double]? = nil
  ) throws(SiblingError) -> MarginalSurvivalFit {
    let arms = try WeightedArms(times, treatment: treatment, weights: weights)
    guard self.times.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw SiblingError(.invalidOption, "milestones must be positive numbers", column: "times")
    }
    let horizon = tau ?? arms.horizon
    guard horizon > 0, horizon.isFinite else {
      throw SiblingError(
        .invalidOption, "the horizon tau must be a positive number", column: "tau")
    }
    var notes: [String] = []
    var contrasts: [SurvivalContrast] = []
    for measure in Measure.allCases where measures.contains(measure) {
      switch measure {
      case .hazardRatio: contrasts.append(try hazardRatio(times, arms, &notes))
      case .milestone:
        for time in self.times.isEmpty ? [horizon] : self.times {
          contrasts.append(arms.milestone(time, &notes))
        }
      case .restrictedMean: contrasts += arms.means(horizon, &notes)
      }
    }
    return MarginalSurvivalFit(contrasts: contrasts, tau: horizon, notes: notes)
  }

  private func hazardRatio(
    _ times: SurvivalTimes, _ arms: WeightedArms, _ notes: inout [String]
  ) throws(SiblingError) -> SurvivalContrast {
    let rows = arms.rows
    func missing(_ why: String) -> SurvivalContrast {
      notes.append("the hazard ratio is left out: \(why)")
      return SurvivalContrast(
        scale: .hazardRatio, time: nil, treated: .nan, comparison: .nan, estimate: .nan, slope: [])
    }
    for (name, isTreated) in [("treated", true), ("comparisons", false)]
    where !rows.contains(where: { times.event[$0] && arms.treatment[$0] == isTreated }) {
      return missing("none of the \(name) has the event, so it is not finite")
    }
    let design = DesignMatrix(
      matrix: Matrix(columns: [rows.map { arms.treatment[$0] ? 1 : 0 }]), names: ["treatment"])
    let fit = try CoxRegression(ties: ties, robust: false).fit(
      try times.selecting(rows), design, weights: arms.weights.map { all in rows.map { all[$0] } })
    guard fit.infiniteTerms.isEmpty else { return missing("it runs to infinity") }
    let scores = fit.scoreResiduals()
    var slope = [Double](repeating: 0, count: times.count)
    for (place, row) in rows.enumerated() { slope[row] = scores[place, 0] * fit.covariance[0, 0] }
    return SurvivalContrast(
      scale: .hazardRatio, time: nil, treated: .nan, comparison: .nan,
      estimate: fit.coefficients[0], slope: slope)
  }
}

/// A contrast of survival between two arms, and what each row's weight does to it.
public struct SurvivalContrast: Sendable, Equatable {
  /// The scale of a contrast.
  public enum Scale: String, Sendable, CaseIterable {
    /// The hazard ratio.
    case hazardRatio = "hazard-ratio"
    /// Survival of the treated less that of the comparisons.
    case survivalDifference = "survival-difference"
    /// Mean time of the treated less that of the comparisons.
    case meanDifference = "rmst-difference"
    /// Mean time of the treated over that of the comparisons.
    case meanRatio = "rmst-ratio"

    /// Whether estimate and derivative are those of a logarithm.
    public var isLogarithm: Bool { self == .hazardRatio || self == .meanRatio }
  }

  /// The scale.
  public let scale: Scale
  /// The milestone or horizon; nil for the hazard ratio.
  public let time: Double?
  /// The value among the treated; NaN for the hazard ratio.
  public let treated: Double
  /// The value among the comparisons; NaN for the hazard ratio.
  public let comparison: Double
  /// The contrast, of ratios the logarithm; NaN where the data can't give it.
  public let estimate: Double
  /// The derivative of `estimate` in the weight of each row; empty where there is no estimate.
  public let slope: [Double]

  /// A contrast from its parts.
  public init(
    scale: Scale, time: Double?, treated: Double, comparison: Double, estimate: Double,
    slope: [Double]
  ) {
    self.scale = scale
    self.time = time
    self.treated = treated
    self.comparison = comparison
    self.estimate = estimate
    self.slope = slope
  }
}

/// Contrasts of survival between two arms.
public struct MarginalSurvivalFit: Sendable, Equatable {
  /// The hazard ratio, then milestones in the order of the times, then restricted means.
  public let contrasts: [SurvivalContrast]
  /// The horizon of the restricted means.
  public let tau: Double
  /// Things the reader must know.
  public let notes: [String]

  /// A fit from its parts.
  public init(contrasts: [SurvivalContrast], tau: Double, notes: [String]) {
    self.contrasts = contrasts
    self.tau = tau
    self.notes = notes
  }
}
