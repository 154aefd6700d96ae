internal import LinearAlgebra

/// The weights of all draws, a block at a time.
struct WildDraws: Sendable {
  let units: Int
  let weights: WildClusterBootstrap.Weights
  let seed: UInt64
  /// Draws computed; half of the sign vectors where all are used, since v and −v give the same |t*|.
  let count: Int
  /// Whether all vectors of weights are used.
  let isEnumerated: Bool

  static let blockSize = 512

  init(units: Int, weights: WildClusterBootstrap.Weights?, draws: Int, seed: UInt64) {
    self.units = units
    self.seed = seed
    let chosen = weights ?? WildClusterBootstrap.chosenWeights(clusters: units)
    self.weights = chosen
    var all: Int?
    if chosen == .rademacher, units < 40 { all = 1 << units }
    if chosen == .webb, units < 12 { all = (0..<units).reduce(1) { product, _ in product * 6 } }
    if let all, all <= draws {
      isEnumerated = true
      count = chosen == .rademacher ? all / 2 : all
    } else {
      isEnumerated = false
      count = draws
    }
  }

  /// How the weights were drawn.
  var convention: String {
    let name =
      switch weights {
      case .rademacher: "Rademacher"
      case .webb: "Webb"
      case .mammen: "Mammen"
      }
    return isEnumerated
      ? "\(name), all \(weights == .webb ? 6 : 2)^\(units) weight vectors"
      : "\(name), \(count) draws"
  }

  /// The weights of some draws, a column a draw.
  func block(_ range: Range<Int>) -> Matrix {
    var matrix = Matrix(rows: units, columns: range.count)
    matrix.storage.withUnsafeMutableBufferPointer { out in
      isEnumerated ? enumerate(range, out) : draw(range, out)
    }
    return matrix
  }

  private func enumerate(_ range: Range<Int>, _ out: UnsafeMutableBufferPointer<Double>) {
    let values: [Double] =
      weights == .webb
      ? [-1.5.squareRoot(), -1, -0.5.squareRoot(), 0.5.squareRoot(), 1, 1.5.squareRoot()] : [1, -1]
    for (column, draw) in range.enumerated() {
      var rest = draw
      for unit in 0..<units {
        out[column * units + unit] = values[rest % values.count]
        rest /= values.count
      }
    }
  }

  private func draw(_ range: Range<Int>, _ out: UnsafeMutableBufferPointer<Double>) {
    // Blocks are cut alike on any number of threads, so each has a stream of its own.
    var stream = RandomStream(
      seed: seed, name: "wild cluster bootstrap",
      index: UInt64(range.lowerBound / Self.blockSize))
    switch weights {
    case .rademacher:
      var (bits, left): (UInt64, Int) = (0, 0)
      for place in out.indices {
        if left == 0 { (bits, left) = (stream.next(), 64) }
        out[place] = bits & 1 == 0 ? -1 : 1
        bits >>= 1
        left -= 1
      }
    case .webb: for place in out.indices { out[place] = stream.webb() }
    case .mammen: for place in out.indices { out[place] = stream.mammen() }
    }
  }

  /// The statistics of all draws for each test; a test that does not exist gives none.
  ///
  /// `shift` is the null less the estimate.
  func statistics(
    of tests: [WildTest?], shift: Double, areInvertible: Bool
  ) -> [WildStatistics] {
    let ranges = Parallel.ranges(of: count, size: Self.blockSize)
    let blocks: [[WildStatistics]] = Parallel.mapBlocks(ranges.count) { index in
      let weights = block(ranges[index])
      return tests.map { test in
        var part = WildStatistics(
          isRestricted: test?.isRestricted ?? false, isInvertible: areInvertible)
        if let test { part.add(test, test.matrix * weights, shift: shift) }
        return part
      }
    }
    return tests.indices.map { index in
      var total = WildStatistics(
        isRestricted: tests[index]?.isRestricted ?? false, isInvertible: areInvertible)
      total.reserve(tests[index] == nil ? 0 : count)
      for block in blocks { total.append(block[index]) }
      return total
    }
  }
}
