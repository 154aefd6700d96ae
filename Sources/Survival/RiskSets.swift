import Statistics

/// Who is at risk at which event time, stratum by stratum, as integers.
///
/// A *group* is a distinct event time within a stratum. Groups stand stratum after stratum, latest
/// time first, so that a risk-set sum is a running sum: going to the next group adds the rows of
/// `begin[g]..<end[g]` and, with left truncation, removes `removed[removal[g]..<removal[g + 1]]`.
/// Rows that are at risk at no event time stand in none. Without left truncation the rows that die
/// at a group's time stand together: `tie[g]..<tie[g] + deaths[g]`, unless rows are cells.
struct RiskSets: Sendable {
  /// Original rows in the order in which groups add them.
  let rows: [Int32]
  /// For each group where its added rows begin in `rows`.
  let begin: [Int32]
  /// For each group where the rows tied at its very time begin.
  let tie: [Int32]
  /// For each group where its added rows end.
  let end: [Int32]
  /// For each group the number of events; of people, where rows are cells.
  let deaths: [Int32]
  /// For each group its stratum's code.
  let stratum: [Int32]
  /// For each group the index of its time among the distinct times.
  let time: [Int32]
  /// For each group where its stratum's groups end.
  let stratumEnd: [Int32]
  /// For each position in `rows` its own group, the first in which it is at risk.
  let stopGroup: [Int32]
  /// For each position in `rows` the first group of its stratum in which it is no longer at risk,
  /// looking back in time; nil without left truncation.
  let startGroup: [Int32]?
  /// Positions in `rows` by the group that removes them, and where each group's begin.
  let removed: [Int32]
  let removal: [Int32]
  /// For each group whether it is the first of its stratum.
  let first: [Bool]
  /// Whether rows are cells of people, so that `deaths` counts more than rows.
  let isOfCells: Bool

  var count: Int { begin.count }

  init(_ times: SurvivalTimes, strata: Factor?) {
    let backwards = [Int32](times.order.reversed())
    let grouped = GroupedRows(
      backwards, codes: strata?.codes, levels: strata?.levels.count ?? 1)
    var builder = Builder(times, grouped)
    builder.findGroups()
    builder.placeRows()
    rows = builder.rows
    isOfCells = times.people != nil
    (begin, tie, end, deaths) = (builder.begin, builder.tie, builder.end, builder.deaths)
    (stratum, time, first) = (builder.stratum, builder.time, builder.first)
    stratumEnd = builder.stratumEnd
    stopGroup = builder.stopGroup
    startGroup = times.start == nil ? nil : builder.startGroup
    (removed, removal) = times.start == nil ? ([], []) : builder.removals()
  }

  /// The positions in `rows` that belong to a run of groups.
  func positions(of groups: Range<Int>) -> Range<Int> {
    groups.isEmpty ? 0..<0 : Int(begin[groups.lowerBound])..<Int(end[groups.upperBound - 1])
  }

  /// The runs of groups that make up each stratum with events.
  var strataRanges: [Range<Int>] {
    var ranges: [Range<Int>] = []
    var g = 0
    while g < count {
      ranges.append(g..<Int(stratumEnd[g]))
      g = Int(stratumEnd[g])
    }
    return ranges
  }
}

private struct Builder {
  private let times: SurvivalTimes
  private let grouped: GroupedRows
  /// Time index and event of each row, in grouped order.
  private let index: Shared<Int32>
  private let event: Shared<Bool>
  private(set) var rows: [Int32] = []
  private(set) var begin: [Int32] = []
  private(set) var tie: [Int32] = []
  private(set) var end: [Int32] = []
  private(set) var deaths: [Int32] = []
  private(set) var stratum: [Int32] = []
  private(set) var time: [Int32] = []
  private(set) var first: [Bool] = []
  private(set) var stratumEnd: [Int32] = []
  private(set) var stopGroup: [Int32] = []
  private(set) var startGroup: [Int32] = []
  private var stratumGroups: [Range<Int>] = []

  init(_ times: SurvivalTimes, _ grouped: GroupedRows) {
    self.times = times
    self.grouped = grouped
    let n = grouped.rows.count
    let (index, event) = (Shared<Int32>(count: n), Shared<Bool>(count: n))
    times.timeIndex.withUnsafeBufferPointer { timeIndex in
      times.event.withUnsafeBufferPointer { events in
        grouped.rows.withUnsafeBufferPointer { rows in
          for position in 0..<n {
            index.pointer[position] = timeIndex[Int(rows[position])]
            event.pointer[position] = events[Int(rows[position])]
          }
        }
      }
    }
    (self.index, self.event) = (index, event)
  }

