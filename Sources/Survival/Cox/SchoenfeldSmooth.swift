internal import LinearAlgebra
public import Statistics

/// How the coefficients of a Cox model vary over time: natural splines through the scaled
/// Schoenfeld residuals, against transformed time.
///
/// The scaled residual of an event is d·V·r + β with d the number of events, V the naive variance
/// and r the Schoenfeld residual; its mean at time t is near β(t), its variance near d·V. The spline
/// is fitted by least squares with knots at the ends and at evenly spaced quantiles of the events'
/// transformed times; the band is pointwise. Residuals of weighted models are unweighted.
///
/// Grambsch & Therneau (1994), doi:10.1093/biomet/81.3.515.
/// - Complexity: O(events × coefficients²).
public struct SchoenfeldSmooth: Sendable, Equatable {
  /// How event times are transformed.
  public var transform: ProportionalHazardsTest.Transform
  /// Degrees of freedom of the spline, from 2 (a straight line).
  public var degreesOfFreedom: Int
  /// Points of the grid, evenly spaced in transformed time and off its ends.
  public var points: Int
  /// The confidence level of the band.
  public var level: Double

  /// A smooth with four degrees of freedom over Kaplan–Meier time.
  public init(
    transform: ProportionalHazardsTest.Transform = .kaplanMeier, degreesOfFreedom: Int = 4,
    points: Int = 40, level: Double = 0.95
  ) {
    self.transform = transform
    self.degreesOfFreedom = degreesOfFreedom
    self.points = points
    self.level = level
  }

  /// Smooths the residuals of each coefficient that was fitted.
  ///
  /// - Throws: `bad-value` for fewer than two or more than twenty degrees of freedom, no points, a
  ///   level outside (0, 1), a logarithm of an event time of zero or less, or events at too few
  ///   times for the spline.
  public func fit(_ fit: CoxFit) throws(SiblingError) -> SchoenfeldSmoothFit {
    try Checks.level(level)
    guard (2...20).contains(degreesOfFreedom) else {
      throw SiblingError(.badValue, "a smooth has from two to twenty degrees of freedom")
    }
    guard (1...10_000).contains(points) else {
      throw SiblingError(.badValue, "a smooth has from one to ten thousand points")
    }
    let byTime = try ProportionalHazardsTest(transform: transform).transformedTimes(fit)
    let residuals = fit.schoenfeldResiduals()
    // Strata stand after each other; the smooth wants all events in the order of time.
    let order = residuals.rows.indices.sorted {
      let (a, b) = (
        fit.times.timeIndex[residuals.rows[$0]], fit.times.timeIndex[residuals.rows[$1]]
      )
      return (a, $0) < (b, $1)
    }
    let rows = order.map { residuals.rows[$0] }
    let x = rows.map { byTime[Int(fit.times.timeIndex[$0])] }
    guard let low = x.first, let high = x.last else {
      throw SiblingError(.badValue, "a model without events has no residuals to smooth")
    }
    let grid = (0..<points).map { low + (high - low) * (Double($0) + 0.5) / Double(points) }
    let spline = try SplineProjection(x, degreesOfFreedom: degreesOfFreedom, grid: grid)
    let kept = fit.kept
    let variance = fit.covariance.selecting(both: kept)
    let count = Double(rows.count)
    let scaled = residuals.values.selecting(columns: kept) * variance
    let z = Normal.standard.quantile(0.5 + level / 2)
    let curves = kept.indices.map { k -> SchoenfeldSmoothFit.Curve in
      let beta = fit.coefficients[kept[k]]
      let values = order.map { count * scaled[$0, k] + beta }
      let estimate = spline.fitted(values)
      let error = spline.leverage.map { ($0 * count * variance[k, k]).squareRoot() }
      return SchoenfeldSmoothFit.Curve(
        term: fit.names[kept[k]], coefficient: beta, estimate: estimate, standardError: error,
        low: zip(estimate, error).map { $0 - z * $1 },
        high: zip(estimate, error).map { $0 + z * $1 }, residuals: values)
    }
    let times = rows.map { fit.times.time[$0] }
    return SchoenfeldSmoothFit(
      transform: transform, grid: grid, gridTimes: Self.times(of: grid, x, times),
      near: Self.near(grid, x), rows: rows, times: times, transformed: x, curves: curves)
  }

  /// The times of the grid, straight between those of events.
  private static func times(of grid: [Double], _ x: [Double], _ times: [Double]) -> [Double] {
    var after = 1
    return grid.map { point in
      while after < x.count - 1, x[after] < point { after += 1 }
      let (from, to) = (x[after - 1], x[after])
      guard to > from else { return times[after] }
      return times[after - 1] + (times[after] - times[after - 1]) * (point - from) / (to - from)
    }
  }

  /// How many events are within a tenth of the range of each point.
  private static func near(_ grid: [Double], _ x: [Double]) -> [Int] {
    let reach = ((x.last ?? 0) - (x.first ?? 0)) / 10
    var (from, to) = (0, 0)
    return grid.map { point in
      while from < x.count, x[from] < point - reach { from += 1 }
      while to < x.count, x[to] <= point + reach { to += 1 }
      return to - from
    }
  }
}

/// Coefficients of a Cox model over time.
public struct SchoenfeldSmoothFit: Sendable, Equatable {
  /// One coefficient over time.
  public struct Curve: Sendable, Equatable {
    /// The name of the coefficient.
    public let term: String
    /// The coefficient as fitted, constant over time.
    public let coefficient: Double
    /// The smooth at each point of the grid.
    public let estimate: [Double]
    /// Its standard error.
    public let standardError: [Double]
    /// The lower limit of the band.
    public let low: [Double]
    /// The upper limit of the band.
    public let high: [Double]
    /// The scaled residual of each event, the coefficient added.
    public let residuals: [Double]
  }

  /// How event times were transformed.
  public let transform: ProportionalHazardsTest.Transform
  /// The grid in transformed time, ascending.
  public let grid: [Double]
  /// The grid in time.
  public let gridTimes: [Double]
  /// Events within a tenth of the range of transformed time, for each point of the grid.
  public let near: [Int]
  /// The row of each event, in the order of time.
  public let rows: [Int]
  /// The time of each event.
  public let times: [Double]
  /// The transformed time of each event.
  public let transformed: [Double]
  /// One curve a coefficient that was fitted.
  public let curves: [Curve]
}
