internal import COpenBLAS

/// Columns of a design seen through a change of basis: chosen, centred and scaled.
///
/// Regressions work in this basis because its Gram matrix is well conditioned where that of the
/// columns as measured (dollars squared, calendar years) is not.
public struct ColumnBasis: Sendable, Equatable {
  /// The columns of the design that take part.
  public var columns: [Int]
  /// What is taken from each of them.
  public var center: [Double]
  /// What each is divided by afterwards; a column whose scale is zero vanishes.
  public var scale: [Double]

  /// A basis from its parts, one entry a column.
  public init(columns: [Int], center: [Double], scale: [Double]) {
    precondition(columns.count == center.count && columns.count == scale.count, "sizes differ")
    self.columns = columns
    self.center = center
    self.scale = scale
  }

  /// The number of columns.
  public var count: Int { columns.count }

  /// The basis of some of its columns, by their places in `columns`.
  public func selecting(_ places: [Int]) -> ColumnBasis {
    ColumnBasis(
      columns: places.map { columns[$0] }, center: places.map { center[$0] },
      scale: places.map { scale[$0] })
  }

  /// 1/scale, or zero where the scale is.
  public var multipliers: [Double] { scale.map { $0 == 0 ? 0 : 1 / $0 } }
}

extension Gram {
  /// What one pass over the rows adds up.
  public struct Sums: Sendable {
    /// The sum of what the body returned.
    public var value: Double
    /// X̃′u, for the scores u that the body wrote.
    public var gradient: [Double]
    /// X̃′WX̃, for the root weights √W that the body wrote.
    public var product: Matrix
  }

  /// How many sums a pass makes.
  public enum Order: Sendable {
    /// Only the body's values.
    case values
    /// Values and X̃′u.
    case gradient
    /// Values, X̃′u and X̃′WX̃.
    case product
  }

  private static let passRows = 512

  /// One fused pass over the rows: linear predictor, scores, Gram matrix.
  ///
  /// The body is called for short runs of rows. Its first pointer holds X̃β on entry and is to hold
  /// the scores u on return, its second is to hold √W; both have an entry for each row of the range.
  /// What it returns is added up. Rows are in cache throughout, and blocks are added in order.
  /// - Complexity: O(n p²), or O(np) without the product.
  public static func pass(
    _ design: Matrix, basis: ColumnBasis, coefficients: [Double], order: Order = .product,
    _ body:
      @Sendable (Range<Int>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Double
  ) -> Sums {
    let p = basis.count
    precondition(coefficients.count == p, "a pass needs a coefficient for each column")
    BLAS.ready()
    let blocks = Parallel.ranges(of: design.rows, size: rowsPerTask)
    let parts: [Sums] = design.storage.withUnsafeBufferPointer { x in
      nonisolated(unsafe) let x = x
      return Parallel.mapBlocks(blocks.count) { block in
        sums(x, design.rows, basis, coefficients, order, blocks[block], body)
      }
    }
    var total = Sums(
      value: 0, gradient: [Double](repeating: 0, count: p), product: Matrix(rows: p, columns: p))
    for part in parts {
      total.value += part.value
      for j in 0..<p { total.gradient[j] += part.gradient[j] }
      for k in 0..<(p * p) { total.product.storage[k] += part.product.storage[k] }
    }
    for j in 0..<p { for i in 0..<j { total.product[j, i] = total.product[i, j] } }
    return total
  }

  private static func sums(
    _ x: UnsafeBufferPointer<Double>, _ n: Int, _ basis: ColumnBasis, _ coefficients: [Double],
    _ order: Order, _ rows: Range<Int>,
    _ body: (Range<Int>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Double
  ) -> Sums {
    let p = basis.count
    var total = Sums(
      value: 0, gradient: [Double](repeating: 0, count: p), product: Matrix(rows: p, columns: p))
    let size = min(passRows, rows.count)
    let scratch = UnsafeMutablePointer<Double>.allocate(capacity: size * (p + 2))
    defer { scratch.deallocate() }
    let (predictor, root) = (scratch + size * p, scratch + size * (p + 1))
    let multipliers = basis.multipliers
    let (m, lead) = (Int32(p), Int32(size))
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: size) {
      let count = min(size, rows.upperBound - start)
      fill(scratch, size, count, from: x, n, start, basis, multipliers)
      if order == .values {
        RowProducts.set(
          predictor, block: scratch, lead: size, rows: count, columns: p, by: coefficients)
      } else if p == 0 {
        predictor.update(repeating: 0, count: count)
      } else {
        cblas_dgemv(
          CblasColMajor, CblasNoTrans, Int32(count), m, 1, scratch, lead, coefficients, 1, 0,
          predictor, 1)
      }
      total.value += body(start..<(start + count), predictor, root)
      guard order != .values, p > 0 else { continue }
      cblas_dgemv(
        CblasColMajor, CblasTrans, Int32(count), m, 1, scratch, lead, predictor, 1, 1,
        &total.gradient, 1)
      guard order == .product else { continue }
      for j in 0..<p {
        let column = scratch + j * size
        for i in 0..<count { column[i] *= root[i] }
      }
      cblas_dsyrk(
        CblasColMajor, CblasUpper, CblasTrans, m, Int32(count), 1, scratch, lead, 1,
        &total.product.storage, m)
    }
    return total
  }

  /// For each row the squared length of L⁻¹x̃, that is x̃′A⁻¹x̃ for the factored matrix A = LL′.
  ///
  /// - Complexity: O(n p²).
  public static func squaredLengths(
    _ design: Matrix, basis: ColumnBasis, factor: Cholesky
  ) -> [Double] {
    let (n, p) = (design.rows, basis.count)
    precondition(factor.lower.rows == p, "sizes differ")
    guard n > 0, p > 0 else { return [Double](repeating: 0, count: n) }
    BLAS.ready()
    let blocks = Parallel.ranges(of: n, size: rowsPerTask)
    let multipliers = basis.multipliers
    return [Double](unsafeUninitializedCapacity: n) { output, initialized in
      nonisolated(unsafe) let out = output
      design.storage.withUnsafeBufferPointer { x in
        nonisolated(unsafe) let x = x
        Parallel.forBlocks(blocks.count) { block in
          let size = min(passRows, blocks[block].count)
          let scratch = UnsafeMutablePointer<Double>.allocate(capacity: size * p)
          defer { scratch.deallocate() }
          for start in stride(
            from: blocks[block].lowerBound, to: blocks[block].upperBound, by: size)
          {
            let count = min(size, blocks[block].upperBound - start)
            fill(scratch, size, count, from: x, n, start, basis, multipliers)
            cblas_dtrsm(
              CblasColMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, Int32(count),
              Int32(p), 1, factor.lower.storage, Int32(p), scratch, Int32(size))
            for i in 0..<count { out[start + i] = 0 }
            for j in 0..<p {
              let column = scratch + j * size
              for i in 0..<count { out[start + i] += column[i] * column[i] }
            }
          }
        }
      }
      initialized = n
    }
  }

  static func fill(
    _ scratch: UnsafeMutablePointer<Double>, _ size: Int, _ count: Int,
    from x: UnsafeBufferPointer<Double>, _ n: Int, _ start: Int, _ basis: ColumnBasis,
    _ multipliers: [Double]
  ) {
    guard let base = x.baseAddress else { return }
    for j in 0..<basis.count {
      let source = base + start + basis.columns[j] * n
      let target = scratch + j * size
      let (center, multiplier) = (basis.center[j], multipliers[j])
      for i in 0..<count { target[i] = (source[i] - center) * multiplier }
    }
  }
}
