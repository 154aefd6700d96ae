public import Statistics

/// The time by which a share of an arm has had the event.
public struct CurveQuantile: Sendable, Equatable {
  /// The arm.
  public let arm: String
  /// The share that has had the event.
  public let quantile: Double
  /// The time; NaN when the curve does not fall that far.
  public let time: Double
  /// The lower limit, where the lower limits' curve falls that far.
  public let low: Double
  /// The upper limit, likewise; NaN when it can't be bounded.
  public let high: Double
}

extension KaplanMeierFit {
  /// The times by which shares of each arm have had the event, with limits.
  ///
  /// The time is the first at which S falls below 1 − q. Where S is flat at exactly 1 − q it is the
  /// midpoint of that stretch. The limits read the curves of the confidence limits the same way.
  /// - Throws: `invalid-option` when a share is not between 0 and 1, or the curves are hazards.
  public func quantiles(_ shares: [Double] = [0.5]) throws(SiblingError) -> [CurveQuantile] {
    guard !cumulativeHazard else {
      throw SiblingError(.invalidOption, "quantiles are read off survival, not cumulative hazards")
    }
    guard shares.allSatisfy({ $0 > 0 && $0 < 1 }) else {
      throw SiblingError(.invalidOption, "quantiles must lie between 0 and 1", help: "such as 0.5")
    }
    return curves.flatMap { curve in
      shares.map { share in
        CurveQuantile(
          arm: curve.arm, quantile: share, time: Self.crossing(curve, curve.estimate, 1 - share),
          low: Self.crossing(curve, curve.low, 1 - share),
          high: Self.crossing(curve, curve.high, 1 - share))
      }
    }
  }

  /// Where a falling step function crosses a height, halfway along when it is flat there.
  private static func crossing(_ curve: Curve, _ values: [Double], _ height: Double) -> Double {
    let tolerance = Double.ulpOfOne.squareRoot()
    var flat: Double?
    for k in values.indices where !values[k].isNaN {
      if values[k] < height - tolerance {
        return flat.map { ($0 + curve.times[k]) / 2 } ?? curve.times[k]
      }
      if flat == nil, values[k] <= height + tolerance { flat = curve.times[k] }
    }
    guard let flat, let last = curve.times.last else { return .nan }
    return (flat + last) / 2
  }

  /// Each curve read at given times.
  ///
  /// Estimates are those just after a time; the number at risk is that just before it, and events
  /// and censored are counted since the time before. Past an arm's last time its estimate is NaN,
  /// unless survival has already reached zero.
  public func at(times: [Double]) -> [Curve] {
    curves.map { $0.at(times, initial: cumulativeHazard ? 0 : 1) }
  }
}
