internal import Statistics
internal import Survival
internal import Tables

extension TimeZero {
  /// The follow-up of every row of the table; rows without one are NaN and stay, to be counted later.
  struct Rows {
    var start: [Double]?
    var time: [Double]
    var event: [Bool]

    init(_ used: [Int], _ times: SurvivalTimes, of count: Int) {
      time = [Double](repeating: .nan, count: count)
      event = [Bool](repeating: false, count: count)
      for (k, row) in used.enumerated() {
        (time[row], event[row]) = (times.time[k], times.event[k])
      }
      guard let starts = times.start else { return }
      var all = [Double](repeating: .nan, count: count)
      for (k, row) in used.enumerated() { all[row] = starts[k] }
      start = all
    }
  }

  /// Those still under observation at a time, with what was known then.
  func atLandmark(
    _ landmark: Double, _ table: Table, _ formula: String, _ right: String, _ rows: Rows,
    _ begin: [Double]?
  ) throws(SiblingError) -> Prepared {
    let kept = rows.time.indices.filter { rows.time[$0].isNaN || rows.time[$0] > landmark }
    let left = rows.time.indices.filter { rows.time[$0] <= landmark }
    guard kept.contains(where: { !rows.time[$0].isNaN }) else {
      throw SiblingError(
        .noRows, "nobody is under observation after the landmark",
        help: "choose an earlier landmark", column: OptionKey.landmark.name)
    }
    var prepared = Prepared(table: table.selecting(rows: kept), formula: formula)
    let ended = left.count { rows.event[$0] }
    prepared.notes.append(
      "landmark \(Self.text(landmark)): \(left.count) rows left out that ended by then"
        + " (\(ended) with the event); results speak of the \(rows.time.count - left.count) others"
        + (resetsClock ? ", counted from the landmark" : ""))
    if let begin {
      try classify(kept.map { begin[$0] }, landmark, right, &prepared)
    }
    if resetsClock || rows.start != nil {
      let shift = resetsClock ? landmark : 0
      try prepared.table.replaceFollowUp(
        start: rows.start.map { start in kept.map { Swift.max(start[$0], landmark) - shift } },
        stop: kept.map { rows.time[$0] - shift }, event: kept.map { rows.event[$0] },
        missing: kept.map { rows.time[$0].isNaN })
      let start = rows.start == nil ? "" : Added.start + ", "
      prepared.formula = "Surv(\(start)\(Added.stop), \(Added.event)) ~\(right)"
    }
    return prepared
  }

  /// Says who was treated by the landmark, and refuses arms that were not fixed by then.
  private func classify(
    _ begin: [Double], _ landmark: Double, _ right: String, _ prepared: inout Prepared
  ) throws(SiblingError) {
    prepared.table = try prepared.table.adding(
      Column(name: Added.treatedByLandmark, values: .booleans(begin.map { $0 <= landmark ? 1 : 0 }))
    )
    let late = begin.indices.filter { begin[$0] > landmark }
    guard let first = late.first else { return }
    guard right.contains(Added.treatedByLandmark) else {
      throw SiblingError(
        .badDesign,
        "\(late.count) rows began treatment after the landmark, so that an arm named in the formula"
          + " is not fixed by then",
        help: "use the column \(Added.treatedByLandmark) as the arm",
        location: treatedFrom.flatMap { prepared.table.location(row: first, column: $0) },
        row: first, column: treatedFrom)
    }
    prepared.notes.append(
      "\(late.count) rows began treatment after the landmark and count as untreated")
  }

  /// Two rows for one where treatment begins within it.
  func split(
    _ table: Table, _ right: String, _ rows: Rows, _ begin: [Double]
  ) throws(SiblingError) -> Prepared {
    var origin: [Int] = []
    var (start, stop): ([Double], [Double]) = ([], [])
    var (event, treated): ([Bool], [Int]) = ([], [])
    var cut = 0
    func add(_ row: Int, _ from: Double, _ to: Double, _ ends: Bool, _ isTreated: Bool) {
      origin.append(row)
      start.append(from)
      stop.append(to)
      event.append(ends)
      treated.append(isTreated ? 1 : 0)
    }
    // A row without a start is at risk from the origin, also when it ends at or before it.
    for row in rows.time.indices {
      let time = rows.time[row]
      let from = rows.start?[row] ?? Swift.min(0, time - 1)
      if begin[row] > from, begin[row] < time {
        add(row, from, begin[row], false, false)
        add(row, begin[row], time, rows.event[row], true)
        cut += 1
      } else {
        add(row, from, time, rows.event[row], begin[row] <= from)
      }
    }
    var prepared = Prepared(
      table: table.selecting(rows: origin),
      formula: "Surv(\(Added.start), \(Added.stop), \(Added.event)) ~\(right)")
    try prepared.table.replaceFollowUp(
      start: start, stop: stop, event: event, missing: stop.map(\.isNaN))
    prepared.table = try prepared.table.adding(
      Column(name: Added.treatedNow, values: .integers(treated)))
    prepared.notes.append("\(cut) rows were split where their treatment began")
    if !right.contains(Added.treatedNow) {
      prepared.notes.append("the formula does not use \(Added.treatedNow)")
    }
    return prepared
  }

  private static func text(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }
}

extension Table {
  /// Puts times in the columns that a rewritten formula reads.
  fileprivate mutating func replaceFollowUp(
    start: [Double]?, stop: [Double], event: [Bool], missing: [Bool]
  ) throws(SiblingError) {
    if let start {
      self = try adding(Column(name: TimeZero.Added.start, values: .doubles(start)))
    }
    self = try adding(Column(name: TimeZero.Added.stop, values: .doubles(stop)))
    let codes = event.indices.map { missing[$0] ? Int8(-1) : event[$0] ? 1 : 0 }
    self = try adding(Column(name: TimeZero.Added.event, values: .booleans(codes)))
  }
}
