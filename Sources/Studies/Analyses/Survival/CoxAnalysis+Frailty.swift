internal import Statistics
internal import Survival
internal import Tables

extension CoxAnalysis {
  /// Options that a frailty can't be combined with.
  ///
  /// - Throws: `invalidOption`, located.
  static func checkFrailty(_ options: OptionValues) throws(SiblingError) {
    guard options.isGiven(.frailty) else {
      if options.isGiven(.frailtyDistribution) {
        throw options.wrong(.frailtyDistribution, "needs --frailty")
      }
      return
    }
    for key in [
      OptionKey.ridge, .robust, .id, .cluster, .weights, .residuals, .recurrent, .timeVarying,
    ]
    where options.isGiven(key) {
      throw options.wrong(key, "can't be combined with --frailty")
    }
  }

  /// The rows of a model with a frailty: the coefficients, then the frailty's variance.
  ///
  /// - Throws: what is wrong with the data, located.
  func runFrailty(_ column: String, _ table: Table) throws(SiblingError) -> AnalysisOutput {
    let bound = try BoundFormula(formula, to: table, settings: settings, alsoComplete: [column])
    guard bound.clusters.isEmpty else {
      throw SiblingError(
        .invalidOption, "cluster() can't be combined with a frailty", column: "cluster")
    }
    var notes = bound.notes
    let fit = try bound.locating { () throws(SiblingError) in
      let response = try SurvivalBinding.times(bound.frame)
      notes += response.notes
      return try CoxFrailty(distribution: frailtyDistribution, ties: regression.ties).fit(
        response.times, bound.frame.design, level: try bound.frame.factor(of: column),
        strata: bound.frame.strata, offset: bound.frame.offset)
    }
    notes += fit.notes
    if wantsStatistics {
      notes.append("lr compares with no covariates and no frailty, its df one more than df")
      return AnalysisOutput(columns: Self.statistics(fit), notes: notes)
    }
    notes.append(
      "the row of the frailty has its variance; its test is one-sided, half of χ² with one degree")
    let table = fit.estimates(level: settings.level).columns(exponentiate: exponentiate)
    let last: [Column] = [
      .texts("term", ["frailty(\(column))"]), .numbers("estimate", [fit.variance]),
      .numbers("std.error", [nil]), .numbers("statistic", [fit.frailtyTest.statistic]),
      .numbers("df", [1]), .numbers("p.value", [fit.frailtyTest.pValue]),
      .numbers("conf.low", [nil]), .numbers("conf.high", [nil]),
    ]
    var columns = zip(table, last).map { Self.joined($0, $1) }
    columns.insert(.numbers("robust.se", (0...fit.names.count).map { _ in nil }), at: 3)
    return AnalysisOutput(
      columns: columns, notes: notes, observations: fit.observations, events: fit.events)
  }

  private static func joined(_ first: Column, _ last: Column) -> Column {
    switch (first.values, last.values) {
    case (.doubles(let a), .doubles(let b)): Column(name: first.name, values: .doubles(a + b))
    default: .texts(first.name, first.asStrings + last.asStrings)
    }
  }

  private static func statistics(_ fit: FrailtyFit) -> [Column] {
    let lr = ChiSquaredTest(
      statistic: 2 * (fit.logLikelihood - fit.logLikelihoodNull),
      degreesOfFreedom: Double(fit.names.count + 1))
    return [
      .integers("n", [fit.observations]), .integers("nevent", [fit.events]),
      .numbers("loglik_null", [fit.logLikelihoodNull]), .numbers("loglik", [fit.logLikelihood]),
      .numbers("lr", [lr.statistic]), .numbers("wald", [fit.wald.statistic]),
      .numbers("df", [fit.wald.degreesOfFreedom]), .numbers("lr.p.value", [lr.pValue]),
      .numbers("wald.p.value", [fit.wald.pValue]),
      .numbers("frailty_variance", [fit.variance]),
      .numbers("frailty_lr", [fit.frailtyTest.statistic]),
      .numbers("frailty_p.value", [fit.frailtyTest.pValue]),
    ]
  }
}
