internal import Matching
internal import Statistics
internal import Tables

/// `manski`: no-assumption bounds of an effect.
struct ManskiAnalysis: VerbAnalysis {
  var formula: String
  var settings: CommonSettings
  var outcome: String
  var bounds: ManskiBounds
  var readsMissing: Bool

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    self.formula = try VerbFormula.needed(formula, like: "treatment ~ 1")
    settings = try CommonSettings(options)
    bounds = try Self.configuration(options, level: settings.level)
    readsMissing = try options.choice(.missingOutcome) == "worst-case"
    outcome = try options.required(.outcome)
    guard settings.clusters.count <= 1 else {
      throw options.wrong(.cluster, "takes one column here")
    }
  }

  /// The bounds asked for.
  ///
  /// - Throws: `invalidOption`.
  static func configuration(
    _ options: OptionValues, level: Double
  ) throws(SiblingError) -> ManskiBounds {
    let lower = try options.number(.lowerValue)
    let upper = try options.number(.upperValue)
    let estimand = Estimand(rawValue: try options.choice(.boundsEstimand)) ?? .ate
    let response =
      ManskiBounds.Response(rawValue: try options.choice(.monotoneResponse)) ?? .none
    let selection =
      ManskiBounds.Selection(rawValue: try options.choice(.monotoneSelection)) ?? .none
    guard let lower, let upper else {
      _ = try options.required(lower == nil ? .lowerValue : .upperValue)
      throw options.wrong(.lowerValue, "takes a number")
    }
    guard lower < upper else { throw options.wrong(.lowerValue, "takes a number below --upper") }
    return ManskiBounds(
      lower: lower, upper: upper, estimand: estimand, response: response, selection: selection,
      level: level)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let parsed = try Formula(parsing: formula)
    let coded = try Treatment.coded(table, column: parsed.responseColumn, level: settings.treated)
    var plain = settings
    plain.treated = nil
    let bound = try BoundFormula(
      formula, to: coded, settings: plain, alsoComplete: readsMissing ? [] : [outcome])
    guard bound.frame.design.columns == (bound.frame.design.hasIntercept ? 1 : 0) else {
      throw SiblingError(
        .usage, "bounds without assumptions use no covariates",
        help: "write '\(parsed.responseName ?? "treatment") ~ 1'")
    }
    guard outcome != parsed.responseColumn else {
      throw SiblingError(
        .badDesign, "the outcome is the treatment", help: "name another column with --outcome",
        column: outcome)
    }
    return try bound.locating { () throws(SiblingError) in
      let all = try bound.table.doubles(outcome)
      let values = bound.frame.rows.map { all[$0] }
      let treated = try Treatment.flags(bound.frame)
      let cluster = try bound.singleCluster()
      var plain = bounds
      (plain.response, plain.selection) = (.none, .none)
      var results = [
        (
          "none",
          try plain.bounds(
            outcome: values, treatment: treated, weights: bound.weights, cluster: cluster)
        )
      ]
      if let name = Self.assumptions(bounds) {
        results.append(
          (
            name,
            try bounds.bounds(
              outcome: values, treatment: treated, weights: bound.weights, cluster: cluster)
          ))
      }
      var notes = bound.notes
      let missing = results[0].1.missingOutcomes
      if missing > 0 {
        notes.append("\(missing) rows without outcome are read in the worst way for each bound")
      }
      return AnalysisOutput(columns: Self.columns(results), notes: notes)
    }
  }

  /// The assumptions in words; nil without.
  static func assumptions(_ bounds: ManskiBounds) -> String? {
    var parts: [String] = []
    if bounds.response != .none { parts.append("response \(bounds.response.rawValue)") }
    if bounds.selection != .none { parts.append("selection \(bounds.selection.rawValue)") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  private static func columns(_ rows: [(assumptions: String, bounds: ManskiInterval)]) -> [Column] {
    [
      .texts("term", rows.map(\.bounds.estimand.rawValue)),
      .texts("assumptions", rows.map(\.assumptions)),
      .numbers("bound.low", rows.map(\.bounds.low)),
      .numbers("bound.high", rows.map(\.bounds.high)),
      .numbers("std.error.low", rows.map(\.bounds.lowError)),
      .numbers("std.error.high", rows.map(\.bounds.highError)),
      .numbers("conf.low", rows.map(\.bounds.interval.low)),
      .numbers("conf.high", rows.map(\.bounds.interval.high)),
      .integers("n_treated", rows.map(\.bounds.treatedRows)),
      .integers("n_comparison", rows.map(\.bounds.comparisonRows)),
      .integers("missing", rows.map(\.bounds.missingOutcomes)),
    ]
  }
}
