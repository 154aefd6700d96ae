internal import Statistics
internal import Survival
internal import Tables

/// The covariate-adjusted analysis of `rmst`.
struct RestrictedMeanAdjustment: Sendable {
  /// The covariates, `~ age + prio`.
  var formula: String
  var estimator: AdjustedRestrictedMean

  /// Decodes the options; nil where no covariates are named.
  ///
  /// - Throws: `invalidOption` or `formulaSyntax`.
  init?(_ options: OptionValues, _ plain: RestrictedMean) throws(SiblingError) {
    let name = try options.choice(.adjustMethod)
    guard let text = options.text(.adjust) else {
      if options.isGiven(.adjustMethod) {
        throw options.wrong(.adjustMethod, "needs --adjust with the covariates")
      }
      return nil
    }
    formula = text.contains("~") ? text : "~ \(text)"
    guard try !Formula(parsing: formula).hasResponse else {
      throw options.wrong(.adjust, "takes covariates only, such as '~ age'")
    }
    estimator = AdjustedRestrictedMean(
      method: AdjustedRestrictedMean.Method(rawValue: name) ?? .pseudo, tau: plain.tau,
      level: plain.level)
  }

  /// Estimates the means.
  ///
  /// - Throws: what is wrong with the data, located.
  func fit(
    _ table: Table, formula arms: String, settings: CommonSettings
  ) throws(SiblingError) -> (fit: AdjustedRestrictedMeanFit, notes: [String]) {
    let covariates = try Formula(parsing: formula).termColumns(in: table.names)
    let bound = try BoundFormula(
      arms, to: table, settings: settings, alsoComplete: covariates, purpose: .arms)
    let taken = bound.frame.formula.columnNames
    if let column = covariates.first(where: { taken.contains($0) }) {
      throw SiblingError(
        .badDesign, "'\(column)' is in the formula and among the covariates of --adjust",
        help: "leave it out of --adjust", column: column)
    }
    let side = try BoundFormula(
      formula, to: table.selecting(rows: bound.frame.rows),
      settings: CommonSettings(OptionValues()))
    guard side.frame.rows.count == bound.frame.rows.count else {
      throw SiblingError(
        .missingValue, "a covariate of --adjust can't be computed in some rows",
        help: "leave those rows out with --where", column: "adjust")
    }
    return try bound.locating { () throws(SiblingError) in
      let response = try SurvivalBinding.times(bound.frame)
      let fit = try estimator.fit(
        response.times, by: bound.frame.groups, adjustingFor: side.frame.design,
        weights: bound.weights, cluster: try bound.singleCluster())
      return (fit, bound.notes + side.notes + response.notes + fit.notes)
    }
  }

  /// The rows: arms, differences, covariates.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(
    _ table: Table, formula arms: String, settings: CommonSettings
  ) throws(SiblingError) -> AnalysisOutput {
    let (fit, notes) = try fit(table, formula: arms, settings: settings)
    let several = fit.differences.count > 1
    let names =
      fit.arms.map(\.term)
      + fit.differences.map {
        several ? "difference: \($0.term) against \(fit.reference)" : "difference"
      } + fit.covariates.map { "covariate: \($0.term)" }
    let rows = fit.arms + fit.differences + fit.covariates
    let method = rows.first?.convention ?? ""
    return AnalysisOutput(
      columns: [
        .texts("arm", names), .numbers("tau", rows.map { _ in fit.tau }),
        .numbers("estimate", rows.map(\.estimate)),
        .numbers("std.error", rows.map(\.standardError)),
        .numbers("conf.low", rows.map(\.interval?.low)),
        .numbers("conf.high", rows.map(\.interval?.high)),
        .numbers("p.value", rows.indices.map { $0 < fit.arms.count ? nil : rows[$0].pValue }),
      ], notes: notes + ["adjusted means: \(method)"], observations: fit.observations)
  }
}
