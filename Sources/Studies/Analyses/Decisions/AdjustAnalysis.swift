internal import Statistics
internal import Tables

/// `adjust`: p-values of a data file, adjusted for being several.
struct AdjustAnalysis: VerbAnalysis {
  var column: String
  var method: PValueAdjustment
  var name: String?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    _ = try CommonSettings(options)
    column = options.text(.pColumn) ?? "p.value"
    method = PValueAdjustment(rawValue: try options.choice(.adjustment)) ?? .holm
    name = options.text(.rowName)
  }

  /// The rows of the verb: each p-value beside the adjusted one.
  ///
  /// - Throws: `badValue` for a p-value outside 0 to 1, located; `unknownColumn`.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let values = try table.doubles(column)
    for (row, value) in values.enumerated() where !value.isNaN && !(0...1).contains(value) {
      throw SiblingError(
        .badValue, "a p-value must be between 0 and 1",
        location: table.location(row: row, column: column), column: column, cell: "\(value)")
    }
    let known = values.map { $0.isNaN ? nil : $0 }
    guard known.contains(where: { $0 != nil }) else {
      throw SiblingError(.noRows, "the column '\(column)' holds no p-value", column: column)
    }
    var columns: [Column] = [.integers("row", values.indices.map { $0 + 1 })]
    if let name {
      let factor = try table.factor(name)
      columns.append(.texts("name", factor.codes.map { $0 < 0 ? nil : factor.levels[Int($0)] }))
    }
    columns += [
      .numbers("p.value", known), .numbers("p.adjusted", method.adjusted(known)),
      .texts("method", known.map { _ in method.rawValue }),
    ]
    let missing = known.count { $0 == nil }
    return AnalysisOutput(
      columns: columns,
      notes: missing == 0 ? [] : ["\(missing) rows have no p-value and count for nothing"])
  }
}
