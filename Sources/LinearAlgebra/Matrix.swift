/// A dense matrix of doubles, stored column by column.
public struct Matrix: Sendable, Equatable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The entries, column-major: entry (i, j) stands at `i + j * rows`.
  public var storage: [Double]

  /// A matrix from column-major entries; `storage.count` must be `rows * columns`.
  public init(rows: Int, columns: Int, storage: [Double]) {
    precondition(storage.count == rows * columns, "a matrix needs rows × columns entries")
    self.rows = rows
    self.columns = columns
    self.storage = storage
  }

  /// A matrix of zeros.
  public init(rows: Int, columns: Int) {
    self.init(rows: rows, columns: columns, storage: [Double](repeating: 0, count: rows * columns))
  }

  /// A matrix whose columns are the given arrays, all of one length.
  public init(columns: [[Double]]) {
    let rows = columns.first?.count ?? 0
    self.init(rows: rows, columns: columns.count, storage: columns.flatMap { $0 })
  }

  /// The identity matrix of a given order.
  public static func identity(_ order: Int) -> Matrix {
    var result = Matrix(rows: order, columns: order)
    for i in 0..<order { result[i, i] = 1 }
    return result
  }

  /// A square matrix with the given diagonal and zeros elsewhere.
  public static func diagonal(_ values: [Double]) -> Matrix {
    var result = Matrix(rows: values.count, columns: values.count)
    for (i, value) in values.enumerated() { result[i, i] = value }
    return result
  }

  /// The entry in a row and column, both counted from zero.
  @inlinable
  public subscript(row: Int, column: Int) -> Double {
    get { storage[row + column * rows] }
    set { storage[row + column * rows] = newValue }
  }

  /// One column as an array.
  public func column(_ index: Int) -> [Double] {
    Array(storage[(index * rows)..<((index + 1) * rows)])
  }

  /// One row as an array.
  public func row(_ index: Int) -> [Double] {
    (0..<columns).map { storage[index + $0 * rows] }
  }

  /// The diagonal of a square matrix.
  public var diagonal: [Double] { (0..<min(rows, columns)).map { self[$0, $0] } }

  /// The transpose.
  public var transposed: Matrix {
    var result = Matrix(rows: columns, columns: rows)
    for j in 0..<columns { for i in 0..<rows { result[j, i] = self[i, j] } }
    return result
  }

  /// The matrix of the named columns, in the order given.
  public func selecting(columns chosen: [Int]) -> Matrix {
    Matrix(
      rows: rows, columns: chosen.count,
      storage: chosen.flatMap { storage[($0 * rows)..<(($0 + 1) * rows)] })
  }

  /// The matrix of the named rows, in the order given.
  public func selecting(rows chosen: [Int]) -> Matrix {
    var result = Matrix(rows: chosen.count, columns: columns)
    for j in 0..<columns {
      for (k, i) in chosen.enumerated() { result.storage[k + j * chosen.count] = self[i, j] }
    }
    return result
  }

  /// The square submatrix of the named rows and columns.
  public func selecting(both chosen: [Int]) -> Matrix {
    selecting(columns: chosen).selecting(rows: chosen)
  }

  /// Every entry multiplied by a factor.
  public func scaled(by factor: Double) -> Matrix {
    Matrix(rows: rows, columns: columns, storage: storage.map { $0 * factor })
  }

  /// The entrywise sum of two matrices of one shape.
  public static func + (left: Matrix, right: Matrix) -> Matrix {
    precondition(left.rows == right.rows && left.columns == right.columns, "shapes differ")
    return Matrix(
      rows: left.rows, columns: left.columns,
      storage: zip(left.storage, right.storage).map { $0 + $1 })
  }

  /// The entrywise difference of two matrices of one shape.
  public static func - (left: Matrix, right: Matrix) -> Matrix {
    left + right.scaled(by: -1)
  }
}
