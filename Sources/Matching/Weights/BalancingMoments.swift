internal import Glibc
internal import LinearAlgebra
public import Statistics

/// Which functions of the covariates weights are to balance.
///
/// First moments are the design's columns as they are (a factor's dummies among them). Higher
/// moments and products are taken of standardised columns: with the first moments balanced it makes
/// no difference to exact balance, and a tolerance on them then speaks of spread, not of location.
public struct BalancingMoments: Sendable, Equatable {
  /// Moments of each numeric column, 1 to 3; a column of two values has only the first.
  public var order: Int
  /// Whether products of columns of different terms are balanced too.
  public var includesInteractions: Bool

  /// Moments up to an order; the defaults balance means.
  public init(order: Int = 1, includesInteractions: Bool = false) {
    self.order = order
    self.includesInteractions = includesInteractions
  }

  /// The columns to balance, without intercept: the design's own, then `x^2`, `x^3`, then `x:y`.
  ///
  /// - Throws: `invalidOption` for an order outside 1...3; `missingValue` or `badValue` with the row.
  public func expand(_ design: DesignMatrix) throws(SiblingError) -> DesignMatrix {
    guard (1...3).contains(order) else {
      throw SiblingError(
        .invalidOption, "moments are balanced up to order 1, 2 or 3", column: "moments")
    }
    let main = design.removingIntercept()
    guard order > 1 || includesInteractions else { return main }
    var (columns, names) = ([[Double]](), main.names)
    var (assignment, terms) = (main.assignment, main.terms)
    var added: [[Double]] = []
    for place in 0..<main.columns {
      let values = main.matrix.column(place)
      try Inputs.finite(values, expected: main.rows, column: main.names[place])
      columns.append(Self.standardized(values))
    }
    for power in 2...3 where power <= order {
      for place in 0..<main.columns where !Self.isBinary(columns[place]) {
        added.append(columns[place].map { power == 2 ? $0 * $0 : $0 * $0 * $0 })
        names.append("\(main.names[place])^\(power)")
        assignment.append(main.assignment[place])
      }
    }
    if includesInteractions {
      for i in 0..<main.columns {
        for j in 0..<i where main.assignment[i] != main.assignment[j] {
          added.append(zip(columns[j], columns[i]).map { $0 * $1 })
          names.append("\(main.names[j]):\(main.names[i])")
          assignment.append(terms.count)
          terms.append("\(main.names[j]):\(main.names[i])")
        }
      }
    }
    var storage = main.matrix.storage
    for column in added { storage += column }
    return DesignMatrix(
      matrix: Matrix(rows: main.rows, columns: names.count, storage: storage), names: names,
      assignment: assignment, terms: terms)
  }

  /// Values less their mean, over their standard deviation; zeros for a constant.
  private static func standardized(_ values: [Double]) -> [Double] {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let spread = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
    guard spread > 1e-11 * mean.magnitude else {
      return [Double](repeating: 0, count: values.count)
    }
    return values.map { ($0 - mean) / spread }
  }

  private static func isBinary(_ values: [Double]) -> Bool {
    guard let first = values.first else { return true }
    var second = first
    for value in values where value != first {
      if second == first { second = value } else if value != second { return false }
    }
    return true
  }
}
