internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// A panel bound to a table: the checked design, its outcome and whatever the options name.
struct BoundPanel {
  let bound: BoundFormula
  let panel: PanelDesign
  let outcome: [Double]
  /// The covariates' design without intercept; nil without covariates.
  let covariates: DesignMatrix?

  /// Binds the columns of a panel.
  ///
  /// - Throws: what is wrong with the columns or the panel, located.
  init(
    _ columns: PanelColumns, covariates: String?, table: Table, settings: CommonSettings
  ) throws(SiblingError) {
    let data = try PanelRows(columns, table: table, settings: settings)
    let (table, settings) = (data.table, data.settings)
    let right = covariates.map { $0.contains("~") ? $0.drop { $0 != "~" }.dropFirst() : $0[...] }
    var bound = try BoundFormula(
      "`\(columns.outcome)` ~ \(right.map(String.init) ?? "1")", to: table, settings: settings,
      alsoComplete: columns.all)
    bound.earlierNotes = data.notes
    // An empty group means never treated, so the column must not decide which rows are complete.
    let group = bound.frame.rows.map { data.groups[$0] }
    let unit = columns.unit.isEmpty ? nil : try bound.frame.factor(of: columns.unit)
    let time = try bound.frame.numbers(of: columns.time)
    panel = try bound.locating { () throws(SiblingError) in
      guard let unit else { return try PanelDesign(crossSections: time, group: group) }
      return try PanelDesign(unit: unit, time: time, group: group)
    }
    if let unit, let note = PanelRows.movers(bound.clusters, unit, settings.clusters) {
      bound.earlierNotes.append(note)
    }
    guard let response = bound.frame.response else {
      throw SiblingError(.internalError, "a panel has no outcome")
    }
    outcome = response
    if let first = response.first, response.allSatisfy({ $0 == first }) {
      throw SiblingError(
        .constantOutcome, "the outcome '\(columns.outcome)' is the same in every row",
        help: "choose another column, or check the filter", column: columns.outcome)
    }
    try Self.refuseOutcome(columns.outcome, among: covariates, names: table.names)
    self.covariates = covariates == nil ? nil : bound.frame.design.removingIntercept()
    self.bound = bound
  }

  /// Refuses an outcome that is one of its own covariates.
  ///
  /// - Throws: `badDesign`; what is wrong with the formula of covariates.
  static func refuseOutcome(
    _ outcome: String, among covariates: String?, names: [String]
  ) throws(SiblingError) {
    guard let covariates,
      try Formula(parsing: covariates.contains("~") ? covariates : "~ \(covariates)")
        .termColumns(in: names).contains(outcome)
    else { return }
    throw SiblingError(
      .badDesign, "the outcome '\(outcome)' is among its own covariates",
      help: "leave it out of --covariates", column: outcome)
  }
}
