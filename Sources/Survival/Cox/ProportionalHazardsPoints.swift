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
    // Too few distinct times bear no line; the residuals stand without it.
    let smoother = try? SplineProjection(at, degreesOfFreedom: degrees, grid: at)
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
