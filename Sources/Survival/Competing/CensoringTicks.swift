import Statistics

/// Censoring, and with left truncation entry, at each distinct time of each stratum.
///
/// A *tick* is a distinct time of a stratum, ascending, stratum after stratum. A(t) = G(t−)H(t) is
/// proportional to the chance of being under observation at t: G is the Kaplan–Meier estimate of
/// censoring, and H that of entry, run backwards in time (Geskus 2011,
/// doi:10.1111/j.1541-0420.2010.01420.x). The time of the stratum's last event stands at one.
struct CensoringTicks: Sendable {
  /// A just before each tick.
  private(set) var before: [Double] = []
  /// Weight at risk of censoring at each tick, and weight censored.
  private(set) var atRisk: [Double] = []
  private(set) var censored: [Double] = []
  /// Where each stratum's ticks begin, and at last their number.
  private(set) var begins: [Int] = [0]
  /// For each position (stratum after stratum, latest first) its tick.
  private(set) var ofPosition: [Int32] = []
  /// For each position its first tick at risk; nil without left truncation.
  private(set) var entryOfPosition: [Int32]?
  /// For each position whether it was censored.
  let isCensored: [Bool]
  let convention: FineGray.Censoring

  init(
    _ times: SurvivalTimes, _ grouped: GroupedRows, _ weights: [Double]?,
    _ convention: FineGray.Censoring
  ) throws(SiblingError) {
    let rows = grouped.rows
    self.convention = convention
    isCensored = rows.map { !times.event[Int($0)] }
    let used = convention == .survival ? nil : weights
    var ticks = [Int32](repeating: 0, count: rows.count)
    var entries: [Int32]? = times.entryIndex == nil ? nil : ticks
    for stratum in 0..<(grouped.begins.count - 1) {
      let range = grouped.begins[stratum]..<grouped.begins[stratum + 1]
      let base = atRisk.count
      var index: [Int32] = []
      for i in range.reversed() {
        let time = times.timeIndex[Int(rows[i])]
        if index.last != time { index.append(time) }
        ticks[i] = Int32(base + index.count - 1)
      }
      if let entry = times.entryIndex {
        for i in range {
          entries?[i] = Int32(base + Self.place(entry[Int(rows[i])], in: index))
        }
      }
      count(range, base, index.count, ticks, entries, used, rows)
      var level = [Double](repeating: 1, count: index.count)
      if times.start != nil {
        try Self.addEntry(&level, range.map { Int(rows[$0]) }, times, index, used)
      }
      var g = 1.0
      for k in index.indices {
        before.append(g * level[k])
        let (n, d) = (atRisk[base + k], censored[base + k])
        if d > 0, n > 0 { g *= RiskSteps.surviving(n, d) }
      }
      begins.append(atRisk.count)
    }
    ofPosition = ticks
    entryOfPosition = entries
  }

  /// Weight at risk and censored at the ticks of one stratum.
  private mutating func count(
    _ range: Range<Int>, _ base: Int, _ size: Int, _ ticks: [Int32], _ entries: [Int32]?,
    _ weights: [Double]?, _ rows: [Int32]
  ) {
    var leaving = [Double](repeating: 0, count: size)
    var (entering, gone, spared) = (leaving, leaving, leaving)
    for i in range {
      let weight = weights?[Int(rows[i])] ?? 1
      let k = Int(ticks[i]) - base
      leaving[k] += weight
      if isCensored[i] { gone[k] += weight } else { spared[k] += weight }
      if let entries { entering[Int(entries[i]) - base] += weight }
    }
    // Summed from the last time backwards, so that no small risk set is a difference of large ones.
    var sum = CompensatedSum()
    var risk = leaving
    for k in risk.indices.reversed() {
      sum.add(leaving[k])
      if entries != nil, k + 1 < size { sum.add(-entering[k + 1]) }
      risk[k] = sum.value - (convention == .survival ? spared[k] : 0)
    }
    atRisk += risk
    censored += gone
  }

  /// Multiplies by H: the product over entries at or after a time of 1 − (entries)/(at risk).
  private static func addEntry(
    _ level: inout [Double], _ rows: [Int], _ times: SurvivalTimes, _ index: [Int32],
    _ weights: [Double]?
  ) throws(SiblingError) {
    guard let start = times.start else { return }
    let entry = rows.map { start[$0] }
    let order = Sorting.order(entry)
    // At risk at an entry: those who have entered, less those who have left by then.
    var left = [Double](repeating: 0, count: index.count)
    var place = 0
    for row in rows.reversed() {
      while index[place] < times.timeIndex[row] { place += 1 }
      left[place] += weights?[row] ?? 1
    }
    var factors: [(time: Double, factor: Double)] = []
    var (entered, gone) = (CompensatedSum(), CompensatedSum())
    var (k, next) = (0, 0)
    while k < order.count {
      let time = entry[Int(order[k])]
      var here = 0.0
      while k < order.count, entry[Int(order[k])] == time {
        here += weights?[rows[Int(order[k])]] ?? 1
        k += 1
      }
      entered.add(here)
      while next < index.count, times.distinct[Int(index[next])] <= time {
        gone.add(left[next])
        next += 1
      }
      let factor = RiskSteps.surviving(entered.value - gone.value, here)
      // Nobody is observed before the first entry, so it plays no part.
      if factor == 0, !factors.isEmpty {
        throw SiblingError(
          .badInterval, "nobody is at risk just before rows enter at time \(shortText(time))",
          help: "late entry can't be allowed for across such a gap; start later or drop rows",
          column: "start")
      }
      factors.append((time, factor))
    }
    var product = 1.0
    var later = factors.count - 1
    for k in index.indices.reversed() {
      while later > 0, factors[later].time >= times.distinct[Int(index[k])] {
        product *= factors[later].factor
        later -= 1
      }
      level[k] = product
    }
  }

  private static func shortText(_ time: Double) -> String {
    Int(exactly: time).map { "\($0)" } ?? "\(time)"
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
