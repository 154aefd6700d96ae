extension TableControl {
  /// Holds every curve until enough people have left since its last step.
  ///
  /// Steps are merged: the merged row has the last time and its statistics, the first number at
  /// risk, and the sums of those who left. What is left over at the end is dropped, and so is a
  /// last step after which a small number would still be at risk.
  mutating func holdCurves(_ rule: ResultTable.CurveRule) {
    let minimum = Double(profile.minimumCount ?? 0)
    let arms = rule.arms.compactMap { table.position(of: $0) }
    guard let risk = table.position(of: rule.atRisk) else { return }
    let leaving = rule.leaving.compactMap { table.position(of: $0) }
    var groups: [(key: [ResultTable.Cell], rows: [Int])] = []
    for row in table.rows.indices {
      let key = arms.map { table.rows[row][$0] }
      if let group = groups.firstIndex(where: { $0.key == key }) {
        groups[group].rows.append(row)
      } else {
        groups.append((key, [row]))
      }
    }
    var released: [[ResultTable.Cell]] = []
    for group in groups {
      var kept: [[ResultTable.Cell]] = []
      var start: ResultTable.Cell = .missing
      var left = [Double](repeating: 0, count: leaving.count)
      var heldRows = 0
      for row in group.rows {
        let cells = table.rows[row]
        if heldRows == 0 { start = cells[risk] }
        for (index, position) in leaving.enumerated() { left[index] += cells[position].number ?? 0 }
        heldRows += 1
        let gone = left.reduce(0, +)
        let isOrigin = kept.isEmpty && table[row, rule.time] == .number(0) && gone == 0
        // Statistics tell how many had the event, whether or not their number is shown.
        guard isOrigin || (gone >= minimum && gone > 0 && left.first ?? gone >= minimum) else {
          continue
        }
        var merged = cells
        merged[risk] = start
        for (index, position) in leaving.enumerated() { merged[position] = .number(left[index]) }
        kept.append(merged)
        if heldRows > 1 {
          log(row: row, column: "*", rule: "curve held", action: "\(heldRows) steps merged")
        }
        left = left.map { _ in 0 }
        heldRows = 0
      }
      var dropped = heldRows
      while let last = kept.last, let atRisk = last[risk].number {
        let gone = leaving.reduce(0) { $0 + (last[$1].number ?? 0) }
        let rest = atRisk - gone
        // A step after which nobody is left tells no more than the number at risk before it.
        if atRisk >= minimum && (rest <= 0 || rest >= minimum) { break }
        kept.removeLast()
        dropped += 1
      }
      if dropped > 0, let last = group.rows.last {
        log(row: last, column: "*", rule: "curve held", action: "end of the curve withheld")
      }
      released += kept
    }
    if released.count < table.rows.count { table.isHeld = true }
    table.rows = released
  }
}
