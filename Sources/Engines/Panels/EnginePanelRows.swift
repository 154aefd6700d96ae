internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// The rows of a panel in an engine that miss nothing, and its periods.
struct EnginePanelRows {
  /// The rows.
  let frame: EngineFrame
  /// The periods, ascending.
  let periods: [Double]
  /// The mean outcome of each.
  let means: [Double]
  let notes: [String]
  /// The outcome.
  let outcome: RowExpression
  private let time: RowExpression

  init(
    _ columns: EnginePanelColumns, in data: EngineData, missingIsError: Bool,
    covariates: String? = nil, weights: String? = nil
  ) throws(SiblingError) {
    let time = try data.number(columns.time)
    // Whether the group is a number is told before anything is asked.
    _ = try Self.group(columns, data)
    var kept = data
    var notes: [String] = []
    if !columns.excluded.isEmpty {
      notes.append(try Self.exclude(columns.excluded, time, from: &kept))
    }
    var options = EngineFrame.Options()
    options.alsoComplete = [columns.outcome, columns.unit, columns.time].filter { !$0.isEmpty }
    if let cluster = columns.cluster { options.alsoComplete.append(cluster) }
    options.missingIsError = missingIsError
    options.weights = weights
    data.progress?("panel: rows and periods")
    let frame = try EngineFrame(
      "`\(columns.outcome)` ~ \(covariates ?? "1")", to: kept, options)
    guard let outcome = frame.response else {
      throw SiblingError(.internalError, "A panel has no outcome.")
    }
    self.frame = frame
    (self.outcome, self.time) = (outcome, time)
    let cells = try frame.data.aggregate(
      keys: [GroupKey("time", .number(time))],
      sums: [NamedExpression("y", outcome), NamedExpression("yy", outcome * outcome)])
    periods = cells.numbers(0)
    means = cells.counts.indices.map { cells.sums[0][$0] / Double(cells.counts[$0]) }
    try Self.requireVariation(cells, frame.data, outcome, columns.outcome)
    self.notes = notes + frame.notes
  }

  /// The group's number; 0 for never.
  private static func group(
    _ columns: EnginePanelColumns, _ data: EngineData
  ) throws(SiblingError) -> RowExpression {
    let group: RowExpression
    do throws(SiblingError) {
      group = try data.number(columns.group)
    } catch {
      guard error.code == .wrongType else { throw error }
      throw SiblingError(
        .wrongType,
        "column '\(columns.group)' is text where a number (the first treated period) is needed",
        column: columns.group)
    }
    return .chosen(.isMissing(group), then: .constant(0), otherwise: group)
  }

  /// Leaves out periods and says how many rows that are.
  static func exclude(
    _ periods: [Double], _ time: RowExpression, from data: inout EngineData
  ) throws(SiblingError) -> String {
    let cells = try data.aggregate(keys: [GroupKey("time", .number(time))])
    let known = cells.numbers(0).filter { !$0.isNaN }
    if let absent = periods.first(where: { !known.contains($0) }) {
      let names = known.map { NumberText.shortest($0) }
      throw SiblingError(
        .invalidOption, "exclude-periods: \(NumberText.shortest(absent)) is no period of the data",
        help: "the periods are: " + names.prefix(40).joined(separator: ", ")
          + (names.count > 40 ? ", …" : ""),
        column: "exclude-periods")
    }
    let excluded = Set(periods)
    let left = cells.counts.indices.reduce(0) {
      $0 + (excluded.contains(cells.numbers(0)[$1]) ? cells.counts[$1] : 0)
    }
    let isExcluded = excluded.sorted().map {
      RowExpression.comparison(.equal, time, .constant($0))
    }
    if let first = isExcluded.first {
      let any = isExcluded.dropFirst().reduce(first) { .either($0, $1) }
      data.restrict(to: .either(.isMissing(time), any.negated))
    }
    let names = excluded.sorted().map { NumberText.shortest($0) }.joined(separator: ", ")
    return "--exclude-periods leaves out \(names): \(left) of \(cells.rowCount) rows, as if they"
      + " had never been observed; the period before treatment is the last one left"
  }

  /// Refuses an outcome that is the same in every row.
  static func requireVariation(
    _ cells: Cells, _ data: EngineData, _ outcome: RowExpression, _ column: String
  ) throws(SiblingError) {
    let n = Double(cells.rowCount)
    let (sum, squares) = (cells.sums[0].reduce(0, +), cells.sums[1].reduce(0, +))
    guard n * squares - sum * sum <= 1e-13 * n * squares else { return }
    // So little spread may be rounding: the values themselves tell.
    let values = try data.aggregate(keys: [GroupKey("value", .number(outcome))])
    guard values.count < 2 else { return }
    throw SiblingError(
      .constantOutcome, "the outcome '\(column)' is the same in every row",
      help: "choose another column, or check the filter", column: column)
  }

  /// The keys of repeated cross-sections: first treated period, 0 for never, and period.
  func sectionKeys(
    _ columns: EnginePanelColumns, _ data: EngineData
  ) throws(SiblingError) -> [GroupKey] {
    [
      GroupKey("start", .number(try Self.group(columns, data))), GroupKey("time", .number(time)),
    ]
  }

  /// Makes the temporary table with a row for each unit, its group and its cluster.
  ///
  /// Columns `m0` … count the rows of each period and `y0` … sum their outcomes less the period's mean; `also`
  /// has further numbers of a row, which get a column for each period too: `x` in period 0 is `x_0`.
  func createUnits(
    _ name: String, _ columns: EnginePanelColumns, _ data: EngineData,
    also: [NamedExpression] = []
  ) throws(SiblingError) {
    var keys = [
      try data.factor(columns.unit).key("unit"),
      GroupKey("start", .number(try Self.group(columns, data))),
    ]
    if let cluster = columns.cluster { keys.append(try data.factor(cluster).key("cluster")) }
    var sums: [NamedExpression] = []
    for (t, period) in periods.enumerated() {
      let isNow = RowExpression.comparison(.equal, .name("time"), .constant(period))
      sums.append(NamedExpression("m\(t)", isNow))
      sums.append(
        NamedExpression(
          "y\(t)",
          .chosen(isNow, then: .name("y") - .constant(means[t]), otherwise: .constant(0))))
      for value in also {
        sums.append(
          NamedExpression(
            "\(value.name)_\(t)",
            .chosen(isNow, then: .name(value.name), otherwise: .constant(0))))
      }
    }
    try data.engine.createTemporary(
      name,
      .cells(
        AggregateQuery(
          frame.data.source, keep: frame.data.keep,
          layers: [[NamedExpression("time", time), NamedExpression("y", outcome)] + also],
          keys: keys, sums: sums)))
  }
}
