/// Least-cost flow by the network simplex method, with strongly feasible trees.
///
/// Every node starts as a leaf of node 0. Arcs may be added between solutions: the tree stays
/// feasible, so that solving goes on from where it stood. Whole numbers make every step exact, and
/// the choice of the leaving arc (Cunningham 1976, https://doi.org/10.1007/BF01580379) rules out
/// cycling.
struct NetworkSimplex {
  /// A node of the spanning tree.
  struct Node {
    var potential: Int64
    var parent: Int32
    /// The arc to the parent.
    var arc: Int32
    var depth: Int32
    var child: Int32
    var next: Int32
    var previous: Int32
  }

  /// An arc with its bounds and flow.
  struct Arc {
    var cost: Int64
    var from: Int32
    var to: Int32
    var flow: Int32
    var capacity: Int32
    /// 1 at flow zero, −1 at capacity, 0 in the tree.
    var state: Int32
  }

  /// A capacity without end.
  static let unlimited = Int32.max

  private(set) var nodes: [Node]
  private(set) var arcs: [Arc] = []
  private var position = 0

  /// A network of the root alone.
  init() {
    nodes = [
      Node(potential: 0, parent: -1, arc: -1, depth: 0, child: -1, next: -1, previous: -1)
    ]
  }

  /// Adds a node that hangs on the root by an arc, which carries `flow`.
  ///
  /// Flow must be able to move to the root: positive on an arc from it, below capacity on one to it.
  mutating func addNode(
    towardRoot: Bool, cost: Int64, capacity: Int32, flow: Int32
  ) -> Int32 {
    let node = Int32(nodes.count)
    arcs.append(
      Arc(
        cost: cost, from: towardRoot ? node : 0, to: towardRoot ? 0 : node, flow: flow,
        capacity: capacity, state: 0))
    let first = nodes[0].child
    nodes.append(
      Node(
        potential: towardRoot ? -cost : cost, parent: 0, arc: Int32(arcs.count - 1), depth: 1,
        child: -1, next: first, previous: -1))
    if first >= 0 { nodes[Int(first)].previous = node }
    nodes[0].child = node
    return node
  }

  /// Adds an arc without flow.
  mutating func addArc(from: Int32, to: Int32, cost: Int64, capacity: Int32) {
    arcs.append(Arc(cost: cost, from: from, to: to, flow: 0, capacity: capacity, state: 1))
  }

  /// Finds the least cost; false if it had no bound.
  mutating func solve() -> Bool {
    var position = position
    let solved = nodes.withUnsafeMutableBufferPointer { nodes in
      arcs.withUnsafeMutableBufferPointer { arcs in
        let basis = Basis(nodes: nodes, arcs: arcs)
        while let entering = basis.entering(&position) {
          if !basis.pivot(entering) { return false }
        }
        return true
      }
    }
    self.position = position
    return solved
  }

  /// The spanning tree while it is worked on.
  private struct Basis {
    let nodes: UnsafeMutableBufferPointer<Node>
    let arcs: UnsafeMutableBufferPointer<Arc>

    /// The arc of a block that saves most, blocks taken in turn; nil when none saves.
    func entering(_ position: inout Int) -> Int? {
      let count = arcs.count
      var block = 64
      while block * block < count { block += 64 }
      if position >= count { position = 0 }
      var (best, least, inBlock) = (-1, Int64(0), 0)
      for _ in 0..<count {
        let arc = arcs[position]
        let reduced =
          Int64(arc.state)
          * (arc.cost + nodes[Int(arc.from)].potential - nodes[Int(arc.to)].potential)
        if reduced < least { (best, least) = (position, reduced) }
        position += 1
        if position == count { position = 0 }
        inBlock += 1
        if inBlock == block {
          if best >= 0 { return best }
          inBlock = 0
        }
      }
      return best >= 0 ? best : nil
    }

