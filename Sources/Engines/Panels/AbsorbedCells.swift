internal import LinearAlgebra
internal import Statistics
internal import Tables

/// Sums of a regression's columns by cell of its absorbed effects and its clusters.
///
/// Rows of one cell share their effects, so that what effects take from columns depends on the cells' means
/// alone. Columns are about their overall means.
struct AbsorbedCells {
  /// The regressors, without intercept.
  let names: [String]
  /// How many rows each cell has.
  private(set) var rows: [Int]
  /// Each cell's Σw.
  private(set) var weights: [Double]
  /// For each regressor and, last, the outcome: its weighted mean in each cell.
  private(set) var means: [[Double]]
  /// Each cell's Σw(z − z̄)(z − z̄)′ of regressors and outcome.
  private(set) var deviations: [Matrix]
  /// Each column's length about its overall mean.
  private(set) var lengths: [Double] = []
  /// For each absorbed effect the level of each cell.
  private(set) var effects: [Factor]
  /// For each column of clusters the cluster of each cell.
  private(set) var clusters: [Factor]
  /// Rows left out because they were alone in a level.
  private(set) var singletons = 0

  private let frame: EngineFrame
  private let layers: [[NamedExpression]]
  private let keys: [GroupKey]
  /// Which of the engine's cells are used.
  private var kept: [Int]

  init(_ frame: EngineFrame) throws(SiblingError) {
    var data = frame.data
    if let weights = frame.weights {
      let negative = try data.aggregate(
        also: .comparison(.less, weights, .constant(0)), sums: [NamedExpression("w", weights)])
      guard negative.rowCount == 0 else {
        throw SiblingError(
          .badWeight, "A weight is negative, missing or not finite.",
          help: "Weights must be zero or positive numbers.")
      }
      data.restrict(to: .comparison(.greater, weights, .constant(0)))
    }
    guard var response = frame.response else {
      throw SiblingError(
        .formulaSyntax, "the formula needs an outcome on its left side",
        help: "for example y ~ a + b")
    }
    if let offset = frame.formula.offset { response = response - offset }
    let design = frame.design.removingIntercept()
    names = design.names
    let columns = design.columns + [response]
    let w = frame.weights ?? .constant(1)
    data.progress?("absorbed effects: means")
    let totals = try data.aggregate(
      sums: [NamedExpression("w", w)]
        + columns.enumerated().map { NamedExpression("z\($0)", w * $1) })
    let weight = totals.sums[0][0]
    let centers = totals.sums.dropFirst().map { $0[0] / weight }
    let raw = columns.enumerated().map { NamedExpression("raw\($0)", $1) }
    layers = [
      raw + [NamedExpression("w", w)],
      centers.enumerated().map {
        NamedExpression("z\($0)", .name("raw\($0)") - .constant($1))
      },
    ]
    let own = frame.clusters.filter { cluster in
      !frame.absorbed.contains { $0.factor == cluster.factor }
    }
    keys = frame.absorbed.map(\.key) + own.map(\.key)
    let z = columns.indices.map { RowExpression.name("z\($0)") }
    let cross = CrossProduct(z)
    data.progress?("absorbed effects: sums by cell")
    let cells = try data.aggregate(
      layers: layers, keys: keys,
      sums: [NamedExpression("weight", .name("w"))]
        + z.enumerated().map { NamedExpression("sum\($0)", .name("w") * $1) }
        + cross.sums(weight: .name("w")))
    var place: [Int] = []
    for cluster in frame.clusters {
      if let absorbed = frame.absorbed.firstIndex(where: { $0.factor == cluster.factor }) {
        place.append(absorbed)
      } else {
        let index = own.firstIndex { $0.factor == cluster.factor } ?? 0
        place.append(frame.absorbed.count + index)
      }
    }
    self.frame = frame
    rows = cells.counts
    weights = cells.sums[0]
    let (count, values) = (columns.count, cells.sums)
    means = columns.indices.map { j in
      cells.counts.indices.map { values[1 + j][$0] / values[0][$0] }
    }
    let first = 1 + count
    var squares = [Double](repeating: 0, count: count)
    deviations = []
    for cell in 0..<cells.count {
      var matrix = cross.matrix(values[first...].map { $0[cell] })
      for j in 0..<count {
        squares[j] += matrix[j, j]
        for i in 0..<count { matrix[i, j] -= weights[cell] * means[i][cell] * means[j][cell] }
      }
      deviations.append(matrix)
    }
    lengths = squares.map { $0.squareRoot() }
    effects = frame.absorbed.indices.map { cells.factor($0) }
    clusters = place.map { cells.factor($0) }
    kept = Array(0..<cells.count)
    try leaveOutSingletons()
  }

  /// Leaves out rows that are alone in a level, again and again.
  private mutating func leaveOutSingletons() throws(SiblingError) {
    var used = Set(rows.indices)
    var changed = true
    while changed {
      changed = false
      for factor in effects {
        var counts = [Int](repeating: 0, count: factor.levels.count)
        for cell in used { counts[Int(factor.codes[cell])] += rows[cell] }
        for cell in used where counts[Int(factor.codes[cell])] == 1 {
          used.remove(cell)
          singletons += 1
          changed = true
        }
      }
    }
    guard !used.isEmpty else {
      throw SiblingError(
        .tooFewObservations, "Every row is alone in an absorbed group.",
        help: "Absorb coarser groups.")
    }
    guard used.count < rows.count else { return }
    let order = used.sorted()
    kept = order
    rows = order.map { rows[$0] }
    weights = order.map { weights[$0] }
    means = means.map { column in order.map { column[$0] } }
    deviations = order.map { deviations[$0] }
    effects = effects.map { $0.selecting(order).droppingUnusedLevels() }
    clusters = clusters.map { $0.selecting(order).droppingUnusedLevels() }
  }

  /// For each cell Σw²qᵈ, Σw²qᵈx and Σw²qᵈxx′ for d = 0, 1 and 2, where q is a combination of regressors and
  /// outcome: one scan, for the heteroskedastic covariance.
  ///
  /// - Returns: three matrices a cell, over 1 and the regressors in `columns`.
  func fourthMoments(
    _ combination: [Double], _ columns: [Int]
  ) throws(SiblingError) -> [[Matrix]] {
    let q = RowExpression.sum(
      combination.enumerated().map { .constant($1) * .name("z\($0)") })
    let powers: [[NamedExpression]] = [
      [NamedExpression("q", q), NamedExpression("ww", .name("w") * .name("w"))],
      [NamedExpression("q1", .name("ww") * .name("q"))],
      [NamedExpression("q2", .name("q1") * .name("q"))],
    ]
    let basis = [RowExpression.constant(1)] + columns.map { .name("z\($0)") }
    let products = ["ww", "q1", "q2"].map { CrossProduct(basis, prefix: $0) }
    var data = frame.data
    if let weights = frame.weights {
      data.restrict(to: .comparison(.greater, weights, .constant(0)))
    }
    data.progress?("absorbed effects: squared residuals by cell")
    let cells = try data.aggregate(
      layers: layers + powers, keys: keys,
      sums: products.flatMap { $0.sums(weight: .name($0.prefix)) })
    return kept.map { cell in
      products.indices.map { d in
        let range = (d * products[d].count)..<((d + 1) * products[d].count)
        return products[d].matrix(range.map { cells.sums[$0][cell] })
      }
    }
  }
}
