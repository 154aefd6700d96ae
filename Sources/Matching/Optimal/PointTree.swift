/// A k-d tree over points: nearest neighbours, removal, and search by reduced cost.
///
/// Bentley, J. L. (1975), Multidimensional binary search trees used for associative searching,
/// https://doi.org/10.1145/361002.361007. Boxes are the points' own, so that searches skip what
/// can't matter; items with equal distances come in the order of their numbers.
struct PointTree {
  /// An item with its distance.
  struct Neighbor {
    var distance: Double
    var item: Int32
  }

  private struct Node {
    var start: Int32
    var end: Int32
    /// The first child, which the second follows; zero for a leaf.
    var child: Int32
    var parent: Int32
  }

  private static let leafSize = 8
  private let dimensions: Int
  /// The items in the order of the leaves, and their coordinates.
  private var items: [Int32]
  private var coordinates: [Double]
  private var nodes: [Node] = []
  /// For each node the least and greatest coordinates.
  private var boxes: [Double] = []
  private var left: [Int32] = []
  private var isLeft: [Bool]
  private var place: [Int32]
  private var leaf: [Int32]
  /// The greatest value among a node's items, for searches by reduced cost.
  private var greatest: [Int64] = []
  private var values: [Int64] = []

  /// A tree over the given rows of row-wise points; items are numbered as the rows stand.
  init(rows: [Int32], points: [Double], dimensions: Int) {
    self.dimensions = dimensions
    let count = rows.count
    items = Array(0..<Int32(count))
    coordinates = [Double](repeating: 0, count: count * dimensions)
    for (item, row) in rows.enumerated() {
      for axis in 0..<dimensions {
        coordinates[item * dimensions + axis] = points[Int(row) * dimensions + axis]
      }
    }
    isLeft = [Bool](repeating: true, count: count)
    place = [Int32](repeating: 0, count: count)
    leaf = place
    guard count > 0 else { return }
    build()
    let scattered = coordinates
    for (position, item) in items.enumerated() {
      place[Int(item)] = Int32(position)
      for axis in 0..<dimensions {
        coordinates[position * dimensions + axis] = scattered[Int(item) * dimensions + axis]
      }
    }
  }

  private mutating func build() {
    nodes.append(Node(start: 0, end: Int32(items.count), child: 0, parent: -1))
    var index = 0
    while index < nodes.count {
      let node = nodes[index]
      let axis = appendBox(node)
      left.append(node.end - node.start)
      if Int(node.end - node.start) > Self.leafSize {
        let middle = (node.start + node.end) / 2
        split(Int(node.start), Int(node.end), at: Int(middle), axis)
        nodes[index].child = Int32(nodes.count)
        nodes.append(Node(start: node.start, end: middle, child: 0, parent: Int32(index)))
        nodes.append(Node(start: middle, end: node.end, child: 0, parent: Int32(index)))
      } else {
        for position in node.start..<node.end { leaf[Int(items[Int(position)])] = Int32(index) }
      }
      index += 1
    }
  }

  /// Adds a node's box and returns its longest side.
  private mutating func appendBox(_ node: Node) -> Int {
    var (axis, longest) = (0, -1.0)
    for one in 0..<dimensions {
      var (low, high) = (Double.infinity, -Double.infinity)
      for position in node.start..<node.end {
        let value = coordinates[Int(items[Int(position)]) * dimensions + one]
        low = min(low, value)
        high = max(high, value)
      }
      boxes.append(low)
      boxes.append(high)
      if high - low > longest { (axis, longest) = (one, high - low) }
    }
    return axis
  }

  /// Brings the items with the smallest coordinates before `middle` (Hoare's selection).
  private mutating func split(_ start: Int, _ end: Int, at middle: Int, _ axis: Int) {
    let q = dimensions
    coordinates.withUnsafeBufferPointer { coordinates in
      items.withUnsafeMutableBufferPointer { items in
        func precedes(_ one: Int32, _ other: Int32) -> Bool {
          let (a, b) = (coordinates[Int(one) * q + axis], coordinates[Int(other) * q + axis])
          return a < b || (a == b && one < other)
        }
        var (low, high) = (start, end - 1)
        while low < high {
          let pivot = items[(low + high) / 2]
          var (i, j) = (low, high)
          while i <= j {
            while precedes(items[i], pivot) { i += 1 }
            while precedes(pivot, items[j]) { j -= 1 }
            if i <= j {
              items.swapAt(i, j)
              i += 1
              j -= 1
            }
          }
          if middle <= j { high = j } else if middle >= i { low = i } else { return }
        }
      }
    }
  }

  /// Takes an item out of later searches for neighbours.
  mutating func remove(_ item: Int32) {
    guard isLeft[Int(place[Int(item)])] else { return }
    isLeft[Int(place[Int(item)])] = false
    var node = leaf[Int(item)]
    while node >= 0 {
      left[Int(node)] -= 1
      node = nodes[Int(node)].parent
    }
  }

  /// Puts an item back.
  mutating func restore(_ item: Int32) {
    guard !isLeft[Int(place[Int(item)])] else { return }
    isLeft[Int(place[Int(item)])] = true
    var node = leaf[Int(item)]
    while node >= 0 {
      left[Int(node)] += 1
      node = nodes[Int(node)].parent
    }
  }

  /// Puts every item back.
  mutating func restore() {
    for position in isLeft.indices { isLeft[position] = true }
    for node in nodes.indices { left[node] = nodes[node].end - nodes[node].start }
  }

