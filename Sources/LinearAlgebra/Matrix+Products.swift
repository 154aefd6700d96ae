internal import COpenBLAS

extension Matrix {
  /// The matrix product, by `dgemm`.
  public static func * (left: Matrix, right: Matrix) -> Matrix {
    product(left, right)
  }

  /// The product of two matrices, either of which may be transposed first.
  public static func product(
    _ left: Matrix, _ right: Matrix, transposeLeft: Bool = false, transposeRight: Bool = false
  ) -> Matrix {
    let m = transposeLeft ? left.columns : left.rows
    let k = transposeLeft ? left.rows : left.columns
    let n = transposeRight ? right.rows : right.columns
    precondition(k == (transposeRight ? right.columns : right.rows), "inner sizes differ")
    var result = Matrix(rows: m, columns: n)
    guard m > 0, n > 0, k > 0 else { return result }
    BLAS.ready()
    cblas_dgemm(
      CblasColMajor, transposeLeft ? CblasTrans : CblasNoTrans,
      transposeRight ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, left.storage,
      Int32(left.rows), right.storage, Int32(right.rows), 0, &result.storage, Int32(m))
    return result
  }

  /// The matrix times a vector; rows are worked in fixed blocks on several threads.
  ///
  /// Equal rows get equal sums, wherever they stand.
  public func times(_ vector: [Double]) -> [Double] {
    precondition(vector.count == columns, "inner sizes differ")
    guard rows > 0, columns > 0 else { return [Double](repeating: 0, count: rows) }
    BLAS.ready()
    let blocks = Parallel.ranges(of: rows, size: Gram.rowsPerTask)
    return [Double](unsafeUninitializedCapacity: rows) { output, initialized in
      nonisolated(unsafe) let y = output
      storage.withUnsafeBufferPointer { a in
        vector.withUnsafeBufferPointer { x in
          nonisolated(unsafe) let (a, x) = (a, x)
          Parallel.forBlocks(blocks.count) { block in
            let range = blocks[block]
            guard let base = a.baseAddress, let out = y.baseAddress, let x = x.baseAddress else {
              return
            }
            RowProducts.set(
              out + range.lowerBound, block: base + range.lowerBound, lead: rows,
              rows: range.count, columns: columns, by: x)
          }
        }
      }
      initialized = rows
    }
  }

  /// The transposed matrix times a vector: X′v, summed in fixed blocks of rows.
  public func transposedTimes(_ vector: [Double]) -> [Double] {
    precondition(vector.count == rows, "inner sizes differ")
    guard rows > 0, columns > 0 else { return [Double](repeating: 0, count: columns) }
    BLAS.ready()
    let blocks = Parallel.ranges(of: rows, size: Gram.rowsPerTask)
    let parts: [[Double]] = storage.withUnsafeBufferPointer { a in
      vector.withUnsafeBufferPointer { x in
        nonisolated(unsafe) let (a, x) = (a, x)
        return Parallel.mapBlocks(blocks.count) { block in
          let range = blocks[block]
          var part = [Double](repeating: 0, count: columns)
          guard let base = a.baseAddress, let v = x.baseAddress else { return part }
          cblas_dgemv(
            CblasColMajor, CblasTrans, Int32(range.count), Int32(columns), 1,
            base + range.lowerBound, Int32(rows), v + range.lowerBound, 1, 0, &part, 1)
          return part
        }
      }
    }
    var total = [Double](repeating: 0, count: columns)
    for part in parts { for j in 0..<columns { total[j] += part[j] } }
    return total
  }

  /// The quadratic form v′Av.
  public func quadraticForm(_ vector: [Double]) -> Double {
    zip(vector, times(vector)).reduce(0) { $0 + $1.0 * $1.1 }
  }
}

/// Blocked Gram products X′WX and X′Wz, the inner loop of every regression here.
///
/// Rows are scaled by √w into small buffers that stay in cache and added up by `dsyrk`. Blocks are
/// fixed by size, and partial sums are added in block order.
/// - Complexity: O(n p²) time, O(blocks · p²) extra memory.
public enum Gram {
  static let rowsPerTask = 32_768
  private static let rowsPerBuffer = 512

  /// X′ diag(w) X for non-negative weights (all one when `weights` is nil); symmetric, both triangles.
  public static func product(_ design: Matrix, weights: [Double]? = nil) -> Matrix {
    let p = design.columns
    let blocks = Parallel.ranges(of: design.rows, size: rowsPerTask)
    BLAS.ready()
    let parts: [[Double]] = design.storage.withUnsafeBufferPointer { x in
      nonisolated(unsafe) let x = x
      return Parallel.mapBlocks(blocks.count) { block in
        var sum = [Double](repeating: 0, count: p * p)
        accumulate(x, design.rows, p, weights, blocks[block], into: &sum)
        return sum
      }
    }
    var total = [Double](repeating: 0, count: p * p)
    for part in parts { for k in 0..<(p * p) { total[k] += part[k] } }
    for j in 0..<p { for i in 0..<j { total[j + i * p] = total[i + j * p] } }
    return Matrix(rows: p, columns: p, storage: total)
  }

  private static func accumulate(
    _ x: UnsafeBufferPointer<Double>, _ n: Int, _ p: Int, _ weights: [Double]?,
    _ rows: Range<Int>, into sum: inout [Double]
  ) {
    guard p > 0, let base = x.baseAddress else { return }
    guard let weights else {
      cblas_dsyrk(
        CblasColMajor, CblasUpper, CblasTrans, Int32(p), Int32(rows.count), 1,
        base + rows.lowerBound, Int32(n), 1, &sum, Int32(p))
      return
    }
    var buffer = [Double](repeating: 0, count: rowsPerBuffer * p)
    var root = [Double](repeating: 0, count: rowsPerBuffer)
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: rowsPerBuffer) {
      let count = min(rowsPerBuffer, rows.upperBound - start)
      weights.withUnsafeBufferPointer { w in
        root.withUnsafeMutableBufferPointer { r in
          for i in 0..<count { r[i] = w[start + i].squareRoot() }
          buffer.withUnsafeMutableBufferPointer { b in
            for j in 0..<p {
              let source = base + start + j * n
              for i in 0..<count { b[i + j * rowsPerBuffer] = source[i] * r[i] }
            }
          }
        }
      }
      cblas_dsyrk(
        CblasColMajor, CblasUpper, CblasTrans, Int32(p), Int32(count), 1, buffer,
        Int32(rowsPerBuffer), 1, &sum, Int32(p))
    }
  }
}
