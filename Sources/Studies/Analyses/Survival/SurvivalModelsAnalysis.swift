internal import Statistics
internal import Survival
internal import Tables

/// `survival-models`: families and splines compared on one formula.
struct SurvivalModelsAnalysis: VerbAnalysis {
  var formula: String
  var settings: CommonSettings
  var comparison: SurvivalModelComparison
  var arms: String?
  var wantsCurves: Bool
  var times: [Double]

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    self.formula = try VerbFormula.needed(formula, like: "Surv(time, event) ~ arm")
    settings = try CommonSettings(options)
    comparison = SurvivalModelComparison(knots: try options.integer(.knots, in: 0...20) ?? 2)
    arms = options.text(.comparedArms)
    wantsCurves = try options.flag(.curves)
    times = try options.numbers(.modelTimes)
    if !times.isEmpty, !wantsCurves {
      throw options.wrong(.modelTimes, "applies to --curves only")
    }
    if times.contains(where: { $0 <= 0 }) {
      throw options.wrong(.modelTimes, "takes times above zero")
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let bound = try BoundFormula(
      formula, to: table, settings: settings, alsoComplete: arms.map { [$0] } ?? [])
    return try bound.locating { () throws(SiblingError) in
      let response = try SurvivalBinding.times(bound.frame, collapseTies: false)
      guard bound.frame.strata == nil else {
        throw SiblingError(
          .invalidOption, "strata() is for cox and logrank",
          help: "enter the column as a factor, or fit each stratum with --where")
      }
      var groups: Factor?
      if let arms { groups = try bound.frame.factor(of: arms) }
      let result = try comparison.compare(
        response.times, bound.frame.design, arms: groups, weights: bound.weights,
        offset: bound.frame.offset, at: times)
      var notes = bound.notes + response.notes + result.notes
      if !bound.clusters.isEmpty {
        notes.append("clusters change no likelihood: the criteria take rows as independent")
      }
      return wantsCurves ? curves(result, notes) : criteria(result, notes)
    }
  }

  private func criteria(_ result: SurvivalModelTable, _ notes: [String]) -> AnalysisOutput {
    let rows = result.rows
    return AnalysisOutput(
      columns: [
        .texts("model", rows.map(\.model)), .integers("df", rows.map(\.fit.degreesOfFreedom)),
        .numbers("loglik", rows.map(\.fit.logLikelihood)),
        .numbers("AIC", rows.map(\.fit.akaike)), .numbers("BIC", rows.map(\.fit.bayesian)),
        .numbers("km_distance", rows.map(\.distance)),
      ], notes: notes, observations: result.observations, events: result.events)
  }

  private func curves(_ result: SurvivalModelTable, _ notes: [String]) -> AnalysisOutput {
    var (labels, models): ([String?], [String?]) = ([], [])
    var (points, survival): ([Double?], [Double?]) = ([], [])
    for (group, level) in result.arms.enumerated() {
      let label = arms.map { "\($0)=\(level)" } ?? level
      let all =
        [("km", result.kaplanMeier[group])] + result.rows.map { ($0.model, $0.survival[group]) }
      for (model, values) in all {
        for (time, value) in zip(result.times, values) {
          labels.append(label)
          models.append(model)
          points.append(time)
          survival.append(value)
        }
      }
    }
    // A Kaplan–Meier step shows the day of a single person's event.
    var output = AnalysisOutput(
      columns: [
        .texts("arm", labels), .texts("model", models), .numbers("time", points),
        .numbers("survival", survival),
      ], notes: notes)
    output.hasRowsOfPeople = true
    return output
  }
}
