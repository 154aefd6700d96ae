internal import Statistics
internal import Survival
internal import Tables

/// `aft`: parametric survival regression.
struct AcceleratedAnalysis: VerbAnalysis {
  var request: ParametricRequest
  var family: FailureTimeFamily
  var prediction: SurvivalPrediction

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    request = try ParametricRequest(formula: formula, options: options)
    family = FailureTimeFamily(rawValue: try options.choice(.distribution)) ?? .weibull
    prediction = try SurvivalPrediction(options, request)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    try request.bind(table, alsoComplete: prediction.columns) { (data) throws(SiblingError) in
      let fit = try SurvivalRegression(family: family, robust: request.robust).fit(
        data.times, data.design, weights: data.weights, offset: data.offset,
        cluster: data.cluster)
      if prediction.isWanted { return try prediction.output(fit, data, request) }
      return request.output(
        fit, notes: data.notes, terms: Set(data.design.names))
    }
  }
}
