public import LinearAlgebra
public import Statistics

/// A fitted Cox model.
///
/// Arrays and matrices of coefficients follow `names`; a term that was left out for lack of rank
/// has NaN throughout.
public struct CoxFit: Sendable {
  /// The names of the coefficients.
  public let names: [String]
  /// Log hazard ratios.
  public let coefficients: [Double]
  /// The inverse information, the naive variance.
  public let covariance: Matrix
  /// The robust variance, when one was asked for or called for.
  public let robustCovariance: Matrix?
  /// The partial log-likelihood at zero.
  public let logLikelihoodNull: Double
  /// The partial log-likelihood at the coefficients.
  public let logLikelihood: Double
  /// The likelihood-ratio test of all coefficients.
  public let likelihoodRatio: ChiSquaredTest
  /// The score test of all coefficients.
  public let score: ChiSquaredTest
  /// The Wald test of all coefficients, with the robust variance where there is one.
  public let wald: ChiSquaredTest
  /// The score test with the robust variance of the score, where the variance is robust.
  public let robustScore: ChiSquaredTest?
  /// The rows used.
  public let observations: Int
  /// The rows that ended with the event.
  public let events: Int
  /// The clusters that have rows, when the variance is clustered.
  public let clusters: Int?
  /// Newton steps taken.
  public let iterations: Int
  /// How ties were treated.
  public let ties: CoxRegression.Ties
  /// Terms left out because they are combinations of earlier ones or never vary.
  public let droppedTerms: [String]
  /// Terms whose coefficients run to infinity: the likelihood has no maximum in them.
  public let infiniteTerms: [String]
  /// Things the reader must know.
  public let notes: [String]

  /// The follow-up times that were fitted.
  let times: SurvivalTimes
  /// The design without intercept, dropped columns included.
  let design: DesignMatrix
  let strata: Factor?
  let weights: [Double]?
  let offset: [Double]?
  let cluster: Factor?
  let data: CoxData
  /// The state at the coefficients; it is not changed after the fit.
  let state: CoxState
  /// Which columns of the design were kept.
  let kept: [Int]
}

/// A statistic compared with the upper tail of χ².
public struct ChiSquaredTest: Sendable, Equatable {
  /// The statistic; NaN where it can't be computed.
  public let statistic: Double
  /// Its degrees of freedom.
  public let degreesOfFreedom: Double
  /// P(χ² > statistic).
  public let pValue: Double

  /// A test from its statistic.
  public init(statistic: Double, degreesOfFreedom: Double) {
    self.statistic = statistic
    self.degreesOfFreedom = degreesOfFreedom
    pValue =
      statistic.isNaN
      ? .nan : ChiSquared(degreesOfFreedom: degreesOfFreedom).upperTail(Swift.max(0, statistic))
  }

  /// The quadratic form u′V⁻¹u; NaN when V is singular.
  public init(_ vector: [Double], variance: Matrix) {
    let factor = try? Cholesky(variance)
    let form = factor.map { zip(vector, $0.solve(vector)).reduce(0) { $0 + $1.0 * $1.1 } }
    self.init(statistic: form ?? .nan, degreesOfFreedom: Double(vector.count))
  }
}

extension CoxFit {
  /// Naive standard errors.
  public var standardErrors: [Double] { covariance.diagonal.map { $0.squareRoot() } }

  /// Robust standard errors, where the variance is robust.
  public var robustStandardErrors: [Double]? {
    robustCovariance?.diagonal.map { $0.squareRoot() }
  }

  /// Log hazard ratios with statistic and interval, from the robust standard error where there is one.
  ///
  /// A row's `standardError` is the one that its statistic uses; `standardErrors` has the naive ones.
  public func estimates(level: Double = 0.95) -> EstimateTable {
    Self.estimates(
      names, coefficients, standardErrors, robust: robustStandardErrors, ties: ties, level: level,
      observations: observations, clusters: clusters, notes: notes)
  }

  /// The table of any Cox model's log hazard ratios, however it was fitted.
  public static func estimates(
    _ names: [String], _ coefficients: [Double], _ naive: [Double], robust: [Double]?,
    ties: CoxRegression.Ties, level: Double, observations: Int, clusters: Int?, notes: [String]
  ) -> EstimateTable {
    let errors = robust ?? naive
    let convention =
      "log hazard ratio, \(ties.rawValue), "
      + (robust == nil ? "naive" : clusters == nil ? "robust" : "cluster-robust")
      + " SE, z"
    let rows = names.indices.map { j in
      Estimate(
        term: names[j], estimate: coefficients[j],
        standardError: errors[j].isNaN ? nil : errors[j], level: level, convention: convention)
    }
    return EstimateTable(
      rows: rows, observations: observations, clusters: clusters, notes: notes)
  }

  /// Xβ plus the offset for each row; terms left out count as zero.
  public var linearPredictors: [Double] {
    let known = coefficients.map { $0.isNaN ? 0 : $0 }
    let linear = design.matrix.times(known)
    guard let offset else { return linear }
    return linear.indices.map { linear[$0] + offset[$0] }
  }
}
