public import LinearAlgebra
public import Statistics

/// A model fitted by maximum likelihood: coefficients, their covariance, how well it fits.
///
/// Arrays and matrices of coefficients follow `names`; a term that was left out for lack of rank
/// has NaN throughout.
public struct ParametricFit: Sendable {
  /// The names of the coefficients, baseline and ancillary parameters among them.
  public let names: [String]
  /// The maximum-likelihood estimates.
  public let coefficients: [Double]
  /// The inverse of the observed information, the naive variance.
  public let covariance: Matrix
  /// The sandwich V U′U V, U the cluster sums of weighted scores, when one was asked or called for.
  public let robustCovariance: Matrix?
  /// The log-likelihood, of the times as measured.
  public let logLikelihood: Double
  /// The number of parameters estimated.
  public let degreesOfFreedom: Int
  /// The rows used; those of weight zero are not.
  public let observations: Int
  /// The rows that ended with the event.
  public let events: Int
  /// The clusters that have rows, when the variance is clustered.
  public let clusters: Int?
  /// Newton steps taken.
  public let iterations: Int
  /// What the coefficients are, such as `log time ratio, weibull`.
  public let scale: String
  /// Things the reader must know.
  public let notes: [String]

  /// What predictions need; nil for models that have none.
  let predictor: Predictor?
}

extension ParametricFit {
  /// Akaike's criterion, 2·df − 2·log-likelihood.
  public var akaike: Double { 2 * Double(degreesOfFreedom) - 2 * logLikelihood }

  /// Schwarz's criterion, log(rows)·df − 2·log-likelihood.
  public var bayesian: Double {
    logarithm(Double(observations)) * Double(degreesOfFreedom) - 2 * logLikelihood
  }

  /// The standard errors that statistics and intervals use: robust ones where there are any.
  public var standardErrors: [Double] {
    (robustCovariance ?? covariance).diagonal.map { $0 < 0 ? .nan : $0.squareRoot() }
  }

  /// The estimate of a term.
  public subscript(term: String) -> Double? {
    names.firstIndex(of: term).map { coefficients[$0] }
  }

  /// Estimates with statistic and interval.
  public func estimates(level: Double = 0.95) -> EstimateTable {
    let errors = standardErrors
    let kind = robustCovariance == nil ? "naive" : clusters == nil ? "robust" : "cluster-robust"
    let rows = names.indices.map { j in
      Estimate(
        term: names[j], estimate: coefficients[j],
        standardError: errors[j].isFinite ? errors[j] : nil, level: level,
        convention: "\(scale), \(kind) SE, z")
    }
    return EstimateTable(rows: rows, observations: observations, clusters: clusters, notes: notes)
  }
}
