internal import LinearAlgebra
internal import Statistics
internal import Tables

/// The distinct rows of a design with the weight and the outcome that each stands for, when they are few.
///
/// A binomial or Poisson likelihood depends on the rows of a pattern only through Σw and Σwy, so that a model
/// of categories is one aggregate and a fit in memory.
struct PatternTable {
  let cells: Cells
  /// The columns that are keys.
  let columns: [Int]
  let hasOffset: Bool

  /// The most patterns that are grouped.
  static let most = 50_000
  /// Where rows are many, patterns are counted on one in so many of them.
  private static let share = 256.0

  /// The patterns; nil where they are many, or where too few people could stand behind one.
  ///
  /// Patterns are counted first on a sample of patterns, not of rows: those whose columns' sum with irrational
  /// multipliers falls in a small interval modulo 1. That costs one pass and a few hundred cells.
  /// - Throws: the engine's failures.
  static func make(
    _ prepared: PreparedDesign, _ family: Family
  ) throws(SiblingError) -> PatternTable? {
    guard family != .gaussian, prepared.rows.minimumCell == nil else { return nil }
    let rows = prepared.moments.rows
    let columns = prepared.basis.names.indices.filter {
      !prepared.basis.isIntercept($0) && prepared.basis.scale[$0] > 0
    }
    let limit = min(Double(most), Double(rows) / 4)
    var keys = columns.map { GroupKey("k\($0)", .number(prepared.plain[$0])) }
    if let offset = prepared.offset { keys.append(GroupKey("o", .number(offset))) }
    guard !keys.isEmpty else { return nil }
    if rows > 20_000 {
      prepared.rows.progress?("counting distinct rows of the design")
      let sample = try prepared.rows.aggregate(
        also: chosen(keys), keys: keys)
      if Double(sample.count) * share > limit { return nil }
    }
    let weight = prepared.weights ?? .constant(1)
    let cells = try prepared.rows.aggregate(
      keys: keys,
      sums: [
        NamedExpression("w", weight), NamedExpression("wy", weight * prepared.response),
      ])
    guard Double(cells.count) <= limit else { return nil }
    return PatternTable(cells: cells, columns: columns, hasOffset: prepared.offset != nil)
  }

  /// Whether a row's pattern is in the sample.
  private static func chosen(_ keys: [GroupKey]) -> RowExpression {
    var terms: [RowExpression] = []
    for (index, key) in keys.enumerated() {
      guard case .number(let value) = key.value else { continue }
      // Multiples of the golden section are as far from rational as can be.
      let multiplier = 97.0 * (1 + Double(index + 1) * 0.618_033_988_749_894_9)
      terms.append(.constant(multiplier) * value)
    }
    let hash = RowExpression.sum(terms)
    return .comparison(.less, hash - .function(.floor, hash), .constant(1 / share))
  }

  /// The regression on the patterns; nil where their means do not vary.
  ///
  /// - Throws: what the regression in memory finds wrong.
  func fit(
    _ prepared: PreparedDesign, _ model: ModelMean
  ) throws(SiblingError) -> EngineRegressionFit? {
    let weights = cells.sums[0]
    let means = zip(cells.sums[1], weights).map { sum, weight -> Double in
      guard weight > 0 else { return 0 }
      let mean = sum / weight
      guard model.family == .binomial else { return max(0, mean) }
      // Sums that should be equal may differ in the last digit.
      return mean < 1e-14 ? 0 : mean > 1 - 1e-14 ? 1 : mean
    }
    let positive = zip(means, weights).filter { $0.1 > 0 }.map(\.0)
    guard let first = positive.first, positive.contains(where: { $0 != first }) else { return nil }
    let names = prepared.basis.names
    let columns = names.indices.map { j -> [Double] in
      if prepared.basis.isIntercept(j) { return [Double](repeating: 1, count: cells.count) }
      guard let place = self.columns.firstIndex(of: j) else {
        return [Double](repeating: 0, count: cells.count)
      }
      return cells.numbers(place)
    }
    let design = DesignMatrix(
      matrix: Matrix(columns: columns), names: names,
      assignment: names.indices.map { prepared.basis.isIntercept($0) ? -1 : 0 }, terms: ["model"])
    prepared.rows.progress?("fitting on \(cells.count) distinct rows of the design")
    let fit = try GeneralizedLinearModel(family: model.family, link: model.link).fit(
      design, response: means, weights: weights,
      offset: hasOffset ? cells.numbers(self.columns.count) : nil)
    return EngineRegressionFit(
      prepared: prepared, model: model, kept: fit.keptColumns,
      standardised: fit.keptColumns.map { fit.coefficients[$0] }, bread: fit.unscaledCovariance,
      dispersion: 1, iterations: fit.iterations)
  }
}
