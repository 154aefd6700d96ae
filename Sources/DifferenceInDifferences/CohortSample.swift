internal import LinearAlgebra
internal import Statistics

/// The rows of a panel that compare cohorts with a reference, by cohort and unit.
struct CohortSample: Sendable {
  /// The starts of treatment of the cohorts, ascending; the reference is one more group, the last.
  var starts: [Double]
  /// The periods used; a cohort's cell is one of them.
  var periods: [Double]
  /// For each cohort the period that its others are compared with.
  var base: [Int]
  /// The rows used, by group and then unit.
  var rows: [Int32] = []
  /// For each row used its period.
  var period: [Int32] = []
  /// For each row used its weight; nil for all one.
  var weights: [Double]?
  /// Where each unit's rows begin, and one past the last.
  var unitStarts: [Int] = [0]
  /// The units used, by their codes in the panel.
  var units: [Int32] = []
  /// Where each group's units begin, and one past the last.
  var groupStarts: [Int] = [0]
  var notes: [String] = []

  var groups: Int { starts.count + 1 }

  init(
    _ panel: PanelDesign, _ weights: [Double]?, anticipation: Double
  ) throws(SiblingError) {
    guard anticipation >= 0, anticipation.isFinite else {
      throw SiblingError(
        .invalidOption, "Anticipation is a number of periods from 0 up.",
        help: "Give the periods by which units may react before treatment.")
    }
    let first = panel.periods[0]
    var last = panel.cohorts.map(\.start).filter { $0 - anticipation > first }
    periods = panel.periods
    var reference: Double?
    if panel.neverTreated == 0 {
      reference = last.popLast()
      let limit = (reference ?? .infinity) - anticipation
      periods = panel.periods.filter { $0 < limit }
      let near = last.filter { $0 >= limit }
      last = last.filter { $0 < limit }
      if !near.isEmpty {
        notes.append(
          "Cohorts \(near.map { PanelDesign.label($0) }.joined(separator: ", ")) start too near the"
            + " reference and were left out.")
      }
      if let reference {
        notes.append(
          "Without never treated units the cohort \(PanelDesign.label(reference)) is the reference,"
            + " over the periods before its treatment.")
      }
    }
    starts = last
    guard !last.isEmpty, periods.count > 1 else {
      throw SiblingError(
        .badDesign, "No cohort has both a period before treatment and units to be compared with.",
        help: "Add never treated or later treated units, or periods before treatment.")
    }
    let kept = periods
    base = last.map { start in
      (kept.lastIndex { $0 < start - anticipation }) ?? 0
    }
    let odd = zip(last, base).filter { kept[$1] - $0 != -1 - anticipation }.map(\.0)
    if !odd.isEmpty {
      notes.append(
        "Cohorts \(odd.map { PanelDesign.label($0) }.joined(separator: ", ")) have no period just"
          + " before treatment; their last period before it is the reference.")
    }
    var groupOf: [Double: Int] = [:]
    for (place, start) in last.enumerated() { groupOf[start] = place }
    let end = panel.periods.last ?? 0
    var reacting = 0
    var places = [Int](repeating: -1, count: panel.units)
    for unit in places.indices {
      if let start = panel.groups[unit] {
        places[unit] = start == reference ? last.count : groupOf[start] ?? -1
      } else if let later = panel.declaredGroups[unit], later - anticipation <= end {
        // Treated only after the panel, but reacting within it: no reference.
        reacting += 1
      } else {
        places[unit] = last.count
      }
    }
    collect(panel, weights, places)
    guard groupStarts[groups] > groupStarts[groups - 1] else {
      throw SiblingError(
        .badDesign, "No unit is left to compare cohorts with.",
        help: "Add units that are never treated, or treated later than they anticipate.")
    }
    if reacting > 0 {
      notes.append(
        "\(reacting) units treated after the last period may react before it and were left out.")
    }
    if panel.alwaysTreated > 0 {
      notes.append("Units treated from the first period on were left out.")
    }
  }

  private mutating func collect(
    _ panel: PanelDesign, _ given: [Double]?, _ groupOfUnit: [Int]
  ) {
    let limit = Int32(periods.count)
    let table = panel.rowTable()
    let width = panel.periods.count
    var byGroup = [[Int32]](repeating: [], count: groups)
    for (unit, group) in groupOfUnit.enumerated() where group >= 0 {
      byGroup[group].append(Int32(unit))
    }
    rows.reserveCapacity(panel.rows)
    period.reserveCapacity(panel.rows)
    var alone = 0
    for units in byGroup {
      for unit in units {
        let start = rows.count
        for time in 0..<limit {
          let row = table[Int(unit) * width + Int(time)]
          guard row >= 0, given?[Int(row)] ?? 1 > 0 else { continue }
          rows.append(row)
          period.append(time)
        }
        if rows.count - start > 1 {
          self.units.append(unit)
          unitStarts.append(rows.count)
        } else if rows.count > start {
          alone += 1
          rows.removeLast()
          period.removeLast()
        }
      }
      groupStarts.append(self.units.count)
    }
    if let given { weights = rows.map { given[Int($0)] } }
    if alone > 0 {
      notes.append(
        alone == 1
          ? "One unit with a single row was left out."
          : "\(alone) units with a single row were left out.")
    }
  }

  /// Blocks of units, each within one group, in order.
  var blocks: [(group: Int, units: Range<Int>)] {
    (0..<groups).flatMap { group in
      let units = groupStarts[group]..<groupStarts[group + 1]
      return Parallel.ranges(of: units.count, size: 4096).map { range in
        (group, (units.lowerBound + range.lowerBound)..<(units.lowerBound + range.upperBound))
      }
    }
  }

  /// The periods and weights of the rows and where units begin, for loops.
  func withRows(
    _ body: (
      UnsafeBufferPointer<Int32>, UnsafeBufferPointer<Double>?, UnsafeBufferPointer<Int>
    ) -> Void
  ) {
    period.withUnsafeBufferPointer { period in
      unitStarts.withUnsafeBufferPointer { starts in
        if let weights {
          weights.withUnsafeBufferPointer { body(period, $0, starts) }
        } else {
          body(period, nil, starts)
        }
      }
    }
  }

  /// Sums over units by group: each block's partial sums, added in their order.
  func sums(
    _ size: Int, _ add: @Sendable (Range<Int>, UnsafeMutableBufferPointer<Double>) -> Void
  ) -> [[Double]] {
    let blocks = blocks
    let parts = Parallel.mapBlocks(blocks.count) { place in
      var part = [Double](repeating: 0, count: size)
      part.withUnsafeMutableBufferPointer { add(blocks[place].units, $0) }
      return part
    }
    var sums = [[Double]](repeating: [Double](repeating: 0, count: size), count: groups)
    for (block, part) in zip(blocks, parts) {
      for place in 0..<size { sums[block.group][place] += part[place] }
    }
    return sums
  }
}
