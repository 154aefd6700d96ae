internal import Statistics
internal import Survival

extension TableControl {
  /// Makes every curve again from cumulative counts at the middle of steps of six.
  ///
  /// Of each curve the number at the start and the cumulative counts of events and of censorings are
  /// rounded; numbers at risk, survival, Greenwood's error and the limits follow from these. Only
  /// times at which a rounded count grows are kept, and a curve ends where fewer than the threshold
  /// are left. Where errors were made otherwise than by Greenwood, as with sites as clusters, the
  /// new ones are larger by the same factor, to two digits. After OpenSAFELY's Kaplan–Meier action.
  ///
  /// - Returns: whether the curves could be made again; exact counts must give the exact curve.
  mutating func roundCurves(_ rule: ResultTable.CurveRule) -> Bool {
    guard rule.statistics.count == 4, rule.leaving.count == 2 else { return false }
    let names = [rule.time, rule.atRisk] + rule.leaving + rule.statistics
    let places = names.compactMap { table.position(of: $0) }
    let others = table.columns.filter { column in
      column.role != .label && column.role != .plain && !names.contains(column.name)
    }
    guard places.count == names.count, others.isEmpty else { return false }
    var released: [[ResultTable.Cell]] = []
    for rows in curves(by: rule.arms) {
      guard let steps = CurveSteps(rows: rows.map { table.rows[$0] }, places: places) else {
        return false
      }
      for step in steps.rounded(minimum: Double(profile.minimumCount ?? 0)) {
        var cells = table.rows[rows[step.row]]
        let numbers = [
          step.atRisk, step.events, step.censored, step.survival, step.error, step.low, step.high,
        ]
        for (place, number) in zip(places.dropFirst(), numbers) {
          // Where the exact curve ends at nought it has no limits, but the rounded one may.
          let isAbsent = rows.allSatisfy { table.rows[$0][place] == .missing }
          cells[place] = isAbsent ? .missing : ResultTable.Cell(number)
        }
        released.append(cells)
      }
    }
    let words = CountRounding.midpoint(6).words ?? ""
    for name in [rule.atRisk] + rule.leaving {
      logColumn(name, rule: "curve rounded", action: "cumulative counts \(words)")
    }
    for name in rule.statistics {
      logColumn(name, rule: "curve rounded", action: "made again of rounded counts")
    }
    table.roundingNote = "Cumulative counts are \(words), and the curve is made of these."
    table.rows = released
    return true
  }

  private func curves(by arms: [String]) -> [[Int]] {
    let positions = arms.compactMap { table.position(of: $0) }
    var groups: [(key: [ResultTable.Cell], rows: [Int])] = []
    for row in table.rows.indices {
      let key = positions.map { table.rows[row][$0] }
      if let group = groups.firstIndex(where: { $0.key == key }) {
        groups[group].rows.append(row)
      } else {
        groups.append((key, [row]))
      }
    }
    return groups.map(\.rows)
  }
}

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

  /// - Parameter places: the positions of time, at risk, events, censored, survival, error, low, high.
  /// - Returns: nil when the counts don't give the curve, as after delayed entry.
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
    let start = rounding.applied(to: atRisk[0])
    var steps: [Step] = []
    var (events, censored, gone) = (0.0, 0.0, (events: 0.0, censored: 0.0))
    var (survival, variance, exactVariance, factor) = (1.0, 0.0, 0.0, 1.0)
    let interval = self.interval
    for k in time.indices {
      events += self.events[k]
      censored += self.censored[k]
      let rest = atRisk[k] - self.events[k]
      if rest > 0 { exactVariance += self.events[k] / (atRisk[k] * rest) }
      let now = (rounding.applied(to: events), rounding.applied(to: censored))
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
