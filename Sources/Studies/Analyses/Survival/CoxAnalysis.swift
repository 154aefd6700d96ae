internal import Statistics
internal import Survival
internal import Tables

/// `cox` and `zph`: Cox regression and the proportional-hazards test of it.
struct CoxAnalysis: VerbAnalysis {
  var formula: String
  var settings: CommonSettings
  var regression: CoxRegression
  var id: String?
  var exponentiate: Bool
  var wantsStatistics: Bool
  var timeZero: TimeZero

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    self.formula = try VerbFormula.needed(formula, like: "Surv(time, event) ~ arm")
    settings = try CommonSettings(options)
    regression = CoxRegression(
      ties: CoxRegression.Ties(rawValue: try options.choice(.ties)) ?? .efron,
      robust: try options.flag(.robust) ? true : nil)
    id = options.text(.id)
    exponentiate = try options.flag(.exponentiate)
    wantsStatistics = try options.flag(.statistics)
    timeZero = try TimeZero(options)
    if wantsStatistics, exponentiate {
      throw options.wrong(.exponentiate, "does not apply to --statistics")
    }
  }

  /// A fit with the notes of binding and fitting.
  struct Fitted {
    var fit: CoxFit
    var bound: BoundFormula
    var notes: [String]
  }

  /// Fits the model.
  ///
  /// - Throws: what is wrong with the data, located.
  func fit(_ table: Table) throws(SiblingError) -> Fitted {
    let start = try timeZero.prepared(formula, table, settings)
    let bound = try BoundFormula(
      start.formula, to: start.table, settings: settings, alsoComplete: id.map { [$0] } ?? [])
    return try bound.locating { () throws(SiblingError) in
      let response = try SurvivalBinding.times(bound.frame)
      var people: Factor?
      if let id { people = try bound.frame.factor(of: id) }
      let fit = try regression.fit(
        response.times, bound.frame.design, strata: bound.frame.strata, weights: bound.weights,
        offset: bound.frame.offset, cluster: try bound.singleCluster(), id: people)
      return Fitted(
        fit: fit, bound: bound,
        notes: bound.notes + response.notes + start.notes + fit.notes)
    }
  }

  /// The rows of `cox`.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let fitted = try fit(table)
    if wantsStatistics {
      return AnalysisOutput(columns: Self.statistics(fitted.fit), notes: fitted.notes)
    }
    let estimates = fitted.fit.estimates(level: settings.level)
    var columns = estimates.columns(exponentiate: exponentiate)
    // The contract: std.error is always the naive one; robust.se stands beside it.
    columns[2] = .numbers("std.error", fitted.fit.standardErrors.map { $0.isFinite ? $0 : nil })
    let robust = fitted.fit.robustStandardErrors
    columns.insert(
      .numbers(
        "robust.se",
        fitted.fit.names.indices.map { index in
          robust.flatMap { $0[index].isFinite ? $0[index] : nil }
        }), at: 3)
    return AnalysisOutput(
      columns: columns, notes: fitted.notes, observations: fitted.fit.observations,
      events: fitted.fit.events)
  }

  private static func statistics(_ fit: CoxFit) -> [Column] {
    let concordance = fit.concordance()
    return [
      .integers("n", [fit.observations]), .integers("nevent", [fit.events]),
      .numbers("loglik_null", [fit.logLikelihoodNull]), .numbers("loglik", [fit.logLikelihood]),
      .numbers("lr", [fit.likelihoodRatio.statistic]), .numbers("score", [fit.score.statistic]),
      .numbers("robust_score", [fit.robustScore?.statistic]),
      .numbers("wald", [fit.wald.statistic]), .numbers("df", [fit.wald.degreesOfFreedom]),
      .numbers("lr.p.value", [fit.likelihoodRatio.pValue]),
      .numbers("score.p.value", [fit.score.pValue]),
      .numbers("robust_score.p.value", [fit.robustScore?.pValue]),
      .numbers("wald.p.value", [fit.wald.pValue]),
      .numbers("concordance", [concordance.concordance]),
      .numbers("concordance.se", [concordance.standardError]),
    ]
  }
}
