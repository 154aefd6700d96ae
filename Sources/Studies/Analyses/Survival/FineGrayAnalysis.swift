internal import Statistics
internal import Survival
internal import Tables

/// `finegray`: regression of one cause's subdistribution hazard.
struct FineGrayAnalysis: VerbAnalysis {
  var formula: String
  var settings: CommonSettings
  var regression: FineGray
  var cause: String?
  var exponentiate: Bool

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    self.formula = try VerbFormula.needed(formula, like: "Surv(time, cause) ~ arm")
    settings = try CommonSettings(options)
    regression = FineGray(
      censoring: FineGray.Censoring(rawValue: try options.choice(.censoringRule)) ?? .cmprsk,
      robust: try options.flag(.robust) ? true : nil)
    cause = options.text(.cause)
    exponentiate = try options.flag(.ratios)
  }

  /// Fits the model.
  ///
  /// - Throws: what is wrong with the data, located.
  func fit(_ table: Table) throws(SiblingError) -> (fit: FineGrayFit, notes: [String]) {
    let bound = try BoundFormula(formula, to: table, settings: settings, causes: true)
    return try bound.locating { () throws(SiblingError) in
      guard bound.frame.offset == nil else {
        throw SiblingError(.formulaSyntax, "finegray takes no offset()")
      }
      let response = try CompetingBinding.response(bound.frame)
      let chosen = cause ?? response.causes.levels[0]
      let fit = try regression.fit(
        response.times, causes: response.causes, cause: chosen, bound.frame.design,
        strata: bound.frame.strata, weights: bound.weights, cluster: try bound.singleCluster())
      var notes = bound.notes + response.notes
      if cause == nil, response.causes.levels.count > 1 {
        notes.append("the cause modelled is \(chosen); --cause chooses another")
      }
      return (fit, notes + fit.notes)
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let (fit, notes) = try fit(table)
    var columns = fit.estimates(level: settings.level).columns(exponentiate: exponentiate)
    // As for cox: std.error is that of independent rows; the robust one stands beside it.
    columns[2] = .numbers("std.error", fit.standardErrors.map { $0.isFinite ? $0 : nil })
    let robust = fit.robustStandardErrors
    columns.insert(
      .numbers(
        "robust.se",
        fit.names.indices.map { index in
          robust.flatMap { $0[index].isFinite ? $0[index] : nil }
        }), at: 3)
    var output = AnalysisOutput(
      columns: columns, notes: notes, observations: fit.observations, events: fit.events)
    output.people["competing"] = fit.names.map { _ in fit.competingEvents }
    return output
  }
}
