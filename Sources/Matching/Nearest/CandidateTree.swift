internal import LinearAlgebra

/// The candidates of each stratum in a k-d tree from which taken ones are removed.
///
/// A point has coordinates that measure the distance and, after them, one value for each limit that
/// a pair must keep (calipers on covariates; anti-exact factors as codes that must differ). Every
/// node knows the box around its points, so that a search passes by nodes that are too far away,
/// that no limit admits, or that have nobody left. Bounds are rounded as the distances themselves
/// are, so a search finds what a scan over all candidates would, ties included.
///
/// Bentley, J. L. (1975), Multidimensional binary search trees used for associative searching,
/// https://doi.org/10.1145/361002.361007.
final class CandidateTree {
  /// How distances are measured and ties decided.
  enum Rule {
    /// |Δ| of one coordinate; then the fewest steps between ranks; then the smaller rank.
    case line
    /// Euclidean distance; then the greatest row number.
    case space
  }

  /// What a tree is made of; columns have one entry a candidate position.
  struct Points {
    var rule: Rule
    /// The coordinates that measure the distance.
    var coordinates: [[Double]]
    /// The values that limits compare.
    var limited: [[Double]]
    /// The widths of the limits; negative ones ask for more than their size.
    var widths: [Double]
    /// The rank (`line`) or row (`space`) of each candidate, all different.
    var keys: [Int32]
    /// First position of each stratum, and the end of the last.
    var start: [Int]
  }

  struct Node {
    var first: Int32
    var end: Int32
    /// The first of two children that stand side by side; −1 for a leaf.
    var child: Int32
    var parent: Int32
    /// The greatest key among the candidates left, or −1.
    var alive: Int32
    var leastKey: Int32
    var greatestKey: Int32
  }

  static let leafSize = 12

  let rule: Rule
  let measured: Int
  let dimensions: Int
  let widths: [Double]
  private let roots: [Int32]
  private let leafOf: [Int32]
  private let slotOf: [Int32]
  // Memory by hand: the searches run over it hundreds of millions of times.
  let nodes: UnsafeMutableBufferPointer<Node>
  let boxes: UnsafeMutableBufferPointer<Double>
  let values: UnsafeMutableBufferPointer<Double>
  let positions: UnsafeMutableBufferPointer<Int32>
  let keys: UnsafeMutableBufferPointer<Int32>
  let isLeft: UnsafeMutableBufferPointer<Bool>

  init(_ points: Points) {
    rule = points.rule
    measured = points.coordinates.count
    dimensions = points.coordinates.count + points.limited.count
    widths = points.widths
    let build = Build(points)
    roots = build.roots
    nodes = Self.copy(build.nodes)
    boxes = Self.copy(build.boxes)
    positions = Self.copy(build.order)
    keys = Self.copy(build.order.map { points.keys[Int($0)] })
    isLeft = Self.copy([Bool](repeating: true, count: build.order.count))
    var slots = [Int32](repeating: 0, count: build.order.count)
    for (slot, position) in build.order.enumerated() { slots[Int(position)] = Int32(slot) }
    slotOf = slots
    var leaves = [Int32](repeating: 0, count: build.order.count)
    for (index, node) in build.nodes.enumerated() where node.child < 0 {
      for slot in node.first..<node.end { leaves[Int(slot)] = Int32(index) }
    }
    leafOf = leaves
    let d = dimensions
    values = .allocate(capacity: build.order.count * d)
    for (column, source) in (points.coordinates + points.limited).enumerated() {
      for (slot, position) in build.order.enumerated() {
        values.initializeElement(at: slot * d + column, to: source[Int(position)])
      }
    }
  }

  deinit {
    nodes.deallocate()
    boxes.deallocate()
    values.deallocate()
    positions.deallocate()
    keys.deallocate()
    isLeft.deallocate()
  }

  private static func copy<T>(_ array: [T]) -> UnsafeMutableBufferPointer<T> {
    let buffer = UnsafeMutableBufferPointer<T>.allocate(capacity: array.count)
    _ = buffer.initialize(from: array)
    return buffer
  }

  /// The root of a stratum's tree, or −1 when the stratum has no candidate.
  func root(of stratum: Int) -> Int { Int(roots[stratum]) }

