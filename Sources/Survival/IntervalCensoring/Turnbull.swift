public import Statistics

/// The nonparametric estimate of survival from times known to intervals, by arm.
///
/// Maximises the likelihood of the intervals over all distributions, by steps of self-consistency and
/// of iterative convex minorants in turn, and a Newton step on the places that keep mass. `gap` certifies the
/// result: the log-likelihood is within n × gap of its maximum. Where within an interval its mass lies
/// is unknown, so survival is given at the ends of the intervals only. No standard errors: the
/// estimate's are not regular; see `IntervalBounds` and the bootstrap.
///
/// Turnbull (1976), doi:10.1111/j.2517-6161.1976.tb01597.x; Wellner and Zhan (1997),
/// Journal of the American Statistical Association 92, 945–959; Gentleman and Geyer (1994), doi:10.1093/biomet/81.3.618.
/// - Complexity: O(n) after a sort, and O(distinct intervals) an iteration.
public struct Turnbull: Sendable, Equatable {
  /// The gap at which iterations stop.
  public var tolerance: Double
  /// The most iterations.
  public var maximumIterations: Int

  /// An estimator.
  public init(tolerance: Double = 1e-11, maximumIterations: Int = 20_000) {
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
  }

  /// Estimates one distribution for each level of `group` that has rows.
  ///
  /// - Throws: `size-mismatch`, `missing-value`, `bad-weight`, or `non-convergence` with the gap that
  ///   was reached.
  public func fit(
    _ times: IntervalTimes, by group: Factor? = nil, weights: [Double]? = nil
  ) throws(SiblingError) -> TurnbullFit {
    try Checks.factor(group, rows: times.count, "arm")
    try Checks.weights(weights, rows: times.count, allowingZero: true)
    let levels = group?.levels ?? ["all"]
    var members = [[Int]](repeating: [], count: levels.count)
    for row in 0..<times.count { members[group.map { Int($0.codes[row]) } ?? 0].append(row) }
    var arms: [TurnbullFit.Arm] = []
    for (level, rows) in members.enumerated() {
      guard rows.contains(where: { weights?[$0] != 0 }) else { continue }
      let places = InnermostIntervals(times, rows: rows, weights: weights)
      var search = IntervalLikelihood(places)
      search.maximise(tolerance: tolerance, iterations: maximumIterations)
      guard search.gap <= Swift.max(tolerance, 1e-8) else {
        throw SiblingError(
          .nonConvergence,
          "the estimate of \(levels[level]) is not yet the maximum after \(maximumIterations)"
            + " iterations (gap \(search.gap))")
      }
      arms.append(arm(levels[level], rows.count, places, search))
    }
    return TurnbullFit(arms: arms, observations: times.count)
  }

  private func arm(
    _ name: String, _ count: Int, _ places: InnermostIntervals, _ search: IntervalLikelihood
  ) -> TurnbullFit.Arm {
    let kept = places.low.indices.filter { search.mass[$0] > 0 }
    var left = CompensatedSum()
    left.add(1)
    return TurnbullFit.Arm(
      name: name, count: count, low: kept.map { places.low[$0] },
      high: kept.map { places.high[$0] }, mass: kept.map { search.mass[$0] },
      survival: kept.map { k in
        left.add(-search.mass[k])
        return k == kept.last ? 0 : Swift.min(1, Swift.max(0, left.value))
      }, logLikelihood: search.logLikelihood, gap: search.gap, iterations: search.iterations)
  }
}

/// Distributions of interval-censored times by arm.
public struct TurnbullFit: Sendable, Equatable {
  /// One arm's distribution; every array has one entry an interval with mass, ascending.
  public struct Arm: Sendable, Equatable {
    /// The arm.
    public let name: String
    /// Its rows.
    public let count: Int
    /// The lower ends, which an interval excludes unless its ends are equal.
    public let low: [Double]
    /// The upper ends; infinite for the mass of those still without the event.
    public let high: [Double]
    /// The masses; they add up to 1.
    public let mass: [Double]
    /// Survival just after each interval.
    public let survival: [Double]
    /// The log-likelihood reached.
    public let logLikelihood: Double
    /// The certificate: the log-likelihood is within n × gap of the maximum.
    public let gap: Double
    /// The iterations used.
    public let iterations: Int

    /// The least and greatest survival at a time that the estimate allows.
    ///
    /// They differ where the time lies inside an interval with mass.
    public func survival(at time: Double) -> ClosedRange<Double> {
      let passed = high.partitionPoint { $0 <= time }
      let upper = passed > 0 ? survival[passed - 1] : 1
      let inside = passed < low.count && low[passed] < time && low[passed] < high[passed]
      // The mass of the endless interval may lie anywhere after its lower end.
      return inside ? Swift.min(upper, survival[passed])...upper : upper...upper
    }
  }

  /// The arms that have rows, in the order of the levels.
  public let arms: [Arm]
  /// The rows used.
  public let observations: Int
}
