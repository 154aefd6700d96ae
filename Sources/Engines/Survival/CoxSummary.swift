public import LinearAlgebra
public import Statistics
public import Survival

/// What is reported of a Cox model that was fitted without its rows.
///
/// Arrays follow `names`; a term that was left out for lack of rank has NaN throughout.
public struct CoxSummary: Sendable {
  /// The names of the coefficients.
  public let names: [String]
  /// Log hazard ratios.
  public let coefficients: [Double]
  /// The inverse information.
  public let covariance: Matrix
  /// The robust variance, where one was asked or called for.
  public let robustCovariance: Matrix?
  /// The partial log-likelihood at zero.
  public let logLikelihoodNull: Double
  /// The partial log-likelihood at the coefficients.
  public let logLikelihood: Double
  /// The likelihood-ratio test of all coefficients.
  public let likelihoodRatio: ChiSquaredTest
  /// The score test.
  public let score: ChiSquaredTest
  /// The Wald test, with the robust variance where there is one.
  public let wald: ChiSquaredTest
  /// The robust score test, where the variance is robust.
  public let robustScore: ChiSquaredTest?
  /// The rows used.
  public let observations: Int
  /// The rows that ended with the event.
  public let events: Int
  /// The clusters, where the variance is clustered.
  public let clusters: Int?
  /// How ties were treated.
  public let ties: CoxRegression.Ties
  /// What the reader must know.
  public let notes: [String]
  /// The concordance, where it was asked for.
  public let concordance: Concordance?

  /// The summary of a fit in memory.
  public init(_ fit: CoxFit, concordance: Bool) {
    (names, coefficients, covariance) = (fit.names, fit.coefficients, fit.covariance)
    robustCovariance = fit.robustCovariance
    (logLikelihoodNull, logLikelihood) = (fit.logLikelihoodNull, fit.logLikelihood)
    (likelihoodRatio, score, wald) = (fit.likelihoodRatio, fit.score, fit.wald)
    robustScore = fit.robustScore
    (observations, events, clusters) = (fit.observations, fit.events, fit.clusters)
    (ties, notes) = (fit.ties, fit.notes)
    self.concordance = concordance ? fit.concordance() : nil
  }

  /// Naive standard errors.
  public var standardErrors: [Double] { covariance.diagonal.map { $0.squareRoot() } }

  /// Robust standard errors, where the variance is robust.
  public var robustStandardErrors: [Double]? {
    robustCovariance?.diagonal.map { $0.squareRoot() }
  }

  /// Log hazard ratios with statistic and interval, from the robust standard error where there is one.
  public func estimates(level: Double = 0.95) -> EstimateTable {
    CoxFit.estimates(
      names, coefficients, standardErrors, robust: robustStandardErrors, ties: ties, level: level,
      observations: observations, clusters: clusters, notes: notes)
  }
}

extension CoxSummary {
  /// What a fit from sums by time consists of.
  struct Parts {
    let names: [String]
    let kept: [Int]
    let ties: CoxRegression.Ties
    let solution: NewtonSolver.Solution
    let observations: Int
    let events: Int
    let variance: Matrix
    var infinite: [Int] = []
    /// Sums of outer products of score residuals, the same at zero, and the score at zero.
    var robust: (final: Matrix, zero: Matrix, score: [Double])?
    var clusters: Int?
    var notes: [String] = []
    var concordance: Concordance?

    init(
      names: [String], kept: [Int], ties: CoxRegression.Ties, solution: NewtonSolver.Solution,
      observations: Int, events: Int
    ) {
      (self.names, self.kept, self.ties, self.solution) = (names, kept, ties, solution)
      (self.observations, self.events) = (observations, events)
      variance = Self.inverse(solution.final.information)
    }

    /// The inverse of an information matrix; columns without information get NaN.
    private static func inverse(_ information: Matrix) -> Matrix {
      if let factor = try? Cholesky(information) { return factor.inverse }
      let kept = ColumnRank(gram: information, tolerance: 1e-6).kept
      let part = (try? Cholesky(information.selecting(both: kept)))?.inverse
      return (part ?? Matrix(rows: kept.count, columns: kept.count))
        .spread(kept, information.columns)
    }
  }

  init(_ parts: Parts) {
    let (solution, p) = (parts.solution, parts.names.count)
    names = parts.names
    var coefficients = [Double](repeating: .nan, count: p)
    for (k, j) in parts.kept.enumerated() { coefficients[j] = solution.coefficients[k] }
    self.coefficients = coefficients
    covariance = parts.variance.spread(parts.kept, p)
    var robust: Matrix?
    if let sums = parts.robust {
      let sandwich = parts.variance * sums.final * parts.variance
      robust = (sandwich + sandwich.transposed).scaled(by: 0.5)
    }
    robustCovariance = robust?.spread(parts.kept, p)
    (logLikelihoodNull, logLikelihood) = (solution.initial.value, solution.final.value)
    likelihoodRatio = ChiSquaredTest(
      statistic: 2 * (logLikelihood - logLikelihoodNull),
      degreesOfFreedom: Double(parts.kept.count))
    score = ChiSquaredTest(solution.initial.gradient, variance: solution.initial.information)
    wald = ChiSquaredTest(solution.coefficients, variance: robust ?? parts.variance)
    robustScore = parts.robust.map { ChiSquaredTest($0.score, variance: $0.zero) }
    (observations, events, clusters) = (parts.observations, parts.events, parts.clusters)
    (ties, notes, concordance) = (parts.ties, parts.notes, parts.concordance)
  }
}

extension Matrix {
  /// The matrix among NaN, its rows and columns at `places`.
  fileprivate func spread(_ places: [Int], _ count: Int) -> Matrix {
    var result = Matrix(
      rows: count, columns: count, storage: [Double](repeating: .nan, count: count * count))
    for (k, j) in places.enumerated() {
      for (l, i) in places.enumerated() { result[i, j] = self[l, k] }
    }
    return result
  }
}