  /// Takes a candidate out of every later search.
  func remove(_ position: Int) {
    let slot = Int(slotOf[position])
    isLeft[slot] = false
    var node = Int(leafOf[slot])
    var alive: Int32 = -1
    for other in nodes[node].first..<nodes[node].end where isLeft[Int(other)] {
      alive = max(alive, keys[Int(other)])
    }
    while nodes[node].alive != alive {
      nodes[node].alive = alive
      let parent = Int(nodes[node].parent)
      guard parent >= 0 else { return }
      let child = Int(nodes[parent].child)
      alive = max(nodes[child].alive, nodes[child + 1].alive)
      node = parent
    }
  }
}

extension CandidateTree {
  /// The division of candidates into nodes, while it is made.
  private struct Build {
    var nodes: [Node] = []
    var boxes: [Double] = []
    var order: [Int32]
    var roots: [Int32] = []
    let columns: [[Double]]
    let keys: [Int32]
    let scales: [Double]

    init(_ points: Points) {
      columns = points.coordinates + points.limited
      keys = points.keys
      order = Array(0..<Int32(points.keys.count))
      // Coordinates share one unit; every limit counts as much as the widest of them.
      let spreads = columns.map { ($0.max() ?? 0) - ($0.min() ?? 0) }
      let widest = spreads.prefix(points.coordinates.count).max() ?? 0
      scales = spreads.enumerated().map { column, spread in
        let unit = column < points.coordinates.count ? widest : spread
        return unit > 0 ? 1 / unit : 0
      }
      for stratum in 0..<(points.start.count - 1) {
        let (first, end) = (points.start[stratum], points.start[stratum + 1])
        guard first < end else {
          roots.append(-1)
          continue
        }
        roots.append(Int32(nodes.count))
        let root = append(first, end, parent: -1)
        var pending = [root]
        while let node = pending.popLast() {
          guard let middle = split(node) else { continue }
          let child = nodes.count
          nodes[node].child = Int32(child)
          _ = append(Int(nodes[node].first), middle, parent: node)
          _ = append(middle, Int(nodes[node].end), parent: node)
          pending.append(child)
          pending.append(child + 1)
        }
      }
    }

    private mutating func append(_ first: Int, _ end: Int, parent: Int) -> Int {
      var (least, greatest) = (Int32.max, Int32(-1))
      for slot in first..<end {
        least = min(least, keys[Int(order[slot])])
        greatest = max(greatest, keys[Int(order[slot])])
      }
      for column in columns {
        var (low, high) = (Double.infinity, -Double.infinity)
        for slot in first..<end {
          let value = column[Int(order[slot])]
          low = min(low, value)
          high = max(high, value)
        }
        boxes.append(low)
        boxes.append(high)
      }
      nodes.append(
        Node(
          first: Int32(first), end: Int32(end), child: -1, parent: Int32(parent), alive: greatest,
          leastKey: least, greatestKey: greatest))
      return nodes.count - 1
    }

    /// Halves a node along the side on which it is widest; nil for a leaf.
    private mutating func split(_ node: Int) -> Int? {
      let (first, end) = (Int(nodes[node].first), Int(nodes[node].end))
      guard end - first > leafSize else { return nil }
      let middle = (first + end) / 2
      var (widest, side) = (0.0, -1)
      for column in columns.indices {
        let base = 2 * (node * columns.count + column)
        let width = (boxes[base + 1] - boxes[base]) * scales[column]
        if width > widest { (widest, side) = (width, column) }
      }
      // Points that are all equal are halved as they stand, so that keys can tell nodes apart.
      guard side >= 0 else { return middle }
      columns[side].withUnsafeBufferPointer { values in
        order.withUnsafeMutableBufferPointer { order in
          Self.select(middle, first, end, in: order, by: values)
        }
      }
      return middle
    }

    /// Puts the positions with the smallest values before `middle`, by quickselect in three parts.
    private static func select(
      _ middle: Int, _ first: Int, _ end: Int, in order: UnsafeMutableBufferPointer<Int32>,
      by values: UnsafeBufferPointer<Double>
    ) {
      var (low, high) = (first, end)
      while high - low > 1 {
        let (a, b, c) = (
          values[Int(order[low])], values[Int(order[(low + high) / 2])],
          values[Int(order[high - 1])]
        )
        let pivot = max(min(a, b), min(max(a, b), c))
        var (less, index, more) = (low, low, high)
        while index < more {
          let value = values[Int(order[index])]
          if value < pivot {
            order.swapAt(less, index)
            less += 1
            index += 1
          } else if value > pivot {
            more -= 1
            order.swapAt(index, more)
          } else {
            index += 1
          }
        }
        if middle < less {
          high = less
        } else if middle >= more {
          low = more
        } else {
          return
        }
      }
    }
  }
}