  /// Finds each stratum's distinct event times, latest first.
  mutating func findGroups() {
    let (index, event) = (index.pointer, event.pointer)
    let counts = times.people?.counts
    for code in 0..<(grouped.begins.count - 1) {
      let firstGroup = time.count
      var current: Int32 = -1
      var died: Int32 = 0
      for position in grouped.begins[code]..<grouped.begins[code + 1] where event[position] {
        if index[position] != current {
          if died > 0 { deaths.append(died) }
          (current, died) = (index[position], 0)
          time.append(current)
        }
        died += counts.map { Int32($0[Int(grouped.rows[position])]) } ?? 1
      }
      if died > 0 { deaths.append(died) }
      let count = time.count - firstGroup
      stratumGroups.append(firstGroup..<time.count)
      stratum.append(contentsOf: repeatElement(Int32(code), count: count))
      stratumEnd.append(contentsOf: repeatElement(Int32(time.count), count: count))
      first.append(contentsOf: repeatElement(false, count: count))
      if count > 0 { first[firstGroup] = true }
    }
  }

  /// Gives each row to the first group in which it is at risk; rows at risk in none are left out.
  mutating func placeRows() {
    let n = grouped.rows.count
    let (placed, groupOf) = (Shared<Int32>(count: n), Shared<Int32>(count: n))
    let (index, out, own) = (index.pointer, placed.pointer, groupOf.pointer)
    var filled = 0
    begin.reserveCapacity(time.count)
    tie.reserveCapacity(time.count)
    end.reserveCapacity(time.count)
    for (code, groups) in stratumGroups.enumerated() {
      var g = groups.lowerBound
      var opened = -1
      for position in grouped.begins[code]..<grouped.begins[code + 1] {
        while g < groups.upperBound, time[g] > index[position] {
          end.append(Int32(filled))
          g += 1
        }
        guard g < groups.upperBound else { break }
        if opened < g {
          begin.append(Int32(filled))
          opened = g
        }
        let row = grouped.rows[position]
        if let entry = times.entryIndex {
          let last = firstGroup(in: groups, notAfter: entry[Int(row)])
          guard last > g else { continue }
          startGroup.append(Int32(last))
        }
        if tie.count == g, time[g] == index[position] { tie.append(Int32(filled)) }
        out[filled] = row
        own[filled] = Int32(g)
        filled += 1
      }
      if g < groups.upperBound { end.append(Int32(filled)) }
    }
    if times.entryIndex == nil { bringDeathsForward(out) }
    rows = Array(UnsafeBufferPointer(start: out, count: filled))
    stopGroup = Array(UnsafeBufferPointer(start: own, count: filled))
  }

  /// Puts the rows that die before those censored at the same time, each in their order.
  private func bringDeathsForward(_ out: UnsafeMutablePointer<Int32>) {
    times.event.withUnsafeBufferPointer { event in
      var censored: [Int32] = []
      for g in time.indices {
        censored.removeAll(keepingCapacity: true)
        var next = Int(tie[g])
        for position in Int(tie[g])..<Int(end[g]) {
          let row = out[position]
          if event[Int(row)] {
            out[next] = row
            next += 1
          } else {
            censored.append(row)
          }
        }
        for (k, row) in censored.enumerated() { out[next + k] = row }
      }
    }
  }

  /// The first group whose time lies before distinct time `entry`, so that it is not after the start.
  private func firstGroup(in groups: Range<Int>, notAfter entry: Int32) -> Int {
    var (low, high) = (groups.lowerBound, groups.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if time[middle] >= entry { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Rows by the group that removes them; those that stay to their stratum's end are never removed.
  func removals() -> (removed: [Int32], removal: [Int32]) {
    let m = time.count
    var counts = [Int32](repeating: 0, count: m + 1)
    let leaving = startGroup.indices.filter {
      startGroup[$0] < stratumEnd[Int(stopGroup[$0])]
    }
    for position in leaving { counts[Int(startGroup[position]) + 1] += 1 }
    for g in 0..<m { counts[g + 1] += counts[g] }
    var next = counts
    var removed = [Int32](repeating: 0, count: leaving.count)
    for position in leaving {
      let g = Int(startGroup[position])
      removed[Int(next[g])] = Int32(position)
      next[g] += 1
    }
    return (removed, counts)
  }
}
