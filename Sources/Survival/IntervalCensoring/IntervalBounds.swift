public import Statistics

/// How low and how high survival can be when event times are known to intervals: sharp bounds.
///
/// Nothing is assumed of where in its interval a time lies. For survival at t to be highest, whoever can
/// have the event after t has it then and all others as early as they can; for it to be lowest,
/// whoever can have it by t has it by then, as late as they can. (An early event leaves more people at
/// risk when others are censored, so that moving one earlier raises survival at later times.) `earliest`
/// and `latest` read every time at its lower and upper end: plain readings, not bounds.
///
/// Limits are the lower limit of the lowest and the upper limit of the highest curve, so that they
/// cover the whole range.
/// - Complexity: O(n log n) a time.
public struct IntervalBounds: Sendable, Equatable {
  /// The times at which survival is read.
  public var times: [Double]
  /// How each curve is estimated and its limits made.
  public var curve: KaplanMeier

  /// Bounds at the given times.
  public init(times: [Double], curve: KaplanMeier = KaplanMeier()) {
    self.times = times
    self.curve = curve
  }

  /// What can be said of one arm, or of the difference of two, at one time.
  public struct Row: Sendable, Equatable {
    /// The arm, or `difference`.
    public let term: String
    /// The time.
    public let time: Double
    /// Survival with every event at its earliest; for a difference that of the arms' readings.
    public let earliest: Double
    /// Survival with every event at its latest, likewise.
    public let latest: Double
    /// The lowest value that the intervals allow; NaN past the last follow-up.
    public let low: Double
    /// The highest.
    public let high: Double
    /// The lower confidence limit of the lowest value; nil for differences.
    public let lowerLimit: Double?
    /// The upper confidence limit of the highest value; nil for differences.
    public let upperLimit: Double?
  }

  /// The bounds of each arm and, with two or more, of each later arm less the first.
  ///
  /// - Throws: what the Kaplan–Meier estimator throws, or `invalid-option` without times.
  public func fit(
    _ intervals: IntervalTimes, by group: Factor? = nil, weights: [Double]? = nil,
    cluster: Factor? = nil
  ) throws(SiblingError) -> [Row] {
    guard !times.isEmpty, times.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw SiblingError(
        .invalidOption, "bounds need one or more times from zero up", help: "such as 13,26,52")
    }
    let wanted = Array(Set(times)).sorted()
    let places = Places(intervals, wanted)
    func curves(_ place: (Int) -> Int) throws(SiblingError) -> [Curve] {
      let moved = try SurvivalTimes(
        time: intervals.low.indices.map { Double(places.event[$0] ? place($0) : places.low[$0]) },
        event: places.event, collapseTies: false)
      return try curve.fit(moved, by: group, weights: weights, cluster: cluster).curves
    }
    let early = try curves { places.earliest($0) }
    let late = try curves { places.high[$0] }
    var rows: [Row] = []
    for time in wanted {
      let now = places.code(time)
      let highest = try curves { places.high[$0] > now ? places.high[$0] : places.earliest($0) }
      let lowest = try curves { row in
        // An interval excludes its lower end unless it is a point.
        places.earliest(row) <= now ? Swift.min(places.high[row], now) : places.high[row]
      }
      let arms = early.indices.map { k in
        Self.row(early[k], late[k], lowest[k], highest[k], at: time, code: now)
      }
      rows += arms
      for arm in arms.dropFirst() {
        let base = arms[0]
        rows.append(
          Row(
            term: arms.count > 2 ? "difference: \(arm.term) against \(base.term)" : "difference",
            time: time, earliest: arm.earliest - base.earliest, latest: arm.latest - base.latest,
            low: arm.low - base.high, high: arm.high - base.low, lowerLimit: nil,
            upperLimit: nil))
      }
    }
    return rows
  }

  private static func row(
    _ early: Curve, _ late: Curve, _ lowest: Curve, _ highest: Curve, at time: Double,
    code: Int
  ) -> Row {
    func read(_ curve: Curve, _ values: KeyPath<Curve, [Double]>) -> Double {
      curve.at([Double(code)], initial: 1)[keyPath: values][0]
    }
    let (low, high) = (read(lowest, \.low), read(highest, \.high))
    return Row(
      term: early.arm, time: time, earliest: read(early, \.estimate),
      latest: read(late, \.estimate), low: read(lowest, \.estimate),
      high: read(highest, \.estimate), lowerLimit: low.isNaN ? nil : low,
      upperLimit: high.isNaN ? nil : high)
  }
}

/// Times as places on a line: 2k is the k-th distinct time and 2k + 1 the moment just after it.
private struct Places {
  let distinct: [Double]
  let event: [Bool]
  let low: [Int]
  let high: [Int]

  init(_ intervals: IntervalTimes, _ wanted: [Double]) {
    // A row that had the event by some time may have had it at the start.
    let begins = intervals.low.map { Swift.max(0, $0) }
    let ends = intervals.high.map { Swift.min($0, .greatestFiniteMagnitude) }
    let all = begins + ends + wanted
    var sorted: [Double] = []
    for place in Sorting.order(all) where sorted.last != all[Int(place)] {
      sorted.append(all[Int(place)])
    }
    distinct = sorted
    event = intervals.high.map { $0 < .infinity }
    low = begins.map { value in 2 * sorted.partitionPoint { $0 < value } }
    high = ends.map { value in 2 * sorted.partitionPoint { $0 < value } }
  }

  func code(_ time: Double) -> Int { 2 * distinct.partitionPoint { $0 < time } }

  /// The time itself where it is exact, else just after the lower end.
  func earliest(_ row: Int) -> Int { low[row] == high[row] ? low[row] : low[row] + 1 }
}
