public import LinearAlgebra

/// A model matrix with the names of its columns and the terms that they came from.
public struct DesignMatrix: Sendable, Equatable {
  /// The n × p matrix, column-major.
  public var matrix: Matrix
  /// The name of each column, as R names it: `(Intercept)`, `age`, `raceblack`, `age:raceblack`.
  public var names: [String]
  /// For each column the index of its term in `terms`, or −1 for the intercept.
  public var assignment: [Int]
  /// The terms of the formula as written, in order.
  public var terms: [String]

  /// A design from its matrix and names; without assignment every column is a term of its own.
  public init(
    matrix: Matrix, names: [String], assignment: [Int]? = nil, terms: [String]? = nil
  ) {
    precondition(matrix.columns == names.count, "a design needs a name for each column")
    self.matrix = matrix
    self.names = names
    let named = names.filter { $0 != "(Intercept)" }
    self.terms = terms ?? named
    var next = 0
    self.assignment =
      assignment
      ?? names.map { name in
        guard name != "(Intercept)" else { return -1 }
        defer { next += 1 }
        return next
      }
  }

  /// The number of rows.
  public var rows: Int { matrix.rows }
  /// The number of columns.
  public var columns: Int { matrix.columns }
  /// Whether the first column is the intercept.
  public var hasIntercept: Bool { assignment.first == -1 }

  /// The design without its intercept column, for models that have none (Cox) or bring their own.
  public func removingIntercept() -> DesignMatrix {
    guard hasIntercept else { return self }
    return selecting(columns: Array(1..<columns))
  }

  /// The design of the named columns.
  public func selecting(columns chosen: [Int]) -> DesignMatrix {
    DesignMatrix(
      matrix: matrix.selecting(columns: chosen), names: chosen.map { names[$0] },
      assignment: chosen.map { assignment[$0] }, terms: terms)
  }

  /// The design of the named rows.
  public func selecting(rows chosen: [Int]) -> DesignMatrix {
    DesignMatrix(
      matrix: matrix.selecting(rows: chosen), names: names, assignment: assignment, terms: terms)
  }
}
