extension TableControl {
  /// A table whose rows are single people is not released: its labels alone tell of them.
  mutating func withholdRowsOfPeople() {
    guard !table.rows.isEmpty else { return }
    table.rows = []
    decisions.append(
      Disclosure.Decision(
        file: table.path, rowKey: "*", column: "*", rule: "rows of single people",
        action: "all rows withheld"))
  }

  /// Holds running counts until enough people stand between two rows.
  ///
  /// What is held has no row: its time alone would tell when somebody left.
  mutating func holdRunningCounts(_ rule: ResultTable.HoldRule) {
    guard let count = table.position(of: rule.count) else { return }
    let minimum = Double(profile.minimumCount ?? 0)
    var kept: [Int] = []
    let others = table.columns.filter { $0.role == .label }.map(\.name)
      .filter { $0 != rule.time && !rule.curves.contains($0) }.compactMap { table.position(of: $0) }
    for curve in table.blocks(by: rule.curves) {
      // The rows of one time are kept or held together. A state without a row has not changed.
      var places: [[ResultTable.Cell]: Int] = [:]
      var (last, hasLast): ([Double], Bool) = ([], false)
      for moment in table.blocks(by: [rule.time], among: curve) {
        var now = last
        for row in moment {
          let label = others.map { table.rows[row][$0] }
          let number = table.rows[row][count].number ?? 0
          if let place = places[label] {
            now[place] = number
          } else {
            places[label] = now.count
            now.append(number)
            last.append(0)
          }
        }
        let isOrigin = !hasLast && table[moment[0], rule.time] == .number(0)
        if isOrigin || rule.people(from: last, to: now) >= minimum {
          kept += moment
          last = now
          hasLast = true
        }
      }
    }
    let dropped = table.rows.count - kept.count
    if dropped > 0 {
      table.isHeld = true
      decisions.append(
        Disclosure.Decision(
          file: table.path, rowKey: "*", column: "*", rule: "curve held",
          action: "\(dropped) rows merged or withheld"))
    }
    table.rows = kept.sorted().map { table.rows[$0] }
  }

  /// The shares of all states at one time add up to one: whoever is withheld alone could be had
  /// from the others, so that the next smallest goes with them.
  mutating func withholdWithNeighbours(_ rule: ResultTable.HoldRule) {
    guard let count = table.position(of: rule.count) else { return }
    let before = table.rows
    let minimum = Double(profile.minimumCount ?? 0)
    for moment in table.blocks(by: rule.curves + [rule.time], among: Array(before.indices)) {
      let original = moment.map { self.original.rows[$0][count].number ?? 0 }
      var hidden = Set(moment.indices.filter { before[moment[$0]][count] == .suppressed })
      guard !hidden.isEmpty else { continue }
      while hidden.count < 2 || hidden.reduce(0, { $0 + original[$1] }) < minimum {
        let shown = moment.indices.filter { !hidden.contains($0) }
        guard let next = shown.min(by: { (original[$0], $0) < (original[$1], $1) }) else { break }
        hidden.insert(next)
        withhold(row: moment[next], position: count, rule: "secondary suppression")
      }
    }
  }

  /// Withholds every count of a block in which one is withheld.
  ///
  /// - Returns: whether that withheld any.
  mutating func withholdBlocks() -> Bool {
    var isChanged = false
    for rule in table.blocks {
      let positions = rule.columns.compactMap { table.position(of: $0) }
      for rows in table.blocks(by: rule.within) {
        let cells = rows.flatMap { row in positions.map { (row: row, position: $0) } }
        let shown = cells.filter {
          let cell = table.rows[$0.row][$0.position]
          return cell != .suppressed && cell != .missing
        }
        let isAnyHidden = cells.contains { table.rows[$0.row][$0.position] == .suppressed }
        guard isAnyHidden, !shown.isEmpty else { continue }
        isChanged = true
        for cell in shown {
          withhold(row: cell.row, position: cell.position, rule: "secondary suppression")
        }
      }
    }
    return isChanged
  }
}
