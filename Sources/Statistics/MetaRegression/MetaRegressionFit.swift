public import LinearAlgebra

/// A fitted meta-regression.
public struct MetaRegressionFit: Sendable {
  /// The configuration.
  public let model: MetaRegression
  /// The names of the coefficients.
  public let names: [String]
  /// Their values, in units of the effect by unit of the column.
  public let coefficients: [Double]
  /// The covariance of the coefficients under the model's inference.
  public let covariance: Matrix
  /// Sites.
  public let sites: Int
  /// Degrees of freedom for t; nil means normal.
  public let degreesOfFreedom: Double?
  /// The variance between sites left by the design.
  public let tauSquared: Double
  /// Its asymptotic standard error; nil unless by restricted likelihood.
  public let tauSquaredError: Double?
  /// Its interval from Q's own distribution (Viechtbauer 2007, doi:10.1002/sim.2514); nil for `fixed`.
  public let tauSquaredInterval: ConfidenceInterval?
  /// The share of the spread of effects about the line that is no error of the sites' effects (I²).
  public let inconsistency: Double
  /// The interval of I² that goes with that of τ²; nil for `fixed`.
  public let inconsistencyInterval: ConfidenceInterval?
  /// The share of the variance between sites that the design accounts for (R²), no less than 0; nil where
  /// there is none to account for, or no intercept.
  public let explained: Double?
  /// Cochran's Q of the residuals at τ² = 0, against χ² with n − p degrees of freedom.
  public let residualQ: Double
  /// Its p-value.
  public let residualQPValue: Double
  /// Knapp's and Hartung's weighted residual mean square.
  public let residualMeanSquare: Double
  /// By what the covariance of weighted least squares was multiplied.
  public let varianceFactor: Double

  /// Nil when something is not finite.
  init?(
    _ model: MetaRegression, _ system: MetaRegressionSystem, _ design: DesignMatrix
  ) throws(SiblingError) {
    let (n, p) = (system.count, system.columns)
    let rest = Double(n - p)
    var s = MetaRegressionSystem.Solution(columns: p)
    system.solve(0, into: &s)
    guard s.isDefined else { return nil }
    let (q, trace) = (s.residual, s.trace)
    let tail = (1 - model.level) / 2
    let reference = ChiSquared(degreesOfFreedom: rest)
    var limits: (low: Double, high: Double)?
    if model.method != .fixed,
      let low = system.crossing(reference.upperQuantile(tail), nil, &s),
      let high = system.crossing(reference.quantile(tail), nil, &s)
    {
      limits = (low, high)
    }
    guard let tau = system.variance(by: model.method, into: &s) else { return nil }
    let square = system.unit * system.unit
    residualMeanSquare = s.residual / rest
    let factor =
      switch model.inference {
      case .knappHartung: residualMeanSquare
      case .knappHartungFloor: max(1, residualMeanSquare)
      case .normal: 1.0
      }
    varianceFactor = factor
    coefficients = system.inTerms(s.coefficients)
    covariance = system.covariance(s.inverse, factor: factor)
    self.model = model
    names = design.names
    sites = n
    degreesOfFreedom = model.inference == .normal ? nil : rest
    tauSquared = tau * square
    tauSquaredInterval = limits.map {
      ConfidenceInterval(low: $0.low * square, high: $0.high * square, level: model.level)
    }
    tauSquaredError = model.method == .reml ? system.error(tau, s) * square : nil
    // The error variance of a typical site (Higgins and Thompson 2002, doi:10.1002/sim.1186).
    let typical = rest / trace
    inconsistency = tau / (tau + typical)
    inconsistencyInterval = limits.map {
      ConfidenceInterval(
        low: $0.low / ($0.low + typical), high: $0.high / ($0.high + typical), level: model.level)
    }
    residualQ = q
    residualQPValue = reference.upperTail(q)
    explained = try Self.explained(model, system, design, tau)
    let numbers = coefficients + covariance.storage + [tauSquared, residualQ, inconsistency]
    guard numbers.allSatisfy(\.isFinite), covariance.diagonal.allSatisfy({ $0 >= 0 }) else {
      return nil
    }
  }

  /// How much smaller the variance between sites is than without the design's columns.
  private static func explained(
    _ model: MetaRegression, _ system: MetaRegressionSystem, _ design: DesignMatrix, _ tau: Double
  ) throws(SiblingError) -> Double? {
    guard model.method != .fixed, design.hasIntercept, design.columns > 1 else { return nil }
    let ones = [Double](repeating: 1, count: design.rows)
    let plain = try MetaRegressionSystem(
      system.response, system.variance.map { $0.squareRoot() },
      DesignMatrix(matrix: Matrix(columns: [ones]), names: ["(Intercept)"]))
    var s = MetaRegressionSystem.Solution(columns: 1)
    guard let scaled = plain.variance(by: model.method, into: &s) else { return nil }
    let before = scaled * plain.unit * plain.unit
    return before > 0 ? max(0, (before - tau) / before) : nil
  }

