/// All the ways to give launches to clusters, listed or drawn.
public struct LaunchExchanges: Sendable {
  /// The launch of each cluster as it was, as an index among the kinds of launch.
  public let observed: [Int]
  /// The number of distinct ways, G!/∏m! for m clusters of each kind.
  public let assignments: Double
  /// How many are worked through.
  public let number: Int
  /// Whether all are.
  public var isExact: Bool { listed != nil }
  /// How many clusters have each kind of launch.
  private let counts: [Int]
  /// The number of distinct ways when they are listed; nil when they are drawn.
  private let listed: Int?
  /// The random streams of the draws.
  private let seed: UInt64
  private static let blockSize = 1024

  /// Lists the ways when there are at most `limit`, else draws `draws`.
  ///
  /// `paths` holds each cluster's launch, from 0 to `kinds` − 1.
  public init(paths: [Int], kinds: Int, limit: Int, draws: Int, seed: UInt64) {
    observed = paths
    var counts = [Int](repeating: 0, count: kinds)
    for path in paths { counts[path] += 1 }
    self.counts = counts
    assignments = Self.ways(counts)
    listed = assignments <= Double(limit) ? Int(assignments.rounded()) : nil
    number = listed ?? draws
    self.seed = seed
  }

  /// The number of different arrangements of so many of each kind: G!/∏m!, as a double.
  public static func ways(_ counts: [Int]) -> Double {
    var result = 1.0
    var placed = 0
    for count in counts where count > 0 {
      for k in 1...count {
        placed += 1
        // Each intermediate is a product of binomial coefficients, whole while it fits 53 bits.
        result = result * Double(placed) / Double(k)
      }
    }
    return result
  }

  /// The number of blocks of work.
  public var blocks: Int { (number + Self.blockSize - 1) / Self.blockSize }

  /// Calls `body` with each assignment of a block, in order.
  public func forEach(inBlock block: Int, _ body: ([Int]) -> Void) {
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
