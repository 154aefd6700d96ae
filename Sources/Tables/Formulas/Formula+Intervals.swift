internal import Statistics

extension Binder {
  /// Clears the rows of which neither end of the interval is known, counts them and returns the first.
  mutating func countUnknown(_ complete: inout [Bool]) -> Int? {
    var known = outcome.map { _ in [Bool](repeating: true, count: complete.count) }
    for (k, part) in outcome.enumerated() { _ = part.values.clearMissing(&known[k]) }
    var count = 0
    var first: Int?
    for row in complete.indices where !known[0][row] && !known[1][row] {
      complete[row] = false
      count += 1
      if first == nil { first = row }
    }
    let name = outcome.map(\.syntax.text).joined(separator: " and ")
    if count > 0 { noteDropped(name, count) }
    return first
  }

  /// `Surv(low, high, type = "interval2")`: a missing high is a row without the event, a missing low
  /// one that had it by then.
  mutating func intervals() throws(SiblingError) -> SurvivalResponse {
    let low = try ends(outcome[0], missing: -.infinity)
    let high = try ends(outcome[1], missing: .infinity)
    if let index = low.indices.first(where: { high[$0] < low[$0] || low[$0] == .infinity }) {
      let row = rows[index]
      throw SiblingError(
        .badInterval, "an interval ends before it starts",
        help: "Surv(low, high, type = \"interval2\") needs low ≤ high in every row",
        location: table.location(row: row, of: outcome[1].syntax), row: row,
        column: outcome[1].syntax.columnNames.first)
    }
    return SurvivalResponse(
      start: nil, time: low, event: high.map { $0 < .infinity }, latest: high)
  }

  private func ends(_ part: Part, missing: Double) throws(SiblingError) -> [Double] {
    switch part.values {
    case .integers(let values):
      return rows.map { values[$0] == Int.min ? missing : Double(values[$0]) }
    case .doubles(let values):
      if let row = rows.first(where: { Evaluated.isInvalid(values[$0]) }) {
        throw Expression.failure(part.syntax, row: row, in: table)
      }
      return rows.map { values[$0].isNaN ? missing : values[$0] }
    case .booleans, .factor, .dates:
      throw source.error(
        .wrongType, "`\(part.syntax.text)` is \(part.values.typeName) where a time is needed",
        at: part.syntax.position, help: "count days or weeks since time zero",
        column: part.syntax.columnNames.first)
    }
  }
}
