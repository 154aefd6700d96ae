/// A linear programme of few rows and many bounded columns, solved by the dual simplex method.
///
/// Maximises Σ cⱼxⱼ subject to Ax + s = b with bounds on each xⱼ and slacks that are not negative,
/// or zero for equations. Since every column has two finite bounds, a basis whose slacks price out
/// stays dual feasible whatever the bounds become: columns go to the bound that their reduced cost
/// prefers. So a branch starts from the basis of any other. The inverse of the basis is dense and
/// small; rows of the matrix are contiguous, so that pricing is a few passes over it.
///
/// Koberstein, A. (2008), Progress in the dual simplex algorithm for solving large scale LP problems,
/// https://doi.org/10.1007/s10589-008-9207-4, for bound flipping and exact steepest-edge prices.
struct BoundedSimplex {
  /// How a solution ended.
  enum Outcome {
    case optimal
    case infeasible
    /// The optimum lies below the cutoff.
    case below
    /// More pivots were needed than allowed.
    case exhausted
  }

  let rows: Int
  private(set) var columns: Int
  /// Entry (i, j) stands at i · columns + j.
  private(set) var matrix: [Double]
  private(set) var costs: [Double]
  private(set) var lower: [Double]
  private(set) var upper: [Double]
  let isEquation: [Bool]
  /// b less what the columns outside the basis contribute.
  var residual: [Double]
  var rightSide: [Double]
  /// The value of the columns outside the basis.
  var outside = 0.0
  /// The variable of each place of the basis: a column, or columns + row for a slack.
  var head: [Int]
  /// The place of each variable in the basis, or where outside it stands.
  var place: [Int]
  /// The inverse of the basis, row by row.
  var inverse: [Double]
  /// The reduced costs of columns and slacks.
  var reduced: [Double]
  /// The values of the basis.
  var values: [Double]
  var pivotsSinceRefresh = 0

  static let atLower = -1
  static let atUpper = -2
  static let feasibility = 1e-9

  /// A programme with `matrix` row by row; every column starts at the bound that its cost prefers.
  init(
    matrix: [Double], costs: [Double], upper: [Double], rightSide: [Double], isEquation: [Bool]
  ) {
    rows = rightSide.count
    columns = costs.count
    self.matrix = matrix
    self.costs = costs
    lower = [Double](repeating: 0, count: columns)
    self.upper = upper
    self.isEquation = isEquation
    self.rightSide = rightSide
    residual = rightSide
    head = []
    place = [Int](repeating: Self.atLower, count: columns + rows)
    inverse = []
    reduced = []
    values = rightSide
    startFromSlacks()
    refresh()
  }

  /// The value of the present basis, an upper bound on that of every feasible point.
  var objective: Double {
    var sum = outside
    for row in 0..<rows where head[row] < columns { sum += costs[head[row]] * values[row] }
    return sum
  }

  /// About how many numbers a pivot passes over.
  var work: Int { (rows + 8) * columns + 4 * rows * rows }

  /// The value of a column in the present basis.
  func value(_ column: Int) -> Double {
    switch place[column] {
    case Self.atLower: lower[column]
    case Self.atUpper: upper[column]
    default: values[place[column]]
    }
  }

  /// Bounds a column anew; it moves with its bound when it is outside the basis.
  mutating func bound(_ column: Int, _ low: Double, _ high: Double) {
    guard place[column] < 0 else {
      lower[column] = low
      upper[column] = high
      return
    }
    let old = value(column)
    lower[column] = low
    upper[column] = high
    place[column] = reduced[column] > 0 ? Self.atUpper : Self.atLower
    shift(column, by: value(column) - old)
  }

  /// The multipliers of the rows, not negative but for equations.
  var multipliers: [Double] {
    (0..<rows).map { row in
      let price = -reduced[columns + row]
      return isEquation[row] ? price : max(0, price)
    }
  }

