public import Statistics

/// What disclosure control cost: how many cells were withheld or rounded, and how far the curves that
/// were released lie from the exact ones.
///
/// The report of the cost must tell nothing itself. How many cells are withheld shows in the files
/// anyway. A change of a curve is given as a bound, in whole steps of the threshold over the number of
/// people in the curve and of at least 0.005: rounding and holding move a curve by about one such step
/// or less, so that the bound hardly depends on the data.
public enum DisclosureCost {
  /// The tables of rules and cost; none where the profile withholds nothing.
  ///
  /// `exact` are the tables as they were filled, `released` the same tables as they are released, in any
  /// order.
  /// - Throws: `internalError` only.
  public static func tables(
    exact: [ResultTable], released: [Released<ResultTable>], profile: DisclosureProfile
  ) throws(SiblingError) -> [ResultTable] {
    guard let minimum = profile.minimumCount else { return [] }
    var cost = ResultTable.disclosureCost
    for table in exact.sorted(by: { $0.name < $1.name }) {
      guard let safe = released.first(where: { $0.value.name == table.name })?.value else {
        continue
      }
      try cells(safe, isRounded: profile.rounding != .exact, &cost)
      if let curve = table.curve {
        try curves(table, safe, curve, minimum: Double(minimum), &cost)
      }
    }
    return [try rules(profile), cost]
  }

  private static func rules(_ profile: DisclosureProfile) throws(SiblingError) -> ResultTable {
    var table = ResultTable.disclosureRules
    var rows: [(String, Double?, String)] = [
      ("profile", nil, profile.name),
      ("minimum count", profile.minimumCount.map { Double($0) }, "counts below are withheld"),
      ("zeros", nil, profile.zerosAreDisclosive ? "withheld" : "kept"),
      ("rounding", Double(profile.rounding.step), profile.rounding.words ?? "none"),
      ("curves", nil, profile.curves == .held ? "held" : "midpoint-6"),
    ]
    if let df = profile.minimumResidualDegreesOfFreedom {
      rows.append(
        ("residual degrees of freedom", Double(df), "statistics with fewer are withheld"))
    }
    if let dominance = profile.dominance {
      rows += [
        (
          "dominance share", dominance.share,
          "sums are withheld of which two contributors gave this share"
        ),
        (
          "dominance ratio", dominance.ratio,
          "sums are withheld where the others gave less than this share of the greatest"
        ),
      ]
    }
    if let reason = profile.reason { rows.append(("reason", nil, reason)) }
    for (rule, value, setting) in rows {
      try table.append(["rule": .text(rule), "value": Cell(value), "setting": .text(setting)])
    }
    return table
  }

  private typealias Cell = ResultTable.Cell

  private static func cells(
    _ table: ResultTable, isRounded: Bool, _ cost: inout ResultTable
  ) throws(SiblingError) {
    var (withheld, rounded, all) = (0, 0, 0)
    for (position, column) in table.columns.enumerated() {
      let hasCounts =
        switch column.role {
        case .count, .derived: true
        default: false
        }
      for row in table.rows {
        switch row[position] {
        case .suppressed: (withheld, all) = (withheld + 1, all + 1)
        case .number where column.role != .label:
          all += 1
          if hasCounts, isRounded { rounded += 1 }
        default: break
        }
      }
    }
    for (measure, count) in [("withheld", withheld), ("rounded", rounded)] where count > 0 {
      try cost.append([
        "file": .text(table.path), "measure": .text(measure), "value": Cell(count),
        // The share to one in a hundred is enough to judge by.
        "share": .number(Reporting.rounded(Double(count) / Double(all), decimals: 2)),
      ])
    }
  }

  /// One curve: its times and survival, from one at time zero.
  private struct Steps {
    var times: [Double] = [0]
    var survival: [Double] = [1]
    var people = 0.0

    func at(_ time: Double) -> Double {
      var value = 1.0
      for (t, s) in zip(times, survival) where t <= time { value = s }
      return value
    }
  }

  private static func curves(
    _ exact: ResultTable, _ safe: ResultTable, _ rule: ResultTable.CurveRule, minimum: Double,
    _ cost: inout ResultTable
  ) throws(SiblingError) {
    guard let survival = rule.statistics.first else { return }
    let (before, after) = (steps(exact, rule, survival), steps(safe, rule, survival))
    for (key, released) in after {
      guard let whole = before.first(where: { $0.key == key })?.steps, whole.people > 0,
        let end = released.times.last, end > 0
      else { continue }
      var (largest, area) = (0.0, 0.0)
      let times = Set(whole.times + released.times).filter { $0 <= end }.sorted()
      for (place, time) in times.enumerated() {
        let gap = released.at(time) - whole.at(time)
        largest = max(largest, gap.magnitude)
        if place + 1 < times.count { area += gap * (times[place + 1] - time) }
      }
      let step = (max(1, (minimum / whole.people / 0.005).rounded(.up))) * 0.005
      func bound(_ value: Double, _ unit: Double) -> Double {
        Reporting.coarse(max(1, (value / unit - 1e-9).rounded(.up)) * unit, digits: 6)
      }
      var cells: [String: Cell] = ["file": .text(safe.path)]
      for (name, label) in zip(rule.arms, key) { cells[name] = label }
      cells["measure"] = "survival change"
      cells["value"] = .number(min(1, bound(largest, step)))
      try cost.append(cells)
      cells["measure"] = "restricted mean change"
      cells["value"] = .number(bound(area.magnitude, step * end))
      cells["horizon"] = .number(end)
      try cost.append(cells)
    }
  }

  private static func steps(
    _ table: ResultTable, _ rule: ResultTable.CurveRule, _ survival: String
  ) -> [(key: [Cell], steps: Steps)] {
    var curves: [(key: [Cell], steps: Steps)] = []
    for row in table.rows.indices {
      let key = rule.arms.map { table[row, $0] }
      guard let time = table[row, rule.time].number, let value = table[row, survival].number else {
        continue
      }
      let place: Int
      if let known = curves.firstIndex(where: { $0.key == key }) {
        place = known
      } else {
        place = curves.count
        curves.append((key, Steps()))
        curves[place].steps.people = table[row, rule.atRisk].number ?? 0
      }
      guard time > 0 else { continue }
      curves[place].steps.times.append(time)
      curves[place].steps.survival.append(value)
    }
    return curves
  }
}
