internal import LinearAlgebra
internal import Matching
internal import Statistics
internal import Tables

/// The rows of an effect as values of queries, with what is known of them so far.
///
/// In every query `t` is the treatment, `y` the outcome, `v` the sampling weight; the columns of the score are `s…`,
/// those of the outcome model `o…`.
struct EffectProblem {
  let settings: EngineEffect
  let frame: EngineFrame
  /// The outcome; nil where only the score is wanted.
  let outcome: RowExpression?
  let treatment: RowExpression
  var score: StandardColumns
  /// The columns of the outcome model; nil where they are those of the score.
  var own: StandardColumns?
  /// The comparisons and the treated.
  var arms: [Arm] = []
  /// Whether every outcome is 0 or 1.
  var isBinary = false
  /// The score's coefficients of standardised columns, 0 for those left out.
  var coefficients: [Double] = []
  /// The score's independent columns.
  var kept: [Int] = []
  /// The factor of the score's information in those columns.
  var information: Cholesky?
  /// The largest weight allowed; nil for none.
  var cap: Double?
  var notes: [String]
  /// The rows: the frame's own, or a temporary table of the values that queries begin with.
  var data: EngineData
  /// The temporary table, and the first layer of queries on it; nil without one.
  private var table: (table: String, layer: [NamedExpression])?
  /// The clusters as a key of the rows.
  var cluster: GroupKey?
  /// The codes that tell most columns of the score and of the outcome model.
  private var scoreCoding: DesignCoding?
  private var ownCoding: DesignCoding?

  /// What is known of a group.
  struct Arm {
    var rows = 0
    /// The sum of sampling weights.
    var weight = 0.0
    /// Rows whose outcome is 1.
    var events = 0
    /// The outcome where it is the same in every row.
    var constant: Double?
  }

  static let (t, y) = (RowExpression.name("t"), RowExpression.name("y"))
  static let arm = GroupKey("arm", .number(t))

  var rowCount: Int { arms.reduce(0) { $0 + $1.rows } }
  var isAugmented: Bool { settings.method == .augmentedWeighting }
  /// The sampling weight of a row.
  var sampling: RowExpression { frame.weights == nil ? .constant(1) : .name("v") }
  /// The columns of the outcome model.
  var covariates: [RowExpression] {
    settings.method == .difference ? [.constant(1)] : (own ?? score).expressions
  }

  init(
    _ settings: EngineEffect, _ frame: EngineFrame, _ outcome: RowExpression?,
    _ covariates: SymbolicDesign? = nil
  ) throws(SiblingError) {
    guard let treatment = frame.response else {
      throw SiblingError(
        .formulaSyntax, "the formula needs the treatment on its left side",
        help: "for example treat ~ age + educ")
    }
    (self.settings, self.frame, self.outcome) = (settings, frame, outcome)
    (data, cluster) = (frame.data, frame.clusters.first?.key)
    self.treatment = treatment
    notes = frame.notes
    score = StandardColumns(frame.design.columns, names: frame.design.names, prefix: "s")
    if let model = Self.outcomeModel(settings, frame.design, covariates),
      model.columns != frame.design.columns
    {
      own = StandardColumns(model.columns, names: model.names, prefix: "o")
    }
    try describe()
  }

  /// The outcome model's columns; g-computation has an intercept of its own.
  private static func outcomeModel(
    _ settings: EngineEffect, _ score: SymbolicDesign, _ covariates: SymbolicDesign?
  ) -> (names: [String], columns: [RowExpression])? {
    let design = covariates ?? score
    switch settings.method {
    case .difference: return nil
    case .gComputation:
      let plain = design.removingIntercept()
      return (["(Intercept)"] + plain.names, [.constant(1)] + plain.columns)
    default: return (design.names, design.columns)
    }
  }

  /// Counts the groups and takes the columns' centres and scales: one query.
  private mutating func describe() throws(SiblingError) {
    data.progress?("counting the groups")
    let y = Self.y
    let isOne = RowExpression.comparison(.equal, y, .constant(1))
    var sums = [
      NamedExpression("weight", sampling),
      NamedExpression("negative", .comparison(.less, sampling, .constant(0))),
    ]
    if outcome != nil {
      sums += [
        NamedExpression("events", isOne),
        NamedExpression("zeros", .comparison(.equal, y, .constant(0))),
        NamedExpression("sum", y), NamedExpression("square", y * y),
      ]
    }
    let start = sums.count
    sums += score.moments + (own?.moments ?? [])
    // Whatever is neither 0 nor 1 falls into one cell, to be refused.
    let key = RowExpression.chosen(
      .either(
        .comparison(.equal, Self.t, .constant(0)), .comparison(.equal, Self.t, .constant(1))),
      then: Self.t, otherwise: .constant(2))
    let cells = try data.aggregate(
      layers: [values], keys: [GroupKey("arm", .number(key))], sums: sums)
    try check(cells.numbers(0))
    func sum(_ place: Int, _ cell: Int) -> Double { cells.sums[place][cell] }
    if cells.sums[1].contains(where: { $0 > 0 }) {
      throw SiblingError(.badWeight, "a weight is negative or not a number", column: "weights")
    }
    var zeros = 0
    for cell in 0..<2 {
      var arm = Arm(rows: cells.counts[cell], weight: sum(0, cell))
      if outcome != nil {
        arm.events = Int(sum(2, cell).rounded())
        zeros += Int(sum(3, cell).rounded())
      }
      arms.append(arm)
    }
    isBinary = zeros + arms[0].events + arms[1].events == rowCount
    let totals = cells.sums.map { $0[0] + $0[1] }
    let middle = start + score.moments.count
    let rows = Double(rowCount)
    score.standardize(Array(totals[start..<middle]), rows: rows)
    own?.standardize(Array(totals[middle...]), rows: rows)
    // Cells by code may be few people's.
    if data.minimumCell == nil {
      scoreCoding = DesignCoding(score.standardised, rows: rowCount, arms: 2)
      if let own { ownCoding = DesignCoding(own.standardised, rows: rowCount, arms: 2) }
    }
    guard outcome != nil else { return }
    func mean(_ place: Int) -> [Double] {
      (0..<2).map { sum(place, $0) / Double(arms[$0].rows) }
    }
    try findConstants(means: mean(4), squares: mean(5))
  }

