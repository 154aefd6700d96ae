/// Least-cost matching when each unit may have several partners, on few of the possible pairs.
///
/// The network starts with every unit's nearest partners. After each solution the pairs left out
/// are searched for one that the potentials undercut, by a k-d tree that skips whole boxes; those
/// found join the network, until none is left. The last search is the proof that the pairs left out
/// can't improve the solution.
///
/// Hansen, B. B. and Klopfer, S. O. (2006), Optimal full matching and related designs via network
/// flows, https://doi.org/10.1198/106186006X137047.
struct SparseTransport {
  /// How many partners a unit has: at least `low` at a price for each that is missing.
  struct Bounds {
    var low: Int32
    var high: Int32
  }

  /// The pairs made, by place among the left and right rows.
  private(set) var edges: [(left: Int32, right: Int32)] = []
  /// Partners that are missing on the two sides, units without any possible partner not counted.
  private(set) var missing = (left: 0, right: 0)
  /// The total distance in steps.
  private(set) var primal: Int64 = 0
  /// The bound in steps: no solution with as few missing partners costs less.
  private(set) var dual: Int64 = 0

  private let space: PairSpace
  private let left: [Int32]
  private let right: [Int32]
  private let bounds: (left: Bounds, right: Bounds)
  private var network = NetworkSimplex()
  private var tree: PointTree
  /// The rows' nodes, −1 for rows without any partner.
  private var leftNode: [Int32]
  private var rightNode: [Int32]
  /// The network's arcs for pairs, with both places.
  private var pairs: [(arc: Int32, left: Int32, right: Int32)] = []
  /// The arc that each node was added with.
  private var firstArc: [Int32] = [-1]

  /// Solves for the rows of one stratum; nil would be an internal error.
  init?(
    space: PairSpace, left: [Int32], right: [Int32], leftBounds: Bounds, rightBounds: Bounds
  ) {
    self.space = space
    self.left = left
    self.right = right
    bounds = (leftBounds, rightBounds)
    tree = PointTree(rows: right, points: space.points, dimensions: space.dimensions)
    leftNode = [Int32](repeating: -1, count: left.count)
    // Whoever may go without a partner is in the network from the start.
    rightNode = [Int32](repeating: rightBounds.low == 0 ? 0 : -1, count: right.count)
    var seeds = seeds()
    seeds.sort { ($0.left, $0.right) < ($1.left, $1.right) }
    for seed in seeds {
      leftNode[Int(seed.left)] = 0
      rightNode[Int(seed.right)] = 0
    }
    addNodes()
    var last: Seed = (-1, -1, 0)
    for seed in seeds where seed.left != last.left || seed.right != last.right {
      add(seed.left, seed.right, space.scale.steps(seed.distance))
      last = seed
    }
    repeat {
      guard network.solve() else { return nil }
    } while addViolations()
    finish()
    guard primal == dual else { return nil }
  }

  private typealias Seed = (left: Int32, right: Int32, distance: Double)

  /// The nearest partners of everybody, and those that are left when each in turn takes its own.
  private mutating func seeds() -> [Seed] {
    var seeds: [Seed] = []
    var found: [PointTree.Neighbor] = []
    let limit = space.caliper.sign == .minus ? Double.infinity : space.caliper
    let near = Int(bounds.left.low) + 5
    space.points.withUnsafeBufferPointer { points in
      guard let base = points.baseAddress else { return }
      for (place, row) in left.enumerated() {
        let point = base + Int(row) * space.dimensions
        tree.nearest(to: point, count: near, within: limit, into: &found) { item, distance in
          space.admits(Int(row), Int(right[Int(item)]), distance)
        }
        for one in found { seeds.append((Int32(place), one.item, one.distance)) }
      }
      if bounds.right.high == 1 {
        // One after the other takes the nearest that are left, so that few stay without.
        for (place, row) in left.enumerated() {
          let point = base + Int(row) * space.dimensions
          let count = Int(bounds.left.low)
          tree.nearest(to: point, count: count, within: limit, into: &found) { item, distance in
            space.admits(Int(row), Int(right[Int(item)]), distance)
          }
          for one in found {
            tree.remove(one.item)
            seeds.append((Int32(place), one.item, one.distance))
          }
        }
        tree.restore()
      }
      guard bounds.right.low > 0 else { return }
      var other = PointTree(rows: left, points: space.points, dimensions: space.dimensions)
      var room = [Int32](repeating: bounds.left.high, count: left.count)
      for isGreedy in [false, true] {
        for (place, row) in right.enumerated() {
          let point = base + Int(row) * space.dimensions
          let count = isGreedy ? Int(bounds.right.low) : Int(bounds.right.low) + 2
          other.nearest(to: point, count: count, within: limit, into: &found) { item, distance in
            space.admits(Int(left[Int(item)]), Int(row), distance)
          }
          for one in found {
            seeds.append((one.item, Int32(place), one.distance))
            guard isGreedy else { continue }
            room[Int(one.item)] -= 1
            if room[Int(one.item)] == 0 { other.remove(one.item) }
          }
        }
      }
    }
    return seeds
  }

