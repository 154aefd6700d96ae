/// The candidates of each stratum in the order of their rank, with the nearest unused on each side.
///
/// Positions run over all strata one after the other. A disjoint-set forest for each direction
/// leads from a position to the next unused one, so that taken candidates cost nearly nothing.
struct CandidatePool {
  /// First position of each stratum, and the end of the last.
  let start: [Int]
  /// The row at each position.
  let rows: [Int32]
  /// The score at each position.
  let scores: [Double]
  /// The rank of the row at each position among all units.
  let ranks: [Int32]
  // Shifted by one: entry p + 1 speaks of position p, entry 0 is the end of the road.
  private var left: [Int32]
  private var right: [Int32]
  /// Further uses allowed at each position; nil without limit.
  private var remaining: [Int32]?

  init(start: [Int], rows: [Int32], scores: [Double], ranks: [Int32], reuseLimit: Int?) {
    self.start = start
    self.rows = rows
    self.scores = scores
    self.ranks = ranks
    let count = Int32(rows.count)
    left = Array(0...count)
    right = Array(0...count)
    remaining = reuseLimit.map {
      [Int32](repeating: Int32(clamping: $0), count: rows.count)
    }
  }

  /// The greatest unused position at or below `position`, or −1.
  mutating func unused(atOrBelow position: Int) -> Int {
    var entry = position + 1
    while Int(left[entry]) != entry {
      left[entry] = left[Int(left[entry])]
      entry = Int(left[entry])
    }
    return entry - 1
  }

  /// The smallest unused position at or above `position`, or the number of positions.
  mutating func unused(atOrAbove position: Int) -> Int {
    var entry = position
    while Int(right[entry]) != entry {
      right[entry] = right[Int(right[entry])]
      entry = Int(right[entry])
    }
    return entry
  }

  /// Whether a position may still be matched.
  func isUnused(_ position: Int) -> Bool { Int(right[position]) == position }

  /// Counts one use of a position, and closes it when that was the last allowed.
  mutating func use(_ position: Int) {
    guard let uses = remaining?[position] else { return }
    remaining?[position] = uses - 1
    guard uses == 1 else { return }
    left[position + 1] = Int32(position)
    right[position] = Int32(position + 1)
  }
}
