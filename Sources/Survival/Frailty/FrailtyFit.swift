public import LinearAlgebra
public import Statistics

/// A fitted Cox model with a frailty.
public struct FrailtyFit: Sendable {
  /// The names of the coefficients.
  public let names: [String]
  /// Log hazard ratios, for people of the same frailty.
  public let coefficients: [Double]
  /// Their variance, the frailty's variance being taken as known.
  public let covariance: Matrix
  /// What the frailty follows.
  public let distribution: CoxFrailty.Distribution
  /// The variance θ of the frailty; zero when the data show none.
  public let variance: Double
  /// The levels of the frailty.
  public let levels: [String]
  /// The log frailty of each level.
  public let logFrailties: [Double]
  /// The log-likelihood with the frailties integrated out: exact for gamma, Laplace's for Gaussian.
  public let logLikelihood: Double
  /// The partial log-likelihood of the same model without frailty.
  public let logLikelihoodWithout: Double
  /// The partial log-likelihood without covariates and frailty.
  public let logLikelihoodNull: Double
  /// The likelihood-ratio test of θ = 0; its p-value is half that of χ² with one degree, as θ = 0
  /// is the edge of what θ can be.
  public let frailtyTest: (statistic: Double, pValue: Double)
  /// The Wald test of all coefficients.
  public let wald: ChiSquaredTest
  /// The rows used.
  public let observations: Int
  /// The rows that ended with the event.
  public let events: Int
  /// How ties were treated.
  public let ties: CoxRegression.Ties
  /// Things the reader must know.
  public let notes: [String]

  /// A fit at a variance above zero, or without `fitted` at zero.
  init(
    plain: CoxFit, levels: [String], distribution: CoxFrailty.Distribution,
    fitted: (solution: NewtonSolver.Solution, marginal: Double, variance: Double)? = nil
  ) {
    let p = plain.names.count
    names = plain.names
    self.levels = levels
    self.distribution = distribution
    var notes = plain.notes
    if let fitted {
      coefficients = Array(fitted.solution.coefficients[..<p])
      logFrailties = Array(fitted.solution.coefficients[p...])
      let full = (try? Cholesky(fitted.solution.final.information))?.inverse
      covariance =
        full?.selecting(both: Array(0..<p))
        ?? Matrix(rows: p, columns: p, storage: [Double](repeating: .nan, count: p * p))
      variance = fitted.variance
      logLikelihood = fitted.marginal
    } else {
      coefficients = plain.coefficients
      logFrailties = levels.map { _ in 0 }
      covariance = plain.covariance
      variance = 0
      logLikelihood = plain.logLikelihood
      notes.append(
        "the data show no variance between the levels of the frailty: the fit is that without it")
    }
    logLikelihoodWithout = plain.logLikelihood
    logLikelihoodNull = plain.logLikelihoodNull
    let gain = Swift.max(0, 2 * (logLikelihood - plain.logLikelihood))
    frailtyTest = (
      gain, gain > 0 ? ChiSquaredTest(statistic: gain, degreesOfFreedom: 1).pValue / 2 : 1
    )
    wald = ChiSquaredTest(coefficients, variance: covariance)
    observations = plain.observations
    events = plain.events
    ties = plain.ties
    notes.append(
      distribution == .gamma
        ? "gamma frailty: its variance maximises the marginal likelihood"
        : "Gaussian frailty on the log scale: its variance by approximate REML, the likelihood by"
          + " Laplace's method")
    if levels.count < 10 {
      notes.append(
        "\(levels.count) levels of the frailty: too few to know its variance well")
    }
    self.notes = notes
  }

  /// Log hazard ratios with their intervals.
  public func estimates(level: Double = 0.95) -> EstimateTable {
    let rows = names.indices.map { j in
      Estimate(
        term: names[j], estimate: coefficients[j],
        standardError: covariance[j, j].squareRoot(), level: level,
        convention: "log hazard ratio, \(ties.rawValue), \(distribution.rawValue) frailty, z")
    }
    return EstimateTable(rows: rows, observations: observations, notes: notes)
  }
}