  /// The standard error of a coefficient.
  public func standardError(_ column: Int) -> Double { covariance[column, column].squareRoot() }

  /// The coefficients as estimate rows.
  public var estimates: EstimateTable {
    EstimateTable(
      rows: names.indices.map { column in
        Estimate(
          term: names[column], estimate: coefficients[column],
          standardError: standardError(column), degreesOfFreedom: degreesOfFreedom,
          level: model.level, convention: convention)
      }, observations: sites, notes: notes)
  }

  /// How the estimates were made.
  public var convention: String {
    let method =
      switch model.method {
      case .reml: "REML"
      case .pauleMandel: "Paule-Mandel"
      case .fixed: "no variance between sites"
      }
    let inference =
      switch model.inference {
      case .knappHartung: "Knapp-Hartung, t"
      case .knappHartungFloor: "Knapp-Hartung with q of at least 1, t"
      case .normal: "normal"
      }
    return "\(method); \(inference)"
  }

  /// What the reader must know of the numbers.
  public var notes: [String] {
    guard model.inference == .knappHartung, residualMeanSquare < 1 else { return [] }
    return [
      "the sites lie closer to the line than their standard errors let expect (q is below 1), so that"
        + " intervals are narrower than those that take the standard errors at their word;"
        + " knapp-hartung-floor does not let them be"
    ]
  }

  /// The expected effect at a row of the design: its interval, and the interval that a new site's own
  /// effect falls in with the level's chance.
  ///
  /// - Throws: `sizeMismatch` unless there is a value a coefficient.
  public func prediction(
    at row: [Double]
  ) throws(SiblingError) -> (mean: Estimate, newSite: ConfidenceInterval?) {
    guard row.count == names.count else {
      throw SiblingError(.sizeMismatch, "a prediction needs a value for each coefficient")
    }
    var (mean, variance) = (0.0, 0.0)
    for a in row.indices {
      mean += row[a] * coefficients[a]
      for b in row.indices { variance += row[a] * covariance[a, b] * row[b] }
    }
    let expected = Estimate(
      term: "prediction", estimate: mean, standardError: max(0, variance).squareRoot(),
      degreesOfFreedom: degreesOfFreedom, level: model.level, convention: convention)
    let spread = Estimate(
      term: "new site", estimate: mean,
      standardError: (max(0, variance) + tauSquared).squareRoot(),
      degreesOfFreedom: degreesOfFreedom, level: model.level, convention: convention)
    return (expected, spread.interval)
  }

  /// The smallest slope that would be found with the test's power, from the standard error.
  ///
  /// - Throws: as `MinimumDetectableEffect`.
  public func detectable(
    _ column: Int, _ test: MinimumDetectableEffect = MinimumDetectableEffect()
  ) throws(SiblingError) -> Double {
    try test.effect(
      standardError: standardError(column), degreesOfFreedom: degreesOfFreedom)
  }
}

extension MetaRegressionSystem {
  /// Coefficients of the design's own columns.
  func inTerms(_ values: [Double]) -> [Double] {
    (0..<columns).map { a in
      var sum = 0.0
      for b in a..<columns { sum += inverseTriangle[a * columns + b] * values[b] }
      return sum * unit
    }
  }

  /// Their covariance.
  func covariance(_ inverse: [Double], factor: Double) -> Matrix {
    var result = Matrix(rows: columns, columns: columns)
    for a in 0..<columns {
      for b in 0...a {
        var sum = 0.0
        for c in a..<columns {
          for d in b..<columns {
            sum +=
              inverseTriangle[a * columns + c] * inverse[c * columns + d]
              * inverseTriangle[b * columns + d]
          }
        }
        result[a, b] = sum * factor * unit * unit
        result[b, a] = result[a, b]
      }
    }
    return result
  }

  /// The asymptotic standard error of τ² by restricted likelihood: √(2/tr PP).
  func error(_ between: Double, _ s: Solution) -> Double {
    let p = columns
    var (squares, cubes) = (0.0, [Double](repeating: 0, count: p * p))
    for i in 0..<count {
      let w = 1 / (variance[i] + between)
      squares += w * w
      for a in 0..<p {
        for b in 0..<p { cubes[a * p + b] += w * w * w * basis[i * p + a] * basis[i * p + b] }
      }
    }
    // tr PP = Σw² − 2 tr(A⁻¹X′W³X) + tr((A⁻¹X′W²X)²)
    var product = [Double](repeating: 0, count: p * p)
    for a in 0..<p {
      for b in 0..<p {
        for c in 0..<p { product[a * p + b] += s.inverse[a * p + c] * s.squared[c * p + b] }
      }
    }
    var trace = squares
    for a in 0..<p {
      for b in 0..<p {
        trace += product[a * p + b] * product[b * p + a]
        trace -= 2 * s.inverse[a * p + b] * cubes[b * p + a]
      }
    }
    return (2 / trace).squareRoot()
  }
}
