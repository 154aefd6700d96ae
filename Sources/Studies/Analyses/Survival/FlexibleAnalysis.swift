internal import Statistics
internal import Survival
internal import Tables

/// `flexible`: Royston–Parmar splines.
struct FlexibleAnalysis: VerbAnalysis {
  var request: ParametricRequest
  var model: RoystonParmar
  var prediction: SurvivalPrediction

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    request = try ParametricRequest(formula: formula, options: options)
    var varying: [(name: String, functions: Int)] = []
    for (name, text) in try options.pairs(.splineTimeVarying) {
      guard let functions = Int(text), (1...21).contains(functions) else {
        throw options.wrong(
          .splineTimeVarying, "takes pairs such as arm=1, the number from 1 to 21")
      }
      varying.append((name, functions))
    }
    model = RoystonParmar(
      knots: try options.integer(.knots, in: 0...20) ?? 2,
      scale: RoystonParmar.Scale(rawValue: try options.choice(.splineScale)) ?? .hazard,
      timeVarying: varying, robust: request.robust)
    prediction = try SurvivalPrediction(options, request)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    try request.bind(table, alsoComplete: prediction.columns) { (data) throws(SiblingError) in
      let fit = try model.fit(
        data.times, data.design, weights: data.weights, offset: data.offset,
        cluster: data.cluster)
      if prediction.isWanted { return try prediction.output(fit, data, request) }
      return request.output(fit, notes: data.notes, terms: Set(data.design.names))
    }
  }
}
