internal import Statistics
internal import Survival

/// The steps of one curve, checked, and made again from rounded counts.
struct CurveSteps {
  /// A step made again.
  struct Step {
    /// The row of the exact curve, from zero.
    var row: Int
    var atRisk, events, censored: Double
    var survival, error: Double
    var low, high: Double?
  }

  private let time, atRisk, events, censored, survival: [Double]
  private let error, low, high: [Double?]

  /// Steps of the rows of a curve, or nothing where the counts don't give the curve, as after delayed
  /// entry; `places` are the positions of time, at risk, events, censored, survival, error, low, high.
  init?(rows: [[ResultTable.Cell]], places: [Int]) {
    func column(_ place: Int) -> [Double?] { rows.map { $0[places[place]].number } }
    let needed = (0..<5).map { column($0).compactMap { $0 } }
    guard needed.allSatisfy({ $0.count == rows.count }), !rows.isEmpty else { return nil }
    (time, atRisk, events, censored, survival) = (
      needed[0], needed[1], needed[2], needed[3], needed[4]
    )
    (error, low, high) = (column(5), column(6), column(7))
    var (left, product) = (0.0, 1.0)
    for k in rows.indices {
      guard (atRisk[0] - left - atRisk[k]).magnitude <= 1e-6 * max(1, atRisk[0]), atRisk[k] >= 0
      else { return nil }
      if atRisk[k] > 0 { product *= 1 - events[k] / atRisk[k] }
      guard (product - survival[k]).magnitude <= 1e-7 else { return nil }
      left += events[k] + censored[k]
    }
  }

  /// The steps that rounded cumulative counts leave.
  func rounded(minimum: Double) -> [Step] {
    let rounding = CountRounding.midpoint(6)
    func cumulative(_ counts: [Double]) -> [Double] {
      var sum = 0.0
      return counts.map { count in
        sum += count
        return rounding.applied(to: sum)
      }
    }
    return steps(
      start: rounding.applied(to: atRisk[0]), events: cumulative(events),
      censored: cumulative(censored), minimum: minimum)
  }

  /// The steps that are left when events, and censorings, wait until enough have come and until what
  /// is left to come is enough or nothing.
  ///
  /// A curve ends where few would still be at risk.
  func held(minimum: Double) -> [Step] {
    func cumulative(_ counts: [Double]) -> [Double] {
      var (sum, shown, rest) = (0.0, 0.0, counts.reduce(0, +))
      return counts.map { count in
        sum += count
        rest -= count
        // Sums of weights are nought but for rounding.
        if sum - shown >= minimum, rest < 1e-6 || rest >= minimum { shown = sum }
        return shown
      }
    }
    var steps = steps(
      start: atRisk[0], events: cumulative(events), censored: cumulative(censored),
      minimum: minimum)
    while let last = steps.last {
      let rest = last.atRisk - last.events - last.censored
      if rest < 1e-6 || rest >= minimum { break }
      steps.removeLast()
    }
    return steps
  }

  /// The steps of a curve whose cumulative counts, row by row, are given.
  private func steps(
    start: Double, events shownEvents: [Double], censored shownCensored: [Double],
    minimum: Double
  ) -> [Step] {
    var steps: [Step] = []
    var gone = (events: 0.0, censored: 0.0)
    var (survival, variance, exactVariance, factor) = (1.0, 0.0, 0.0, 1.0)
    let interval = self.interval
    for k in time.indices {
      let rest = atRisk[k] - events[k]
      if rest > 0 { exactVariance += events[k] / (atRisk[k] * rest) }
      let now = (shownEvents[k], shownCensored[k])
      let risk = start - gone.events - gone.censored
      let (died, lost) = (now.0 - gone.events, now.1 - gone.censored)
      guard risk >= minimum, died <= risk else { break }
      let isOrigin = steps.isEmpty && time[k] == 0
      guard isOrigin || died > 0 || lost > 0 else { continue }
      survival *= 1 - died / risk
      variance += risk > died ? died / (risk * (risk - died)) : 0
      let greenwood = self.survival[k] * exactVariance.squareRoot()
      if let exact = error[k], greenwood > 0, exact > 0 {
        let ratio = exact / greenwood
        factor = (ratio - 1).magnitude < 1e-6 ? 1 : coarse(ratio, digits: 2)
      }
      let standardError = factor * survival * variance.squareRoot()
      var step = Step(
        row: k, atRisk: risk, events: died, censored: lost, survival: survival,
        error: standardError, low: nil, high: nil)
      if let interval {
        let (low, high) = interval.kind.limits(
          [survival], [standardError], reach: interval.reach)
        (step.low, step.high) = (low[0], high[0])
      }
      if survival == 1 { (step.low, step.high) = (low[k].map { _ in 1 }, high[k].map { _ in 1 }) }
      steps.append(step)
      gone = (now.0, now.1)
    }
    return steps
  }

  /// The kind of interval and its reach in standard errors, as the exact limits show.
  private var interval: (kind: CurveInterval, reach: Double)? {
    let rows = time.indices.filter { k in
      survival[k] > 0 && survival[k] < 1 && (error[k] ?? 0) > 0 && low[k] != nil && high[k] != nil
    }
    let reaches = Self.levels.map { Normal.standard.upperQuantile((1 - $0) / 2) }
    for kind in CurveInterval.allCases {
      for reach in reaches {
        let isIt = rows.allSatisfy { k in
          let (lower, upper) = kind.limits([survival[k]], [error[k] ?? 0], reach: reach)
          return (lower[0] - (low[k] ?? 0)).magnitude < 1e-7
            && (upper[0] - (high[k] ?? 0)).magnitude < 1e-7
        }
        if isIt, !rows.isEmpty { return (kind, reach) }
      }
    }
    return nil
  }

  private static let levels = ResultTable.CountRule.levels + [0.5, 0.68, 0.975, 0.999]
}
