internal import LinearAlgebra
internal import Statistics

/// The state of a greedy search: candidates still unused and the pairs made so far.
///
/// On a score the candidates of a stratum stand in the order of their ranks and are met outwards from
/// the focal unit. When rules beyond the scores turn away many of them, or with coordinates, a k-d tree
/// finds the best candidate instead; both find the same.
struct NearestSearch {
  let constraints: Constraints
  let score: [Double]
  /// The focal rows that are not discarded, in the order of the data.
  let focalRows: [Int32]
  let focalScores: [Double]
  let focalStrata: [Int32]
  private let focalRanks: [Int32]
  /// The first candidate position above each focal unit.
  private let insertions: [Int32]
  private let caliper: Double
  private let asksForDistance: Bool
  private let mayRepeat: Bool
  private let limits: [Constraints.Limit]
  private let tree: CandidateTree?
  /// For each focal unit its coordinates and the values that the tree's limits compare.
  private let focalPoints: [Double]
  var pool: CandidatePool
  /// The pairs made: focal index, candidate row and the focal unit's previous pair.
  private(set) var pairFocal: [Int32] = []
  private(set) var pairRow: [Int32] = []
  private(set) var pairDistance: [Double] = []
  private var previousPair: [Int32] = []
  private var lastPair: [Int32]

  /// A search among the candidates of the own stratum, after the pairs of an earlier search.
  init(
    constraints: Constraints, strata exact: Factor?, reuseLimit: Int?,
    after earlier: NearestSearch? = nil
  ) {
    self.constraints = constraints
    score = constraints.score
    caliper = constraints.reach
    asksForDistance = caliper.sign == .minus
    mayRepeat = reuseLimit != 1
    let n = constraints.treatment.count
    let order = constraints.hasScore ? Sorting.order(score) : Array(0..<Int32(n))
    let layout = Layout(constraints: constraints, order: order, exact: exact)
    focalRows = layout.focalRows
    focalRanks = layout.focalRanks
    focalStrata = layout.focalStrata
    insertions = layout.insertions
    focalScores = constraints.hasScore ? layout.focalRows.map { constraints.score[Int($0)] } : []
    pool = CandidatePool(
      start: layout.start, rows: layout.rows,
      scores: constraints.hasScore ? layout.rows.map { constraints.score[Int($0)] } : [],
      ranks: layout.ranks, reuseLimit: reuseLimit)
    limits = constraints.limits
    if constraints.coordinates != nil || !limits.isEmpty {
      let coordinates =
        constraints.coordinates.map { matrix in (0..<matrix.columns).map { matrix.column($0) } }
        ?? [constraints.score]
      let rows = layout.rows
      let limits = limits
      tree = CandidateTree(
        .init(
          rule: constraints.coordinates == nil ? .line : .space,
          coordinates: coordinates.map { column in rows.map { column[Int($0)] } },
          limited: limits.map { limit in rows.map { limit.values[Int($0)] } },
          widths: limits.map(\.width), keys: constraints.coordinates == nil ? layout.ranks : rows,
          start: layout.start))
      let columns = coordinates + limits.map(\.values)
      focalPoints = layout.focalRows.flatMap { row in columns.map { $0[Int(row)] } }
    } else {
      tree = nil
      focalPoints = []
    }
    lastPair = [Int32](repeating: -1, count: layout.focalRows.count)
    if let earlier { resume(earlier, rows: n) }
  }

  /// Takes over the pairs of an earlier search among the same focal units.
  private mutating func resume(_ earlier: NearestSearch, rows: Int) {
    pairFocal = earlier.pairFocal
    pairRow = earlier.pairRow
    pairDistance = earlier.pairDistance
    previousPair = earlier.previousPair
    lastPair = earlier.lastPair
    var position = [Int32](repeating: 0, count: rows)
    for (place, row) in pool.rows.enumerated() { position[Int(row)] = Int32(place) }
    for row in earlier.pairRow { use(Int(position[Int(row)])) }
  }

  private mutating func use(_ position: Int) {
    pool.use(position)
    if let tree, !pool.isUnused(position) { tree.remove(position) }
  }

  /// How many matches each focal unit has.
  var matchCounts: [Int32] {
    var counts = [Int32](repeating: 0, count: focalRows.count)
    for focal in pairFocal { counts[Int(focal)] += 1 }
    return counts
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
  mutating func best(for focal: Int) -> (position: Int, distance: Double)? {
    guard let tree else {
      var steps = Int.max
      return bestOnLine(for: focal, steps: &steps)
    }
    if tree.rule == .line {
      // Most searches end nearby, where a walk is faster than the tree.
      var steps = 16
      let found = bestOnLine(for: focal, steps: &steps)
      if steps > 0 { return found }
    }
    return focalPoints.withUnsafeBufferPointer { points in
      guard let base = points.baseAddress else { return nil }
      return tree.nearest(
        root: tree.root(of: Int(focalStrata[focal])), own: base + focal * tree.dimensions,
        key: focalRanks[focal], reach: caliper
      ) { mayRepeat && hasPair(focal, pool.rows[$0]) }
    }
  }

  /// The best candidate on a score, met outwards in the order of |Δ|, rank steps, left before right.
  ///
  /// Nil with no steps left means that nobody has been found so far.
  private mutating func bestOnLine(
    for focal: Int, steps: inout Int
  ) -> (position: Int, distance: Double)? {
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
      if admits(focal, pool.rows[position]) { return (position, gap) }
      steps -= 1
      if steps == 0 { return nil }
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

  /// Whether the rules beyond score and stratum admit a row.
  private func admits(_ focal: Int, _ row: Int32) -> Bool {
    for limit in limits {
      let gap = (limit.values[Int(row)] - limit.values[Int(focalRows[focal])]).magnitude
      if !Constraints.keeps(gap, limit.width) { return false }
    }
    return !mayRepeat || !hasPair(focal, row)
  }

  /// Whether a focal unit has been matched to a row before.
  private func hasPair(_ focal: Int, _ row: Int32) -> Bool {
    var pair = Int(lastPair[focal])
    while pair >= 0 {
      if pairRow[pair] == row { return true }
      pair = Int(previousPair[pair])
    }
    return false
  }

  /// Makes a pair.
  mutating func pair(_ focal: Int, with position: Int, distance: Double) {
    previousPair.append(lastPair[focal])
    lastPair[focal] = Int32(pairFocal.count)
    pairFocal.append(Int32(focal))
    pairRow.append(pool.rows[position])
    pairDistance.append(distance)
    use(position)
  }
}
