public import Statistics

/// Follow-up of each row: when it came under observation, when it left, and whether by the event.
///
/// A row is at risk at time t when `start` < t ≤ `time`; without `start` it is at risk from the
/// beginning. Durations of zero or less are allowed, as R's `Surv` allows them: such a row is at
/// risk at its own time and earlier ones only. `zeroDurations` and `negativeDurations` count them,
/// so that a caller can say so.
///
/// Times that differ only by rounding are treated as tied: with the distinct times sorted, a gap
/// of at most 1.49e-8, absolutely or relative to the mean absolute distinct time, is a tie, and
/// chains of such gaps collapse to their lowest time.
/// - Complexity: O(n) for whole-number times below 65,536, otherwise six passes of a radix sort.
public struct SurvivalTimes: Sendable {
  /// The time after which each row is at risk, when there is left truncation; ties collapsed.
  public let start: [Double]?
  /// The time of the event or of censoring, ties collapsed.
  public let time: [Double]
  /// Whether each row ended with the event.
  public let event: [Bool]
  /// Rows whose time is zero.
  public let zeroDurations: Int
  /// Rows whose time is below zero.
  public let negativeDurations: Int
  /// Rows whose time or start was moved by the tie rule.
  public let collapsedTimes: Int

  /// The people behind each row, where rows are cells.
  public let people: People?

  /// The distinct values of `time`, ascending.
  let distinct: [Double]
  /// For each row the index of its time in `distinct`.
  let timeIndex: [Int32]
  /// For each row the index of the first distinct time after its start.
  let entryIndex: [Int32]?
  /// Rows by ascending time, ties in row order.
  let order: [Int32]

  /// Validated follow-up times.
  ///
  /// `collapseTies` turns the rule for nearly equal times on; with `people` rows are cells of people.
  /// - Throws: `size-mismatch`, `no-rows`, `missing-value` (NaN), `bad-value` (infinite) or
  ///   `bad-interval` (a row that ends at or before its start) with the row.
  public init(
    start: [Double]? = nil, time: [Double], event: [Bool], collapseTies: Bool = true,
    people: People? = nil
  ) throws(SiblingError) {
    try Self.validate(start: start, time: time, event: event)
    let (givenTime, givenStart) = (time, start)
    var time = time
    var start = start
    let counted = Self.counted(time)
    var order = counted?.order ?? Sorting.order(time)
    var moved = 0
    // Whole numbers below 65,536 are further apart than the rule reaches.
    if collapseTies, start != nil || counted == nil {
      moved = Self.collapse(time: &time, start: &start, order: order)
      if moved > 0 { order = Self.ascendingOrder(time) }
    }
    if moved > 0, let start, let row = time.indices.first(where: { time[$0] <= start[$0] }) {
      throw SiblingError(
        .badInterval, "an interval is so short that its ends count as one time",
        help: "lengthen it, drop the row, or turn the tie rule off", row: row)
    }
    self.start = start
    self.time = time
    self.event = event
    self.order = order
    self.people = people
    if let people {
      var (collapsed, zero, negative) = (0, 0, 0)
      for (row, count) in people.counts.enumerated() {
        if time[row] != givenTime[row] { collapsed += count }
        if let start, let givenStart, start[row] != givenStart[row] { collapsed += count }
        if time[row] == 0 { zero += count }
        if time[row] < 0 { negative += count }
      }
      (collapsedTimes, zeroDurations, negativeDurations) = (collapsed, zero, negative)
    } else {
      collapsedTimes = moved
      (zeroDurations, negativeDurations) = Self.unusual(time)
    }
    if moved == 0, let counted {
      (distinct, timeIndex) = (counted.distinct, counted.index)
    } else {
      (distinct, timeIndex) = Self.ranks(time, order: order)
    }
    entryIndex = start.map { [distinct] in Self.firstAfter($0, in: distinct) }
  }

  /// The number of rows.
  public var count: Int { time.count }

