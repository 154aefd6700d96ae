internal import LinearAlgebra

/// A sample's regression as few-cluster methods need it: effects nested in clusters removed, all
/// other effects as columns.
///
/// Effects nested in the clusters (units, when clusters are sites) leave with their cluster, so
/// removing them first changes no jackknife, no score and, without weights, no bias-reduced
/// covariance (Pustejovsky & Tipton 2018, doi 10.1080/07350015.2016.1247004, theorem 2, which holds
/// for ordinary least squares). Effects that cross clusters (periods) must be columns, because
/// leaving a cluster out changes them.
struct ClusterRegression: Sendable {
  /// The blocks of the regression.
  let blocks: ClusterBlocks
  /// Each row's cluster, of the rows used.
  let clusters: Factor
  /// The rows of the sample used; nil when all.
  let rows: [Int]?
  /// For each regressor its place among the kept columns; nil where it was dropped.
  let places: [Int?]
  /// A coefficient for each regressor; NaN where it was dropped.
  let coefficients: [Double]
  /// The parameters that small-sample factors count: effects nested in the clusters left out.
  let parameters: Int
  /// Rows used.
  let observations: Int
  /// Levels of absorbed effects that stand as columns.
  let dummies: Int

  /// Effects that cross clusters may have this many levels.
  static let mostDummies = 1000
  /// Numbers that their columns may hold.
  static let mostCells = 200_000_000

  /// What is regressed on what.
  struct Input {
    var design: Matrix
    var names: [String]
    var outcome: [Double]
    var clusters: Factor
    var absorbed: [Factor]
    var weights: [Double]?
    /// Whether effects nested in the clusters stand as columns too.
    var keepsNested = false
  }

  /// The regression of a sample.
  ///
  /// - Throws: what is wrong with the model; `rankDeficient` where the term is explained by others.
  init(_ sample: FewClusterSample, keepsNested: Bool = false) throws(SiblingError) {
    let hasEffects = !sample.absorbed.isEmpty
    let skipped = hasEffects && sample.design.hasIntercept ? 1 : 0
    let chosen = Array(skipped..<sample.design.columns)
    guard sample.term >= skipped else {
      throw SiblingError(
        .rankDeficient, "The intercept is absorbed by the effects, so it can't be tested.",
        help: "Ask about another term.", column: sample.design.names[sample.term])
    }
    try self.init(
      Input(
        design: skipped == 0
          ? sample.design.matrix : sample.design.matrix.selecting(columns: chosen),
        names: chosen.map { sample.design.names[$0] }, outcome: sample.outcome,
        clusters: sample.clusters, absorbed: sample.absorbed, weights: sample.weights,
        keepsNested: keepsNested))
  }

  init(_ input: Input) throws(SiblingError) {
    let selection = Self.used(input)
    let used = selection.map { Self.selecting($0, from: input) } ?? input
    rows = selection
    clusters = used.clusters
    observations = used.outcome.count
    guard clusters.levels.count > 1 else {
      throw SiblingError(
        .tooFewClusters, "There is only one cluster, so its standard error cannot be estimated.",
        help: "Cluster by a finer unit.")
    }
    let nested = used.absorbed.filter { Self.isNested($0, in: used.clusters) }
    let prepared = try Self.prepared(used, nested)
    let (kept, dummyCount) = (prepared.kept, prepared.dummies)
    guard !kept.isEmpty,
      let solution = LeastSquaresProblem(
        design: prepared.design, response: prepared.outcome, weights: used.weights
      ).solve(rankTolerance: 1e-7)
    else {
      throw SiblingError(
        .rankDeficient, "No term of the model varies within the absorbed effects.",
        help: "Absorb fewer columns.", column: used.names.first)
    }
    var places = [Int?](repeating: nil, count: used.names.count)
    var coefficients = [Double](repeating: .nan, count: used.names.count)
    let back = solution.basis.back.times(solution.coefficients)
    for (place, column) in solution.basis.columns.enumerated() where kept[column] >= dummyCount {
      places[kept[column] - dummyCount] = place
      coefficients[kept[column] - dummyCount] = back[place]
    }
    self.places = places
    self.coefficients = coefficients
    dummies = dummyCount
    let regressors = places.reduce(0) { $0 + ($1 == nil ? 0 : 1) }
    let absorbed = used.absorbed.isEmpty ? nil : try Absorption(used.absorbed)
    let all = regressors + (absorbed?.parameters ?? 0)
    guard observations > all else {
      throw SiblingError(
        .tooFewObservations,
        "The model has \(all) coefficients and effects but only \(observations) rows.",
        help: "Absorb fewer columns or use more rows.")
    }
    let left = nested.reduce(all) { $0 - ($1.levels.count - 1) }
    parameters = absorbed == nil ? all : max(left, regressors + 1)
    var scores = solution.residuals
    if let weights = used.weights { for row in scores.indices { scores[row] *= weights[row] } }
    blocks = ClusterBlocks(
      EstimatingEquations(
        design: prepared.design, basis: solution.basis, scores: scores,
        workingWeights: used.weights ?? [Double](repeating: 1, count: observations),
        factor: solution.factor, observations: observations, parameters: parameters,
        dispersion: 1, usesStudentT: true, weights: used.weights),
      clusters: clusters)
  }

