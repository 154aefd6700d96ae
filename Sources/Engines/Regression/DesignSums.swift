internal import LinearAlgebra
internal import Statistics
internal import Tables

/// The weighted sums of a design, Σux and Σvxx′, as sums of a query, and back.
///
/// Where a code tells most columns, sums are by code and the rest is algebra here (``DesignCoding``).
struct DesignSums {
  /// The columns as the query's layers name them.
  let columns: [RowExpression]
  private let coding: DesignCoding?
  private let code: RowExpression
  private let cross: CrossProduct

  /// Sums of columns; with a coding of the same columns, by `code` as the query's layers name it.
  init(
    _ columns: [RowExpression], _ coding: DesignCoding? = nil, code: RowExpression = .name("code")
  ) {
    self.columns = columns
    self.coding = coding
    self.code = code
    cross = CrossProduct(
      coding.map { coding in [.constant(1)] + coding.single.map { columns[$0] } } ?? columns)
  }

  /// What the query must be grouped by, last of its keys.
  var keys: [GroupKey] { coding == nil ? [] : [GroupKey("code", .number(code))] }

  /// The sums, with `u` and `v` of each row; not negative, v.
  func sums(_ u: RowExpression, _ v: RowExpression) -> [NamedExpression] {
    cross.columns.enumerated().map { NamedExpression("g\($0.offset)", u * $0.element) }
      + cross.sums(weight: v)
  }

  /// The sums Σvxx′ alone.
  func squares(_ v: RowExpression) -> [NamedExpression] { cross.sums(weight: v) }

  /// Σux and Σvxx′ over some cells of an answer whose sums begin at `first`.
  ///
  /// - Throws: never for an answer to ``keys`` and ``sums(_:_:)``.
  func read(
    _ cells: Cells, _ chosen: [Int], from first: Int
  ) throws(SiblingError) -> (gradient: [Double], product: Matrix) {
    let width = cross.columns.count
    let product = try product(cells, chosen, from: first + width)
    guard let coding else {
      let cell = chosen.first ?? 0
      return ((0..<width).map { cells.sums[first + $0][cell] }, product)
    }
    let values = try coding.values(at: codes(cells, chosen))
    var gradient = [Double](repeating: 0, count: columns.count)
    let own = values.transposedTimes(chosen.map { cells.sums[first][$0] })
    for (place, column) in coding.coded.enumerated() { gradient[column] = own[place] }
    for (place, column) in coding.single.enumerated() {
      gradient[column] = chosen.reduce(0) { $0 + cells.sums[first + 1 + place][$1] }
    }
    return (gradient, product)
  }

  /// Σvxx′ over some cells of an answer whose sums of it begin at `first`.
  ///
  /// - Throws: never for an answer to ``keys`` and ``squares(_:)``.
  func product(
    _ cells: Cells, _ chosen: [Int], from first: Int
  ) throws(SiblingError) -> Matrix {
    guard let coding else {
      let cell = chosen.first ?? 0
      return cross.matrix((0..<cross.count).map { cells.sums[first + $0][cell] })
    }
    let values = try coding.values(at: codes(cells, chosen))
    func sums(_ place: Int) -> [Double] { chosen.map { cells.sums[first + place][$0] } }
    var product = Matrix(rows: columns.count, columns: columns.count)
    let within = Gram.product(values, weights: sums(0))
    for (j, column) in coding.coded.enumerated() {
      for (i, row) in coding.coded.enumerated() { product[row, column] = within[i, j] }
    }
    var place = 0
    for j in 0...coding.single.count {
      for i in j...coding.single.count {
        if i > 0, j == 0 {
          let across = values.transposedTimes(sums(place))
          for (k, column) in coding.coded.enumerated() {
            product[column, coding.single[i - 1]] = across[k]
            product[coding.single[i - 1], column] = across[k]
          }
        } else if j > 0 {
          let sum = sums(place).reduce(0, +)
          product[coding.single[i - 1], coding.single[j - 1]] = sum
          product[coding.single[j - 1], coding.single[i - 1]] = sum
        }
        place += 1
      }
    }
    return product
  }

  private func codes(_ cells: Cells, _ chosen: [Int]) -> [Double] {
    guard let last = cells.keys.indices.last else { return [] }
    let codes = cells.numbers(last)
    return chosen.map { codes[$0] }
  }
}
