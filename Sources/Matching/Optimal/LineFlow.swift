/// Least-cost matching of points on a line when each kind may have several partners.
///
/// Between neighbouring points flows z, supply units still to find a partner (negative: demand
/// units). The least cost so far is convex in z. Its slopes below and above z = 0 stand in two
/// heaps: a supply point puts its own slopes into the lower one and moves as many of the greatest
/// to the upper one, a demand point does the opposite, and a gap raises the upper and lowers the
/// lower ones. Potentials and partners follow by going back, as in `LineCover`. Whole numbers make
/// ties and optimality exact; the cost is O(n log n).
struct LineFlow {
  /// How many partners a point has: at least `low` at a price for each that is missing, at most
  /// `high`.
  struct Bounds {
    var low: Int
    var high: Int
  }

  /// The dual potential at each point; neighbours differ by at most their gap.
  private(set) var potentials: [Int64]
  /// Pairs of point numbers, supply first.
  private(set) var edges: [(supply: Int32, demand: Int32)] = []
  /// The total distance in steps.
  private(set) var primal: Int64 = 0
  /// Partners that are missing, over all points.
  private(set) var missing = 0
  private let supply: Bounds
  private let demand: Bounds
  private let penalty: Int64

  /// Solves ascending positions; nil would be an internal error.
  init?(
    positions: [Int64], isSupply: [Bool], supply: Bounds, demand: Bounds, penalty: Int64
  ) {
    self.supply = supply
    self.demand = demand
    self.penalty = penalty
    let n = positions.count
    var (lower, upper) = (SlopeHeap(), SlopeHeap())
    var shift: Int64 = 0
    // The lower heap holds negated slopes; both hold them as if no gap had been crossed.
    var low = [Int64](repeating: 0, count: n + 1)
    var high = low
    let endless: Int64 = 1 << 61
    func around() -> (Int64, Int64) {
      (lower.least.map { -$0 - shift } ?? -endless, upper.least.map { $0 + shift } ?? endless)
    }
    for point in 0..<n {
      if point > 0 {
        (low[point], high[point]) = around()
        shift += positions[point] - positions[point - 1]
      }
      let bounds = isSupply[point] ? supply : demand
      for (price, count) in [(penalty, bounds.low), (0, bounds.high - bounds.low)]
      where count > 0 {
        if isSupply[point] {
          lower.insert(price - shift, count)
          lower.move(count, to: &upper) { -$0 - 2 * shift }
        } else {
          upper.insert(price - shift, count)
          upper.move(count, to: &lower) { -$0 - 2 * shift }
        }
      }
    }
    let end = around()
    potentials = LineSlackness.potentials(positions, low, high, end: (end.0, end.1))
    guard let steps = steps(positions, isSupply) else { return nil }
    connect(steps, isSupply, positions)
  }

  /// A bound on the cost of every other solution, with what it pays for missing partners.
  func dual(_ isSupply: [Bool]) -> Int64 {
    var sum: Int64 = 0
    for (point, potential) in potentials.enumerated() {
      let bounds = isSupply[point] ? supply : demand
      let price = isSupply[point] ? -potential : potential
      let least = min(Int64(bounds.low) &* price, Int64(bounds.high) &* price)
      sum &+= min(Int64(bounds.low) &* penalty, least)
    }
    return sum
  }

  /// How many partners a point may have at its potential.
  private func open(_ point: Int, _ isSupply: [Bool]) -> (least: Int, most: Int) {
    let bounds = isSupply[point] ? supply : demand
    let price = isSupply[point] ? -potentials[point] : potentials[point]
    if price > penalty { return (0, 0) }
    if price == penalty { return (0, bounds.low) }
    if price > 0 { return (bounds.low, bounds.low) }
    return (price == 0 ? bounds.low : bounds.high, bounds.high)
  }

  /// The partners that each point gets: positive for supply, negative for demand.
  private mutating func steps(_ positions: [Int64], _ isSupply: [Bool]) -> [Int]? {
    let n = positions.count
    var low = [Int](repeating: 0, count: n + 1)
    var high = low
    for point in 0..<n {
      let (least, most) = open(point, isSupply)
      low[point + 1] = low[point] + (isSupply[point] ? least : -most)
      high[point + 1] = high[point] + (isSupply[point] ? most : -least)
      guard point + 1 < n else { break }
      guard
        LineSlackness.crossing(
          positions[point + 1] - positions[point], potentials[point + 1] - potentials[point],
          &low[point + 1], &high[point + 1])
      else { return nil }
    }
    guard low[n] <= 0, high[n] >= 0 else { return nil }
    var steps = [Int](repeating: 0, count: n)
    var flow = 0
    for point in (0..<n).reversed() {
      let (least, most) = open(point, isSupply)
      let from = max(low[point], isSupply[point] ? flow - most : flow + least)
      let to = min(high[point], isSupply[point] ? flow - least : flow + most)
      if from > to { return nil }
      let before = min(max(0, from), to)
      steps[point] = flow - before
      let own = isSupply[point] ? supply.low : demand.low
      missing += max(0, own - Int(steps[point].magnitude))
      flow = before
    }
    return flow == 0 ? steps : nil
  }

  /// Pairs off what is waiting, first come first served.
  private mutating func connect(_ steps: [Int], _ isSupply: [Bool], _ positions: [Int64]) {
    var waiting: [(point: Int32, left: Int)] = []
    var first = 0
    for (point, step) in steps.enumerated() {
      var need = Int(step.magnitude)
      while need > 0, first < waiting.count, isSupply[Int(waiting[first].point)] != isSupply[point]
      {
        let (other, own) = (waiting[first].point, Int32(point))
        edges.append(isSupply[point] ? (own, other) : (other, own))
        let used = min(need, waiting[first].left)
        primal += Int64(used) * (positions[point] - positions[Int(other)])
        need -= used
        waiting[first].left -= used
        if waiting[first].left == 0 { first += 1 }
      }
      if need > 0 { waiting.append((Int32(point), need)) }
    }
  }
}

/// A binary heap of slopes, each with how often it stands there.
private struct SlopeHeap {
  private var entries: [(slope: Int64, count: Int)] = []

  var least: Int64? { entries.first?.slope }

  mutating func insert(_ slope: Int64, _ count: Int) {
    entries.append((slope, count))
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard entries[child].slope < entries[parent].slope else { return }
      entries.swapAt(child, parent)
      child = parent
    }
  }

  /// Moves the first `count` slopes to another heap, each changed on the way.
  mutating func move(_ count: Int, to other: inout SlopeHeap, _ change: (Int64) -> Int64) {
    var left = count
    while left > 0, let first = entries.first {
      let taken = min(left, first.count)
      other.insert(change(first.slope), taken)
      left -= taken
      if taken < first.count { entries[0].count -= taken } else { removeFirst() }
    }
  }

  private mutating func removeFirst() {
    guard let last = entries.popLast(), !entries.isEmpty else { return }
    entries[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < entries.count && entries[child].slope < entries[least].slope {
        least = child
      }
      guard least != parent else { return }
      entries.swapAt(least, parent)
      parent = least
    }
  }
}
