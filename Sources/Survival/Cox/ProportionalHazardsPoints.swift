internal import Glibc
internal import LinearAlgebra
public import Statistics

/// What a plot of a coefficient against time shows: scaled Schoenfeld residuals and a smooth line.
public struct ProportionalHazardsPoints: Sendable, Equatable {
  /// One event's residual for one coefficient.
  public struct Point: Sendable, Equatable {
    /// The coefficient.
    public let term: String
    /// The event's time.
    public let time: Double
    /// The time as the test transforms it.
    public let transformed: Double
    /// The scaled Schoenfeld residual.
    public let residual: Double
    /// The natural spline through the residuals; NaN with too few event times.
    public let smooth: Double
    /// The lower limit of the line.
    public let low: Double
    /// Its upper limit.
    public let high: Double
  }

  /// The points, coefficient after coefficient, by time.
  public let points: [Point]
  /// How event times were transformed.
  public let transform: ProportionalHazardsTest.Transform
}

extension ProportionalHazardsTest {
  /// The residuals of each coefficient by transformed time, and a natural spline with `degrees`
  /// degrees of freedom fitted to them by least squares, its knots at quantiles of the event times.
  ///
  /// Limits take d·V as the variance of one residual, for d events and naive variance V.
  /// - Throws: as `test(_:)`; `invalid-option` for a level or degrees outside their range.
  public func points(
    _ fit: CoxFit, degrees: Int = 4, level: Double = 0.95
  ) throws(SiblingError) -> ProportionalHazardsPoints {
    try Checks.level(level)
    guard (2...20).contains(degrees) else {
      throw SiblingError(.invalidOption, "a spline takes 2 to 20 degrees of freedom")
    }
    let residuals = fit.scaledSchoenfeldResiduals()
    let byTime = try transformedTimes(fit)
    let order = residuals.rows.indices.sorted {
      let (a, b) = (residuals.times[$0], residuals.times[$1])
      return a == b ? residuals.rows[$0] < residuals.rows[$1] : a < b
    }
    let at = order.map { byTime[Int(fit.times.timeIndex[residuals.rows[$0]])] }
    let smoother = NaturalSmoother(at, degrees: degrees)
    let reach = Normal.standard.upperQuantile((1 - level) / 2)
    var points: [ProportionalHazardsPoints.Point] = []
    for j in fit.kept {
      let values = order.map { residuals.values[$0, j] }
      let line = smoother?.fitted(values)
      let spread = (Double(fit.events) * fit.covariance[j, j]).squareRoot()
      for (k, i) in order.enumerated() {
        let centre = line?[k] ?? .nan
        let half = reach * spread * (smoother?.leverage[k].squareRoot() ?? .nan)
        points.append(
          .init(
            term: fit.names[j], time: residuals.times[i], transformed: at[k],
            residual: values[k], smooth: centre, low: centre - half, high: centre + half))
      }
    }
    return ProportionalHazardsPoints(points: points, transform: transform)
  }
}

/// Least squares on a natural cubic spline: straight lines outside its outer knots.
private struct NaturalSmoother {
  private let basis: Matrix
  private let factor: Cholesky
  /// x′(X′X)⁻¹x at each point.
  let leverage: [Double]

  /// Nil when there are no more distinct points than degrees.
  init?(_ points: [Double], degrees: Int) {
    let sorted = points.sorted()
    guard let low = sorted.first, let high = sorted.last, high > low else { return nil }
    let unit = points.map { ($0 - low) / (high - low) }
    let knots = (0...degrees).map { k in
      (sorted[(sorted.count - 1) * k / degrees] - low) / (high - low)
    }
    // Tied times may make quantiles coincide.
    guard zip(knots, knots.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
    func cube(_ x: Double) -> Double { x > 0 ? x * x * x : 0 }
    let last = knots.count - 1
    func part(_ k: Int, _ x: Double) -> Double {
      (cube(x - knots[k]) - cube(x - knots[last])) / (knots[last] - knots[k])
    }
    var columns = [unit.map { _ in 1.0 }, unit]
    for k in 0..<(last - 1) { columns.append(unit.map { part(k, $0) - part(last - 1, $0) }) }
    let basis = Matrix(columns: columns)
    guard let factor = try? Cholesky(Gram.product(basis)) else { return nil }
    self.basis = basis
    self.factor = factor
    let inverse = factor.inverse
    leverage = unit.indices.map { inverse.quadraticForm(basis.row($0)) }
  }

  func fitted(_ values: [Double]) -> [Double] {
    basis.times(factor.solve(basis.transposedTimes(values)))
  }
}
