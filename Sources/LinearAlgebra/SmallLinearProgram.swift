/// A small dense linear program over {x ≥ 0, Ex = f}, solved for one objective after another.
///
/// The tableau stays at the last optimal vertex, so that objectives that change little cost few
/// pivots. Largest-coefficient pivoting, by Bland's rule once it stalls; the tableau is made anew
/// from the equations every hundred pivots.
/// - Complexity: O(mn) a pivot for m equations in n unknowns; meant for tens of each.
public struct SmallLinearProgram: Sendable {
  private let equations: Int
  private let unknowns: Int
  /// The equations, row by row, the right side last in each row.
  private let original: [Double]
  private var tableau: [Double]
  private var basis: [Int]
  private var pivotsSinceRefresh = 0

  private static let tolerance = 1e-11

  /// The feasible set {x ≥ 0, Ex = f}; nil where it is empty.
  ///
  /// Redundant equations are dropped.
  public init?(equations matrix: Matrix, right: [Double]) {
    precondition(matrix.rows == right.count, "an equation needs a right side")
    let m = matrix.rows
    let n = matrix.columns
    // The first phase: an artificial unknown for each equation, driven out.
    let width = n + m + 1
    var rows = [Double](repeating: 0, count: m * width)
    for i in 0..<m {
      let sign: Double = right[i] < 0 ? -1 : 1
      for j in 0..<n { rows[i * width + j] = sign * matrix[i, j] }
      rows[i * width + n + i] = 1
      rows[i * width + width - 1] = sign * right[i]
    }
    var first = SmallLinearProgram(
      equations: m, unknowns: n + m, tableau: rows, basis: (0..<m).map { n + $0 })
    let cost = (0..<(n + m)).map { $0 < n ? 0.0 : -1.0 }
    guard let start = first.maximize(cost) else { return nil }
    let scale = right.reduce(1) { max($0, $1.magnitude) }
    guard start[n...].allSatisfy({ $0 <= 1e-9 * scale }) else { return nil }
    var kept: [Int] = []
    for i in 0..<m {
      if first.basis[i] >= n {
        // An artificial unknown left at zero: swapped for a real one, or its equation is redundant.
        let row = first.tableau[(i * width)..<(i * width + n)]
        guard let best = row.indices.max(by: { row[$0].magnitude < row[$1].magnitude }),
          row[best].magnitude > 1e-9
        else { continue }
        first.pivot(row: i, column: best - i * width)
      }
      kept.append(i)
    }
    var reduced: [Double] = []
    for i in kept {
      reduced += first.tableau[(i * width)..<(i * width + n)]
      reduced.append(first.tableau[i * width + width - 1])
    }
    self.init(
      equations: kept.count, unknowns: n, tableau: reduced, basis: kept.map { first.basis[$0] })
  }

  private init(equations: Int, unknowns: Int, tableau: [Double], basis: [Int]) {
    self.equations = equations
    self.unknowns = unknowns
    original = tableau
    self.tableau = tableau
    self.basis = basis
  }

  /// A vertex at which c′x is greatest; nil where c′x has no bound.
  public mutating func maximize(_ cost: [Double]) -> [Double]? {
    precondition(cost.count == unknowns, "an objective needs a coefficient for each unknown")
    let width = unknowns + 1
    let threshold = Self.tolerance * max(cost.reduce(0) { max($0, $1.magnitude) }, 1e-300)
    var stalled = 0
    while true {
      if pivotsSinceRefresh > 100 { refresh() }
      let bland = stalled > 2 * (equations + unknowns)
      guard let entering = entering(cost, threshold, bland) else { break }
      var leaving: Int?
      var least = Double.infinity
      for i in 0..<equations where tableau[i * width + entering] > 1e-10 {
        let ratio = max(0, tableau[i * width + unknowns]) / tableau[i * width + entering]
        if ratio < least || (ratio == least && leaving.map { basis[i] < basis[$0] } ?? true) {
          least = ratio
          leaving = i
        }
      }
      guard let leaving else { return nil }
      // A step of no length may cycle under the largest coefficient, never under Bland's rule.
      stalled = least > 0 && !bland ? 0 : stalled + 1
      // Rounding alone can keep tiny reduced costs alive; what is left then is below tolerance.
      if stalled > 20 * (equations + unknowns) { break }
      pivot(row: leaving, column: entering)
    }
    var x = [Double](repeating: 0, count: unknowns)
    for i in 0..<equations { x[basis[i]] = max(0, tableau[i * width + unknowns]) }
    return x
  }

  private func entering(_ cost: [Double], _ threshold: Double, _ bland: Bool) -> Int? {
    let width = unknowns + 1
    var reduced = cost
    tableau.withUnsafeBufferPointer { t in
      reduced.withUnsafeMutableBufferPointer { r in
        for i in 0..<equations {
          let weight = cost[basis[i]]
          if weight == 0 { continue }
          for j in 0..<unknowns { r[j] -= weight * t[i * width + j] }
        }
      }
    }
    for i in 0..<equations { reduced[basis[i]] = 0 }
    if bland { return reduced.firstIndex { $0 > threshold } }
    var best = threshold
    var chosen: Int?
    for j in 0..<unknowns where reduced[j] > best {
      best = reduced[j]
      chosen = j
    }
    return chosen
  }

  private mutating func pivot(row: Int, column: Int) {
    let width = tableau.count / max(equations, 1)
    tableau.withUnsafeMutableBufferPointer { t in
      let factor = 1 / t[row * width + column]
      for j in 0..<width { t[row * width + j] *= factor }
      t[row * width + column] = 1
      for i in 0..<equations where i != row {
        let multiple = t[i * width + column]
        if multiple == 0 { continue }
        for j in 0..<width { t[i * width + j] -= multiple * t[row * width + j] }
        t[i * width + column] = 0
      }
    }
    basis[row] = column
    pivotsSinceRefresh += 1
  }

  /// Makes the tableau of the basis anew from the equations, so that rounding does not pile up.
  private mutating func refresh() {
    let width = unknowns + 1
    let wanted = basis
    tableau = original
    var free = Set(0..<equations)
    for column in wanted {
      let row = free.sorted().max {
        tableau[$0 * width + column].magnitude < tableau[$1 * width + column].magnitude
      }
      guard let row else { break }
      pivot(row: row, column: column)
      free.remove(row)
    }
    pivotsSinceRefresh = 0
  }
}
