internal import Statistics
internal import Tables

/// The rows of a study as the design sees them: without anything that happened after treatment.
///
/// The design phase is handed this and no other table, so matching, weighting, balance and overlap can't
/// read an outcome, whatever a formula names. The few things that a check of the design must know of
/// outcomes have a door each, and none of them can tell the arms apart: whether an outcome is known,
/// outcomes of the comparison group alone, and outcomes before anybody was treated.
struct BlindTable {
  /// The columns that the design may read.
  let table: Table
  /// The columns that it may not, and why.
  let hidden: HiddenColumns
  /// Everything; only the doors below read it.
  private let whole: Table

  /// Hides columns of a table.
  init(_ whole: Table, hiding hidden: HiddenColumns) {
    self.whole = whole
    self.hidden = hidden
    table = whole.dropping(columns: Set(hidden.kinds.keys))
  }

  /// For each row whether an outcome is known; nil when there is no such column.
  func known(_ outcome: String) -> [Bool]? {
    whole[outcome] == nil ? nil : try? whole.isComplete([outcome])
  }

  /// The table with a column beside it that is missing where the outcome is, and elsewhere counts rows.
  ///
  /// The checks of a panel ask for an outcome in order to know which rows are complete.
  /// - Throws: `unknownColumn` when there is no such outcome.
  func recording(_ outcome: String) throws(SiblingError) -> Table {
    let known = try whole.isComplete([outcome])
    return try table.replacing(
      Column(
        name: outcome,
        values: .doubles(known.indices.map { known[$0] ? Double($0) : .nan })))
  }

  /// The table with an outcome in which that of everybody but the comparison group is missing.
  ///
  /// - Throws: `unknownColumn` when there is no such outcome; what is wrong with the treatment.
  func comparisonsOnly(
    _ outcome: String, _ study: StudyFile
  ) throws(SiblingError) -> Table {
    let arms = try study.arms(table)
    let column = try whole.column(outcome)
    return try table.replacing(
      column.missing(where: arms.codes.map { $0 < 0 || arms.levels[Int($0)] != "comparison" }))
  }

  /// The rows of units that are not yet treated, with an outcome beside them.
  ///
  /// `starts` has for each row the first treated period of its unit, nil for never; `times` its period.
  /// - Throws: `unknownColumn` when there is no such outcome.
  func beforeTreatment(
    _ outcome: String, starts: [Double?], times: [Double]
  ) throws(SiblingError) -> Table {
    let column = try whole.column(outcome)
    let rows = times.indices.filter { times[$0] < (starts[$0] ?? .infinity) }
    return try table.replacing(column).rememberingCodes().selecting(rows: rows)
  }

  /// Refuses a section of the design that names a hidden column, at its place in the study file.
  ///
  /// - Throws: `badDesign`, located.
  func check(_ node: StudyNode) throws(SiblingError) {
    for (key, _) in node.keys {
      guard let value = node[key] else { continue }
      switch key {
      case "alternatives":
        for element in value.elements { try check(element) }
      case "formula", "mahalanobis-on": try checkFormula(value)
      case "name", "method", "estimand", "order", "discard": continue
      default:
        try refuse(
          value.isMapping ? value.keys.map(\.name) : value.elements.compactMap(\.text), value)
      }
    }
  }

  /// Refuses hidden columns among the covariates of a panel.
  ///
  /// - Throws: `badDesign`, located.
  func checkCovariates(_ node: StudyNode) throws(SiblingError) {
    if let value = node["covariates"] { try checkFormula(value) }
  }

  private func checkFormula(_ node: StudyNode) throws(SiblingError) {
    guard let text = node.text,
      let formula = try? Formula(parsing: text.contains("~") ? text : "~ \(text)")
    else { return }
    // What a dot stands for is what can be seen; taking an outcome out of it by name is allowed.
    let terms = (try? formula.termColumns(in: table.names)) ?? formula.columnNames
    try refuse(formula.responseColumns + terms, node)
  }

  /// Refuses a hidden column among names that a node of the study file gives.
  ///
  /// - Throws: `badDesign`, located.
  private func refuse(_ names: [String], _ node: StudyNode) throws(SiblingError) {
    guard let name = names.first(where: { hidden[$0] != nil && whole[$0] != nil }),
      let kind = hidden[name]
    else { return }
    throw SiblingError(
      .badDesign, "'\(name)' \(kind.words); the design may not see it",
      help:
        "who is compared with whom must not depend on what happened after treatment: use what was"
        + " recorded before it",
      location: node.location, column: name)
  }
}

extension Column {
  /// The column with some rows made missing.
  fileprivate func missing(where isMissing: [Bool]) -> Column {
    let changed: Values =
      switch values {
      case .integers(let values):
        .integers(values.indices.map { isMissing[$0] ? .min : values[$0] })
      case .doubles(let values): .doubles(values.indices.map { isMissing[$0] ? .nan : values[$0] })
      case .text(let factor):
        .text(
          Factor(
            codes: factor.codes.indices.map { isMissing[$0] ? -1 : factor.codes[$0] },
            levels: factor.levels))
      case .booleans(let values):
        .booleans(values.indices.map { isMissing[$0] ? -1 : values[$0] })
      case .dates(let values):
        .dates(values.indices.map { isMissing[$0] ? Int32.min : values[$0] })
      }
    return Column(name: name, values: changed)
  }
}
