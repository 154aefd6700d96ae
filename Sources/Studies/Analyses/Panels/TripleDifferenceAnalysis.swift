internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// `triple-difference`: an effect that reaches only the eligible where treatment is introduced.
struct TripleDifferenceAnalysis: VerbAnalysis {
  var columns: PanelColumns
  var eligible: String
  var place: String?
  var covariates: String?
  var settings: CommonSettings
  var estimator: TripleDifference

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    settings = try CommonSettings(options)
    let aggregation = GroupTimeResult.Aggregation(rawValue: try options.choice(.tripleAggregate))
    columns = try PanelColumns(options)
    eligible = try options.required(.eligible)
    place = options.text(.place)
    columns.also = [eligible] + (place.map { [$0] } ?? [])
    covariates = options.text(.covariates)
    estimator = TripleDifference(aggregation: aggregation, level: settings.level)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the columns, the panel or the model, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let data = try BoundPanel(columns, covariates: covariates, table: table, settings: settings)
    let codes = try data.bound.frame.numbers(of: eligible)
    var places: Factor?
    if let place { places = try data.bound.frame.factor(of: place) }
    return try data.bound.locating { () throws(SiblingError) in
      if let row = codes.firstIndex(where: { $0 != 0 && $0 != 1 }) {
        throw SiblingError(
          .badValue, "eligibility must be 0 or 1",
          help: "make a column of it: --derive 'able = age < 25'", row: row, column: eligible)
      }
      var effects = try estimator.fit(
        data.panel, eligible: codes.map { $0 == 1 }, outcome: data.outcome,
        covariates: data.covariates, places: places, weights: data.bound.weights,
        clusters: try data.bound.singleCluster())
      effects.notes = data.bound.notes + effects.notes
      return DifferenceAnalysis.output(effects)
    }
  }
}
