internal import Engines
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
  var residuals: String?
  var frailty: String?
  var frailtyDistribution: CoxFrailty.Distribution
  var recurrent: RecurrentEvents?
  var varying: [TimeVaryingEffect]

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    self.formula = try VerbFormula.needed(formula, like: "Surv(time, event) ~ arm")
    settings = try CommonSettings(options)
    regression = CoxRegression(
      ties: CoxRegression.Ties(rawValue: try options.choice(.ties)) ?? .efron,
      robust: try options.flag(.robust) ? true : nil,
      ridge: try options.number(.ridge))
    if let ridge = regression.ridge, ridge < 0 {
      throw options.wrong(.ridge, "takes a number of zero or more")
    }
    id = options.text(.id)
    exponentiate = try options.flag(.exponentiate)
    wantsStatistics = try options.flag(.statistics)
    timeZero = try TimeZero(options)
    if wantsStatistics, exponentiate {
      throw options.wrong(.exponentiate, "does not apply to --statistics")
    }
    residuals = options.isGiven(.residuals) ? try options.choice(.residuals) : nil
    if residuals != nil, wantsStatistics || exponentiate {
      throw options.wrong(.residuals, "can't be combined with --statistics or --exponentiate")
    }
    if regression.ties == .exact, let residuals, !["martingale", "deviance"].contains(residuals) {
      throw options.wrong(.residuals, "does not exist for exact ties")
    }
    varying = try Self.varying(options)
    if residuals != nil, !varying.isEmpty {
      throw options.wrong(.residuals, "can't be combined with --time-varying")
    }
    frailty = options.text(.frailty)
    frailtyDistribution =
      CoxFrailty.Distribution(rawValue: try options.choice(.frailtyDistribution)) ?? .gamma
    try Self.checkFrailty(options)
    if options.isGiven(.recurrent) {
      recurrent = RecurrentEvents.Model(rawValue: try options.choice(.recurrent)).map {
        RecurrentEvents($0)
      }
      guard id != nil else { throw options.wrong(.recurrent, "needs --id") }
      regression.robust = true
    }
  }

  private static func varying(
    _ options: OptionValues
  ) throws(SiblingError) -> [TimeVaryingEffect] {
    var effects: [TimeVaryingEffect] = []
    for (name, value) in try options.pairs(.timeVarying) {
      guard let transform = TimeVaryingEffect.Transform(rawValue: value) else {
        throw options.wrong(.timeVarying, "takes identity, log or sqrt after the '='")
      }
      effects.append(TimeVaryingEffect(name, transform))
    }
    return effects
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
      var (times, strata) = (response.times, bound.frame.strata)
      var notes = bound.notes + response.notes
      if let recurrent, let people {
        let arranged = try recurrent.arrange(times, id: people, strata: strata)
        (times, strata) = (arranged.times, arranged.strata)
        notes += arranged.notes
      }
      let cluster = try bound.singleCluster()
      let fit =
        varying.isEmpty
        ? try regression.fit(
          times, bound.frame.design, strata: strata, weights: bound.weights,
          offset: bound.frame.offset, cluster: cluster, id: people)
        : try regression.fit(
          times, bound.frame.design, varying: varying, strata: strata, weights: bound.weights,
          offset: bound.frame.offset, cluster: cluster, id: people)
      return Fitted(fit: fit, bound: bound, notes: notes + start.notes + fit.notes)
    }
  }

  /// The rows of `cox`.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    if let frailty { return try runFrailty(frailty, table) }
    let fitted = try fit(table)
    if let residuals { return residualColumns(residuals, of: fitted) }
    return output(
      CoxSummary(fitted.fit, concordance: wantsStatistics), notes: fitted.notes)
  }

  /// The rows of a fitted model.
  func output(_ fit: CoxSummary, notes: [String]) -> AnalysisOutput {
    if wantsStatistics {
      return AnalysisOutput(columns: Self.statistics(fit), notes: notes)
    }
    let estimates = fit.estimates(level: settings.level)
    var columns = estimates.columns(exponentiate: exponentiate)
    // The contract: std.error is always the naive one; robust.se stands beside it.
    columns[2] = .numbers("std.error", fit.standardErrors.map { $0.isFinite ? $0 : nil })
    let robust = fit.robustStandardErrors
    columns.insert(
      .numbers(
        "robust.se",
        fit.names.indices.map { index in
          robust.flatMap { $0[index].isFinite ? $0[index] : nil }
        }), at: 3)
    return AnalysisOutput(
      columns: columns, notes: notes, observations: fit.observations, events: fit.events)
  }

  private static func statistics(_ fit: CoxSummary) -> [Column] {
    [
      .integers("n", [fit.observations]), .integers("nevent", [fit.events]),
      .numbers("loglik_null", [fit.logLikelihoodNull]), .numbers("loglik", [fit.logLikelihood]),
      .numbers("lr", [fit.likelihoodRatio.statistic]), .numbers("score", [fit.score.statistic]),
      .numbers("robust_score", [fit.robustScore?.statistic]),
      .numbers("wald", [fit.wald.statistic]), .numbers("df", [fit.wald.degreesOfFreedom]),
      .numbers("lr.p.value", [fit.likelihoodRatio.pValue]),
      .numbers("score.p.value", [fit.score.pValue]),
      .numbers("robust_score.p.value", [fit.robustScore?.pValue]),
      .numbers("wald.p.value", [fit.wald.pValue]),
      .numbers("concordance", [fit.concordance?.concordance]),
      .numbers("concordance.se", [fit.concordance?.standardError]),
    ]
  }
}
