internal import Statistics
internal import Survival
internal import Tables

/// `zph`: the proportional-hazards test of a Cox model.
struct ProportionalHazardsAnalysis: VerbAnalysis {
  var model: CoxAnalysis
  var test: ProportionalHazardsTest

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
    let (result, fitted) = try fit(table)
    return AnalysisOutput(
      columns: [
        .texts("term", result.rows.map(\.term)),
        .numbers("statistic", result.rows.map(\.test.statistic)),
        .numbers("df", result.rows.map(\.test.degreesOfFreedom)),
        .numbers("p.value", result.rows.map(\.test.pValue)),
      ], notes: fitted.notes, observations: fitted.fit.observations, events: fitted.fit.events)
  }
}
