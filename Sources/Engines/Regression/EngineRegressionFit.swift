public import LinearAlgebra
public import Statistics
internal import Tables

/// A regression fitted from sums.
public struct EngineRegressionFit {
  /// The rows that it was fitted on, for further passes.
  public let prepared: PreparedDesign
  /// The mean as expressions of the linear predictor.
  public let model: ModelMean
  /// The columns that take part, ascending.
  public let keptColumns: [Int]
  /// The coefficients of the standardised columns that take part.
  public let standardised: [Double]
  /// The inverse information of the standardised columns that take part.
  public let bread: Matrix
  /// The residual variance of normal regressions, else 1.
  public let dispersion: Double
  /// Newton steps taken.
  public let iterations: Int

  init(
    prepared: PreparedDesign, model: ModelMean, kept: [Int], standardised: [Double], bread: Matrix,
    dispersion: Double, iterations: Int
  ) {
    self.prepared = prepared
    self.model = model
    keptColumns = kept
    self.standardised = standardised
    self.bread = bread
    self.dispersion = dispersion
    self.iterations = iterations
  }

  /// The names of all columns.
  public var names: [String] { prepared.basis.names }

  /// A coefficient for each column as given; NaN for dropped ones.
  public var coefficients: [Double] {
    var all = [Double](repeating: .nan, count: names.count)
    let given = prepared.basis.back(keptColumns).times(standardised)
    for (place, column) in keptColumns.enumerated() { all[column] = given[place] }
    if prepared.shift != 0, keptColumns.first == 0 { all[0] += prepared.shift }
    return all
  }

  /// The names of columns that are combinations of earlier ones.
  public var dropped: [String] {
    let kept = Set(keptColumns)
    return names.indices.filter { !kept.contains($0) }.map { names[$0] }
  }

  /// Rows with positive weight.
  public var observations: Int { prepared.moments.observations }

  /// Observations less columns kept.
  public var residualDegreesOfFreedom: Int { observations - keptColumns.count }

  /// Things that the reader must know.
  public var notes: [String] {
    guard !dropped.isEmpty else { return [] }
    let list = dropped.map { "`\($0)`" }.joined(separator: ", ")
    return [
      dropped.count == 1
        ? "\(list) is a combination of earlier terms and was left out."
        : "\(list) are combinations of earlier terms and were left out."
    ]
  }

  /// The coefficients' objective, for scores at the solution.
  var sums: ModelSums { ModelSums(prepared: prepared, model: model, kept: keptColumns) }

  /// Forgets the temporary table of the fit.
  public func release() { prepared.release() }
}

/// How an engine's regression estimates its covariance.
public enum EngineCovariance: Sendable, Equatable {
  /// Dispersion times the inverse information.
  case classical
  /// White's, without (HC0) or with (HC1) the factor n/(n − k).
  case heteroskedastic(HeteroskedasticType)
  /// By the frame's clusters, one factor or two (CR0, CR1).
  case cluster(ClusterType)
}

extension EngineRegressionFit {
  /// The kept coefficients with standard errors, tests and intervals.
  ///
  /// Robust covariances take one more pass, clustered ones two for each factor and their crossing; cluster
  /// sums stay in the engine.
  /// - Throws: `tooFewClusters` for a single cluster; `invalidOption` for kinds that need rows.
  public func estimates(
    covariance kind: EngineCovariance = .classical, level: Double = 0.95
  ) throws(SiblingError) -> EstimateTable {
    let (matrix, name, clusters) = try covariance(kind)
    let given = prepared.basis.back(matrix, keptColumns)
    var degrees: Double?
    if model.family == .gaussian {
      degrees = Double(clusters.map { $0 - 1 } ?? residualDegreesOfFreedom)
    }
    let convention = "\(name), " + (degrees.map { "t(\(Int($0)))" } ?? "z")
    let variances = given.diagonal
    let values = coefficients
    let rows = keptColumns.enumerated().map { place, column -> Estimate in
      let error = variances[place] < 0 ? nil : variances[place].squareRoot()
      let isFinite = error?.isFinite ?? false
      return Estimate(
        term: names[column], estimate: values[column], standardError: isFinite ? error : nil,
        degreesOfFreedom: isFinite ? degrees : nil, level: level, convention: convention)
    }
    var notes = self.notes
    if variances.contains(where: { $0 < 0 }) {
      notes.append(
        "The two-way covariance has a negative variance; that standard error is not given.")
    }
    return EstimateTable(rows: rows, observations: observations, clusters: clusters, notes: notes)
  }