  /// The distance from a point to a node's box, made no greater by rounding.
  @inline(__always)
  private func nearness(_ point: UnsafePointer<Double>, _ node: Int) -> Double {
    var sum = 0.0
    for axis in 0..<dimensions {
      let base = (node * dimensions + axis) * 2
      let gap = max(boxes[base] - point[axis], point[axis] - boxes[base + 1], 0)
      sum += gap * gap
    }
    return sum.squareRoot() * (1 - 0x1p-40)
  }

  @inline(__always)
  private func distance(_ point: UnsafePointer<Double>, _ position: Int) -> Double {
    if dimensions == 1 { return (point[0] - coordinates[position]).magnitude }
    var sum = 0.0
    for axis in 0..<dimensions {
      let gap = point[axis] - coordinates[position * dimensions + axis]
      sum += gap * gap
    }
    return sum.squareRoot()
  }

  /// Fills `found` with the nearest remaining items within `limit` that are accepted, nearest first.
  func nearest(
    to point: UnsafePointer<Double>, count: Int, within limit: Double,
    into found: inout [Neighbor], accept: (Int32, Double) -> Bool
  ) {
    found.removeAll(keepingCapacity: true)
    guard !nodes.isEmpty, count > 0 else { return }
    visit(0, point, count, limit, &found, accept)
  }

  private func visit(
    _ node: Int, _ point: UnsafePointer<Double>, _ count: Int, _ limit: Double,
    _ found: inout [Neighbor], _ accept: (Int32, Double) -> Bool
  ) {
    if left[node] == 0 { return }
    let child = Int(nodes[node].child)
    guard child == 0 else {
      let (first, second) = (nearness(point, child), nearness(point, child + 1))
      let nearer = second < first ? child + 1 : child
      for one in [nearer, nearer == child ? child + 1 : child] {
        let least = one == child ? first : second
        if least > limit { continue }
        if found.count == count, let last = found.last, least > last.distance { continue }
        visit(one, point, count, limit, &found, accept)
      }
      return
    }
    for position in Int(nodes[node].start)..<Int(nodes[node].end) where isLeft[position] {
      let gap = distance(point, position)
      if gap > limit { continue }
      let item = items[position]
      if found.count == count, let last = found.last,
        gap > last.distance || (gap == last.distance && item > last.item)
      {
        continue
      }
      guard accept(item, gap) else { continue }
      if found.count == count { found.removeLast() }
      var slot = found.count
      found.append(Neighbor(distance: gap, item: item))
      while slot > 0,
        gap < found[slot - 1].distance
          || (gap == found[slot - 1].distance && item < found[slot - 1].item)
      {
        found.swapAt(slot, slot - 1)
        slot -= 1
      }
    }
  }
}

extension PointTree {
  /// A pair whose distance in steps is less than the sum of its potentials.
  struct Violation {
    var item: Int32
    var steps: Int64
    var reducedCost: Int64
  }

  /// Sets the potential of every item.
  mutating func setPotentials(_ potentials: [Int64]) {
    if values.isEmpty {
      values = [Int64](repeating: 0, count: items.count)
      greatest = [Int64](repeating: 0, count: nodes.count)
    }
    for (position, item) in items.enumerated() { values[position] = potentials[Int(item)] }
    // Children stand behind their parents.
    for node in nodes.indices.reversed() {
      let child = Int(nodes[node].child)
      if child > 0 {
        greatest[node] = max(greatest[child], greatest[child + 1])
      } else {
        var most = Int64.min
        for position in Int(nodes[node].start)..<Int(nodes[node].end) {
          most = max(most, values[position])
        }
        greatest[node] = most
      }
    }
  }

  /// Fills `found` with the items that most undercut `potential` plus their own, worst first.
  func violations(
    at point: UnsafePointer<Double>, potential: Int64, scale: DistanceScale, count: Int,
    within limit: Double, into found: inout [Violation], accept: (Int32, Double) -> Bool
  ) {
    found.removeAll(keepingCapacity: true)
    guard !nodes.isEmpty else { return }
    undercut(0, point, potential, scale, count, limit, &found, accept)
  }

  private func undercut(
    _ node: Int, _ point: UnsafePointer<Double>, _ potential: Int64, _ scale: DistanceScale,
    _ count: Int, _ limit: Double, _ found: inout [Violation], _ accept: (Int32, Double) -> Bool
  ) {
    let least = nearness(point, node)
    if least > limit { return }
    let bound = found.count == count ? found[count - 1].reducedCost : 0
    if Int64(least / scale.unit) - potential - greatest[node] >= bound { return }
    let child = Int(nodes[node].child)
    if child > 0 {
      undercut(child, point, potential, scale, count, limit, &found, accept)
      undercut(child + 1, point, potential, scale, count, limit, &found, accept)
      return
    }
    for position in Int(nodes[node].start)..<Int(nodes[node].end) {
      let gap = distance(point, position)
      if gap > limit { continue }
      let steps = scale.steps(gap)
      let reduced = steps - potential - values[position]
      let bound = found.count == count ? found[count - 1].reducedCost : 0
      if reduced >= bound { continue }
      let item = items[position]
      guard accept(item, gap) else { continue }
      if found.count == count { found.removeLast() }
      var slot = found.count
      found.append(Violation(item: item, steps: steps, reducedCost: reduced))
      while slot > 0, reduced < found[slot - 1].reducedCost {
        found.swapAt(slot, slot - 1)
        slot -= 1
      }
    }
  }
}
