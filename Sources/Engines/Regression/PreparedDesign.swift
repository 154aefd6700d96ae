public import Statistics
public import Tables

/// The rows of a model made ready for many passes: columns centred and scaled, and where an engine would read
/// and cast its source again for each step, kept in a temporary table of doubles.
///
/// Centring costs no digits and makes cross products well conditioned; the algebra goes back to the columns as
/// given at the end (``DesignBasis``).
public struct PreparedDesign {
  /// The rows: the frame's own, or a temporary table.
  public let rows: EngineData
  /// Layers that a query over the rows begins with.
  public let layers: [[NamedExpression]]
  /// The standardised columns, once ``layers`` are computed.
  public let columns: [RowExpression]
  /// The standardised columns without layers, for conditions.
  let plain: [RowExpression]
  /// The outcome, less ``shift``.
  public let response: RowExpression
  /// What was taken from the outcome of a normal regression: its mean, which the intercept bears.
  public let shift: Double
  /// The weight of a row; nil where all count alike.
  public let weights: RowExpression?
  /// What is added to the linear predictor.
  public let offset: RowExpression?
  /// The clusters, as keys of the rows.
  public let clusters: [GroupKey]
  /// Names, centres and scales of the columns.
  public let basis: DesignBasis
  /// Sums of the rows as given.
  public let moments: Moments
  /// The temporary table, if there is one.
  let temporary: String?
  /// The code that tells most columns, if there is one, and its value in a row.
  let coding: DesignCoding?
  let code: RowExpression

  /// What one pass over the rows says of them.
  public struct Moments: Sendable {
    /// The rows.
    public var rows = 0
    /// Rows with positive weight.
    public var observations = 0
    /// Their total weight.
    public var totalWeight = 0.0
    /// The weighted mean of the outcome.
    public var mean = 0.0
    /// The weighted variance of the outcome, as far as its sums tell.
    var variance = 0.0
  }

  /// Prepares the rows of a frame: one pass, and one more for the temporary table.
  ///
  /// `name` names that table on the connection. `isKept` decides whether there is one; nil leaves it to the
  /// engine: memory has its columns at hand.
  /// - Throws: `badValue` for outcomes that `family` can't have, `badWeight`, `constantOutcome`, `missingValue`
  ///   for numbers that are none; the engine's failures.
  public init(
    _ frame: EngineFrame, response: RowExpression, family: Family = .gaussian,
    offset: RowExpression? = nil, name: String, isKept: Bool? = nil
  ) throws(SiblingError) {
    frame.data.progress?("measuring \(frame.design.columns.count) columns")
    let pass = MomentPass(frame, response: response, offset: offset, family: family)
    let (moments, basis) = try pass.run()
    self.moments = moments
    self.basis = basis
    shift = family == .gaussian && basis.hasIntercept ? moments.mean : 0
    let response = shift == 0 ? response : response - .constant(shift)
    let plain = frame.design.columns.indices.map { j in
      basis.standardised(frame.design.columns[j], j)
    }
    // Cells by code may be few people's.
    coding = frame.data.minimumCell == nil ? DesignCoding(plain, rows: moments.rows) : nil
    guard isKept ?? (frame.data.engine.kind != .memory) else {
      rows = frame.data
      layers = [
        plain.indices.map { NamedExpression("x\($0)", plain[$0]) }
          + (coding.map { [NamedExpression("code", $0.code)] } ?? [])
      ]
      code = .name("code")
      columns = plain.indices.map { basis.isIntercept($0) ? .constant(1) : .name("x\($0)") }
      self.plain = plain
      self.response = response
      weights = frame.weights
      self.offset = offset
      clusters = frame.clusters.map(\.key)
      temporary = nil
      return
    }
    frame.data.progress?("keeping the model's columns")
    var kept: [GroupKey] = []
    for (j, column) in plain.enumerated() where !basis.isIntercept(j) {
      kept.append(GroupKey("x\(j)", .number(column)))
    }
    if let coding { kept.append(GroupKey("code", .number(coding.code))) }
    code = .column("code")
    kept.append(GroupKey("y", .number(response)))
    if let weights = frame.weights { kept.append(GroupKey("w", .number(weights))) }
    if let offset { kept.append(GroupKey("o", .number(offset))) }
    kept += frame.clusters.map(\.key)
    try frame.data.engine.createTemporary(
      name, .rows(RowQuery(frame.data.source, keep: frame.data.keep, columns: kept)))
    var rows = try EngineData(frame.data.engine, .temporary(name))
    rows.minimumCell = frame.data.minimumCell
    rows.progress = frame.data.progress
    self.rows = rows
    layers = []
    self.plain = plain.indices.map { basis.isIntercept($0) ? .constant(1) : .column("x\($0)") }
    columns = self.plain
    self.response = .column("y")
    weights = frame.weights.map { _ in .column("w") }
    self.offset = offset.map { _ in .column("o") }
    clusters = frame.clusters.map { cluster in
      if case .text = cluster.key.value {
        return GroupKey(cluster.name, .text(column: cluster.name))
      }
      return GroupKey(cluster.name, .number(.column(cluster.name)))
    }
    temporary = name
  }

  /// Forgets the temporary table.
  public func release() {
    if let temporary { rows.engine.dropTemporary(temporary) }
  }

  /// Rows with positive weight; nil for all.
  var counted: RowExpression? {
    weights.map { .comparison(.greater, $0, .constant(0)) }
  }
}

/// The first pass over a model's rows.
struct MomentPass {
  let frame: EngineFrame
  let response: RowExpression
  let offset: RowExpression?
  let family: Family

