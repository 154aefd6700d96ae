internal import COpenBLAS

extension Gram {
  /// What one pass over the rows of a likelihood adds up.
  public struct Curvature: Sendable {
    /// The sum of what the body returned.
    public var value: Double
    /// The first derivatives: the coefficients of each design, then the extra parameters.
    public var gradient: [Double]
    /// Minus the second derivatives, in the same order.
    public var information: Matrix
  }

  /// Where a body finds the linear predictors of a run of rows and writes their derivatives.
  ///
  /// A channel is a linear predictor or an extra parameter: the designs first, then the extras.
  public struct CurvatureRows {
    let base: UnsafeMutablePointer<Double>
    let size: Int
    let designs: Int
    let extras: Int

    /// The linear predictor of a design, one entry a row.
    public func predictor(_ design: Int) -> UnsafeMutablePointer<Double> { base + design * size }

    /// Where the first derivatives by a channel go, one entry a row.
    public func gradient(_ channel: Int) -> UnsafeMutablePointer<Double> {
      base + (designs + channel) * size
    }

    /// Where minus the second derivatives by a predictor and a channel not before it go.
    public func information(_ design: Int, _ channel: Int) -> UnsafeMutablePointer<Double> {
      let before = design * (designs + extras) - design * (design - 1) / 2
      return base + (2 * designs + extras + before + channel - design) * size
    }

    /// Minus the second derivatives by extra k and extra l ≥ k, summed over rows: add at `k + l * extras`.
    public var corner: UnsafeMutablePointer<Double> {
      base + Self.channels(designs, extras) * size
    }

    /// Runs of `size` numbers before the corner.
    static func channels(_ designs: Int, _ extras: Int) -> Int {
      let all = designs + extras
      return designs + all + designs * all - designs * (designs - 1) / 2
    }
  }

  private static let curvatureRows = 512

  /// One fused pass over the rows of a likelihood of linear predictors and extra parameters.
  ///
  /// Unlike ``pass(_:basis:coefficients:order:_:)`` it takes second derivatives of either sign, several
  /// designs, and parameters that belong to no column. The body is called for short runs of rows; it
  /// reads the predictors, writes every channel's first derivatives and every (design, channel)'s
  /// second ones, adds to the corner and returns the run's value. Blocks are added in order.
  /// - Complexity: O(n p (p + extras)).
  public static func curvature(
    _ designs: [(matrix: Matrix, basis: ColumnBasis)], coefficients: [[Double]], extras: Int,
    _ body: @Sendable (Range<Int>, CurvatureRows) -> Double
  ) -> Curvature {
    precondition(designs.count == coefficients.count, "a design needs its coefficients")
    BLAS.ready()
    let rows = designs.first?.matrix.rows ?? 0
    let order = designs.reduce(extras) { $0 + $1.basis.count }
    let blocks = Parallel.ranges(of: rows, size: rowsPerTask)
    let parts = Parallel.mapBlocks(blocks.count) { block in
      curvatureSums(designs, coefficients, extras, order, blocks[block], body)
    }
    var total = Curvature(
      value: 0, gradient: [Double](repeating: 0, count: order),
      information: Matrix(rows: order, columns: order))
    for part in parts {
      total.value += part.value
      for j in 0..<order { total.gradient[j] += part.gradient[j] }
      for k in 0..<(order * order) { total.information.storage[k] += part.information.storage[k] }
    }
    for j in 0..<order {
      for i in 0..<j { total.information[j, i] = total.information[i, j] }
    }
    return total
  }