  /// A node for each row, with the price of leaving it out and the room above its lower bound.
  private mutating func addNodes() {
    let price = space.scale.penalty
    let endless = NetworkSimplex.unlimited
    for place in left.indices where leftNode[place] == 0 {
      firstArc.append(Int32(network.arcs.count))
      let node = network.addNode(
        towardRoot: true, cost: price, capacity: endless, flow: bounds.left.low)
      leftNode[place] = node
      let room = bounds.left.high - bounds.left.low
      if room > 0 { network.addArc(from: 0, to: node, cost: 0, capacity: room) }
    }
    for place in right.indices where rightNode[place] == 0 {
      let room = bounds.right.high - bounds.right.low
      let node: Int32
      firstArc.append(Int32(network.arcs.count))
      if bounds.right.low == 0 {
        node = network.addNode(towardRoot: true, cost: 0, capacity: room, flow: 0)
      } else {
        node = network.addNode(
          towardRoot: false, cost: price, capacity: endless, flow: bounds.right.low)
        if room > 0 { network.addArc(from: node, to: 0, cost: 0, capacity: room) }
      }
      rightNode[place] = node
    }
  }

  private mutating func add(_ one: Int32, _ other: Int32, _ steps: Int64) {
    pairs.append((Int32(network.arcs.count), one, other))
    network.addArc(
      from: leftNode[Int(one)], to: rightNode[Int(other)], cost: steps,
      capacity: NetworkSimplex.unlimited)
  }

  private func leftPotential(_ place: Int) -> Int64 {
    -network.nodes[Int(leftNode[place])].potential
  }

  /// The potential of a right row; one that may go without is never worth more than nothing.
  private func rightPotential(_ place: Int) -> Int64 {
    guard rightNode[place] >= 0 else { return -4 * space.scale.penalty }
    let potential = network.nodes[Int(rightNode[place])].potential
    return bounds.right.low == 0 ? min(0, potential) : potential
  }

  /// Adds pairs that the potentials undercut; false when there is none.
  private mutating func addViolations() -> Bool {
    tree.setPotentials(right.indices.map { rightPotential($0) })
    let limit = space.caliper.sign == .minus ? Double.infinity : space.caliper
    var found: [PointTree.Violation] = []
    var more: [(left: Int32, right: Int32, steps: Int64)] = []
    var picks = [UInt8](repeating: 0, count: right.count)
    var isOptimal = true
    space.points.withUnsafeBufferPointer { points in
      guard let base = points.baseAddress else { return }
      for (place, row) in left.enumerated() where leftNode[place] > 0 {
        let point = base + Int(row) * space.dimensions
        tree.violations(
          at: point, potential: leftPotential(place), scale: space.scale, count: 8,
          within: limit, into: &found
        ) { item, distance in
          guard space.admits(Int(row), Int(right[Int(item)]), distance) else { return false }
          isOptimal = false
          // Many ask for the same few; some of them must look farther.
          return picks[Int(item)] < 16
        }
        for one in found {
          picks[Int(one.item)] += 1
          more.append((Int32(place), one.item, one.steps))
        }
      }
    }
    for one in more { add(one.left, one.right, one.steps) }
    return !isOptimal
  }

  /// Reads off the pairs, their cost and the bound.
  private mutating func finish() {
    for pair in pairs {
      let arc = network.arcs[Int(pair.arc)]
      guard arc.flow > 0 else { continue }
      edges.append((pair.left, pair.right))
      primal += Int64(arc.flow) * arc.cost
    }
    var bound: Int64 = 0
    for place in left.indices where leftNode[place] > 0 {
      let potential = leftPotential(place)
      let room = Int64(bounds.left.high - bounds.left.low)
      bound &+= Int64(bounds.left.low) &* potential
      if potential < 0 { bound &+= room &* potential }
      // The first arc of a node is the one that pays for what is missing.
      missing.left += Int(firstFlow(leftNode[place]))
    }
    for place in right.indices where rightNode[place] > 0 {
      let potential = rightPotential(place)
      let room = Int64(bounds.right.high - bounds.right.low)
      bound &+= Int64(bounds.right.low) &* potential
      if potential < 0 { bound &+= room &* potential }
      if bounds.right.low > 0 { missing.right += Int(firstFlow(rightNode[place])) }
    }
    dual = bound &- Int64(missing.left + missing.right) &* space.scale.penalty
  }

  /// The flow on the arc that a node was added with.
  private func firstFlow(_ node: Int32) -> Int32 {
    network.arcs[Int(firstArc[Int(node)])].flow
  }
}
