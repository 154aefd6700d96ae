internal import Engines
internal import Matching
internal import Statistics
internal import Tables

extension WeightAnalysis: EngineAnalysis {
  var needsRows: String? { EngineWeighting.needsRows(design) }

  /// The most rows that are written; a database that holds more keeps its weights to itself.
  static let mostRows = 20_000_000

  /// The rows of the verb: every row of the source with its probability and its weight.
  ///
  /// Rows of memory are in their order; another engine's rows have none, so that they are put in the order of
  /// the formula's columns, which a note says.
  /// - Throws: what is wrong with the data or the design; `disclosure` where small cells are held back, since
  ///   each row is a person; the engine's failures.
  func run(on data: EngineData) throws(SiblingError) -> AnalysisOutput {
    if let needsRows { throw NeedsRows.because(needsRows) }
    guard data.minimumCell == nil else {
      throw SiblingError(
        .disclosure, "every row of 'weight' is a person, which the disclosure profile holds back",
        help: "ask for 'balance' or 'effect', which use the weights where the data are")
    }
    let weighting = try EngineWeighting(design, settings, on: data)
    let propensity = weighting.propensity
    defer { propensity.release() }
    let total = try data.aggregate().rowCount
    guard total <= Self.mostRows else {
      throw SiblingError(
        .badDesign, "\(total) rows are too many to write one by one",
        help: "ask for 'balance' or 'effect', which use the weights where the data are, or take"
          + " fewer rows with --where")
    }
    var query = try rows(weighting, data)
    var notes = weighting.notes
    if data.engine.kind == .memory, rowKey == nil {
      query.order = []
    } else if rowKey == nil {
      notes.append(
        "rows of \(data.engine.kind.title) have no order of their own: they are ordered by "
          + query.order.compactMap { labels[$0] ?? nil }.joined(separator: ", ")
          + "; --row-key COLUMN names them")
    }
    var columns = [[Double]](repeating: [], count: 3)
    var key = try rowKey.map { name throws(SiblingError) in
      let factor = try data.factor(name)
      return RowColumn(.init(factor, data.columns.first { $0.name == name }?.kind))
    }
    try data.engine.stream(query) { block throws(SiblingError) in
      for place in 0..<3 {
        if case .numbers(let values) = block.columns[place] { columns[place] += values }
      }
      key?.append(block.columns[3])
    }
    func shown(_ values: [Double]) -> [Double?] { values.map { $0.isNaN ? nil : $0 } }
    var output = AnalysisOutput(
      columns: [
        .integers("row", columns[0].indices.map { $0 + 1 }),
        .integers("treated", columns[0].map { $0.isNaN ? nil : Int($0) }),
        .numbers("propensity", shown(columns[1])), .numbers("weight", shown(columns[2])),
      ], notes: notes)
    if let key, let rowKey {
      output.columns.insert(Column(name: rowKey, values: key.values), at: 1)
    }
    output.hasRowsOfPeople = true
    return output
  }

  /// The columns of the formula by the names that the query gives them.
  private var labels: [String: String?] {
    let columns = (try? Formula(parsing: design.formula))?.columnNames ?? []
    return Dictionary(
      columns.enumerated().map { ("o\($0.offset)", Optional($0.element)) }
    ) { first, _ in first }
  }

  private func rows(
    _ weighting: EngineWeighting, _ data: EngineData
  ) throws(SiblingError) -> RowQuery {
    let propensity = weighting.propensity
    // Rows that the score leaves out have nothing.
    let isUsed = propensity.frame.data.keep
    func used(_ value: RowExpression) -> RowExpression {
      guard let isUsed else { return value }
      return .chosen(
        .both(.isMissing(isUsed).negated, isUsed), then: value, otherwise: .missing)
    }
    var columns = [
      GroupKey("treated", .number(used(propensity.treated))),
      GroupKey("propensity", .number(used(propensity.score))),
      GroupKey("weight", .number(used(propensity.weight(sampling: true)))),
    ]
    var order: [String] = []
    if let rowKey {
      columns.append(try data.factor(rowKey).key("key"))
      order = ["key"]
    }
    let names = try Formula(parsing: design.formula).columnNames
    for (index, name) in names.enumerated() where data.names.contains(name) {
      columns.append(try data.factor(name).key("o\(index)"))
      order.append("o\(index)")
    }
    return RowQuery(
      data.source, keep: data.keep, layers: propensity.layers, columns: columns, order: order)
  }
}
