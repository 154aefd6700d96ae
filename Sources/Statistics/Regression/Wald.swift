public import LinearAlgebra

/// A joint Wald test that several coefficients equal their null values.
public struct WaldTest: Sendable, Equatable {
  /// The terms tested, in order.
  public let terms: [String]
  /// b′V⁻¹b.
  public let chiSquared: Double
  /// The number of coefficients tested.
  public let degreesOfFreedom: Int
  /// P(χ² > statistic).
  public let pValue: Double
  /// The statistic over its degrees of freedom.
  public let f: Double
  /// The F distribution's denominator degrees of freedom; nil where the normal is used.
  public let denominator: Double?
  /// P(F > f), or the χ² p-value where there is no denominator.
  public let fPValue: Double
  /// How the covariance was made.
  public let convention: String

  /// A test from deviations from the null and their covariance.
  ///
  /// - Throws: `rankDeficient` when the covariance is singular, as it is with more coefficients
  ///   than clusters.
  public init(
    terms: [String], deviations: [Double], covariance: Matrix, denominator: Double?,
    convention: String
  ) throws(SiblingError) {
    guard !terms.isEmpty, terms.count == deviations.count, covariance.rows == terms.count else {
      throw SiblingError(.sizeMismatch, "A Wald test needs a covariance for every coefficient.")
    }
    // Scaled to unit diagonal, so that units do not decide what counts as singular.
    let scale = covariance.diagonal.map { $0 > 0 ? $0.squareRoot() : 1 }
    var correlation = covariance
    for j in scale.indices {
      for i in scale.indices { correlation[i, j] /= scale[i] * scale[j] }
    }
    let independent = ColumnRank(gram: correlation, tolerance: 1e-6)
    guard independent.dropped.isEmpty, let factor = try? Cholesky(correlation) else {
      throw SiblingError(
        .rankDeficient, "The covariance of the tested coefficients is singular.",
        help: "Test fewer coefficients than there are clusters.",
        column: independent.dropped.first.map { terms[$0] })
    }
    let scaled = zip(deviations, scale).map { $0 / $1 }
    let value = zip(scaled, factor.solve(scaled)).reduce(0) { $0 + $1.0 * $1.1 }
    self.terms = terms
    chiSquared = value
    degreesOfFreedom = terms.count
    let q = Double(terms.count)
    pValue = ChiSquared(degreesOfFreedom: q).upperTail(value)
    f = value / q
    self.denominator = denominator
    fPValue =
      denominator.map { FDistribution(numerator: q, denominator: $0).upperTail(value / q) }
      ?? pValue
    self.convention = convention
  }
}

extension RegressionFit {
  /// The joint Wald test that the named coefficients are zero.
  ///
  /// - Throws: `unknownColumn` for a term that is not in the model or was dropped, `rankDeficient`
  ///   for a singular covariance, and what the covariance estimator finds wrong.
  public func wald(
    _ terms: [String], covariance estimator: CovarianceEstimator = .classical
  ) throws(SiblingError) -> WaldTest {
    var places: [Int] = []
    for term in terms {
      guard let place = keptColumns.firstIndex(where: { names[$0] == term }) else {
        let wasDropped = dropped.contains(term)
        throw SiblingError(
          .unknownColumn,
          wasDropped ? "`\(term)` was left out of the model." : "`\(term)` is not in the model.",
          suggestion: wasDropped ? nil : nearestName(to: term, among: names), column: term)
      }
      places.append(place)
    }
    let estimate = try covariance(estimator)
    return try WaldTest(
      terms: terms, deviations: places.map { coefficients[keptColumns[$0]] },
      covariance: estimate.matrix.selecting(both: places),
      denominator: estimate.degreesOfFreedom, convention: estimate.convention)
  }
}
