public import Statistics

/// People's spells in states: who was in which state from when to when, and what came next.
///
/// A row is a spell (start, stop] of one person in one state. It ends with a move to another state,
/// or without one: with the end of observation, or where the person's next row goes on. Rows of one
/// person follow each other; between them there may be gaps, in which nobody looked.
public struct StateSpells: Sendable {
  /// The states, those that people start in first.
  public let states: [String]
  /// The follow-up of each row; the event is a move.
  public let times: SurvivalTimes
  /// For each row the person.
  public let person: Factor
  /// For each row the state that it is spent in.
  let held: [Int32]
  /// For each row the state moved to at its end, or −1.
  let entered: [Int32]
  /// For each row whether it is its person's first.
  let isFirst: [Bool]
  /// For each row whether observation stops with it, for good or for a gap.
  let isLast: [Bool]
  /// Gaps between rows of one person.
  public let gaps: Int

  /// The name of the state that everybody starts in when none is given.
  public static let unnamedStart = "(s0)"

  /// Validated spells.
  ///
  /// `entered` has the state that each row's end leads to, −1 where it leads to none (observation
  /// ends, or the next row goes on); a move to the state already held is none. `initial` has the
  /// state of each person's first row and of rows after a gap; elsewhere it may be −1, and what it
  /// says must follow from the row before. Without it everybody starts in a state of its own.
  /// - Throws: `size-mismatch`, `missing-value` (a row without person, or without the state in which
  ///   it starts), `bad-value` (a row that starts in another state than the one before led to),
  ///   `bad-interval` (spells of a person that overlap) and what `SurvivalTimes` throws, with rows.
  public init(
    start: [Double]?, stop: [Double], entered: Factor, person: Factor, initial: Factor? = nil
  ) throws(SiblingError) {
    let n = stop.count
    try Checks.factor(person, rows: n, "person")
    try Checks.count(entered.count, is: n, "the states entered")
    if let initial { try Checks.count(initial.count, is: n, "the initial states") }
    let before = initial?.droppingUnusedLevels() ?? Factor(codes: [], levels: [Self.unnamedStart])
    let after = entered.droppingUnusedLevels()
    states = before.levels + after.levels.filter { !before.levels.contains($0) }
    let place = Dictionary(
      uniqueKeysWithValues: states.enumerated().map { ($0.element, Int32($0.offset)) })
    let target = after.levels.map { place[$0] ?? 0 }
    let bound = try SurvivalTimes(
      start: start, time: stop, event: after.codes.map { $0 >= 0 })
    var walk = Walk(bound, person, moves: after.codes.map { $0 < 0 ? -1 : target[Int($0)] })
    try walk.run(initial: initial == nil ? nil : before.codes)
    held = walk.held
    self.entered = walk.entered
    (isFirst, isLast, gaps) = (walk.isFirst, walk.isLast, walk.gaps)
    self.person = person
    times = bound
  }
}

/// Goes through each person's rows in the order of time.
private struct Walk {
  let times: SurvivalTimes
  let person: Factor
  let moves: [Int32]
  var held: [Int32]
  var entered: [Int32]
  var isFirst: [Bool]
  var isLast: [Bool]
  var gaps = 0

  init(_ times: SurvivalTimes, _ person: Factor, moves: [Int32]) {
    (self.times, self.person, self.moves) = (times, person, moves)
    held = [Int32](repeating: 0, count: moves.count)
    entered = [Int32](repeating: -1, count: moves.count)
    isFirst = [Bool](repeating: false, count: moves.count)
    isLast = [Bool](repeating: true, count: moves.count)
  }

  mutating func run(initial: [Int32]?) throws(SiblingError) {
    // Rows of one person cannot overlap, so the order of their stops is that of their starts.
    let grouped = GroupedRows(times.order, codes: person.codes, levels: person.levels.count)
    for code in 0..<(grouped.begins.count - 1) {
      var before: Int?
      for position in grouped.begins[code]..<grouped.begins[code + 1] {
        let row = Int(grouped.rows[position])
        held[row] = try state(of: row, after: before, initial: initial)
        if moves[row] != held[row] { entered[row] = moves[row] }
        before = row
      }
    }
  }

  private mutating func state(
    of row: Int, after before: Int?, initial: [Int32]?
  ) throws(SiblingError) -> Int32 {
    let given = initial?[row] ?? -1
    guard let before else {
      isFirst[row] = true
      guard let initial else { return 0 }
      guard initial[row] >= 0 else {
        throw SiblingError(
          .missingValue, "a person's first row has no state to start in",
          help: "fill in the initial state", row: row, column: "initial")
      }
      return given
    }
    guard let start = times.start?[row], start >= times.time[before] else {
      throw SiblingError(
        .badInterval,
        times.start == nil
          ? "a person has several rows, but rows have no start" : "spells of one person overlap",
        help: "rows of one person must follow each other: Surv(start, stop, state)", row: row,
        column: "start")
    }
    let led = entered[before] >= 0 ? entered[before] : held[before]
    if start > times.time[before] {
      gaps += 1
      return given >= 0 ? given : led
    }
    isLast[before] = false
    guard given < 0 || given == led else {
      throw SiblingError(
        .badValue, "a row starts in another state than the person's row before led to",
        help: "correct the states, or leave a gap in time where nobody looked", row: row,
        column: "initial")
    }
    return led
  }
}
