import LinearAlgebra
import Statistics

/// What happens in one arm at each of its distinct times.
struct RiskSteps {
  /// Distinct times of events or censoring, ascending.
  var times: [Double] = []
  /// Weight at risk just before each time.
  var atRisk: [Double] = []
  /// Weight of the events at each time.
  var events: [Double] = []
  /// Weight of the censored at each time.
  var censored: [Double] = []
  /// Rows of the arm by time.
  let rows: ArraySlice<Int32>
  /// Where the rows of each time begin, relative to the slice, and at last their number.
  var begins: [Int] = []
  /// Rows by first time at risk, and where each time's entrants begin; nil without left truncation.
  var entrants: (rows: [Int32], begins: [Int])?
  let weights: [Double]?
  let event: [Bool]
  /// People with a weight above zero behind each row, where rows are cells.
  let counts: [Int]?
  /// Weights of cells whose squares are those of their people; nil where rows are people.
  let roots: [Double]?

  init(_ source: SurvivalTimes, rows: ArraySlice<Int32>, weights: [Double]?) {
    self.rows = rows
    self.weights = weights
    event = source.event
    counts = source.people?.weighted
    roots = source.rootWeights
    var index: [Int32] = []
    var exits: [Double] = []
    source.timeIndex.withUnsafeBufferPointer { timeIndex in
      source.event.withUnsafeBufferPointer { event in
        var last: Int32 = -1
        var (died, left) = (0.0, 0.0)
        for (position, row) in rows.enumerated() {
          let time = timeIndex[Int(row)]
          if time != last {
            if last >= 0 { append(source.distinct[Int(last)], died, left) }
            (died, left, last) = (0, 0, time)
            begins.append(position)
            index.append(time)
          }
          let weight = weights.map { $0[Int(row)] } ?? 1
          if event[Int(row)] { died += weight } else { left += weight }
        }
        if last >= 0 { append(source.distinct[Int(last)], died, left) }
      }
    }
    begins.append(rows.count)
    exits = zip(events, censored).map { $0 + $1 }
    if let entry = source.entryIndex { enter(entry, index) }
    atRisk = countAtRisk(exits)
  }

  /// The steps of an arm of a table, which keeps no rows.
  init(_ source: SurvivalTimes, _ table: EventTable, arm: Int) {
    rows = []
    weights = nil
    event = []
    counts = nil
    roots = nil
    let places = table.places(of: arm)
    times = places.map { source.distinct[$0 - arm * table.width] }
    events = places.map { table.events[$0] }
    censored = places.map { table.censored[$0] }
    atRisk = countAtRisk(places.map { table.events[$0] + table.censored[$0] })
  }

  /// The steps of each arm that has rows.
  ///
  /// Rows by time are kept for the jackknife, for left truncation and where `needsRows` says so.
  static func arms(
    _ source: SurvivalTimes, _ group: Factor?, weights: [Double]?, needsRows: Bool
  ) -> [(name: String, steps: RiskSteps)] {
    let levels = group?.levels ?? ["all"]
    if !needsRows,
      let table = EventTable(source, group?.codes, arms: levels.count, weights: weights)
    {
      return levels.indices.compactMap { arm in
        let steps = RiskSteps(source, table, arm: arm)
        return steps.times.isEmpty ? nil : (levels[arm], steps)
      }
    }
    let grouped = GroupedRows(source.order, codes: group?.codes, levels: levels.count)
    let present = levels.indices.filter { grouped.begins[$0] < grouped.begins[$0 + 1] }
    return Parallel.mapBlocks(present.count) { index in
      let arm = present[index]
      let rows = grouped.rows[grouped.begins[arm]..<grouped.begins[arm + 1]]
      return (levels[arm], RiskSteps(source, rows: rows, weights: weights))
    }
  }

  private mutating func append(_ time: Double, _ died: Double, _ left: Double) {
    times.append(time)
    events.append(died)
    censored.append(left)
  }

  /// Sorts rows by the arm's first time at which they are at risk.
  private mutating func enter(_ entry: [Int32], _ index: [Int32]) {
    var codes: [Int32] = []
    codes.reserveCapacity(rows.count)
    for row in rows {
      let wanted = entry[Int(row)]
      var (low, high) = (0, index.count)
      while low < high {
        let middle = (low + high) / 2
        if index[middle] < wanted { low = middle + 1 } else { high = middle }
      }
      codes.append(Int32(low))
    }
    var begins = [Int](repeating: 0, count: index.count + 1)
    for code in codes { begins[Int(code) + 1] += 1 }
    for k in index.indices { begins[k + 1] += begins[k] }
    let sorted = Sorting.order(codes: codes, levels: index.count)
    let base = rows.startIndex
    entrants = (sorted.map { rows[base + Int($0)] }, begins)
  }

  /// Summed from the last time backwards, so that no small risk set is a difference of large ones.
  private func countAtRisk(_ exits: [Double]) -> [Double] {
    var result = exits
    var sum = CompensatedSum()
    for k in result.indices.reversed() {
      sum.add(exits[k])
      if let entrants, k + 1 < result.count {
        for position in entrants.begins[k + 1]..<entrants.begins[k + 2] {
          sum.add(-(weights.map { $0[Int(entrants.rows[position])] } ?? 1))
        }
      }
      result[k] = sum.value
    }
    return result
  }

  /// S just after each time.
  var survival: [Double] {
    var s = 1.0
    return events.indices.map { k in
      if events[k] > 0 { s *= Self.surviving(atRisk[k], events[k]) }
      return s
    }
  }

  /// 1 − d/n, exactly zero when the two differ only by rounding of their sums.
  @inline(__always)
  static func surviving(_ atRisk: Double, _ events: Double) -> Double {
    let left = atRisk - events
    return left <= 1e-13 * atRisk ? 0 : left / atRisk
  }

  /// Greenwood's standard error of S; NaN once S is zero, where it has none.
  func greenwood(_ survival: [Double]) -> [Double] {
    var sum = 0.0
    return events.indices.map { k in
      guard survival[k] > 0 else { return .nan }
      if events[k] > 0 { sum += events[k] / (atRisk[k] * (atRisk[k] - events[k])) }
      return survival[k] * sum.squareRoot()
    }
  }
}
