internal import Statistics

/// The state of a greedy search: candidates still unused and the pairs made so far.
struct NearestSearch {
  let constraints: Constraints
  let score: [Double]
  /// The focal rows that are not discarded, in the order of the data.
  let focalRows: [Int32]
  let focalScores: [Double]
  private let focalRanks: [Int32]
  private let focalStrata: [Int32]
  /// The first candidate position above each focal unit.
  private let insertions: [Int32]
  private let caliper: Double
  private let asksForDistance: Bool
  private let isPairwise: Bool
  private let mayRepeat: Bool
  var pool: CandidatePool
  /// The pairs made: focal index, candidate position and the focal unit's previous pair.
  private(set) var pairFocal: [Int32] = []
  private(set) var pairPosition: [Int32] = []
  private(set) var pairDistance: [Double] = []
  private var previousPair: [Int32] = []
  private var lastPair: [Int32]

  init(constraints: Constraints, reuseLimit: Int?) {
    self.constraints = constraints
    score = constraints.score
    caliper = constraints.caliper
    asksForDistance = caliper.sign == .minus
    isPairwise = constraints.isPairwise
    mayRepeat = reuseLimit != 1
    let n = score.count
    let order = Sorting.order(score)
    let strata = constraints.exact?.levels.count ?? 1
    let codes = constraints.exact?.codes

    var start = [Int](repeating: 0, count: strata + 1)
    var focalCount = 0
    var focalIndex = [Int32](repeating: -1, count: n)
    var focal: [Int32] = []
    for row in 0..<n where !constraints.discarded[row] {
      if constraints.treatment[row] == constraints.focalIsTreated {
        focalIndex[row] = Int32(focalCount)
        focal.append(Int32(row))
        focalCount += 1
      } else {
        start[Int(codes?[row] ?? 0) + 1] += 1
      }
    }
    for stratum in 0..<strata { start[stratum + 1] += start[stratum] }

    var next = start
    let size = start[strata]
    var rows = [Int32](repeating: 0, count: size)
    var scores = [Double](repeating: 0, count: size)
    var ranks = [Int32](repeating: 0, count: size)
    var focalRanks = [Int32](repeating: 0, count: focalCount)
    var insertions = [Int32](repeating: 0, count: focalCount)
    for rank in 0..<n {
      let row = Int(order[rank])
      if constraints.discarded[row] { continue }
      let stratum = Int(codes?[row] ?? 0)
      let focal = Int(focalIndex[row])
      if focal >= 0 {
        focalRanks[focal] = Int32(rank)
        insertions[focal] = Int32(next[stratum])
      } else {
        let place = next[stratum]
        rows[place] = Int32(row)
        scores[place] = score[row]
        ranks[place] = Int32(rank)
        next[stratum] = place + 1
      }
    }
    focalRows = focal
    focalScores = focal.map { constraints.score[Int($0)] }
    focalStrata = focal.map { codes?[Int($0)] ?? 0 }
    self.focalRanks = focalRanks
    self.insertions = insertions
    lastPair = [Int32](repeating: -1, count: focalCount)
    pool = CandidatePool(
      start: start, rows: rows, scores: scores, ranks: ranks, reuseLimit: reuseLimit)
  }

  /// The focal units in the order in which they choose.
  func sequence(_ order: MatchingOrder) -> [Int32] {
    switch order {
    case .largest: Sorting.descendingOrder(focalScores)
    case .smallest: Sorting.order(focalScores)
    case .random(let seed): NearestSearch.shuffled(focalRows.count, seed: seed)
    case .data, .closest, .farthest: Array(0..<Int32(focalRows.count))
    }
  }

  private static func shuffled(_ count: Int, seed: UInt64) -> [Int32] {
    var stream = RandomStream(seed: seed, name: "matching order")
    return stream.permutation(count).map { Int32($0) }
  }

  /// The best candidate of a focal unit, or nil when none keeps the rules.
  ///
  /// Candidates on the two sides are met in the order of |Δ|, rank steps, left before right, so the
  /// first that keeps the pairwise rules is the best.
  mutating func best(for focal: Int) -> (position: Int, distance: Double)? {
    let stratum = Int(focalStrata[focal])
    let (low, high) = (pool.start[stratum], pool.start[stratum + 1])
    let own = focalScores[focal]
    let rank = focalRanks[focal]
    var (below, above) = (Int(insertions[focal]) - 1, Int(insertions[focal]))
    if asksForDistance { (below, above) = beyondCaliper(own, low: low, split: above, high: high) }
    below = pool.unused(atOrBelow: below)
    above = pool.unused(atOrAbove: above)
    while true {
      let gapBelow = below >= low ? own - pool.scores[below] : .infinity
      let gapAbove = above < high ? pool.scores[above] - own : .infinity
      let takesBelow: Bool
      if gapBelow == gapAbove {
        if gapBelow == .infinity { return nil }
        takesBelow = rank - pool.ranks[below] <= pool.ranks[above] - rank
      } else {
        takesBelow = gapBelow < gapAbove
      }
      let gap = takesBelow ? gapBelow : gapAbove
      if !asksForDistance, gap > caliper { return nil }
      let position = takesBelow ? below : above
      if isAllowed(position, for: focal) { return (position, gap) }
      if takesBelow {
        below = pool.unused(atOrBelow: below - 1)
      } else {
        above = pool.unused(atOrAbove: above + 1)
      }
    }
  }

  /// The nearest positions on each side that are farther away than a negative caliper asks.
  private func beyondCaliper(
    _ own: Double, low: Int, split: Int, high: Int
  ) -> (below: Int, above: Int) {
    var (from, to) = (low, split)
    while from < to {
      let middle = (from + to) / 2
      if own - pool.scores[middle] > -caliper { from = middle + 1 } else { to = middle }
    }
    let below = from - 1
    (from, to) = (split, high)
    while from < to {
      let middle = (from + to) / 2
      if pool.scores[middle] - own > -caliper { to = middle } else { from = middle + 1 }
    }
    return (below, from)
  }

  private func isAllowed(_ position: Int, for focal: Int) -> Bool {
    if mayRepeat {
      var pair = Int(lastPair[focal])
      while pair >= 0 {
        if Int(pairPosition[pair]) == position { return false }
        pair = Int(previousPair[pair])
      }
    }
    return !isPairwise
      || constraints.admits(Int(focalRows[focal]), Int(pool.rows[position]))
  }

  /// Makes a pair.
  mutating func pair(_ focal: Int, with position: Int, distance: Double) {
    previousPair.append(lastPair[focal])
    lastPair[focal] = Int32(pairFocal.count)
    pairFocal.append(Int32(focal))
    pairPosition.append(Int32(position))
    pairDistance.append(distance)
    pool.use(position)
  }
}
