internal import LinearAlgebra
internal import Statistics

/// The unit and period effects of some rows of a panel, by weighted least squares.
///
/// Units are eliminated, so that the equations are as many as there are periods. Where the rows fall
/// into components that share neither unit nor period, each has its own level; only units and
/// periods of one component can be compared.
struct UntreatedEffects {
  /// Unit and period effects; zero where there are none.
  struct Effects {
    var unit: [Double]
    var period: [Double]
  }

  let units: Int
  let periods: Int
  /// The rows that determine the effects.
  let rows: [Int32]
  /// Components that share neither unit nor period.
  let components: Int
  /// Units and periods that have a row.
  let levels: Int
  /// The weight of each unit's and each period's rows.
  let unitTotals: [Double]

  private let unit: [Int32]
  private let period: [Int32]
  private let weights: [Double]?
  private let roots: [Int]
  private let grounded: [Bool]
  private let factor: Cholesky

  /// Prepares the equations of the rows marked, all of positive weight.
  ///
  /// - Throws: `internalError` should the equations have no factor.
  /// - Complexity: O(rows · periods) at most.
  init(_ panel: PanelDesign, isUsed: [Bool], weights: [Double]?) throws(SiblingError) {
    units = panel.units
    periods = panel.periods.count
    unit = panel.unit.codes
    period = panel.period
    self.weights = weights
    // By unit, so that each one's rows stand together.
    rows = Sorting.order(codes: unit, levels: units).filter { isUsed[Int($0)] }
    var totals = [Double](repeating: 0, count: units)
    var system = Matrix(rows: periods, columns: periods)
    var cell = [Double](repeating: 0, count: periods)
    var touched: [Int] = []
    for (place, row) in rows.enumerated() {
      let row = Int(row)
      let level = Int(period[row])
      let weight = weights?[row] ?? 1
      cell[level] = weight
      touched.append(level)
      totals[Int(unit[row])] += weight
      guard place + 1 == rows.count || unit[Int(rows[place + 1])] != unit[row] else { continue }
      let total = totals[Int(unit[row])]
      for i in touched {
        system[i, i] += cell[i]
        for j in touched { system[i, j] -= cell[i] * cell[j] / total }
      }
      touched.removeAll(keepingCapacity: true)
    }
    unitTotals = totals
    roots = Self.roots(unit, period, rows, units, periods)
    var hasRow = [Bool](repeating: false, count: units + periods)
    for row in rows {
      hasRow[Int(unit[Int(row)])] = true
      hasRow[units + Int(period[Int(row)])] = true
    }
    levels = hasRow.reduce(0) { $0 + ($1 ? 1 : 0) }
    var seen = [Bool](repeating: false, count: units + periods)
    var (grounded, components) = ([Bool](repeating: false, count: periods), 0)
    for level in 0..<periods {
      let root = roots[units + level]
      if hasRow[units + level] {
        if seen[root] { continue }
        components += 1
      }
      seen[root] = true
      grounded[level] = true
      for other in 0..<periods {
        system[level, other] = 0
        system[other, level] = 0
      }
      system[level, level] = 1
    }
    self.grounded = grounded
    self.components = components
    do { factor = try Cholesky(system) } catch {
      throw SiblingError(.internalError, "The equations of unit and period effects are singular.")
    }
  }

  /// Whether a unit and a period have rows in one component, so that their effects can be added.
  func identifies(unit: Int, period: Int) -> Bool {
    unitTotals[unit] > 0 && roots[unit] == roots[units + period]
  }

  /// The parameters that the effects stand for.
  var parameters: Int { levels - components }

  /// The solution for the periods' equations after elimination of units, one column a right side.
  func solve(_ right: Matrix) -> Matrix {
    var right = right
    for level in 0..<periods where grounded[level] {
      for column in 0..<right.columns { right[level, column] = 0 }
    }
    return factor.solve(right)
  }

  /// The effects that fit a column, which has an entry for each row of the panel.
  func fit(_ column: [Double]) -> Effects {
    var effects = Effects(
      unit: [Double](repeating: 0, count: units), period: [Double](repeating: 0, count: periods))
    // Fitted to what is left of it, until only rounding is left.
    for _ in 0..<3 {
      var sums = [Double](repeating: 0, count: units)
      for row in rows {
        sums[Int(unit[Int(row)])] += weighted(left(column, effects, Int(row)), row)
      }
      for level in sums.indices where unitTotals[level] > 0 { sums[level] /= unitTotals[level] }
      var right = Matrix(rows: periods, columns: 1)
      for row in rows {
        let own = left(column, effects, Int(row)) - sums[Int(unit[Int(row)])]
        right[Int(period[Int(row)]), 0] += weighted(own, row)
      }
      let step = solve(right).storage
      var shift = [Double](repeating: 0, count: units)
      for row in rows {
        shift[Int(unit[Int(row)])] += weighted(step[Int(period[Int(row)])], row)
      }
      for level in sums.indices where unitTotals[level] > 0 {
        effects.unit[level] += sums[level] - shift[level] / unitTotals[level]
      }
      for level in 0..<periods { effects.period[level] += step[level] }
    }
    return effects
  }

  @inline(__always)
  private func left(_ column: [Double], _ effects: Effects, _ row: Int) -> Double {
    column[row] - effects.unit[Int(unit[row])] - effects.period[Int(period[row])]
  }

  @inline(__always)
  private func weighted(_ value: Double, _ row: Int32) -> Double {
    guard let weights else { return value }
    return weights[Int(row)] * value
  }

  /// For each unit, then each period, the root of its component.
  private static func roots(
    _ unit: [Int32], _ period: [Int32], _ rows: [Int32], _ units: Int, _ periods: Int
  ) -> [Int] {
    var parent = Array(0..<(units + periods))
    func root(_ node: Int) -> Int {
      var node = node
      while parent[node] != node {
        parent[node] = parent[parent[node]]
        node = parent[node]
      }
      return node
    }
    for row in rows {
      let (left, right) = (root(Int(unit[Int(row)])), root(units + Int(period[Int(row)])))
      if left != right { parent[max(left, right)] = min(left, right) }
    }
    return parent.indices.map { root($0) }
  }
}
