internal import LinearAlgebra

/// The rows of a design as things that can be exchanged between sites.
struct DoseRows {
  /// For each site the first site with the same row.
  private let kinds: [Int32]
  /// Distinct arrangements; a double because it soon passes any integer.
  let arrangements: Double
  /// Whether the doses mirrored about their middle are an arrangement too: it turns every slope into its
  /// negative, so that two arrangements tie whatever the effects.
  let hasMirror: Bool

  init(_ design: DesignMatrix) {
    let rows = (0..<design.rows).map { design.matrix.row($0) }
    var first: [[Double]: Int32] = [:]
    var counts: [Int32: Int] = [:]
    var kinds: [Int32] = []
    for (index, row) in rows.enumerated() {
      let kind = first[row] ?? Int32(index)
      first[row] = kind
      counts[kind, default: 0] += 1
      kinds.append(kind)
    }
    self.kinds = kinds
    // n!/∏c!, built so that every intermediate is whole.
    var total = 1.0
    var placed = 0
    for (_, count) in counts.sorted(by: { $0.key < $1.key }) {
      for k in 1...count {
        placed += 1
        total = total * Double(placed) / Double(k)
      }
    }
    arrangements = total.isFinite ? total.rounded() : .infinity
    hasMirror = Self.hasMirror(rows, design)
  }

  private static func hasMirror(_ rows: [[Double]], _ design: DesignMatrix) -> Bool {
    let moving = (0..<design.columns).filter { !(design.hasIntercept && $0 == 0) }
    guard !moving.isEmpty else { return true }
    var centres: [Double] = []
    var reach: [Double] = []
    for column in moving {
      let values = rows.map { $0[column] }
      let (low, high) = (values.min() ?? 0, values.max() ?? 0)
      centres.append(design.hasIntercept ? low + high : 0)
      reach.append(max(high - low, high.magnitude, low.magnitude) * 1e-9)
    }
    var free = rows.map { row in moving.map { row[$0] } }
    for row in rows {
      let mirrored = moving.indices.map { centres[$0] - row[moving[$0]] }
      let partner = free.firstIndex { other in
        moving.indices.allSatisfy { (other[$0] - mirrored[$0]).magnitude <= reach[$0] }
      }
      guard let partner else { return false }
      free.remove(at: partner)
    }
    return true
  }

  /// Every distinct arrangement: for each site the row that it is given, in lexicographic order.
  func listed() -> [[Int32]] {
    var current = kinds.sorted()
    var result = [current]
    while true {
      guard
        let pivot = (0..<max(0, current.count - 1)).last(where: { current[$0] < current[$0 + 1] })
      else { return result }
      let swap = current.indices.last { current[$0] > current[pivot] } ?? pivot + 1
      current.swapAt(pivot, swap)
      current[(pivot + 1)...].reverse()
      result.append(current)
    }
  }
}
