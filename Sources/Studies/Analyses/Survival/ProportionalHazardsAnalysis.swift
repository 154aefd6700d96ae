internal import Statistics
internal import Survival
internal import Tables

/// `zph`: the proportional-hazards test of a Cox model.
struct ProportionalHazardsAnalysis: VerbAnalysis {
  var model: CoxAnalysis
  var test: ProportionalHazardsTest
  var wantsPoints: Bool

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    model = try CoxAnalysis(formula: formula, options: options)
    let transform: ProportionalHazardsTest.Transform =
      switch try options.choice(.transform) {
      case "rank": .rank
      case "identity": .identity
      case "log": .log
      default: .kaplanMeier
      }
    wantsPoints = try options.flag(.points)
    if wantsPoints, model.regression.ties == .exact {
      throw options.wrong(.points, "does not exist for exact ties")
    }
    test = ProportionalHazardsTest(transform: transform)
  }

  /// Tests the model.
  ///
  /// - Throws: what is wrong with the data or the model, located.
  func fit(
    _ table: Table
  ) throws(SiblingError) -> (result: ProportionalHazardsResult, fitted: CoxAnalysis.Fitted) {
    let fitted = try model.fit(table)
    return (
      try fitted.bound.locating { () throws(SiblingError) in try test.test(fitted.fit) },
      fitted
    )
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the model, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    if wantsPoints { return try points(table) }
    let (result, fitted) = try fit(table)
    return AnalysisOutput(
      columns: [
        .texts("term", result.rows.map(\.term)),
        .numbers("statistic", result.rows.map(\.test.statistic)),
        .numbers("df", result.rows.map(\.test.degreesOfFreedom)),
        .numbers("p.value", result.rows.map(\.test.pValue)),
      ], notes: fitted.notes, observations: fitted.fit.observations, events: fitted.fit.events)
  }

  /// The residuals and lines of a plot, one row an event and coefficient.
  private func points(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let fitted = try model.fit(table)
    let rows = try fitted.bound.locating { () throws(SiblingError) in
      try test.points(fitted.fit, level: model.settings.level).points
    }
    var output = AnalysisOutput(
      columns: [
        .texts("term", rows.map(\.term)), .numbers("time", rows.map(\.time)),
        .numbers("transformed", rows.map(\.transformed)),
        .numbers("residual", rows.map(\.residual)), .numbers("smooth", rows.map(\.smooth)),
        .numbers("conf.low", rows.map(\.low)), .numbers("conf.high", rows.map(\.high)),
      ], notes: fitted.notes)
    output.hasRowsOfPeople = true
    return output
  }
}
