public import Statistics

extension TrendSensitivity {
  /// Where the interval begins to cover zero.
  public enum Breakdown: Sendable, Equatable {
    /// At this m.
    case at(Double)
    /// At m = 0 already.
    case always
    /// At no m that was tried, up to this one.
    case notUpTo(Double)
  }

  /// The smallest m at which the interval covers zero.
  ///
  /// The bound is doubled until one does, and the step before it bisected to eight digits. Where all
  /// values are rejected nothing is covered.
  /// - Throws: as `fit`; the bounds of the configuration play no part.
  public func breakdown(_ data: EventStudyEstimates) throws(SiblingError) -> Breakdown {
    try check()
    let problem = ScaledProblem(data, weights: try weights(data))
    func covers(_ m: Double) throws(SiblingError) -> Bool {
      if !usesFixedLength, accepts(0, problem, m) { return true }
      guard let limits = try interval(problem, m).limits else { return false }
      return limits.low <= 0 && limits.high >= 0
    }
    if try covers(0) { return .always }
    // Smoothness is in units of the outcome.
    let unit = kind == .smoothness ? problem.unit : 1
    var low = 0.0
    var high = unit / 64
    while try !covers(high) {
      low = high
      high *= 2
      if high > 1e4 * unit { return .notUpTo(low) }
    }
    while high - low > 1e-8 * high {
      let middle = (low + high) / 2
      if try covers(middle) { high = middle } else { low = middle }
    }
    return .at(high)
  }
}