  /// The number of people who ended with the event.
  public var events: Int {
    guard let people else { return event.reduce(0) { $0 + ($1 ? 1 : 0) } }
    return event.indices.reduce(0) { $0 + (event[$1] ? people.counts[$1] : 0) }
  }

  /// The follow-up of the named rows, under the times as they stand here.
  ///
  /// - Throws: `no-rows` when none is named.
  public func selecting(_ rows: [Int]) throws(SiblingError) -> SurvivalTimes {
    try SurvivalTimes(
      start: start.map { start in rows.map { start[$0] } }, time: rows.map { time[$0] },
      event: rows.map { event[$0] }, collapseTies: false, people: people?.selecting(rows))
  }
}

extension SurvivalTimes {
  private static func validate(
    start: [Double]?, time: [Double], event: [Bool]
  ) throws(SiblingError) {
    guard !time.isEmpty else {
      throw SiblingError(.noRows, "there are no rows with a time", help: "check the row filter")
    }
    guard time.count == event.count, start.map({ $0.count == time.count }) ?? true else {
      throw SiblingError(.sizeMismatch, "times and events have different lengths")
    }
    guard time.count < Int(Int32.max) else {
      throw SiblingError(.sizeMismatch, "more than 2,147,483,646 rows")
    }
    try requireFinite(time, column: "time")
    guard let start else { return }
    try requireFinite(start, column: "start")
    if let row = time.indices.first(where: { time[$0] <= start[$0] }) {
      throw SiblingError(
        .badInterval, "an interval ends at or before its start",
        help: "the stop time must be later than the start time", row: row)
    }
  }

  /// How many values are zero and how many below.
  private static func unusual(_ values: [Double]) -> (zero: Int, negative: Int) {
    values.withUnsafeBufferPointer { values in
      var (zero, negative) = (0, 0)
      for value in values {
        zero += value == 0 ? 1 : 0
        negative += value < 0 ? 1 : 0
      }
      return (zero, negative)
    }
  }

  private static func requireFinite(
    _ values: [Double], column: String
  ) throws(SiblingError) {
    let sound = values.withUnsafeBufferPointer { values in
      var sum = 0.0
      for value in values { sum += value - value }
      return sum == 0
    }
    if sound { return }
    let row = values.firstIndex { !$0.isFinite } ?? 0
    if values[row].isNaN {
      throw SiblingError(
        .missingValue, "a \(column) is missing", help: "drop the row or fill the value in",
        row: row, column: column)
    }
    throw SiblingError(
      .badValue, "a \(column) is infinite",
      help: "give the last time at which the row was observed and mark it as censored",
      row: row, column: column)
  }

  /// Whole-number weeks or days are counted instead of sorted.
  private static func ascendingOrder(_ values: [Double]) -> [Int32] {
    guard isCounted(values) else { return Sorting.order(values) }
    return Sorting.order(codes: values.map { Int32($0) }, levels: Int(countedLimit))
  }

  private static let countedLimit = 65_536.0

  /// Order, distinct values and ranks of whole numbers below 65,536, counted; nil for others.
  private static func counted(
    _ values: [Double]
  ) -> (order: [Int32], distinct: [Double], index: [Int32])? {
    guard isCounted(values) else { return nil }
    let n = values.count
    return values.withUnsafeBufferPointer { values in
      var counts = [Int32](repeating: 0, count: Int(countedLimit))
      var (distinct, places) = ([Double](), [Int32](repeating: 0, count: counts.count))
      counts.withUnsafeMutableBufferPointer { counts in
        for value in values { counts[Int(value)] += 1 }
        // From here on a value's count is its rank, and its place where its rows begin.
        var begun: Int32 = 0
        for value in counts.indices where counts[value] > 0 {
          places[value] = begun
          begun += counts[value]
          counts[value] = Int32(distinct.count)
          distinct.append(Double(value))
        }
      }
      var order: [Int32] = []
      let index = [Int32](unsafeUninitializedCapacity: n) { index, initialized in
        order = [Int32](unsafeUninitializedCapacity: n) { order, initialized in
          counts.withUnsafeBufferPointer { ranks in
            places.withUnsafeMutableBufferPointer { places in
              for row in 0..<n {
                let value = Int(values[row])
                index[row] = ranks[value]
                let place = places[value]
                places[value] = place + 1
                order[Int(place)] = Int32(truncatingIfNeeded: row)
              }
            }
          }
          initialized = n
        }
        initialized = n
      }
      return (order, distinct, index)
    }
  }

