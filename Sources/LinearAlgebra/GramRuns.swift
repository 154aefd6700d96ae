internal import COpenBLAS

extension Gram {
  /// Consecutive rows whose products are added into one slot.
  public struct Run: Sendable, Equatable {
    /// The rows.
    public var rows: Range<Int>
    /// The slot, from zero.
    public var slot: Int

    /// A run from its parts.
    public init(rows: Range<Int>, slot: Int) {
      self.rows = rows
      self.slot = slot
    }
  }

  // Not a power of two: columns 4096 bytes apart would share their places in the cache.
  private static let runStride = 520

  /// The Gram matrices [1 X]′W[1 X] of runs of rows, in one pass over the rows.
  ///
  /// The runs must cover the rows one after another. The body is called for short ranges of rows;
  /// its pointer holds Xβ on entry and is to hold √W on return, with an entry for each row of the
  /// range. The result has (p + 1)² numbers a slot, of which the upper triangle (column-major) is
  /// set. Blocks are fixed by size and added in order.
  /// - Complexity: O(n p²) time, O((slots + blocks) p²) memory.
  public static func products(
    _ design: Matrix, runs: [Run], slots: Int, coefficients: [Double],
    _ body: @Sendable (Range<Int>, UnsafeMutablePointer<Double>) -> Void
  ) -> [Double] {
    let (n, p) = (design.rows, design.columns)
    precondition(coefficients.count == p, "a pass needs a coefficient for each column")
    precondition(runs.reduce(0) { $0 + $1.rows.count } == n, "runs must cover the rows")
    BLAS.ready()
    let blocks = Parallel.ranges(of: n, size: rowsPerTask)
    var first: [Int] = []
    var at = 0
    for block in blocks {
      while runs[at].rows.upperBound <= block.lowerBound { at += 1 }
      first.append(at)
    }
    let size = (p + 1) * (p + 1)
    let parts: [(slot: Int, sums: [Double])] = design.storage.withUnsafeBufferPointer { x in
      nonisolated(unsafe) let x = x
      return Parallel.mapBlocks(blocks.count) { [first] block in
        guard let base = x.baseAddress else { return (0, []) }
        return sums(base, n, p, runs[first[block]...], coefficients, blocks[block], body)
      }
    }
    var total = [Double](repeating: 0, count: slots * size)
    for part in parts {
      for (k, value) in part.sums.enumerated() { total[part.slot * size + k] += value }
    }
    return total
  }

  private static func sums(
    _ x: UnsafePointer<Double>, _ n: Int, _ p: Int, _ runs: ArraySlice<Run>,
    _ coefficients: [Double], _ block: Range<Int>,
    _ body: (Range<Int>, UnsafeMutablePointer<Double>) -> Void
  ) -> (slot: Int, sums: [Double]) {
    let q = p + 1
    let runs = runs.prefix { $0.rows.lowerBound < block.upperBound }
    let slots = runs.map(\.slot)
    let (low, high) = (slots.min() ?? 0, slots.max() ?? 0)
    var total = [Double](repeating: 0, count: (high - low + 1) * q * q)
    let scratch = UnsafeMutablePointer<Double>.allocate(capacity: runStride * q)
    defer { scratch.deallocate() }
    var at = runs.startIndex
    for start in stride(from: block.lowerBound, to: block.upperBound, by: 512) {
      let end = min(block.upperBound, start + 512)
      let count = end - start
      scratch.update(repeating: 0, count: count)
      cblas_dgemv(
        CblasColMajor, CblasNoTrans, Int32(count), Int32(p), 1, x + start, Int32(n), coefficients,
        1, 0, scratch, 1)
      body(start..<end, scratch)
      for j in 0..<p {
        let (source, target) = (x + start + j * n, scratch + (j + 1) * runStride)
        for i in 0..<count { target[i] = source[i] * scratch[i] }
      }
      total.withUnsafeMutableBufferPointer { total in
        guard let sums = total.baseAddress else { return }
        while at < runs.endIndex, runs[at].rows.lowerBound < end {
          let rows = runs[at].rows.clamped(to: start..<end)
          cblas_dsyrk(
            CblasColMajor, CblasUpper, CblasTrans, Int32(q), Int32(rows.count), 1,
            scratch + (rows.lowerBound - start), Int32(runStride), 1,
            sums + (runs[at].slot - low) * q * q, Int32(q))
          guard runs[at].rows.upperBound <= end else { break }
          at += 1
        }
      }
    }
    return (low, total)
  }
}
