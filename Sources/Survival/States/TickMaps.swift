/// Compositions of the linear maps that ticks apply to a cluster's influence, in logarithmic time.
///
/// A cluster has an influence U on the probabilities, a weight at risk W by state and an influence A
/// on the time spent in each state. A tick maps U to UT + WG and adds UE + WF to A; W stays. Two
/// maps one after the other are such a map again, so a tree of them gives any run of ticks.
struct TickMaps {
  let size: Int
  /// Leaves of the tree, a power of two.
  private let leaves: Int
  /// T, G, E and F of each node, size² numbers each.
  private var nodes: [Double]
  private let durations: [Double]

  init(_ steps: OccupancySteps, durations: [Double]) {
    let s = steps.size
    let m = steps.times.count
    size = s
    self.durations = durations
    var leaves = 1
    while leaves < m { leaves *= 2 }
    self.leaves = leaves
    let square = s * s
    nodes = [Double](repeating: 0, count: 2 * leaves * 4 * square)
    for node in 0..<(2 * leaves) {
      for j in 0..<s { nodes[node * 4 * square + j * s + j] = 1 }
    }
    for k in 0..<m {
      let base = (leaves + k) * 4 * square
      for j in 0..<s {
        let n = steps.atRisk[k * s + j]
        let share = n > 0 ? steps.probability[k * s + j] / n : 0
        for l in 0..<s {
          let move = steps.step[(k * s + j) * s + l]
          let place = base + j * s + l
          nodes[place] += move
          nodes[place + square] = -share * move
          nodes[place + 2 * square] = nodes[place] * durations[k + 1]
          nodes[place + 3 * square] = nodes[place + square] * durations[k + 1]
        }
      }
    }
    nodes.withUnsafeMutableBufferPointer { nodes in
      for node in stride(from: leaves - 1, through: 1, by: -1) {
        Self.compose(nodes, node, s)
      }
    }
  }

  /// T = T₁T₂, G = G₁T₂ + G₂, E = E₁ + T₁E₂, F = F₁ + G₁E₂ + F₂.
  private static func compose(
    _ nodes: UnsafeMutableBufferPointer<Double>, _ node: Int, _ s: Int
  ) {
    let square = s * s
    let (out, a, b) = (node * 4 * square, 8 * node * square, (8 * node + 4) * square)
    for j in 0..<s {
      for l in 0..<s {
        let place = j * s + l
        var (t, g) = (0.0, nodes[b + square + place])
        var e = nodes[a + 2 * square + place]
        var f = nodes[a + 3 * square + place] + nodes[b + 3 * square + place]
        for i in 0..<s {
          let (first, lead) = (nodes[a + j * s + i], nodes[a + square + j * s + i])
          let (next, area) = (nodes[b + i * s + l], nodes[b + 2 * square + i * s + l])
          t += first * next
          g += lead * next
          e += first * area
          f += lead * area
        }
        nodes[out + place] = t
        nodes[out + square + place] = g
        nodes[out + 2 * square + place] = e
        nodes[out + 3 * square + place] = f
      }
    }
  }

  /// The time that a tick's probabilities hold.
  func duration(_ tick: Int) -> Double { durations[tick + 1] }

  /// Moves U, W and A (`size` numbers each) through the ticks of a range; returns maps applied.
  @discardableResult
  func apply(
    _ ticks: Range<Int>, to vector: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Int {
    guard !ticks.isEmpty else { return 0 }
    var (low, high) = (ticks.lowerBound + leaves, ticks.upperBound + leaves)
    let end = high
    var (applied, level) = (0, 0)
    // Nodes of the right side are met last first; a bit for each level remembers them.
    var right: UInt64 = 0
    nodes.withUnsafeBufferPointer { nodes in
      while low < high {
        if low & 1 == 1 {
          map(nodes, low, vector, scratch)
          applied += 1
          low += 1
        }
        if high & 1 == 1 { right |= 1 << UInt64(level) }
        low >>= 1
        high >>= 1
        level += 1
      }
      for step in stride(from: level - 1, through: 0, by: -1)
      where right >> UInt64(step) & 1 == 1 {
        map(nodes, (end >> step) - 1, vector, scratch)
        applied += 1
      }
    }
    return applied
  }

  @inline(__always)
  private func map(
    _ nodes: UnsafeBufferPointer<Double>, _ node: Int, _ vector: UnsafeMutablePointer<Double>,
    _ scratch: UnsafeMutablePointer<Double>
  ) {
    let s = size
    let square = s * s
    let base = node * 4 * square
    for l in 0..<s {
      var (u, a) = (0.0, vector[2 * s + l])
      for j in 0..<s {
        let place = base + j * s + l
        let (influence, weight) = (vector[j], vector[s + j])
        u += influence * nodes[place] + weight * nodes[place + square]
        a += influence * nodes[place + 2 * square] + weight * nodes[place + 3 * square]
      }
      scratch[l] = u
      vector[2 * s + l] = a
    }
    for l in 0..<s { vector[l] = scratch[l] }
  }
}
