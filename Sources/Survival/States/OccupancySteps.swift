import Statistics

/// What happens in one arm at each of its distinct times, and the state probabilities that follow.
///
/// p(t) = p(0) Π (I + dA(u)), dA the moves over the numbers at risk. A *tick* is a distinct time at
/// which a row of the arm ends.
struct OccupancySteps {
  let size: Int
  let rows: ArraySlice<Int32>
  private(set) var times: [Double] = []
  /// For each row of the slice its own tick and the first at which it is at risk.
  private(set) var tick: [Int32] = []
  private(set) var entry: [Int32] = []
  /// Weight at risk, moves into a state and censorings, ticks × states (row-major).
  private(set) var atRisk: [Double] = []
  private(set) var moves: [Double] = []
  private(set) var censored: [Double] = []
  /// The probabilities before the first tick and after each: (ticks + 1) × states.
  private(set) var probability: [Double] = []
  /// The rows whose states give the probabilities at the start, as places in the slice.
  private(set) var initial: [Int] = []
  private(set) var initialWeight = 0.0
  /// dA of each tick, size × size (row-major); its rows sum to zero.
  private(set) var step: [Double] = []

  init(_ spells: StateSpells, _ rows: ArraySlice<Int32>, _ weights: [Double]?) {
    size = spells.states.count
    self.rows = rows
    place(spells.times)
    count(spells, weights)
    findInitial(spells, weights)
    multiply()
  }

  private mutating func place(_ source: SurvivalTimes) {
    var index: [Int32] = []
    tick.reserveCapacity(rows.count)
    for row in rows {
      let time = source.timeIndex[Int(row)]
      if index.last != time {
        index.append(time)
        times.append(source.distinct[Int(time)])
      }
      tick.append(Int32(index.count - 1))
    }
    entry = rows.map { row in
      guard let wanted = source.entryIndex?[Int(row)] else { return 0 }
      var (low, high) = (0, index.count)
      while low < high {
        let middle = (low + high) / 2
        if index[middle] < wanted { low = middle + 1 } else { high = middle }
      }
      return Int32(low)
    }
  }

  private mutating func count(_ spells: StateSpells, _ weights: [Double]?) {
    let (s, m) = (size, times.count)
    var change = [Double](repeating: 0, count: (m + 1) * s)
    (moves, censored) = ([Double](repeating: 0, count: m * s), [Double](repeating: 0, count: m * s))
    step = [Double](repeating: 0, count: m * s * s)
    for (place, row) in rows.enumerated() {
      let (row, k) = (Int(row), Int(tick[place]))
      let weight = weights?[row] ?? 1
      let (from, to) = (Int(spells.held[row]), Int(spells.entered[row]))
      change[Int(entry[place]) * s + from] += weight
      change[(k + 1) * s + from] -= weight
      if to >= 0 {
        moves[k * s + to] += weight
        step[(k * s + from) * s + to] += weight
      } else if spells.isLast[row] {
        censored[k * s + from] += weight
      }
    }
    atRisk = [Double](repeating: 0, count: m * s)
    for j in 0..<s {
      // Backwards, so that no small risk set is a difference of large ones.
      var sum = CompensatedSum()
      for k in stride(from: m - 1, through: 0, by: -1) {
        sum.add(-change[(k + 1) * s + j])
        atRisk[k * s + j] = Swift.max(0, sum.value)
      }
    }
    for k in 0..<m {
      for j in 0..<s {
        let n = atRisk[k * s + j]
        var out = 0.0
        for l in 0..<s where step[(k * s + j) * s + l] > 0 {
          step[(k * s + j) * s + l] /= n
          out += step[(k * s + j) * s + l]
        }
        step[(k * s + j) * s + j] = -out
      }
    }
  }

  /// Everybody who starts first if all start together, else those at risk at the first move.
  private mutating func findInitial(_ spells: StateSpells, _ weights: [Double]?) {
    let firsts = rows.indices.filter { spells.isFirst[Int(rows[$0])] }
    let starts = spells.times.start
    let first = firsts.map { starts?[Int(rows[$0])] ?? 0 }
    let together = first.allSatisfy { $0 == first.first }
    let base = rows.startIndex
    if together {
      initial = firsts.map { $0 - base }
    } else {
      let moving = rows.indices.first { spells.entered[Int(rows[$0])] >= 0 }
      let when = moving.map { tick[$0 - base] } ?? 0
      initial = tick.indices.filter { entry[$0] <= when && tick[$0] >= when }
    }
    var total = [Double](repeating: 0, count: size)
    for place in initial {
      let row = Int(rows[base + place])
      total[Int(spells.held[row])] += weights?[row] ?? 1
    }
    initialWeight = total.reduce(0, +)
    probability = total.map { initialWeight > 0 ? $0 / initialWeight : .nan }
  }

  private mutating func multiply() {
    let s = size
    probability.reserveCapacity((times.count + 1) * s)
    for k in times.indices {
      for l in 0..<s {
        var sum = probability[k * s + l]
        for j in 0..<s { sum += probability[k * s + j] * step[(k * s + j) * s + l] }
        // Nobody left in a state is exactly nobody.
        probability.append(sum.magnitude < 1e-15 ? 0 : sum)
      }
    }
  }

  /// The time that each tick's probabilities hold, up to a horizon; before the first tick first.
  func durations(from origin: Double, to horizon: Double) -> [Double] {
    (0...times.count).map { k in
      let begin = k > 0 ? times[k - 1] : origin
      let end = k < times.count ? times[k] : .infinity
      return Swift.max(0, Swift.min(end, horizon) - Swift.max(origin, begin))
    }
  }
}
