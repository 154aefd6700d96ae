internal import Glibc
internal import LinearAlgebra
internal import Statistics

/// The two means with their gradients in estimated parameters, and the covariance of those.
struct PotentialMeans {
  var treated: Double
  var comparison: Double
  var treatedGradient: [Double]
  var comparisonGradient: [Double]
  var covariance: Matrix
  /// Each row's influence on the two means; nil where the estimator has none.
  var influence: (treated: [Double], comparison: [Double])?
  var clusters: Int?
  var convention: String
  var notes: [String]
}

extension PotentialMeans {
  /// Means whose own covariance is known, treated first.
  init(
    treated: Double, comparison: Double, covariance: Matrix,
    influence: (treated: [Double], comparison: [Double])?, clusters: Int?, convention: String,
    notes: [String]
  ) {
    self.init(
      treated: treated, comparison: comparison, treatedGradient: [1, 0],
      comparisonGradient: [0, 1], covariance: covariance, influence: influence,
      clusters: clusters, convention: convention, notes: notes)
  }
}

/// Compares two means on a scale, by the delta method.
struct MeanContrast {
  var scale: MatchedEffect.Scale
  var level: Double

  /// A contrast on the scale of its standard error: a difference, or the log of a ratio.
  struct Value {
    var value: Double
    var standardError: Double?
    var influence: [Double]?
  }

  /// The contrast of two means, with what each mean's change does to it.
  ///
  /// - Throws: `badValue` where a ratio is not defined.
  func value(_ means: PotentialMeans) throws(SiblingError) -> Value {
    let (one, zero) = (means.treated, means.comparison)
    let (value, treatedFactor, comparisonFactor): (Double, Double, Double)
    switch scale {
    case .difference: (value, treatedFactor, comparisonFactor) = (one - zero, 1, 1)
    case .ratio:
      guard one > 0, zero > 0 else {
        throw SiblingError(
          .badValue, "a ratio needs both means to be positive",
          help: "Ask for the difference instead.", column: "outcome")
      }
      (value, treatedFactor, comparisonFactor) = (log(one) - log(zero), 1 / one, 1 / zero)
    case .oddsRatio:
      guard one > 0, zero > 0, one < 1, zero < 1 else {
        throw SiblingError(
          .badValue, "an odds ratio needs both probabilities to lie between 0 and 1",
          help: "Ask for the difference instead.", column: "outcome")
      }
      value = log(one) - log1p(-one) - (log(zero) - log1p(-zero))
      treatedFactor = 1 / (one * (1 - one))
      comparisonFactor = 1 / (zero * (1 - zero))
    }
    let gradient = zip(means.treatedGradient, means.comparisonGradient).map {
      treatedFactor * $0 - comparisonFactor * $1
    }
    // Nil where the variance is negative, as two-way clustering can make it.
    let variance = means.covariance.quadraticForm(gradient)
    let influence = means.influence.map { parts in
      zip(parts.treated, parts.comparison).map { treatedFactor * $0 - comparisonFactor * $1 }
    }
    return Value(
      value: value,
      standardError: variance >= 0 && variance.isFinite ? variance.squareRoot() : nil,
      influence: influence)
  }

  /// The contrast as an estimate: ratios exponentiated, their standard error on the log scale.
  func estimate(_ value: Value, estimand: Estimand, convention: String) -> Estimate {
    scale.shown(
      Estimate(
        term: estimand.rawValue, estimate: value.value, standardError: value.standardError,
        level: level,
        convention: scale == .difference
          ? convention : convention + "; standard error on the log scale"))
  }
}
