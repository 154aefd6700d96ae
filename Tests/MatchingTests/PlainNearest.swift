import Statistics

@testable import Matching

/// The rules of nearest-neighbour matching read off one by one, in quadratic time.
struct PlainNearest {
  var treatment: [Bool]
  /// The score; empty for coordinates alone.
  var score: [Double]
  var matching: NearestNeighborMatching
  var exact: [Int32]?
  var antiExact: [Int32]?
  var covariates: [(values: [Double], caliper: Caliper)] = []
  /// The coordinates that rule who is paired, a point a row.
  var points: [[Double]]?
  var prefer: [Int32]?

  /// For each row the rows chosen by it, in the order of the rounds.
  func chosen() -> [[Int]] {
    var state = State(self)
    let wanted = state.wanted(matching)
    if prefer != nil { state.run(matching, wanted: wanted, within: true) }
    state.run(
      matching, wanted: wanted.indices.map { wanted[$0] - state.chosen[$0].count }, within: false)
    return state.chosen
  }

  /// The columns on the rows that may be matched, and what has been chosen.
  private struct State {
    let plain: PlainNearest
    let focalGroup: Bool
    let isKept: [Bool]
    let ranked: [Int]
    var rank: [Int]
    let width: Double
    let widths: [Double]
    let limit: Int
    var uses: [Int]
    var chosen: [[Int]]

    init(_ plain: PlainNearest) {
      self.plain = plain
      let n = plain.treatment.count
      let score = plain.score
      let matching = plain.matching
      focalGroup = matching.estimand == .att
      func scores(_ group: Bool) -> [Double] {
        (0..<n).filter { plain.treatment[$0] == group }.map { score[$0] }
      }
      var isKept = [Bool](repeating: true, count: n)
      if matching.discard != .none, let low1 = scores(true).min(), let high1 = scores(true).max(),
        let low0 = scores(false).min(), let high0 = scores(false).max()
      {
        for row in 0..<n {
          switch matching.discard {
          case .none: break
          case .treated:
            isKept[row] = !plain.treatment[row] || (score[row] >= low0 && score[row] <= high0)
          case .comparison:
            isKept[row] = plain.treatment[row] || (score[row] >= low1 && score[row] <= high1)
          case .both:
            isKept[row] = score[row] >= max(low0, low1) && score[row] <= min(high0, high1)
          }
        }
      }
      self.isKept = isKept
      ranked =
        score.isEmpty ? Array(0..<n) : (0..<n).sorted { (score[$0], $0) < (score[$1], $1) }
      rank = [Int](repeating: 0, count: n)
      for (place, row) in ranked.enumerated() { rank[row] = place }
      func raw(_ caliper: Caliper, _ values: [Double]) -> Double {
        guard caliper.unit == .standardDeviations else { return caliper.width }
        let used = (0..<n).filter { isKept[$0] }.map { values[$0] }
        let mean = used.reduce(0, +) / Double(used.count)
        let squares = used.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return used.count < 2
          ? 0 : caliper.width * (squares / Double(used.count - 1)).squareRoot()
      }
      width = matching.caliper.map { raw($0, score) } ?? .infinity
      widths = plain.covariates.map { raw($0.caliper, $0.values) }
      limit = matching.reuseLimit ?? (matching.replacement ? Int.max : 1)
      uses = [Int](repeating: 0, count: n)
      chosen = [[Int]](repeating: [], count: n)
    }

    private func keeps(_ gap: Double, _ width: Double) -> Bool {
      width < 0 ? gap > -width : gap <= width
    }

    /// The squared distance between points, or |Δ| of the score.
    private func measure(_ focal: Int, _ row: Int) -> Double {
      guard let points = plain.points else { return abs(plain.score[row] - plain.score[focal]) }
      return zip(points[focal], points[row]).reduce(0) { $0 + ($1.1 - $1.0) * ($1.1 - $1.0) }
    }

    private func distance(_ focal: Int, _ row: Int) -> Double {
      plain.points == nil ? measure(focal, row) : measure(focal, row).squareRoot()
    }

    private func admits(_ focal: Int, _ row: Int, _ within: Bool) -> Bool {
      if plain.treatment[row] == focalGroup || !isKept[row] { return false }
      if uses[row] >= limit || chosen[focal].contains(row) { return false }
      if within, let prefer = plain.prefer, prefer[row] != prefer[focal] { return false }
      if let exact = plain.exact, exact[row] != exact[focal] { return false }
      if let antiExact = plain.antiExact, antiExact[row] == antiExact[focal] { return false }
      for (covariate, width) in zip(plain.covariates, widths)
      where !keeps(abs(covariate.values[row] - covariate.values[focal]), width) {
        return false
      }
      return keeps(
        plain.score.isEmpty
          ? distance(focal, row) : abs(plain.score[row] - plain.score[focal]), width)
    }

