/// The smallest caliper under which every focal unit finds all its matches (bottleneck matching).
///
/// Units are matched one after the other along the alternating path whose longest step is the
/// shortest; what that path needs, no matching of the units so far can do without. Points already
/// reached leave the k-d tree, so that each is met once a path.
///
/// Efrat, A., Itai, A. and Katz, M. J. (2001), Geometry helps in bottleneck matching and related
/// problems, https://doi.org/10.1007/s00453-001-0016-8.
struct SmallestCaliper {
  /// The caliper in raw units; nil when none is wide enough.
  private(set) var width: Double?

  /// Looks among the points of one stratum on a line, all pairs allowed.
  ///
  /// Points ascend. A caliper suffices if everyone can take the lowest points left within it; the
  /// distances' bit patterns ascend with them, so halving them finds the exact one.
  init(focal: [Double], pool: [Double], each: Int) {
    guard focal.count * each <= pool.count else { return }
    func suffices(_ width: Double) -> Bool {
      var next = 0
      for point in focal {
        for _ in 0..<each {
          while next < pool.count, point - pool[next] > width { next += 1 }
          guard next < pool.count, pool[next] - point <= width else { return false }
          next += 1
        }
      }
      return true
    }
    let ends = [focal.first, focal.last, pool.first, pool.last].compactMap { $0 }
    var (low, high) = (UInt64(0), ((ends.max() ?? 0) - (ends.min() ?? 0)).bitPattern)
    while low < high {
      let middle = low + (high - low) / 2
      if suffices(Double(bitPattern: middle)) { high = middle } else { low = middle + 1 }
    }
    width = Double(bitPattern: low)
  }

  /// Looks among the rows of one stratum; `matched` are pairs of a match, by place.
  init(
    space: PairSpace, focal: [Int32], pool: [Int32], each: Int,
    matched: [(left: Int32, right: Int32)]
  ) {
    guard focal.count * each <= pool.count else { return }
    var search = BottleneckSearch(space: space, focal: focal, pool: pool, each: each)
    width = search.run(matched)
  }
}

/// The state of a bottleneck matching.
private struct BottleneckSearch {
  let space: PairSpace
  let focal: [Int32]
  let pool: [Int32]
  let each: Int
  private var tree: PointTree
  /// The pool places that nobody has yet.
  private var free: PointTree
  /// The focal place that each pool place is matched to, or −1.
  private var mate: [Int32]
  /// Who reached each pool place on the way, and the pool place by which a focal place was reached.
  private var taker: [Int32]
  private var arrival: [Int32]
  private var width = 0.0

  private struct Reach: QueueEntry {
    var distance: Double
    var focal: Int32
    var pool: Int32

    func precedes(_ other: Reach) -> Bool {
      (distance, focal, pool) < (other.distance, other.focal, other.pool)
    }
  }

  init(space: PairSpace, focal: [Int32], pool: [Int32], each: Int) {
    self.space = space
    self.focal = focal
    self.pool = pool
    self.each = each
    tree = PointTree(rows: pool, points: space.points, dimensions: space.dimensions)
    free = tree
    mate = [Int32](repeating: -1, count: pool.count)
    taker = mate
    arrival = [Int32](repeating: -1, count: focal.count)
  }

  private func nearest(
    _ place: Int32, in tree: PointTree, count: Int = 1, within limit: Double = .infinity,
    _ found: inout [PointTree.Neighbor]
  ) {
    let row = Int(focal[Int(place)])
    space.points.withUnsafeBufferPointer { points in
      guard let base = points.baseAddress else { return }
      tree.nearest(
        to: base + row * space.dimensions, count: count, within: limit, into: &found
      ) { item, distance in space.admits(row, Int(pool[Int(item)]), distance) }
    }
  }

  mutating func run(_ matched: [(left: Int32, right: Int32)]) -> Double? {
    var found: [PointTree.Neighbor] = []
    for place in focal.indices {
      nearest(Int32(place), in: tree, count: each, &found)
      guard found.count == each, let last = found.last else { return nil }
      width = max(width, last.distance)
    }
    // Pairs within what is needed in any case are a start.
    var needs = [Int](repeating: each, count: focal.count)
    for pair in matched {
      let (one, other) = (Int(focal[Int(pair.left)]), Int(pool[Int(pair.right)]))
      guard space.distance(one, other) <= width else { continue }
      mate[Int(pair.right)] = pair.left
      free.remove(pair.right)
      needs[Int(pair.left)] -= 1
    }
    for place in focal.indices {
      for _ in 0..<needs[place] where !augment(Int32(place)) { return nil }
    }
    return width
  }

  /// Matches a focal place once more; false when no path leads to a free pool place.
  private mutating func augment(_ start: Int32) -> Bool {
    var queue = PriorityQueue<Reach>()
    var found: [PointTree.Neighbor] = []
    var (reachedPools, reachedFocal) = ([Int32](), [Int32]())
    defer {
      for pool in reachedPools {
        tree.restore(pool)
        taker[Int(pool)] = -1
      }
      for focal in reachedFocal { arrival[Int(focal)] = -1 }
    }
    if take(start, from: start, &found) { return true }
    look(from: start, &queue, &found)
    while let entry = queue.removeFirst() {
      guard taker[Int(entry.pool)] < 0 else {
        // Reached from elsewhere meanwhile: the next nearest takes its place.
        look(from: entry.focal, &queue, &found)
        continue
      }
      width = max(width, entry.distance)
      taker[Int(entry.pool)] = entry.focal
      reachedPools.append(entry.pool)
      tree.remove(entry.pool)
      let owner = mate[Int(entry.pool)]
      if owner < 0 {
        hand(entry.pool, until: start)
        free.remove(entry.pool)
        return true
      }
      look(from: entry.focal, &queue, &found)
      guard owner != start, arrival[Int(owner)] < 0 else { continue }
      arrival[Int(owner)] = entry.pool
      reachedFocal.append(owner)
      if take(owner, from: start, &found) { return true }
      look(from: owner, &queue, &found)
    }
    return false
  }

  /// Ends a path at a focal place that has a free pool place no farther than what is needed anyway.
  private mutating func take(
    _ place: Int32, from start: Int32, _ found: inout [PointTree.Neighbor]
  ) -> Bool {
    nearest(place, in: free, within: width, &found)
    guard let first = found.first else { return false }
    taker[Int(first.item)] = place
    hand(first.item, until: start)
    taker[Int(first.item)] = -1
    free.remove(first.item)
    return true
  }

  /// Gives a free pool place to who reached it, and what that one had to who reached that.
  private mutating func hand(_ free: Int32, until start: Int32) {
    var pool = free
    while true {
      let focal = taker[Int(pool)]
      mate[Int(pool)] = focal
      if focal == start { return }
      pool = arrival[Int(focal)]
    }
  }

  /// Puts the nearest pool place not yet reached into the queue.
  private func look(
    from place: Int32, _ queue: inout PriorityQueue<Reach>, _ found: inout [PointTree.Neighbor]
  ) {
    nearest(place, in: tree, &found)
    guard let first = found.first else { return }
    queue.insert(Reach(distance: first.distance, focal: place, pool: first.item))
  }
}
