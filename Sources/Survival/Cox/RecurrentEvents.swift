public import Statistics

/// Follow-up of people who may have the event several times, arranged for a Cox model.
///
/// A person's spells are numbered by the events before them: a spell lasts, in however many rows,
/// until an event ends it. Fit what comes out with the id as the cluster.
///
/// Andersen & Gill (1982), doi:10.1214/aos/1176345976; Prentice, Williams & Peterson (1981),
/// doi:10.1093/biomet/68.2.373.
public struct RecurrentEvents: Sendable, Equatable {
  /// What the risk of the next event depends on.
  public enum Model: String, Sendable, CaseIterable {
    /// Time since the origin, whatever happened before.
    case andersenGill = "andersen-gill"
    /// Time since the origin, apart for each number of earlier events.
    case totalTime = "pwp-total"
    /// Time since the spell began, apart for each number of earlier events.
    case gapTime = "pwp-gap"
  }

  /// What the risk depends on.
  public var model: Model

  /// An arrangement.
  public init(_ model: Model) { self.model = model }

  /// The follow-up and the strata to fit.
  ///
  /// Strata given are crossed with the numbers of the spells.
  /// - Throws: `bad-interval` for overlapping spells; `invalid-option` without start times.
  /// - Complexity: that of sorting the starts.
  public func arrange(
    _ times: SurvivalTimes, id: Factor, strata: Factor? = nil
  ) throws(SiblingError) -> (times: SurvivalTimes, strata: Factor?, notes: [String]) {
    try Checks.factor(id, rows: times.count, "id")
    try Checks.factor(strata, rows: times.count, "stratum")
    guard let start = times.start else {
      throw SiblingError(
        .invalidOption, "several events a person need spells with start and stop",
        help: "write Surv(start, stop, event)", column: "recurrent")
    }
    _ = try Spells.check(times, id, strata: nil)
    let people = GroupedRows(Sorting.order(start), codes: id.codes, levels: id.levels.count)
    var number = [Int32](repeating: 0, count: times.count)
    var origin = start
    var most: Int32 = 0
    for person in id.levels.indices {
      var (events, began): (Int32, Double?) = (0, nil)
      for place in people.begins[person]..<people.begins[person + 1] {
        let row = Int(people.rows[place])
        number[row] = events
        origin[row] = began ?? start[row]
        began = times.event[row] ? nil : origin[row]
        if times.event[row] { events += 1 }
        most = Swift.max(most, number[row])
      }
    }
    guard model != .andersenGill else { return (times, strata, []) }
    let spells = Factor(codes: number, levels: (0...most).map { "spell=\($0 + 1)" })
    let crossed = strata.map { $0.crossed(with: spells) } ?? spells
    var counts = [Int](repeating: 0, count: Int(most) + 1)
    for row in number.indices where times.event[row] { counts[Int(number[row])] += 1 }
    let note =
      "spells are strata by the number of earlier events; events by spell: "
      + counts.map { "\($0)" }.joined(separator: ", ")
    guard model == .gapTime else { return (times, crossed, [note]) }
    let from = start.indices.map { start[$0] - origin[$0] }
    let gap = try SurvivalTimes(
      start: from.contains { $0 != 0 } ? from : nil,
      time: start.indices.map { times.time[$0] - origin[$0] }, event: times.event)
    return (gap, crossed, [note])
  }
}