  private static func isCounted(_ values: [Double]) -> Bool {
    values.withUnsafeBufferPointer { values in
      for value in values {
        // Conversion truncates, so a fraction does not come back.
        let whole = value >= 0 && value < countedLimit && Double(Int32(value)) == value
        if !whole { return false }
      }
      return true
    }
  }

  /// Distinct sorted values and each row's index among them.
  private static func ranks(_ values: [Double], order: [Int32]) -> ([Double], [Int32]) {
    var distinct: [Double] = []
    let index = [Int32](unsafeUninitializedCapacity: values.count) { output, initialized in
      values.withUnsafeBufferPointer { values in
        order.withUnsafeBufferPointer { order in
          var last = Double.nan
          var rank: Int32 = -1
          for row in order {
            let value = values[Int(row)]
            if value != last {
              distinct.append(value)
              rank += 1
              last = value
            }
            output[Int(row)] = rank
          }
        }
      }
      initialized = values.count
    }
    return (distinct, index)
  }

  /// For each start the index of the first distinct time after it.
  private static func firstAfter(_ starts: [Double], in distinct: [Double]) -> [Int32] {
    let order = ascendingOrder(starts)
    var index = [Int32](repeating: 0, count: starts.count)
    var next = 0
    for row in order {
      while next < distinct.count, distinct[next] <= starts[Int(row)] { next += 1 }
      index[Int(row)] = Int32(next)
    }
    return index
  }

  /// Applies the tie rule and returns how many values it moved.
  private static func collapse(
    time: inout [Double], start: inout [Double]?, order: [Int32]
  ) -> Int {
    var all = sortedDistinct(time, order)
    let startOrder = start.map(ascendingOrder)
    if let start, let startOrder {
      all = merged(all, sortedDistinct(start, startOrder))
    }
    let tolerance = Double.ulpOfOne.squareRoot()
    let mean = all.reduce(0) { $0 + $1.magnitude } / Double(all.count)
    var kept: [Double] = []
    kept.reserveCapacity(all.count)
    for k in all.indices {
      let gap = k == 0 ? Double.infinity : all[k] - all[k - 1]
      if gap > tolerance, gap > tolerance * mean { kept.append(all[k]) }
    }
    guard kept.count < all.count else { return 0 }
    var moved = snap(&time, to: kept, order: order)
    if var values = start, let startOrder {
      moved += snap(&values, to: kept, order: startOrder)
      start = values
    }
    return moved
  }

  private static func snap(_ values: inout [Double], to kept: [Double], order: [Int32]) -> Int {
    var moved = 0
    var next = 0
    for row in order {
      let value = values[Int(row)]
      while next + 1 < kept.count, kept[next + 1] <= value { next += 1 }
      if value != kept[next] {
        values[Int(row)] = kept[next]
        moved += 1
      }
    }
    return moved
  }

  private static func sortedDistinct(_ values: [Double], _ order: [Int32]) -> [Double] {
    var result: [Double] = []
    values.withUnsafeBufferPointer { values in
      var last = Double.nan
      for row in order {
        let value = values[Int(row)]
        if value != last {
          result.append(value)
          last = value
        }
      }
    }
    return result
  }

  private static func merged(_ a: [Double], _ b: [Double]) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(a.count + b.count)
    var (i, j) = (0, 0)
    while i < a.count || j < b.count {
      let left = i < a.count ? a[i] : .infinity
      let right = j < b.count ? b[j] : .infinity
      result.append(Swift.min(left, right))
      if left <= right { i += 1 }
      if right <= left { j += 1 }
    }
    return result
  }
}
