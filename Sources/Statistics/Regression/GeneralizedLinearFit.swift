public import LinearAlgebra

/// A fitted generalised linear model.
public struct GeneralizedLinearFit: RegressionFit {
  /// The family of the response.
  public let family: Family
  /// The link of the mean.
  public let link: Link
  /// The names of the design's columns.
  public let names: [String]
  /// A coefficient for each column; NaN for dropped ones.
  public let coefficients: [Double]
  /// The columns that take part, ascending.
  public let keptColumns: [Int]
  /// The names of columns that are combinations of earlier ones.
  public let dropped: [String]
  /// (X′WX)⁻¹ over the kept columns, without dispersion.
  public let unscaledCovariance: Matrix
  /// The response, as given.
  public let response: [Double]
  /// The fitted means.
  public let fitted: [Double]
  /// The linear predictors, offset included.
  public let linearPredictor: [Double]
  /// The prior weights, as given; nil means all one.
  public let weights: [Double]?
  /// Each row's weight in the information: prior weight × (dμ/dη)²/V(μ).
  public let workingWeights: [Double]
  /// The dispersion: Pearson χ² over residual degrees of freedom for normal responses, else 1.
  public let dispersion: Double
  /// Twice the log-likelihood lost against a mean for each row.
  public let deviance: Double
  /// The deviance of the model of an intercept alone (of the offset alone without an intercept).
  public let nullDeviance: Double
  /// The log-likelihood, with its constants.
  public let logLikelihood: Double
  /// Rows with positive weight.
  public let observations: Int
  /// Newton steps taken on the whole data.
  public let iterations: Int
  /// Whether the solver reached its tolerance; a fit that did not is thrown, so true.
  public let converged: Bool
  /// What covariance estimators need.
  public let equations: EstimatingEquations
  /// Things that the reader must know.
  public let notes: [String]

  /// Response less fitted mean.
  public var residuals: [Double] { zip(response, fitted).map { $0 - $1 } }
  /// Observations less columns kept.
  public var residualDegreesOfFreedom: Int { observations - keptColumns.count }
  /// Each row's leverage.
  public var leverage: [Double] { equations.leverage }
  /// Akaike's criterion; a normal response's variance counts as a parameter.
  public var aic: Double {
    -2 * logLikelihood + 2 * Double(keptColumns.count + (family == .gaussian ? 1 : 0))
  }

  /// The covariance of the kept coefficients, in the order of `keptColumns`.
  ///
  /// CR2 takes the family's variances as its working model, on the scale of the response.
  /// - Throws: what the estimator finds wrong, such as a single cluster.
  public func covariance(
    _ estimator: CovarianceEstimator
  ) throws(SiblingError) -> CovarianceEstimate {
    var own = equations
    if case .cluster(.cr2, _, _) = estimator, !own.isLinear {
      own.meanSlopes = linearPredictor.map { eta in
        let point = family.point(eta, link)
        return point.weight / point.scoreFactor
      }
    }
    return try estimator.estimate(own)
  }
}
