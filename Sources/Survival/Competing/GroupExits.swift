import Statistics

/// Who is at risk and who leaves for what, by group, at the times of one stratum when anybody leaves.
struct GroupExits {
  /// The number of such times.
  private(set) var count = 0
  let groups: Int
  /// At risk just before each time, times × groups (row-major).
  private(set) var atRisk: [Double] = []
  /// Exits for any cause at each time, times × groups.
  private(set) var exits: [Double] = []
  /// Exits by time, group and cause: the causes of one time and group stand together.
  private(set) var byCause: [Double] = []
  let causes: Int

  /// A table a stratum.
  static func tables(
    _ times: SurvivalTimes, _ causes: Factor, _ group: Factor, _ strata: Factor?,
    _ weights: [Double]?
  ) -> [GroupExits] {
    let levels = strata?.levels.count ?? 1
    let grouped = GroupedRows(times.order, codes: strata?.codes, levels: levels)
    return (0..<levels).compactMap { stratum in
      let range = grouped.begins[stratum]..<grouped.begins[stratum + 1]
      return range.isEmpty
        ? nil : GroupExits(times, grouped.rows[range], causes, group, weights)
    }
  }

  private init(
    _ times: SurvivalTimes, _ rows: ArraySlice<Int32>, _ causes: Factor, _ group: Factor,
    _ weights: [Double]?
  ) {
    (groups, self.causes) = (group.levels.count, causes.levels.count)
    // The stratum's times with an exit, ascending.
    var index: [Int32] = []
    for row in rows where times.event[Int(row)] {
      if index.last != times.timeIndex[Int(row)] { index.append(times.timeIndex[Int(row)]) }
    }
    count = index.count
    exits = [Double](repeating: 0, count: count * groups)
    byCause = [Double](repeating: 0, count: count * groups * self.causes)
    // A row counts from the first of these times after its start to the last not after its stop.
    var change = [Double](repeating: 0, count: (count + 1) * groups)
    var next = 0
    for row in rows {
      let (row, code) = (Int(row), Int(group.codes[Int(row)]))
      let weight = weights?[row] ?? 1
      while next < count, index[next] < times.timeIndex[row] { next += 1 }
      let isHere = next < count && index[next] == times.timeIndex[row]
      let last = isHere ? next + 1 : next
      let first = times.entryIndex.map { Self.place($0[row], in: index) } ?? 0
      if first < last {
        change[first * groups + code] += weight
        change[last * groups + code] -= weight
      }
      if isHere, times.event[row] {
        exits[next * groups + code] += weight
        byCause[(next * groups + code) * self.causes + Int(causes.codes[row])] += weight
      }
    }
    atRisk = [Double](repeating: 0, count: count * groups)
    var running = [Double](repeating: 0, count: groups)
    for k in 0..<count {
      for g in 0..<groups {
        // Whole numbers, so that nothing is lost in adding and subtracting.
        running[g] += change[k * groups + g]
        atRisk[k * groups + g] = running[g]
      }
    }
  }

  /// The first place whose time index is `wanted` or later.
  private static func place(_ wanted: Int32, in index: [Int32]) -> Int {
    var (low, high) = (0, index.count)
    while low < high {
      let middle = (low + high) / 2
      if index[middle] < wanted { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