    private func best(_ focal: Int, _ within: Bool) -> Int? {
      var best: Int?
      let order = plain.points == nil ? ranked : Array(ranked.indices)
      for row in order where admits(focal, row, within) {
        guard let current = best else {
          best = row
          continue
        }
        let (gap, other) = (measure(focal, row), measure(focal, current))
        if plain.points != nil {
          // Rows are met in the order of the data: of equal ones the last wins.
          if gap <= other { best = row }
        } else {
          let steps = abs(rank[row] - rank[focal])
          let otherSteps = abs(rank[current] - rank[focal])
          // Rows are met from left to right, so an equal one on the right never wins.
          if gap < other || (gap == other && steps < otherSteps) { best = row }
        }
      }
      return best
    }

    /// How many matches each row asks for.
    func wanted(_ matching: NearestNeighborMatching) -> [Int] {
      let n = uses.count
      let score = plain.score
      let focal = (0..<n).filter { plain.treatment[$0] == focalGroup }
      var wanted = [Int](repeating: 0, count: n)
      guard let most = matching.maximumRatio else {
        for row in focal where isKept[row] { wanted[row] = Int(matching.ratio) }
        return wanted
      }
      let fewest = matching.minimumRatio ?? 1
      let total = Int((matching.ratio * Double(focal.count)).rounded(.toNearestOrEven))
      let full = min(focal.count - 1, (total - fewest * (focal.count - 1)) / (most - fewest))
      var shares = [Int](repeating: fewest, count: focal.count - full - 1)
      shares.append(total - most * full - fewest * shares.count)
      shares += [Int](repeating: most, count: full)
      let last = focal.count - full - 1
      if shares[last] == 0 {
        // Nobody goes without: the next one gives up a match.
        shares[last] = 1
        if full > 0 { shares[last + 1] -= 1 }
      }
      let pool = (0..<n).filter { plain.treatment[$0] != focalGroup }
      let mean = focal.reduce(0) { $0 + score[$1] } / Double(focal.count)
      let other = pool.reduce(0) { $0 + score[$1] } / Double(pool.count)
      // The units farthest from the pool get the fewest.
      let ordered = focal.sorted {
        mean > other
          ? (-score[$0], $0) < (-score[$1], $1) : (score[$0], $0) < (score[$1], $1)
      }
      for (row, share) in zip(ordered, shares) where isKept[row] { wanted[row] = max(1, share) }
      return wanted
    }

    mutating func run(_ matching: NearestNeighborMatching, wanted: [Int], within: Bool) {
      let score = plain.score
      var active = uses.indices.filter { plain.treatment[$0] == focalGroup && isKept[$0] }
      let byDefault: MatchingOrder =
        limit != 1 || score.isEmpty ? .data : focalGroup ? .largest : .smallest
      let order = matching.order ?? byDefault
      switch order {
      case .largest: active.sort { (-score[$0], $0) < (-score[$1], $1) }
      case .smallest: active.sort { (score[$0], $0) < (score[$1], $1) }
      case .random(let seed):
        var stream = RandomStream(seed: seed, name: "matching order")
        active = stream.permutation(active.count).map { active[$0] }
      case .closest, .farthest, .data: break
      }
      var round = 1
      while !active.isEmpty {
        active = active.filter { wanted[$0] >= round }
        round += 1
        if order == .closest || order == .farthest {
          active = queue(active, sign: order == .closest ? 1 : -1, within).sorted()
          continue
        }
        var next: [Int] = []
        for focal in active {
          guard let row = best(focal, within) else { continue }
          chosen[focal].append(row)
          uses[row] += 1
          next.append(focal)
        }
        active = next
      }
    }

    /// One round by distance; returns who was matched.
    private mutating func queue(_ active: [Int], sign: Double, _ within: Bool) -> [Int] {
      var next: [Int] = []
      var queue = active.compactMap { focal in
        best(focal, within).map { (focal: focal, row: $0, key: sign * distance(focal, $0)) }
      }
      queue = queue.enumerated().sorted {
        ($0.element.key, $0.offset) < ($1.element.key, $1.offset)
      }.map(\.element)
      while !queue.isEmpty {
        let first = queue.removeFirst()
        if uses[first.row] < limit {
          chosen[first.focal].append(first.row)
          uses[first.row] += 1
          next.append(first.focal)
        } else if let row = best(first.focal, within) {
          let key = sign * distance(first.focal, row)
          let place = queue.firstIndex { $0.key >= key } ?? queue.count
          queue.insert((first.focal, row, key), at: place)
        }
      }
      return next
    }
  }
}
