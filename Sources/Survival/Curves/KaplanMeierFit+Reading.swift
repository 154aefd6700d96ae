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
  /// - Throws: `invalid-option` when a share is not between 0 and 1.
  public func quantiles(_ shares: [Double] = [0.5]) throws(SiblingError) -> [CurveQuantile] {
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
  public func at(times wanted: [Double]) -> [Curve] {
    let sorted = wanted.sorted()
    return curves.map { curve in
      var result = curve
      result.times = sorted
      let steps = sorted.map { time in Self.count(curve.times, upTo: time) }
      result.atRisk = sorted.map { time in
        let next = Self.count(curve.times, below: time)
        return next < curve.times.count ? curve.atRisk[next] : 0
      }
      result.events = Self.between(curve.events, steps)
      result.censored = Self.between(curve.censored, steps)
      let known = zip(sorted, steps).map { time, step in
        time <= (curve.times.last ?? 0) || (step > 0 && curve.estimate[step - 1] == 0)
      }
      func read(_ values: [Double], before: Double) -> [Double] {
        steps.indices.map {
          known[$0] ? (steps[$0] > 0 ? values[steps[$0] - 1] : before) : .nan
        }
      }
      result.estimate = read(curve.estimate, before: 1)
      result.standardError = read(curve.standardError, before: 0)
      result.low = read(curve.low, before: 1)
      result.high = read(curve.high, before: 1)
      return result
    }
  }

  private static func between(_ values: [Double], _ steps: [Int]) -> [Double] {
    steps.indices.map { k in
      let from = k > 0 ? steps[k - 1] : 0
      return values[from..<Swift.max(from, steps[k])].reduce(0, +)
    }
  }

  private static func count(_ times: [Double], upTo time: Double) -> Int {
    partition(times) { $0 <= time }
  }

  private static func count(_ times: [Double], below time: Double) -> Int {
    partition(times) { $0 < time }
  }

  private static func partition(_ times: [Double], _ before: (Double) -> Bool) -> Int {
    var (low, high) = (0, times.count)
    while low < high {
      let middle = (low + high) / 2
      if before(times[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
