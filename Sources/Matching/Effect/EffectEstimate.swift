internal import Glibc
public import Statistics

/// How an effect was estimated.
public enum EffectMethod: String, Sendable, CaseIterable {
  /// Weighted means of the two groups.
  case difference
  /// Averages of an outcome model's predictions.
  case gComputation = "gcomp"
  /// Predictions corrected by inverse-probability weighted residuals.
  case augmentedWeighting = "aipw"
  /// Predictions moved until they solve the efficient influence function's equation.
  case targetedLearning = "tmle"
  /// The augmented estimator with models fitted on other folds.
  case doubleMachineLearning = "dml"
  /// Matching with replacement, ties averaged.
  case abadieImbens = "abadie-imbens"
}

/// An effect with what a reader needs to judge it.
public struct EffectEstimate: Sendable, Equatable {
  /// The estimate; its term is the estimand.
  ///
  /// Ratios are exponentiated; their standard error and statistic stand on the log scale.
  public var estimate: Estimate
  /// The scale of the estimate.
  public var scale: MatchedEffect.Scale
  /// How the means were estimated.
  public var method: EffectMethod
  /// Whom the effect is about, in words.
  public var population: String
  /// The mean outcome of the target population if all were treated.
  public var meanTreated: Double
  /// The mean outcome of the target population if none were treated.
  public var meanComparison: Double
  /// Treated rows with positive weight.
  public var treatedRows: Int
  /// Comparison rows with positive weight.
  public var comparisonRows: Int
  /// Treated rows with weight whose binary outcome is 1; nil for other outcomes.
  public var treatedEvents: Int?
  /// Comparison rows with weight whose binary outcome is 1; nil for other outcomes.
  public var comparisonEvents: Int?
  /// Clusters of the standard error, the fewest of any factor; nil without.
  public var clusters: Int?
  /// Each row's influence on the estimate, on the scale of the standard error; nil where the
  /// estimator has none.
  ///
  /// Effects in parts of one sample have the covariance that the products of their influences,
  /// summed within clusters, add up to.
  public var influence: [Double]?
  /// Things the reader must know.
  public var notes: [String]
}

extension EffectEstimate {
  /// The estimate on the scale of its standard error: itself, or the log of a ratio.
  public var onErrorScale: Double {
    scale == .difference ? estimate.estimate : log(estimate.estimate)
  }

  /// The same estimate with another standard error, on the scale of the first.
  public func judged(
    by standardError: Double?, level: Double, convention: String
  ) -> EffectEstimate {
    var result = self
    result.estimate = scale.shown(
      Estimate(
        term: estimate.term, estimate: onErrorScale, standardError: standardError, level: level,
        convention: scale == .difference
          ? convention : convention + "; standard error on the log scale"))
    return result
  }
}

extension MatchedEffect.Scale {
  /// An estimate on the scale of its standard error as it is shown: ratios are exponentiated.
  public func shown(_ estimate: Estimate) -> Estimate {
    guard self != .difference else { return estimate }
    var result = estimate
    result.estimate = exp(estimate.estimate)
    result.interval = estimate.interval.map {
      ConfidenceInterval(low: exp($0.low), high: exp($0.high), level: $0.level)
    }
    return result
  }
}
