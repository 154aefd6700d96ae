import Statistics

/// Which rows carry their person's follow-up, and with which it stops.
struct FollowUp: Sendable {
  /// Whether the row's time counts as time at risk; without starts only each person's last does.
  private(set) var holdsRisk: [Bool]
  /// Whether observation stops with the row, for good or for a gap.
  private(set) var isLast: [Bool]

  init(_ times: SurvivalTimes, _ person: Factor) throws(SiblingError) {
    holdsRisk = [Bool](repeating: times.start != nil, count: times.count)
    isLast = [Bool](repeating: false, count: times.count)
    let grouped = GroupedRows(times.order, codes: person.codes, levels: person.levels.count)
    for code in 0..<(grouped.begins.count - 1)
    where grouped.begins[code] < grouped.begins[code + 1] {
      let range = grouped.begins[code]..<grouped.begins[code + 1]
      // At a shared time the terminal event comes last.
      var last = Int(grouped.rows[range.upperBound - 1])
      for position in range where times.event[Int(grouped.rows[position])] {
        last = Int(grouped.rows[position])
        let final = Int(grouped.rows[range.upperBound - 1])
        if times.time[final] > times.time[last] {
          throw SiblingError(
            .badValue, "a row follows its person's terminal event",
            help: "nothing can happen after it: correct the times or the event", row: final,
            column: "event")
        }
      }
      isLast[last] = true
      guard let start = times.start else {
        holdsRisk[last] = true
        continue
      }
      for position in range.dropFirst() {
        let (before, row) = (Int(grouped.rows[position - 1]), Int(grouped.rows[position]))
        if start[row] < times.time[before] {
          throw SiblingError(
            .badInterval, "rows of one person overlap",
            help: "rows of one person must follow each other: Surv(start, stop, event)", row: row,
            column: "start")
        }
        if start[row] > times.time[before] { isLast[before] = true }
      }
    }
  }

  /// The people whose follow-up stops with an event that is counted.
  func endsAtEvent(_ counted: [Bool]) -> Int {
    isLast.indices.reduce(0) { $0 + (isLast[$1] && counted[$1] ? 1 : 0) }
  }
}