  private static func curvatureSums(
    _ designs: [(matrix: Matrix, basis: ColumnBasis)], _ coefficients: [[Double]], _ extras: Int,
    _ order: Int, _ rows: Range<Int>, _ body: (Range<Int>, CurvatureRows) -> Double
  ) -> Curvature {
    let size = min(curvatureRows, rows.count)
    let widths = designs.map(\.basis.count)
    let widest = widths.max() ?? 0
    let own = CurvatureRows.channels(designs.count, extras) * size + extras * extras
    let blocks = widths.reduce(0, +) * size
    let memory = UnsafeMutablePointer<Double>.allocate(capacity: own + blocks + widest * size)
    defer { memory.deallocate() }
    memory.initialize(repeating: 0, count: own)
    let run = CurvatureRows(
      base: memory, size: size, designs: designs.count, extras: extras)
    let scaled = memory + own + blocks
    let multipliers = designs.map(\.basis.multipliers)
    var total = Curvature(
      value: 0, gradient: [Double](repeating: 0, count: order),
      information: Matrix(rows: order, columns: order))
    let first = order - extras
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: size) {
      let count = min(size, rows.upperBound - start)
      var block = memory + own
      for (d, design) in designs.enumerated() {
        design.matrix.storage.withUnsafeBufferPointer { x in
          fill(
            block, size, count, from: x, design.matrix.rows, start, design.basis, multipliers[d])
        }
        RowProducts.set(
          run.predictor(d), block: block, lead: size, rows: count, columns: widths[d],
          by: coefficients[d])
        block += widths[d] * size
      }
      total.value += body(start..<(start + count), run)
      var (at, left) = (0, memory + own)
      for d in designs.indices where widths[d] > 0 {
        addDesign(
          d, at, left, run, Products(count: count, order: order, extras: first, widths: widths),
          scaled, &total)
        at += widths[d]
        left += widths[d] * size
      }
      for k in 0..<extras {
        let source = run.gradient(designs.count + k)
        var sum = 0.0
        for i in 0..<count { sum += source[i] }
        total.gradient[first + k] += sum
      }
    }
    for l in 0..<extras {
      for k in 0...l { total.information[first + k, first + l] = run.corner[k + l * extras] }
    }
    return total
  }

  private struct Products {
    let count: Int
    let order: Int
    let extras: Int
    let widths: [Int]
  }

  /// Adds one design's gradient and its rows of the information.
  private static func addDesign(
    _ d: Int, _ at: Int, _ left: UnsafeMutablePointer<Double>, _ run: CurvatureRows,
    _ sizes: Products, _ scaled: UnsafeMutablePointer<Double>, _ total: inout Curvature
  ) {
    let (size, count, order) = (run.size, sizes.count, sizes.order)
    let (p, lead) = (Int32(sizes.widths[d]), Int32(run.size))
    total.gradient.withUnsafeMutableBufferPointer { gradient in
      guard let base = gradient.baseAddress else { return }
      cblas_dgemv(
        CblasColMajor, CblasTrans, Int32(count), p, 1, left, lead, run.gradient(d), 1, 1,
        base + at, 1)
    }
    total.information.storage.withUnsafeMutableBufferPointer { information in
      guard let base = information.baseAddress else { return }
      var (to, right) = (at, left)
      for e in d..<sizes.widths.count {
        let weight = run.information(d, e)
        for j in 0..<sizes.widths[e] {
          let (source, target) = (right + j * size, scaled + j * size)
          for i in 0..<count { target[i] = source[i] * weight[i] }
        }
        if sizes.widths[e] > 0 {
          cblas_dgemm(
            CblasColMajor, CblasTrans, CblasNoTrans, p, Int32(sizes.widths[e]), Int32(count), 1,
            left, lead, scaled, lead, 1, base + at + to * order, Int32(order))
        }
        to += sizes.widths[e]
        right += sizes.widths[e] * size
      }
      if run.extras > 0 {
        // The extras' channels stand side by side.
        cblas_dgemm(
          CblasColMajor, CblasTrans, CblasNoTrans, p, Int32(run.extras), Int32(count), 1, left,
          lead, run.information(d, run.designs), lead, 1, base + at + sizes.extras * order,
          Int32(order))
      }
    }
  }
}