  private func check(_ values: [Double]) throws(SiblingError) {
    let name = frame.formula.formula.responseName ?? "the treatment"
    let column = frame.formula.formula.responseColumn
    guard values.allSatisfy({ $0 == 0 || $0 == 1 }) else {
      throw SiblingError(
        .badDesign, "the treatment '\(name)' must have two values",
        help: "name the treated level with --treated LEVEL, or write a comparison such as dose > 0",
        column: column)
    }
    guard values.count == 2 else {
      throw SiblingError(
        .constantTreatment,
        "every row has the same treatment: '\(name)' is \(values.first == 1 ? 1 : 0) throughout",
        help: "the rows must hold a treated and a comparison group; check --where and --treated",
        column: column)
    }
  }

  /// Finds groups whose outcome is the same throughout: a query where sums leave doubt.
  private mutating func findConstants(
    means: [Double], squares: [Double]
  ) throws(SiblingError) {
    for arm in 0..<2 {
      let spread = squares[arm] - means[arm] * means[arm]
      guard spread <= 1e-12 * squares[arm] else { continue }
      let near = max(1e-9 * means[arm].magnitude, Double.leastNormalMagnitude)
      let off = RowExpression.comparison(
        .greater, (Self.y - .constant(means[arm])) * (Self.y - .constant(means[arm])),
        .constant(near * near))
      let cells = try data.aggregate(
        layers: [base], keys: [Self.arm], sums: [NamedExpression("off", off)])
      if cells.sums[0][arm] == 0 { arms[arm].constant = means[arm] }
    }
    if let one = arms[0].constant, let other = arms[1].constant,
      (one - other).magnitude <= 1e-9 * one.magnitude
    {
      throw SiblingError(
        .constantOutcome, "the outcome has the same value in every row used",
        help: "An effect needs an outcome that varies; check the filter and the coding.",
        column: "outcome")
    }
    guard arms.allSatisfy({ $0.rows > 1 }) else {
      throw SiblingError(
        .tooFewObservations,
        "only one \(arms[0].rows > 1 ? "treated" : "comparison") row is left, so the uncertainty of"
          + " the effect can't be estimated",
        help: "An effect needs two rows or more in each group.")
    }
  }

  /// The treatment, the outcome and the sampling weight.
  private var values: [NamedExpression] {
    var layer = [NamedExpression("t", treatment)]
    if let outcome { layer.append(NamedExpression("y", outcome)) }
    if let weights = frame.weights { layer.append(NamedExpression("v", weights)) }
    return layer
  }

  /// The first layer of every query: those values, the standardised columns and their codes.
  var base: [NamedExpression] { table?.layer ?? made }

  private var made: [NamedExpression] {
    var layer = values + score.layer
    if let scoreCoding { layer.append(NamedExpression("scode", scoreCoding.code)) }
    if let ownCoding { layer.append(NamedExpression("ocode", ownCoding.code)) }
    return layer + (own?.layer ?? [])
  }

  /// The sums of the score's columns.
  var scoreSums: DesignSums { DesignSums(score.expressions, scoreCoding, code: .name("scode")) }

  /// The sums of the outcome model's columns.
  var outcomeSums: DesignSums {
    if settings.method == .difference { return DesignSums(covariates) }
    guard own != nil else { return scoreSums }
    return DesignSums(covariates, ownCoding, code: .name("ocode"))
  }

  /// Keeps what queries begin with in a temporary table, where an engine would read and cast its source again for
  /// each step; without the outcome and its model what is kept serves other outcomes too.
  ///
  /// - Throws: the engine's failures.
  mutating func keepRows(withOutcome: Bool) throws(SiblingError) {
    let engine = frame.data.engine
    guard engine.kind != .memory else { return }
    release()
    frame.data.progress?("keeping the model's columns")
    var values = made
    if !withOutcome {
      values.removeAll { value in
        value.name == "y" || value.name == "ocode" || own?.owns(value) ?? false
      }
    }
    let name = withOutcome ? "effect_rows" : "score_table"
    let clusters = withOutcome ? frame.clusters.map(\.key) : []
    try engine.createTemporary(
      name,
      .rows(
        RowQuery(
          frame.data.source, keep: frame.data.keep,
          columns: values.map { GroupKey($0.name, .number($0.expression)) } + clusters)))
    var rows = try EngineData(engine, .temporary(name))
    (rows.minimumCell, rows.progress) = (frame.data.minimumCell, frame.data.progress)
    data = rows
    table = (name, values.map { NamedExpression($0.name, .column($0.name)) })
    if let key = clusters.first {
      cluster = frame.clusters.first?.factor.keptKey(key.name)
    }
  }

  /// Lets the temporary table go.
  mutating func release() {
    guard let known = table else { return }
    frame.data.engine.dropTemporary(known.table)
    (table, data, cluster) = (nil, frame.data, frame.clusters.first?.key)
  }
}