  /// The place of a sample's term, which must not be explained by the others.
  ///
  /// - Throws: `rankDeficient` where it is.
  func place(of sample: FewClusterSample) throws(SiblingError) -> Int {
    let skipped = !sample.absorbed.isEmpty && sample.design.hasIntercept ? 1 : 0
    let column = sample.term - skipped
    guard places.indices.contains(column), let place = places[column] else {
      throw SiblingError(
        .rankDeficient, "The term is explained by earlier terms or by the absorbed effects.",
        help: "Leave out what explains it, or ask about another term.",
        column: sample.design.names[sample.term])
    }
    return place
  }
}

extension ClusterRegression {
  /// The columns that take part, effects that cross clusters first, and the outcome.
  private struct Prepared {
    var design: Matrix
    var outcome: [Double]
    /// Each column's place among effects and regressors.
    var kept: [Int]
    var dummies: Int
  }

  private static func prepared(
    _ input: Input, _ nested: [Factor]
  ) throws(SiblingError) -> Prepared {
    guard !input.absorbed.isEmpty else {
      return Prepared(
        design: input.design, outcome: input.outcome, kept: Array(0..<input.design.columns),
        dummies: 0)
    }
    let swept = !nested.isEmpty && !input.keepsNested
    var effects = input.absorbed
    if !input.keepsNested { effects = effects.filter { !isNested($0, in: input.clusters) } }
    var columns = effects.isEmpty ? [] : try dummyColumns(effects, withIntercept: !swept)
    let dummies = columns.count
    columns += (0..<input.design.columns).map { input.design.column($0) }
    var outcome = input.outcome
    var kept = Array(columns.indices)
    if swept {
      let absorption = try Absorption(nested, weights: input.weights)
      let residuals = try absorption.residuals(of: columns + [outcome])
      columns = residuals.columns
      outcome = columns.removeLast()
      kept = kept.filter { absorption.norm(columns[$0]) > 1e-9 * residuals.lengths[$0] }
    }
    let design = Matrix(
      rows: outcome.count, columns: kept.count, storage: kept.flatMap { columns[$0] })
    return Prepared(design: design, outcome: outcome, kept: kept, dummies: dummies)
  }

  /// Rows not alone in a level of an absorbed effect; nil when all are used.
  private static func used(_ input: Input) -> [Int]? {
    guard !input.absorbed.isEmpty else { return nil }
    let n = input.outcome.count
    var isUsed = [Bool](repeating: true, count: n)
    var counts = input.absorbed.map { factor in
      var counts = [Int](repeating: 0, count: factor.levels.count)
      for code in factor.codes { counts[Int(code)] += 1 }
      return counts
    }
    var changed = counts.contains { $0.contains(1) }
    guard changed else { return nil }
    while changed {
      changed = false
      for row in 0..<n where isUsed[row] {
        let alone = input.absorbed.indices.contains {
          counts[$0][Int(input.absorbed[$0].codes[row])] == 1
        }
        guard alone else { continue }
        isUsed[row] = false
        changed = true
        for index in input.absorbed.indices {
          counts[index][Int(input.absorbed[index].codes[row])] -= 1
        }
      }
    }
    return (0..<n).filter { isUsed[$0] }
  }

  private static func selecting(_ rows: [Int], from input: Input) -> Input {
    var result = input
    result.design = input.design.selecting(rows: rows)
    result.outcome = rows.map { input.outcome[$0] }
    result.clusters = input.clusters.selecting(rows).droppingUnusedLevels()
    result.absorbed = input.absorbed.map { $0.selecting(rows).droppingUnusedLevels() }
    result.weights = input.weights.map { weights in rows.map { weights[$0] } }
    return result
  }

  /// Whether each level of a factor lies within one cluster.
  static func isNested(_ factor: Factor, in clusters: Factor) -> Bool {
    var home = [Int32](repeating: -1, count: factor.levels.count)
    for row in factor.codes.indices {
      let level = Int(factor.codes[row])
      if home[level] < 0 {
        home[level] = clusters.codes[row]
      } else if home[level] != clusters.codes[row] {
        return false
      }
    }
    return true
  }

  /// An indicator for each level but the first of each factor, after an intercept if wanted.
  private static func dummyColumns(
    _ factors: [Factor], withIntercept: Bool
  ) throws(SiblingError) -> [[Double]] {
    let n = factors.first?.count ?? 0
    let count = factors.reduce(0) { $0 + $1.levels.count - 1 }
    guard count <= mostDummies, count * n <= mostCells else {
      throw SiblingError(
        .invalidOption,
        "The absorbed effects need \(count) columns here, which is too many.",
        help: "Absorb fewer effects that cross the clusters, or use CR1.")
    }
    var columns: [[Double]] = []
    if withIntercept { columns.append([Double](repeating: 1, count: n)) }
    for factor in factors {
      for level in factor.levels.indices.dropFirst() {
        let code = Int32(truncatingIfNeeded: level)
        columns.append(factor.codes.map { $0 == code ? 1 : 0 })
      }
    }
    return columns
  }
}