  /// The same basis with only the columns that are kept; the others stay where they are.
  ///
  /// Columns of the basis must be kept.
  func keeping(_ kept: [Int]) -> BoundedSimplex {
    var core = self
    var isKept = [Bool](repeating: false, count: columns)
    for column in kept { isKept[column] = true }
    for column in 0..<columns where !isKept[column] {
      let fixed = value(column)
      guard fixed != 0 else { continue }
      for row in 0..<rows { core.rightSide[row] -= matrix[row * columns + column] * fixed }
      core.constant += costs[column] * fixed
    }
    core.columns = kept.count
    core.matrix = []
    core.matrix.reserveCapacity(rows * kept.count)
    for row in 0..<rows {
      for column in kept { core.matrix.append(matrix[row * columns + column]) }
    }
    core.costs = kept.map { costs[$0] }
    core.lower = kept.map { lower[$0] }
    core.upper = kept.map { upper[$0] }
    core.place = kept.map { place[$0] } + place[columns...]
    core.reduced = kept.map { reduced[$0] } + reduced[columns...]
    for (new, column) in kept.enumerated() where place[column] >= 0 {
      core.head[place[column]] = new
    }
    for row in 0..<rows where head[row] >= columns {
      core.head[row] = kept.count + head[row] - columns
    }
    core.refresh()
    return core
  }

  /// What columns that are no longer kept contribute to the value.
  private(set) var constant = 0.0
}

extension BoundedSimplex {
  mutating func startFromSlacks() {
    head = (0..<rows).map { columns + $0 }
    for column in 0..<columns { place[column] = costs[column] > 0 ? Self.atUpper : Self.atLower }
    for row in 0..<rows { place[columns + row] = row }
  }

  /// Adds to the value of a column outside the basis.
  mutating func shift(_ column: Int, by change: Double) {
    guard change != 0 else { return }
    for row in 0..<rows { residual[row] -= matrix[row * columns + column] * change }
    outside += costs[column] * change
  }

  /// The range of a variable; slacks of equations have none.
  func range(_ variable: Int) -> Double {
    variable < columns
      ? upper[variable] - lower[variable] : isEquation[variable - columns] ? 0 : .infinity
  }

  /// Computes everything anew from the columns of the basis.
  mutating func refresh() {
    if !invert() {
      startFromSlacks()
      _ = invert()
    }
    var prices = [Double](repeating: 0, count: rows)
    for row in 0..<rows where head[row] < columns {
      let cost = costs[head[row]]
      for other in 0..<rows { prices[other] += cost * inverse[row * rows + other] }
    }
    // A slack may price out by rounding only.
    for row in 0..<rows where !isEquation[row] { prices[row] = max(0, prices[row]) }
    reduced = costs + prices.map { -$0 }
    reduced.withUnsafeMutableBufferPointer { reduced in
      matrix.withUnsafeBufferPointer { matrix in
        for row in 0..<rows where prices[row] != 0 {
          let (price, start) = (prices[row], row * columns)
          for column in 0..<columns { reduced[column] -= price * matrix[start + column] }
        }
      }
    }
    for variable in head { reduced[variable] = 0 }
    residual = rightSide
    outside = constant
    for column in 0..<columns where place[column] < 0 {
      place[column] = reduced[column] > 0 ? Self.atUpper : Self.atLower
      shift(column, by: value(column))
    }
    for row in 0..<rows where place[columns + row] < 0 { place[columns + row] = Self.atLower }
    computeValues()
    pivotsSinceRefresh = 0
  }

  /// The values of the basis from the residual.
  mutating func computeValues() {
    for row in 0..<rows {
      var sum = 0.0
      for other in 0..<rows { sum += inverse[row * rows + other] * residual[other] }
      values[row] = sum
    }
  }

  /// Inverts the basis by elimination with partial pivoting; false when it is singular.
  private mutating func invert() -> Bool {
    let width = 2 * rows
    var work = [Double](repeating: 0, count: rows * width)
    for position in 0..<rows {
      let variable = head[position]
      if variable < columns {
        for row in 0..<rows { work[row * width + position] = matrix[row * columns + variable] }
      } else {
        work[(variable - columns) * width + position] = 1
      }
      work[position * width + rows + position] = 1
    }
    for step in 0..<rows {
      var best = step
      for row in step..<rows
      where work[row * width + step].magnitude > work[best * width + step].magnitude {
        best = row
      }
      let pivot = work[best * width + step]
      guard pivot.magnitude > 1e-11 else { return false }
      if best != step {
        for column in 0..<width { work.swapAt(step * width + column, best * width + column) }
      }
      for column in step..<width { work[step * width + column] /= pivot }
      for row in 0..<rows where row != step {
        let factor = work[row * width + step]
        guard factor != 0 else { continue }
        for column in step..<width {
          work[row * width + column] -= factor * work[step * width + column]
        }
      }
    }
    inverse = []
    for row in 0..<rows { inverse += work[(row * width + rows)..<((row + 1) * width)] }
    return true
  }
}
