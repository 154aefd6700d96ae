internal import LinearAlgebra

/// Making a standardised basis of a design's columns, and the way back from it.
enum StandardizedBasis {
  private static let sampleSize = 16_384

  /// Rows spread evenly over the data, few enough to be read at no cost.
  static func sampleStride(_ rows: Int) -> Int { max(1, rows / sampleSize) }

  /// Centres (when the first column is an intercept) and scales, from a sample of the rows.
  ///
  /// Centre and scale need not be exact: any near ones make the Gram matrix well conditioned. A
  /// column that is constant on the sample is read whole.
  static func make(_ matrix: Matrix) -> ColumnBasis {
    let (n, p) = (matrix.rows, matrix.columns)
    var basis = ColumnBasis(
      columns: Array(0..<p), center: [Double](repeating: 0, count: p),
      scale: [Double](repeating: 1, count: p))
    guard n > 0 else { return basis }
    matrix.storage.withUnsafeBufferPointer { x in
      let centred = p > 0 && x[0] > 0 && isConstant(x, 0..<n)
      if centred { basis.scale[0] = x[0] }
      for j in (centred ? 1 : 0)..<p {
        let rows = (j * n)..<((j + 1) * n)
        var (mean, spread) = moments(x, rows, sampleStride(n), centred)
        if !(spread > 1e-11 * mean.magnitude), sampleStride(n) > 1 {
          (mean, spread) = moments(x, rows, 1, centred)
        }
        basis.center[j] = mean
        basis.scale[j] = spread > 1e-11 * mean.magnitude || spread.isNaN ? spread : 0
      }
    }
    return basis
  }

  private static func isConstant(_ x: UnsafeBufferPointer<Double>, _ rows: Range<Int>) -> Bool {
    for i in rows where x[i] != x[rows.lowerBound] { return false }
    return true
  }

  private static func moments(
    _ x: UnsafeBufferPointer<Double>, _ rows: Range<Int>, _ step: Int, _ centred: Bool
  ) -> (Double, Double) {
    var (sum, count) = (0.0, 0.0)
    var i = rows.lowerBound
    while i < rows.upperBound {
      sum += x[i]
      count += 1
      i += step
    }
    let mean = centred ? sum / count : 0
    var squares = 0.0
    i = rows.lowerBound
    while i < rows.upperBound {
      squares += (x[i] - mean) * (x[i] - mean)
      i += step
    }
    return (mean, (squares / count).squareRoot())
  }
}

extension ColumnBasis {
  /// The matrix T that takes coefficients in this basis to those of the columns as given: β = Tβ̃.
  ///
  /// Columns are centred only when the first is a constant, which then bears the centres.
  var back: Matrix {
    var result = Matrix.diagonal(multipliers)
    for j in 0..<count where center[j] != 0 { result[0, j] -= center[j] / scale[j] / scale[0] }
    return result
  }
}