  init(
    _ frame: EngineFrame, response: RowExpression, offset: RowExpression?, family: Family
  ) {
    (self.frame, self.response, self.offset, self.family) = (frame, response, offset, family)
  }

  /// What the rows are, and the centres and scales of their columns.
  func run() throws(SiblingError) -> (PreparedDesign.Moments, DesignBasis) {
    let design = frame.design
    let (y, weight) = (response, frame.weights ?? .constant(1))
    let positive = frame.weights.map {
      RowExpression.chosen(
        .comparison(.greater, $0, .constant(0)), then: .constant(1), otherwise: .constant(0))
    }
    let negative = frame.weights.map { RowExpression.comparison(.less, $0, .constant(0)) }
    let everything = RowExpression.sum(
      design.columns.filter { $0 != .constant(1) } + [y]
        + [frame.weights, offset].compactMap { $0 })
    var sums = [
      NamedExpression("counted", positive ?? .constant(1)),
      NamedExpression("w", weight), NamedExpression("wy", weight * y),
      NamedExpression("wyy", weight * y * y),
      NamedExpression("negative", negative ?? .constant(0)),
      NamedExpression("outside", outside(y)),
      NamedExpression("lost", .isMissing(everything)),
    ]
    let first = sums.count
    for (j, column) in design.columns.enumerated() where column != .constant(1) {
      sums.append(NamedExpression("x\(j)", column))
      sums.append(NamedExpression("q\(j)", column * column))
    }
    let cells = try frame.data.aggregate(sums: sums)
    let values = cells.sums.map { $0.first ?? 0 }
    var moments = PreparedDesign.Moments()
    moments.rows = cells.rowCount
    moments.observations = Int(values[0].rounded())
    moments.totalWeight = values[1]
    moments.mean = values[2] / values[1]
    moments.variance = values[3] / values[1] - moments.mean * moments.mean
    try check(values, moments)
    try requireVariation(&moments)
    let n = Double(max(1, moments.rows))
    var basis = DesignBasis(design.names)
    var suspects: [Int] = []
    var place = first
    for (j, column) in design.columns.enumerated() where column != .constant(1) {
      let mean = values[place] / n
      let square = values[place + 1] / n
      place += 2
      guard mean.isFinite, square.isFinite else { throw tooLarge(design.names[j]) }
      basis.center[j] = basis.hasIntercept ? mean : 0
      let variance = square - basis.center[j] * basis.center[j]
      basis.scale[j] = max(0, variance).squareRoot()
      if variance <= 1e-7 * mean * mean { suspects.append(j) }
    }
    try refine(&basis, suspects)
    return (moments, basis)
  }

  /// The spread of columns whose squares say nothing of it, in another pass.
  private func refine(_ basis: inout DesignBasis, _ suspects: [Int]) throws(SiblingError) {
    guard !suspects.isEmpty else { return }
    let sums = suspects.map { j -> NamedExpression in
      let gap = frame.design.columns[j] - .constant(basis.center[j])
      return NamedExpression("q\(j)", gap * gap)
    }
    let cells = try frame.data.aggregate(sums: sums)
    for (place, j) in suspects.enumerated() {
      let spread = ((cells.sums[place].first ?? 0) / Double(max(1, cells.rowCount))).squareRoot()
      basis.scale[j] = spread > 1e-11 * basis.center[j].magnitude ? spread : 0
    }
  }

  private func outside(_ y: RowExpression) -> RowExpression {
    switch family {
    case .gaussian: .constant(0)
    case .binomial:
      .either(.comparison(.less, y, .constant(0)), .comparison(.greater, y, .constant(1)))
    case .poisson: .comparison(.less, y, .constant(0))
    }
  }

  private func check(
    _ values: [Double], _ moments: PreparedDesign.Moments
  ) throws(SiblingError) {
    if values[5] > 0 {
      throw family == .binomial
        ? SiblingError(
          .badValue, "A binomial outcome must lie between 0 and 1.",
          help: "Code the outcome 0/1, or give proportions with their counts as weights.")
        : SiblingError(
          .badValue, "A Poisson outcome must not be negative.", help: "Give counts.")
    }
    if values[4] > 0 {
      throw SiblingError(
        .badWeight, "A weight is negative, missing or not finite.",
        help: "Weights must be zero or positive numbers.")
    }
    guard moments.observations > 0 else {
      throw SiblingError(
        .badWeight, "All weights are zero.", help: "Give some rows a positive weight.")
    }
    guard values[6] == 0, moments.mean.isFinite else {
      throw SiblingError(
        .missingValue, "A value in the model is missing or not finite.",
        help: "Drop rows with missing values before fitting; log(0) is not finite either.")
    }
  }

  /// Refuses an outcome that has one value; one whose sums can't tell is asked about again.
  private func requireVariation(_ moments: inout PreparedDesign.Moments) throws(SiblingError) {
    let size = moments.mean * moments.mean
    if moments.variance <= 1e-7 * size || moments.variance <= 0 {
      let gap = response - .constant(moments.mean)
      let cells = try frame.data.aggregate(
        sums: [NamedExpression("gap", (frame.weights ?? .constant(1)) * gap * gap)])
      moments.variance = (cells.sums[0].first ?? 0) / moments.totalWeight
    }
    if moments.variance <= 1e-28 * size {
      throw SiblingError(
        .constantOutcome, "The outcome has the same value in every row used.",
        help: "A model needs an outcome that varies; check the filter and the outcome's coding.")
    }
  }

  private func tooLarge(_ name: String) -> SiblingError {
    SiblingError(
      .badValue, "The values of `\(name)` are too large for a standard deviation.",
      help: "Look for a mistyped cell, or rescale the column.", column: name)
  }
}
