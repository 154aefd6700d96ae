import Statistics

/// Events counted, terminal events and those at risk at each time of one arm, and the mean count.
///
/// A row's influence on μ(t) is that of a cumulative incidence (`IncidenceSteps`) with the terminal
/// event alone in S: Σ S(v−)(dN − Yg)/n − Σ (dN* − Yh) K (μ(t) − μ(v)), K = 1/(n(1 − h)).
struct CountSteps {
  private(set) var times: [Double] = []
  private(set) var atRisk: [Double] = []
  private(set) var counts: [Double] = []
  private(set) var censored: [Double] = []
  private(set) var mean: [Double] = []
  private var terminal: [Double] = []
  private var survival: [Double] = []
  private let rows: ArraySlice<Int32>
  private let weights: [Double]?
  private let event: [Bool]
  private let counted: [Bool]
  private let holdsRisk: [Bool]
  /// Where the rows of each time begin, relative to the slice, and at last their number.
  private var begins: [Int] = []
  /// Rows at risk by the first time at which they are, and where each time's begin.
  private var entrants: [Int32] = []
  private var entries: [Int] = []

  init(
    _ source: SurvivalTimes, _ counted: [Bool], _ follow: FollowUp, _ rows: ArraySlice<Int32>,
    _ weights: [Double]?
  ) {
    self.rows = rows
    self.weights = weights
    self.counted = counted
    (event, holdsRisk) = (source.event, follow.holdsRisk)
    var index: [Int32] = []
    for (position, row) in rows.enumerated() {
      let (row, time) = (Int(row), source.timeIndex[Int(row)])
      if index.last != time {
        index.append(time)
        times.append(source.distinct[Int(time)])
        begins.append(position)
        counts.append(0)
        terminal.append(0)
        censored.append(0)
      }
      let (k, weight) = (index.count - 1, weights?[row] ?? 1)
      if counted[row] { counts[k] += weight }
      if event[row] { terminal[k] += weight }
      if follow.isLast[row], !event[row] { censored[k] += weight }
    }
    begins.append(rows.count)
    enter(source, index)
    countAtRisk()
    var (s, sum) = (1.0, 0.0)
    for k in times.indices {
      if counts[k] > 0, atRisk[k] > 0 { sum += s * counts[k] / atRisk[k] }
      if terminal[k] > 0 { s *= RiskSteps.surviving(atRisk[k], terminal[k]) }
      mean.append(sum)
      survival.append(s)
    }
  }

  private mutating func enter(_ source: SurvivalTimes, _ index: [Int32]) {
    let held = rows.filter { holdsRisk[Int($0)] }
    let codes = held.map { row -> Int32 in
      guard let wanted = source.entryIndex?[Int(row)] else { return 0 }
      var (low, high) = (0, index.count)
      while low < high {
        let middle = (low + high) / 2
        if index[middle] < wanted { low = middle + 1 } else { high = middle }
      }
      return Int32(low)
    }
    entrants = Sorting.order(codes: codes, levels: index.count).map { held[Int($0)] }
    entries = [Int](repeating: 0, count: index.count + 1)
    for code in codes { entries[Int(code) + 1] += 1 }
    for k in index.indices { entries[k + 1] += entries[k] }
  }

  private mutating func countAtRisk() {
    atRisk = [Double](repeating: 0, count: times.count)
    let base = rows.startIndex
    var sum = CompensatedSum()
    for k in times.indices.reversed() {
      for position in begins[k]..<begins[k + 1] {
        let row = Int(rows[base + position])
        if holdsRisk[row] { sum.add(weights?[row] ?? 1) }
      }
      atRisk[k] = sum.value
      for row in entrants[entries[k]..<entries[k + 1]] { sum.add(-(weights?[Int(row)] ?? 1)) }
    }
  }

  func standardErrors(_ cluster: Factor) -> [Double] {
    let places = clusterPlaces(cluster)
    var sums = ClusterSums(clusters: places.count)
    func code(_ row: Int32) -> Int { places[cluster.codes[Int(row)]] ?? 0 }
    var (b, q) = (0.0, 0.0)
    let base = rows.startIndex
    return times.indices.map { k in
      for row in entrants[entries[k]..<entries[k + 1]] {
        let weight = weights?[Int(row)] ?? 1
        sums.move(code(row), weight * q, weight * b, weight)
      }
      let (n, before, f) = (atRisk[k], k > 0 ? survival[k - 1] : 1, mean[k])
      // When all end together nothing later can change, so their K plays no part.
      let jump = survival[k] > 0 && terminal[k] > 0 ? 1 / (n - terminal[k]) : 0
      let own = n > 0 ? before / n : 0
      if n > 0 {
        let hazard = terminal[k] / n * jump
        b += hazard
        q += own * counts[k] / n + hazard * f
      }
      for position in begins[k]..<begins[k + 1] {
        let row = rows[base + position]
        let weight = weights?[Int(row)] ?? 1
        let died = event[Int(row)] ? jump : 0
        var move = (p: (counted[Int(row)] ? own : 0) + died * f, r: died, w: 0.0)
        if holdsRisk[Int(row)] { move = (move.p - q, move.r - b, -1) }
        sums.move(code(row), weight * move.p, weight * move.r, weight * move.w)
      }
      let g = b * f - q
      let variance =
        places.count <= IncidenceSteps.squaredOneByOne
        ? sums.squares(f, g) : sums.quickSquares(f, g)
      return Swift.max(0, variance).squareRoot()
    }
  }

  /// The arm's clusters, numbered.
  private func clusterPlaces(_ cluster: Factor) -> [Int32: Int] {
    var places: [Int32: Int] = [:]
    for row in rows where places[cluster.codes[Int(row)]] == nil {
      places[cluster.codes[Int(row)]] = places.count
    }
    return places
  }
}
