internal import Statistics
internal import Survival
internal import Tables

/// The rows of a Cox model as queries see them: covariates less their means, keys of strata, times and ends.
struct CoxRows {
  let data: EngineData
  /// Keys of the strata, then `event` and `time`, then `start` where there is one.
  let keys: [GroupKey]
  /// The key of the clusters, where errors are by cluster.
  let cluster: GroupKey?
  let covariates: [RowExpression]
  let offset: RowExpression?
  let weight: RowExpression?
  /// The temporary table that the rows are in, to be dropped at the end.
  let temporary: String?

  static let name = "sibling_cox"

  /// The rows where they are, or in a temporary table of numbers where the engine would read files anew at
  /// each step.
  init(
    _ frame: EngineFrame, _ survey: CoxSurvey, _ columns: [RowExpression], cluster: GroupKey?
  ) throws(SiblingError) {
    let strata = frame.strata.map(\.key)
    let event = RowExpression.chosen(
      frame.event ?? .constant(1), then: .constant(1), otherwise: .constant(0))
    var numbers: [(String, RowExpression)] = [
      ("event", event), ("time", frame.formula.time ?? .missing),
    ]
    if let start = frame.formula.start { numbers.append(("start", start)) }
    let ends = numbers.map { GroupKey($0.0, .number($0.1)) }
    let covariates = columns.indices.map { columns[$0] - .constant(survey.centres[$0]) }
    let offset = frame.formula.offset.map { $0 - .constant(survey.offsetCentre) }
    guard frame.data.engine.kind != .memory else {
      data = frame.data
      keys = strata + ends
      (self.cluster, self.covariates, self.offset) = (cluster, covariates, offset)
      (weight, temporary) = (frame.weights, nil)
      return
    }
    var kept = strata + (cluster.map { [$0] } ?? []) + ends
    for (index, value) in covariates.enumerated() {
      kept.append(GroupKey("x\(index)", .number(value)))
    }
    if let offset { kept.append(GroupKey("offset", .number(offset))) }
    if let weights = frame.weights { kept.append(GroupKey("weight", .number(weights))) }
    frame.data.progress?("a temporary table of the model's columns")
    try frame.data.engine.createTemporary(
      Self.name, .rows(RowQuery(frame.data.source, keep: frame.data.keep, columns: kept)))
    var data = try EngineData(frame.data.engine, .temporary(Self.name))
    data.minimumCell = frame.data.minimumCell
    data.progress = frame.data.progress
    self.data = data
    keys = (strata + ends).map(\.stored)
    self.cluster = cluster?.stored
    self.covariates = columns.indices.map { .column("x\($0)") }
    self.offset = offset == nil ? nil : .column("offset")
    weight = frame.weights == nil ? nil : .column("weight")
    temporary = Self.name
  }

  /// Forgets the temporary table.
  func drop() { if let temporary { data.engine.dropTemporary(temporary) } }

  /// Layers that give `r`, w·exp(η), at coefficients of some covariates.
  ///
  /// η is held within ±300, so that exponentials overflow on no engine.
  func risk(_ kept: [Int], _ coefficients: [Double], _ name: String = "r") -> [[NamedExpression]] {
    let terms = RowExpression.predictor(kept.map { covariates[$0] }, coefficients, offset: offset)
    let eta = RowExpression.name(name + "_eta")
    return [
      [NamedExpression(name + "_raw", terms)],
      [NamedExpression(name + "_eta", .clamped(.name(name + "_raw"), bound: 300))],
      [NamedExpression(name, (weight ?? .constant(1)) * .function(.exponential, eta))],
    ]
  }
}

extension GroupKey {
  /// The key where a temporary table has it as a column of its name.
  var stored: GroupKey {
    switch value {
    case .text: GroupKey(name, .text(column: name))
    case .number: GroupKey(name, .number(.column(name)))
    }
  }
}

/// What one scan tells of a model's columns before it is fitted.
struct CoxSurvey {
  /// The covariates' means.
  let centres: [Double]
  let offsetCentre: Double
  /// How many patterns of covariates there can be; infinite where one is continuous.
  let patterns: Double
  /// Which covariates are small whole numbers.
  let isSmall: [Bool]

  init(
    _ frame: EngineFrame, _ design: SymbolicDesign
  ) throws(SiblingError) {
    var columns = design.columns
    if let offset = frame.formula.offset { columns.append(offset) }
    var sums: [NamedExpression] = []
    let (zero, one) = (RowExpression.constant(0), RowExpression.constant(1))
    for (index, column) in columns.enumerated() {
      let isWhole = RowExpression.comparison(.equal, column, .function(.floor, column))
      sums.append(NamedExpression("s\(index)", column))
      sums.append(
        NamedExpression(
          "b\(index)",
          .either(.comparison(.equal, column, zero), .comparison(.equal, column, one))))
      sums.append(
        NamedExpression(
          "i\(index)",
          .both(
            isWhole,
            .both(
              .comparison(.atLeast, column, zero), .comparison(.less, column, .constant(Self.reach))
            ))))
    }
    if let weights = frame.weights {
      sums.append(NamedExpression("zero", .comparison(.equal, weights, zero)))
    }
    frame.data.progress?("the covariates' means")
    let cells = try frame.data.aggregate(sums: sums)
    let values = cells.sums.map { $0.first ?? 0 }
    if frame.weights != nil, values.last ?? 0 > 0 {
      throw SiblingError(
        .badWeight, "a weight is zero", help: "drop rows that should not count", column: "weights")
    }
    let n = Double(frame.rowCount)
    for index in columns.indices where !values[3 * index].isFinite {
      let isOffset = index == design.columns.count
      throw SiblingError(
        .badValue, isOffset ? "an offset is missing or infinite" : "a covariate is infinite",
        help: "drop the row or fill the value in", column: isOffset ? "offset" : design.names[index]
      )
    }
    let means = columns.indices.map { values[3 * $0] / n }
    centres = Array(means.prefix(design.columns.count))
    offsetCentre = means.count > centres.count ? means[centres.count] : 0
    let isBinary = columns.indices.map { values[3 * $0 + 1] == n }
    let isSmall = columns.indices.map { values[3 * $0 + 2] == n }
    self.isSmall = isSmall
    var patterns = 1.0
    for term in Set(design.assignment) {
      let own = design.assignment.indices.filter { design.assignment[$0] == term }
      // Indicators of one term are of one row's level at most.
      if own.allSatisfy({ isBinary[$0] }) {
        patterns *= Double(own.count + 1)
      } else {
        for j in own { patterns *= isBinary[j] ? 2 : isSmall[j] ? Self.reach : .infinity }
      }
    }
    if frame.formula.offset != nil {
      patterns *= isBinary[centres.count] ? 2 : isSmall[centres.count] ? Self.reach : .infinity
    }
    self.patterns = patterns
  }

  private static let reach = 128.0
}
