internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// The estimators of `PanelMethod`.
extension DifferenceAnalysis {
  /// The effects by the method asked for, with the notes of binding.
  ///
  /// - Throws: what is wrong with the columns, the panel or the model, located.
  func effects(_ table: Table, _ columns: PanelColumns) throws(SiblingError) -> PanelEffects {
    guard let estimator else {
      throw SiblingError(.internalError, "this method has no estimator of its own")
    }
    let data = try BoundPanel(columns, covariates: covariates, table: table, settings: settings)
    return try data.bound.locating { () throws(SiblingError) in
      var effects = try estimator.fit(
        data.panel, outcome: data.outcome, covariates: data.covariates,
        weights: data.bound.weights, clusters: try data.bound.singleCluster())
      effects.notes = data.bound.notes + effects.notes
      return effects
    }
  }

  /// The verb's rows; averages are held back where the smallest cohort is too small to be told.
  static func output(_ effects: PanelEffects, smallest: Int? = nil) -> AnalysisOutput {
    let estimates = EstimateTable(
      rows: effects.rows.map(\.estimate), observations: effects.observations,
      clusters: effects.clusters, notes: effects.notes)
    var columns = estimates.columns()
    columns.insert(.numbers("group", effects.rows.map(\.group)), at: 1)
    columns.insert(.numbers("time", effects.rows.map(\.time)), at: 2)
    var notes = effects.notes + StandardErrorNotes.told(estimates)
    if let test = effects.preTest {
      notes.append(
        "joint test that all effects before treatment are zero: chi-squared"
          + " \(NumberText.significant(test.chiSquared, digits: 7)) on"
          + " \(test.degreesOfFreedom), p \(NumberText.significant(test.pValue, digits: 7))")
    }
    var output = AnalysisOutput(
      columns: columns, notes: notes, observations: effects.observations)
    // Several rows of one unit hide nobody.
    let counted = effects.rows.map { $0.treatedUnits ?? $0.treatedRows }
    if !counted.contains(where: { $0 == nil }) {
      output.people["treated"] = counted.map { $0 ?? 0 }
    }
    if let smallest {
      output.people["smallest_cohort"] = effects.rows.map { row in
        row.time != nil ? row.treatedUnits ?? smallest : smallest
      }
    }
    return output
  }
}
