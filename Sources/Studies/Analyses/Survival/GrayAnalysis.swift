internal import Statistics
internal import Survival
internal import Tables

/// `gray`: Gray's test of equal cumulative incidences, for each cause.
struct GrayAnalysis: VerbAnalysis {
  var formula: String
  var settings: CommonSettings
  var test: GrayTest

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    self.formula = try VerbFormula.needed(formula, like: "Surv(time, cause) ~ arm")
    settings = try CommonSettings(options)
    guard settings.clusters.isEmpty else {
      throw options.wrong(
        .cluster, "can't be combined with Gray's test; fit finegray with the arm as its only term")
    }
    test = GrayTest(rho: try options.number(.grayRho, in: -1e6...1e6) ?? 0)
  }

  /// Compares the arms.
  ///
  /// - Throws: what is wrong with the data, located.
  func fit(_ table: Table) throws(SiblingError) -> (result: GrayResult, notes: [String]) {
    let bound = try BoundFormula(
      formula, to: table, settings: settings, causes: true, purpose: .arms)
    return try bound.locating { () throws(SiblingError) in
      guard let groups = bound.frame.groups else {
        throw SiblingError(
          .formulaSyntax, "the right side of the formula must name the arms to compare",
          help: "for example Surv(weeks, cause) ~ arm")
      }
      let response = try CompetingBinding.response(bound.frame)
      let result = try test.test(
        response.times, causes: response.causes, by: groups, strata: bound.frame.strata,
        weights: bound.weights)
      return (result, bound.notes + response.notes + result.notes)
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let (result, notes) = try fit(table)
    var output = AnalysisOutput(
      columns: [
        .texts("cause", result.rows.map(\.cause)),
        .numbers("statistic", result.rows.map(\.test.statistic)),
        .numbers("df", result.rows.map(\.test.degreesOfFreedom)),
        .numbers("p.value", result.rows.map(\.test.pValue)),
      ], notes: notes, observations: result.observations)
    output.people["events"] = result.rows.map { Int(exactly: $0.events.rounded()) ?? 0 }
    return output
  }
}
