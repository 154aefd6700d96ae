internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// `bacon`: the two-way fixed-effects coefficient as an average of two-by-two comparisons.
struct BaconAnalysis: VerbAnalysis {
  var columns: PanelColumns
  var settings: CommonSettings

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    settings = try CommonSettings(options)
    columns = try PanelColumns(options)
    if options.isGiven(.covariates) {
      throw options.wrong(
        .covariates,
        "does not apply: with covariates the coefficient is no weighted average of two-by-two"
          + " comparisons alone")
    }
    guard settings.clusters.isEmpty else {
      throw options.wrong(.cluster, "does not apply: a decomposition has no standard errors")
    }
  }

  /// The decomposition with the notes of binding.
  ///
  /// - Throws: what is wrong with the columns or the panel, located.
  func fit(_ table: Table) throws(SiblingError) -> (result: BaconResult, notes: [String]) {
    let data = try BoundPanel(columns, covariates: nil, table: table, settings: settings)
    return try data.bound.locating { () throws(SiblingError) in
      let result = try BaconDecomposition().fit(
        data.panel, outcome: data.outcome, weights: data.bound.weights)
      return (result, data.bound.notes + result.notes)
    }
  }

  /// The rows of the verb: comparisons, then one row a type, then the total.
  ///
  /// - Throws: what is wrong with the columns or the panel, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let (result, found) = try fit(table)
    let (dyads, shares) = (result.dyads, result.shares)
    let blank = [Double?](repeating: nil, count: shares.count + 1)
    var notes = found
    notes.append(
      "the comparisons' weighted sum less the two-way coefficient of a regression:"
        + " \(NumberText.significant(result.residual, digits: 3))")
    if let bad = shares.first(where: { $0.kind == .laterVersusEarlier }) {
      notes.append(
        "\(NumberText.significant(100 * bad.weight, digits: 3))% of the weight compares later with"
          + " earlier treated cohorts, which misleads where effects grow or fade")
    }
    var output = AnalysisOutput(
      columns: [
        .texts(
          "type", dyads.map(\.kind.rawValue) + shares.map(\.kind.rawValue) + ["total"]),
        .numbers("treated_cohort", dyads.map(\.treatedCohort) + blank),
        .numbers("control_cohort", dyads.map(\.controlCohort) + blank),
        .numbers(
          "weight",
          dyads.map(\.weight) + shares.map(\.weight) + [dyads.reduce(0) { $0 + $1.weight }]),
        .numbers(
          "estimate", dyads.map(\.estimate) + shares.map(\.estimate) + [result.coefficient]),
      ],
      notes: notes, observations: result.observations)
    output.labels = ["treated_cohort", "control_cohort"]
    func behind(_ units: (BaconDyad) -> Int) -> [Int] {
      dyads.map(units)
        + shares.map { share in
          dyads.filter { $0.kind == share.kind }.map(units).min() ?? 0
        } + [result.units]
    }
    output.people["treated"] = behind(\.treatedUnits)
    output.people["controls"] = behind(\.controlUnits)
    return output
  }
}
