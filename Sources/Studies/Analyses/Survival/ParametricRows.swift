internal import Statistics
internal import Survival
internal import Tables

/// What the verbs of likelihood models have in common: options, data, rows.
struct ParametricRequest: Sendable {
  var formula: String
  var settings: CommonSettings
  var robust: Bool?
  var exponentiate: Bool
  var wantsStatistics: Bool

  /// - Throws: `usage`, `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    self.formula = try VerbFormula.needed(formula, like: "Surv(time, event) ~ arm")
    settings = try CommonSettings(options)
    robust = try options.flag(.robust) ? true : nil
    exponentiate = try options.flag(.exponentiateTerms)
    wantsStatistics = try options.flag(.fitStatistics)
    if wantsStatistics, exponentiate {
      throw options.wrong(.exponentiateTerms, "does not apply to --statistics")
    }
  }

  /// The data of a fit.
  struct Data {
    let bound: BoundFormula
    let times: SurvivalTimes
    let cluster: Factor?
    let notes: [String]

    var design: DesignMatrix { bound.frame.design }
    var weights: [Double]? { bound.weights }
    var offset: [Double]? { bound.frame.offset }
  }

  /// Binds the formula and hands the data to `body`, whose errors get their place in the file.
  ///
  /// - Throws: what is wrong with the data, located.
  func bind<Result>(
    _ table: Table, alsoComplete: [String] = [],
    _ body: (Data) throws(SiblingError) -> Result
  ) throws(SiblingError) -> Result {
    let bound = try BoundFormula(
      formula, to: table, settings: settings, alsoComplete: alsoComplete)
    return try bound.locating { () throws(SiblingError) in
      guard bound.frame.strata == nil else {
        throw SiblingError(
          .invalidOption, "strata() is for cox and logrank",
          help: "enter the column as a factor, or fit each stratum with --where")
      }
      let response = try SurvivalBinding.times(bound.frame, collapseTies: false)
      return try body(
        Data(
          bound: bound, times: response.times, cluster: try bound.singleCluster(),
          notes: bound.notes + response.notes))
    }
  }

  /// The rows of a fit, coefficients or statistics; `terms` are those that may be exponentiated.
  func output(
    _ fit: ParametricFit, notes: [String], terms: Set<String>, baselineEvents: Int? = nil,
    baseline: ((String) -> Bool)? = nil
  ) -> AnalysisOutput {
    let notes = notes + fit.notes
    guard !wantsStatistics else {
      return AnalysisOutput(
        columns: [
          .integers("n", [fit.observations]), .integers("nevent", [fit.events]),
          .numbers("loglik", [fit.logLikelihood]), .numbers("AIC", [fit.akaike]),
          .numbers("BIC", [fit.bayesian]), .integers("df", [fit.degreesOfFreedom]),
        ], notes: notes, observations: fit.observations, events: fit.events)
    }
    let estimates = fit.estimates(level: settings.level)
    var columns = estimates.columns()
    if exponentiate {
      let ratios = estimates.columns(exponentiate: true)
      let isTerm = estimates.rows.map { terms.contains($0.term) }
      for (place, column) in columns.enumerated()
      where ["estimate", "conf.low", "conf.high"].contains(column.name) {
        guard case .doubles(let plain) = column.values,
          case .doubles(let shown) = ratios[place].values
        else { continue }
        columns[place] = .numbers(
          column.name, plain.indices.map { isTerm[$0] ? shown[$0] : plain[$0] })
      }
    }
    var output = AnalysisOutput(
      columns: columns, notes: notes, observations: fit.observations, events: fit.events)
    if let baselineEvents {
      output.people["events"] = fit.names.map { name in
        baseline?(name) ?? !terms.contains(name) ? min(baselineEvents, fit.events) : fit.events
      }
    }
    return output
  }
}
