internal import Matching
internal import Statistics
internal import Tables

/// `weight`: every row with its probability of treatment and its weight.
struct WeightAnalysis: VerbAnalysis {
  var design: MatchDesign
  var settings: CommonSettings
  /// The column that identifies a row of an engine.
  var rowKey: String?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    var options = options
    let method =
      MatchDesign.method(named: try options.choice(.weightMethod)) ?? .inverseProbability
    // The design's own default is the effect on the treated, as for matching.
    if !options.isGiven(.estimand) {
      options.set(.estimand, to: try options.choice(.weightEstimand))
    }
    design = try MatchDesign(formula: formula, options: options, method: method)
    settings = try CommonSettings(options)
    rowKey = try options.rowKey()
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let sample = try design.apply(to: table, settings: settings)
    let count = table.rowCount
    var treated = [Int?](repeating: nil, count: count)
    var propensity = [Double?](repeating: nil, count: count)
    var weight = [Double?](repeating: nil, count: count)
    let probability = sample.probability
    for (index, row) in sample.rows.enumerated() {
      treated[row] = sample.treated[index] ? 1 : 0
      propensity[row] = probability?[index]
      weight[row] = sample.weights[index]
    }
    var output = AnalysisOutput(
      columns: [
        .integers("row", (0..<count).map { $0 + 1 }), .integers("treated", treated),
        .numbers("propensity", propensity), .numbers("weight", weight),
      ], notes: sample.notes)
    output.hasRowsOfPeople = true
    return output
  }
}
