/// All the ways to give launch paths to clusters, listed or drawn.
struct Assignments: Sendable {
  /// The path of each cluster as it was.
  let observed: [Int]
  /// How many clusters follow each path.
  let counts: [Int]
  /// The number of distinct assignments when they are listed; nil when they are drawn.
  let listed: Int?
  /// How many are worked through.
  let number: Int
  /// The random streams of the draws.
  let seed: UInt64
  static let blockSize = 1024

  /// Lists the assignments when there are at most `limit`, else draws `draws`.
  init(_ launches: LaunchPaths, limit: Int, draws: Int, seed: UInt64) {
    observed = launches.pathOfCluster
    counts = launches.multiplicities
    let all = launches.assignments
    listed = all <= Double(limit) ? Int(all.rounded()) : nil
    number = listed ?? draws
    self.seed = seed
  }

  /// The number of blocks of work.
  var blocks: Int { (number + Self.blockSize - 1) / Self.blockSize }

  /// Calls `body` with each assignment of a block, in order.
  func forEach(inBlock block: Int, _ body: ([Int]) -> Void) {
    let range = (block * Self.blockSize)..<min(number, (block + 1) * Self.blockSize)
    guard let total = listed else {
      for index in range {
        var stream = RandomStream(
          seed: seed, name: "randomization-inference", index: UInt64(index))
        var assignment = observed
        stream.shuffle(&assignment)
        body(assignment)
      }
      return
    }
    var assignment = Self.unranked(range.lowerBound, counts, total)
    for _ in range {
      body(assignment)
      Self.advance(&assignment)
    }
  }

  /// The assignment of a rank in lexicographic order.
  static func unranked(_ rank: Int, _ counts: [Int], _ total: Int) -> [Int] {
    var (rank, counts, ways) = (rank, counts, total)
    var left = counts.reduce(0, +)
    var assignment: [Int] = []
    while left > 0 {
      for path in counts.indices where counts[path] > 0 {
        // Of all arrangements of the rest, the share that begins with this path; division is exact.
        let (high, low) = ways.multipliedFullWidth(by: counts[path])
        let starting = left.dividingFullWidth((high, low)).quotient
        if rank < starting {
          assignment.append(path)
          counts[path] -= 1
          ways = starting
          break
        }
        rank -= starting
      }
      left -= 1
    }
    return assignment
  }

  /// The next arrangement in lexicographic order; the last one stays.
  static func advance(_ items: inout [Int]) {
    guard items.count > 1,
      var pivot = items.indices.dropLast().last(where: {
        items[$0] < items[$0 + 1]
      }), let swap = items.indices.last(where: { items[$0] > items[pivot] })
    else { return }
    items.swapAt(pivot, swap)
    pivot += 1
    items[pivot...].reverse()
  }
}
