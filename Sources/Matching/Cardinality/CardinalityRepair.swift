internal import Statistics

/// Looks for a choice of a given size by exchanging units until every mean is within its bound.
///
/// Starts from the solution of a linear programme, rounded to the size. Every step makes the exchange
/// within a group that leaves the least weighted violation; where none helps, the violated bounds gain
/// weight. Of a large group those columns take part whose reduced cost is smallest, and random others.
struct CardinalityRepair {
  /// Most columns of a group that take part on each side of an exchange.
  private static let breadth = 240

  private let width: Int
  private let profiles: [Double]
  /// What a unit of each group counts in the differences.
  private let signs: (focal: Double, other: Double)
  private let isFocal: [Bool]
  private let upper: [Int]
  private let bounds: [Double]
  private let ratio: Int?
  private var counts: [Int]
  private var differences: [Double]
  /// What a violation of each bound counts.
  private var weights: [Double]
  /// The columns of each group, those of smallest reduced cost first.
  private var movable: [[Int]] = [[], []]

  init(_ problem: CardinalityProblem) {
    width = problem.constraints.count
    profiles = problem.profiles
    signs = (problem.ratio.map { Double($0) } ?? 0, -1)
    isFocal = problem.isFocal
    upper = problem.members.map(\.count)
    bounds = problem.constraints.map(\.scaledBound)
    ratio = problem.ratio
    counts = upper.map { _ in 0 }
    differences = bounds.map { _ in 0 }
    weights = bounds.map { _ in 1 }
  }

  /// A choice of `size` target units (of the others without a ratio) within all bounds; nil when
  /// none was found in `kicks` rounds.
  mutating func search(
    _ size: Int, from programme: BoundedSimplex, kicks: Int, _ stream: inout RandomStream
  ) -> [Int]? {
    let values = counts.indices.map { programme.value($0) }
    movable = [true, false].map { group in
      Array(
        counts.indices.filter { isFocal[$0] == group }
          .sorted {
            let (one, two) = (programme.reduced[$0].magnitude, programme.reduced[$1].magnitude)
            return one != two ? one < two : $0 < $1
          }
      )
    }
    guard start(size, values) else { return nil }
    let scale = Double(ratio ?? 1) * Double(size)
    let limits = bounds.map { ($0 + 0.5 * CardinalityProblem.rounding) * scale }
    let rounded = counts
    for place in 0..<width { weights[place] = 1 }
    for round in 0..<max(1, kicks) {
      if descend(limits, &stream) == 0 { return counts }
      for place in 0..<width where differences[place].magnitude > limits[place] {
        weights[place] += 0.5
      }
      if round % 50 == 49 {
        // A way that leads nowhere is left for another from the same start.
        for place in 0..<width { weights[place] = 1 }
        counts = rounded
        measure()
        for _ in 0..<4 { kick(&stream) }
      } else if round % 10 == 9 {
        kick(&stream)
      }
    }
    return nil
  }

  /// Rounds to the size that each group must have.
  private mutating func start(_ size: Int, _ values: [Double]) -> Bool {
    counts = values.map { Int(($0 + 1e-6).rounded(.down)) }
    for group in [true, false] {
      guard group == false || ratio != nil else { continue }
      let wanted = group ? size : size * (ratio ?? 1)
      var missing = wanted
      let own = counts.indices.filter { isFocal[$0] == group }
      for column in own { missing -= counts[column] }
      // Those that are most of a unit come first; those hardest to justify leave first.
      let order = own.sorted {
        let (one, two) = (values[$0] - Double(counts[$0]), values[$1] - Double(counts[$1]))
        return one != two ? one > two : $0 < $1
      }
      for column in order where missing > 0 && counts[column] < upper[column] {
        counts[column] += 1
        missing -= 1
      }
      if missing > 0 {
        for column in own where missing > 0 {
          let more = min(missing, upper[column] - counts[column])
          counts[column] += more
          missing -= more
        }
      }
      for column in (movable[group ? 0 : 1] + own) where missing < 0 {
        let fewer = min(-missing, counts[column])
        counts[column] -= fewer
        missing += fewer
      }
      guard missing == 0 else { return false }
    }
    measure()
    return true
  }

  private mutating func measure() {
    for place in 0..<width { differences[place] = 0 }
    for column in counts.indices where counts[column] > 0 {
      let units = Double(counts[column]) * (isFocal[column] ? signs.focal : signs.other)
      for place in 0..<width { differences[place] += units * profiles[column * width + place] }
    }
  }

  /// Makes the best exchange again and again; the violation that is left.
  private mutating func descend(_ limits: [Double], _ stream: inout RandomStream) -> Double {
    var violation = violation(limits)
    while violation > 0 {
      var best: (out: Int, into: Int)?
      for group in 0..<2 {
        if let found = bestExchange(group, limits, below: &violation, &stream) { best = found }
      }
      guard let best else { return violation }
      exchange(best.out, best.into)
    }
    measure()
    return self.violation(limits)
  }

  private func violation(_ limits: [Double]) -> Double {
    var sum = 0.0
    for place in limits.indices {
      let over = differences[place].magnitude - limits[place]
      if over > 0 { sum += weights[place] * over }
    }
    return sum
  }

  /// All of few columns; of many the first half of the breadth, and random ones of the rest.
  private static func some(_ columns: [Int], _ stream: inout RandomStream) -> [Int] {
    guard columns.count > breadth else { return columns }
    let half = breadth / 2
    return columns[..<half]
      + (0..<half).map { _ in columns[half + stream.integer(below: columns.count - half)] }
  }

  private func bestExchange(
    _ group: Int, _ limits: [Double], below violation: inout Double,
    _ stream: inout RandomStream
  ) -> (out: Int, into: Int)? {
    let sign = group == 0 ? signs.focal : signs.other
    let outs = Self.some(movable[group].filter { counts[$0] > 0 }, &stream)
    let ins = Self.some(movable[group].filter { counts[$0] < upper[$0] }, &stream)
    var best: (out: Int, into: Int)?
    let width = width
    profiles.withUnsafeBufferPointer { profiles in
      differences.withUnsafeBufferPointer { differences in
        limits.withUnsafeBufferPointer { limits in
          weights.withUnsafeBufferPointer { weights in
            for out in outs {
              for into in ins where into != out {
                var sum = 0.0
                for place in 0..<width {
                  let change = profiles[into * width + place] - profiles[out * width + place]
                  let over = (differences[place] + sign * change).magnitude - limits[place]
                  if over > 0 { sum += weights[place] * over }
                }
                if sum < violation - 1e-12 {
                  violation = sum
                  best = (out, into)
                }
              }
            }
          }
        }
      }
    }
    return best
  }

  private mutating func exchange(_ out: Int, _ into: Int) {
    counts[out] -= 1
    counts[into] += 1
    let sign = isFocal[out] ? signs.focal : signs.other
    for place in 0..<width {
      differences[place] +=
        sign * (profiles[into * width + place] - profiles[out * width + place])
    }
  }

  /// A random exchange within a group.
  private mutating func kick(_ stream: inout RandomStream) {
    let group = ratio == nil ? 1 : stream.integer(below: 2)
    let outs = movable[group].filter { counts[$0] > 0 }.prefix(30)
    let ins = movable[group].filter { counts[$0] < upper[$0] }.prefix(30)
    guard !outs.isEmpty, !ins.isEmpty else { return }
    exchange(
      outs[outs.startIndex + stream.integer(below: outs.count)],
      ins[ins.startIndex + stream.integer(below: ins.count)])
  }
}