  /// The covariance of the standardised coefficients, what it is called, and the clusters.
  private func covariance(
    _ kind: EngineCovariance
  ) throws(SiblingError) -> (Matrix, String, Int?) {
    let n = Double(observations)
    switch kind {
    case .classical: return (bread.scaled(by: dispersion), "classical", nil)
    case .heteroskedastic(let type):
      guard type == .hc0 || type == .hc1 else { throw Self.needsRows(type.rawValue) }
      prepared.rows.progress?("summing squared scores")
      let design = sums.designSums
      let cells = try prepared.rows.aggregate(
        layers: sums.layers(standardised), keys: design.keys,
        sums: design.squares(.name("u") * .name("u")))
      let meat = try design.product(cells, Array(0..<cells.count), from: 0)
      let factor = type == .hc1 ? n / Double(residualDegreesOfFreedom) : 1
      return (bread * meat.scaled(by: factor) * bread, type.rawValue, nil)
    case .cluster(let type):
      guard type == .cr0 || type == .cr1 else { throw Self.needsRows(type.rawValue) }
      return try clustered(type)
    }
  }

  private static func needsRows(_ name: String) -> SiblingError {
    SiblingError(
      .invalidOption, "\(name) needs every row in memory",
      help: "choose classical, HC0, HC1, CR0 or CR1, or work in memory")
  }

  private func clustered(_ type: ClusterType) throws(SiblingError) -> (Matrix, String, Int?) {
    let keys = prepared.clusters
    guard (1...2).contains(keys.count) else {
      throw SiblingError(
        .invalidOption, "Standard errors can be clustered by one or two columns.",
        help: "Name one or two cluster columns.")
    }
    var parts: [(meat: Matrix, count: Int)] = []
    for key in keys { parts.append(try clusterMeat([key])) }
    let counts = parts.map(\.count)
    guard let smallest = counts.min(), smallest > 1 else {
      throw SiblingError(
        .tooFewClusters, "There is only one cluster, so its standard error cannot be estimated.",
        help: "Cluster by a finer unit, or use HC standard errors and say so.")
    }
    let factor = type == .cr1 ? Double(smallest) / Double(smallest - 1) : 1
    var meat = Matrix(rows: keptColumns.count, columns: keptColumns.count)
    for part in parts { meat = meat + part.meat.scaled(by: factor) }
    if keys.count == 2 { meat = meat - (try clusterMeat(keys)).meat.scaled(by: factor) }
    if type == .cr1 {
      let n = Double(observations)
      meat = meat.scaled(by: (n - 1) / Double(residualDegreesOfFreedom))
    }
    var name = type.rawValue
    if keys.count == 1 {
      name += ", G=\(counts[0])"
    } else {
      name += " two-way, G=\(counts[0]) and \(counts[1])"
      if type == .cr1 { name += ", smallest G" }
    }
    return (bread * meat * bread, name, smallest)
  }

  /// Σ over clusters of s s′, with s a cluster's sum of scores; the sums stay in the engine.
  private func clusterMeat(_ keys: [GroupKey]) throws(SiblingError) -> (meat: Matrix, count: Int) {
    let rows = prepared.rows
    rows.progress?("summing scores by \(keys.map(\.name).joined(separator: " and "))")
    let scores = sums.columns.enumerated().map { place, column in
      NamedExpression("s\(place)", .name("u") * column)
    }
    let name = (prepared.temporary ?? "model") + "_clusters"
    let engine = rows.engine
    try engine.createTemporary(
      name,
      .cells(
        AggregateQuery(
          rows.source, keep: rows.all(rows.keep, prepared.counted),
          layers: sums.layers(standardised), keys: keys, sums: scores)))
    defer { engine.dropTemporary(name) }
    let cross = CrossProduct(scores.map { .column($0.name) })
    let cells = try engine.aggregate(AggregateQuery(.temporary(name), sums: cross.sums()))
    return (cross.matrix(cells.sums.map { $0.first ?? 0 }), cells.rowCount)
  }
}