    /// Sends what flow the cycle of an arc takes, and exchanges tree arcs.
    func pivot(_ entering: Int) -> Bool {
      let arc = arcs[entering]
      let first = Int(arc.state > 0 ? arc.from : arc.to)
      let second = Int(arc.state > 0 ? arc.to : arc.from)
      let join = join(first, second)
      var (change, leaving, onFirst) = (arc.capacity, -1, false)
      var node = first
      while node != join {
        let tree = arcs[Int(nodes[node].arc)]
        let room = Int(tree.from) == node ? tree.flow : tree.capacity - tree.flow
        if room < change { (change, leaving, onFirst) = (room, node, true) }
        node = Int(nodes[node].parent)
      }
      node = second
      while node != join {
        let tree = arcs[Int(nodes[node].arc)]
        let room = Int(tree.from) == node ? tree.capacity - tree.flow : tree.flow
        if room <= change { (change, leaving, onFirst) = (room, node, false) }
        node = Int(nodes[node].parent)
      }
      if change == NetworkSimplex.unlimited { return false }
      if change > 0 { send(change, along: entering, first, second, join) }
      if leaving < 0 {
        arcs[entering].state = -arc.state
        return true
      }
      let out = Int(nodes[leaving].arc)
      arcs[out].state = arcs[out].flow == 0 ? 1 : -1
      let reduced = arc.cost + nodes[Int(arc.from)].potential - nodes[Int(arc.to)].potential
      arcs[entering].state = 0
      let inner = onFirst ? first : second
      hang(inner, on: onFirst ? second : first, by: entering, from: leaving)
      update(inner, by: Int(arc.from) == inner ? -reduced : reduced)
      return true
    }

    private func join(_ first: Int, _ second: Int) -> Int {
      var (one, other) = (first, second)
      while one != other {
        let (a, b) = (nodes[one].depth, nodes[other].depth)
        if a >= b { one = Int(nodes[one].parent) }
        if b >= a { other = Int(nodes[other].parent) }
      }
      return one
    }

    private func send(
      _ change: Int32, along entering: Int, _ first: Int, _ second: Int, _ join: Int
    ) {
      arcs[entering].flow += arcs[entering].state > 0 ? change : -change
      var node = first
      while node != join {
        let tree = Int(nodes[node].arc)
        arcs[tree].flow += Int(arcs[tree].from) == node ? -change : change
        node = Int(nodes[node].parent)
      }
      node = second
      while node != join {
        let tree = Int(nodes[node].arc)
        arcs[tree].flow += Int(arcs[tree].from) == node ? change : -change
        node = Int(nodes[node].parent)
      }
    }

    /// Hangs the part of the tree below `top` on another node by its node `inner`.
    private func hang(_ inner: Int, on outer: Int, by arc: Int, from top: Int) {
      var (node, newParent, newArc) = (inner, Int32(outer), Int32(arc))
      while true {
        let old = nodes[node]
        if old.previous >= 0 {
          nodes[Int(old.previous)].next = old.next
        } else {
          nodes[Int(old.parent)].child = old.next
        }
        if old.next >= 0 { nodes[Int(old.next)].previous = old.previous }
        let sibling = nodes[Int(newParent)].child
        nodes[node].parent = newParent
        nodes[node].arc = newArc
        nodes[node].next = sibling
        nodes[node].previous = -1
        if sibling >= 0 { nodes[Int(sibling)].previous = Int32(node) }
        nodes[Int(newParent)].child = Int32(node)
        if node == top { return }
        (node, newParent, newArc) = (Int(old.parent), Int32(node), old.arc)
      }
    }

    /// Moves the potentials below a node and counts its depths again.
    private func update(_ top: Int, by change: Int64) {
      var node = top
      while true {
        nodes[node].potential += change
        nodes[node].depth = nodes[Int(nodes[node].parent)].depth + 1
        if nodes[node].child >= 0 {
          node = Int(nodes[node].child)
          continue
        }
        while node != top, nodes[node].next < 0 { node = Int(nodes[node].parent) }
        if node == top { return }
        node = Int(nodes[node].next)
      }
    }
  }
}
