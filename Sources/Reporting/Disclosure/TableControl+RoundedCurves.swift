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
    guard let released = curvesMade(rule, by: { $0.rounded(minimum: $1) }) else { return false }
    let words = CountRounding.midpoint(6).words ?? ""
    for name in [rule.atRisk] + rule.leaving {
      logColumn(name, rule: "curve rounded", action: "cumulative counts \(words)")
    }
    for name in rule.statistics {
      logColumn(name, rule: "curve rounded", action: "made again of rounded counts")
    }
    table.roundingNote = "Cumulative counts are \(words), and the curve is made of these."
    table.curveRounding = .midpoint(6)
    table.rows = released
    return true
  }

  /// Makes every curve again of events and censorings that wait until enough of them have come.
  ///
  /// Survival at two times and the number at risk tell how many had the event in between, so that it is
  /// made of what is shown alone. Events and censorings wait each for themselves: a row has those that
  /// have come since the last that were shown, and blank where too few have. After ACRO's table of
  /// survival.
  ///
  /// - Returns: whether the curves could be made again; exact counts must give the exact curve.
  mutating func holdCounts(_ rule: ResultTable.CurveRule) -> Bool {
    guard var released = curvesMade(rule, by: { $0.held(minimum: $1) }),
      let time = table.position(of: rule.time)
    else { return false }
    for name in rule.leaving {
      guard let place = table.position(of: name) else { continue }
      for row in released.indices
      where released[row][place] == .number(0) && released[row][time] != .number(0) {
        released[row][place] = .missing
      }
      logColumn(name, rule: "curve held", action: "shown once enough have come")
    }
    for name in rule.statistics {
      logColumn(name, rule: "curve held", action: "made again of shown counts")
    }
    if released != table.rows {
      table.isHeld = true
      table.roundingNote =
        "Events and censorings stand where enough of them have come since the last that are shown, and "
        + "the curve is made of these."
    }
    table.rows = released
    return true
  }

  /// The rows of all curves made again; nil where counts don't give the exact ones.
  private func curvesMade(
    _ rule: ResultTable.CurveRule, by make: (CurveSteps, Double) -> [CurveSteps.Step]
  ) -> [[ResultTable.Cell]]? {
    guard rule.statistics.count == 4, rule.leaving.count == 2 else { return nil }
    let names = [rule.time, rule.atRisk] + rule.leaving + rule.statistics
    let places = names.compactMap { table.position(of: $0) }
    let others = table.columns.filter { column in
      column.role != .label && column.role != .plain && !names.contains(column.name)
    }
    guard places.count == names.count, others.isEmpty else { return nil }
    var released: [[ResultTable.Cell]] = []
    for rows in curves(by: rule.arms) {
      guard let steps = CurveSteps(rows: rows.map { table.rows[$0] }, places: places) else {
        return nil
      }
      for step in make(steps, Double(profile.minimumCount ?? 0)) {
        var cells = table.rows[rows[step.row]]
        let numbers = [
          step.atRisk, step.events, step.censored, step.survival, step.error, step.low, step.high,
        ]
        for (place, number) in zip(places.dropFirst(), numbers) {
          // Where the exact curve ends at nought it has no limits, but the one made again may.
          let isAbsent = rows.allSatisfy { table.rows[$0][place] == .missing }
          cells[place] = isAbsent ? .missing : ResultTable.Cell(number)
        }
        released.append(cells)
      }
    }
    return released
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
