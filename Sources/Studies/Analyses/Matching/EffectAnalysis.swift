internal import Matching
internal import Statistics
internal import Tables

/// `effect`: a treatment effect after matching or weighting.
struct EffectAnalysis: VerbAnalysis {
  var design: MatchDesign
  var settings: CommonSettings
  var outcome: String
  var estimator: MatchedEffect
  var outcomeModel: String?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption` or `unknown` names, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    var estimators: [MatchedEffect.Method] = []
    var designs: [MatchDesign.Method] = []
    for name in options.texts(.effectMethod) {
      if let method = MatchedEffect.Method(rawValue: name) {
        estimators.append(method)
      } else if let method = MatchDesign.method(named: name) {
        designs.append(method)
      } else {
        let known = ["difference", "gcomp"] + OptionKey.designs
        throw options.wrong(
          .effectMethod,
          "takes an estimator (difference, gcomp) or a design ("
            + OptionKey.designs.joined(separator: ", ") + ")",
          suggestion: nearestName(to: name, among: known))
      }
    }
    guard estimators.count <= 1, designs.count <= 1 else {
      throw options.wrong(.effectMethod, "takes one estimator and one design")
    }
    settings = try CommonSettings(options)
    design = try MatchDesign(
      formula: formula, options: options, method: designs.first ?? .nearest)
    outcome = try options.required(.outcome)
    estimator = MatchedEffect(
      method: estimators.first ?? .difference,
      scale: MatchedEffect.Scale(rawValue: try options.choice(.effectScale)) ?? .difference,
      level: settings.level)
    outcomeModel = options.text(.outcomeModel)
  }

  /// What must be complete beside the formula's columns.
  private var needed: [String] { [outcome] + settings.clusters }

  /// Estimates the effect on a table.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func estimate(
    _ table: Table
  ) throws(SiblingError) -> (effect: EffectEstimate, notes: [String]) {
    let sample = try design.apply(to: table, settings: settings, alsoComplete: needed)
    return try estimate(on: sample)
  }

  /// Estimates the effect on a sample that was matched or weighted before.
  ///
  /// - Throws: what is wrong with the outcome, located.
  func estimate(
    on sample: MatchedSample
  ) throws(SiblingError) -> (effect: EffectEstimate, notes: [String]) {
    try sample.bound.locating { () throws(SiblingError) in
      try refuseOutcomeAsCovariate(sample.bound)
      let values = try outcomeValues(sample.bound)
      let cluster = try cluster(sample)
      let model = try outcomeDesign(sample)
      let effect: EffectEstimate
      if let match = sample.match, sample.bound.weights == nil {
        effect = try estimator.estimate(
          outcome: values, treatment: sample.treated, match: match, design: model,
          cluster: cluster)
      } else {
        effect = try estimator.estimate(
          outcome: values, treatment: sample.treated, weights: sample.weights,
          estimand: design.estimand, design: model,
          cluster: cluster ?? sample.match?.subclassFactor)
      }
      return (effect, sample.notes + effect.notes)
    }
  }

  /// The clusters of the standard error: a study names them for an effect, not for its design.
  private func cluster(_ sample: MatchedSample) throws(SiblingError) -> Factor? {
    guard sample.bound.clusters.isEmpty,
      let column = settings.clusters.first ?? design.weighting.site
    else {
      return try sample.bound.singleCluster()
    }
    guard settings.clusters.count <= 1 else {
      throw SiblingError(
        .invalidOption, "this estimator takes one column of clusters", column: "cluster")
    }
    return try sample.bound.frame.factor(of: column)
  }

  /// What happens after treatment can't make the groups alike before it.
  private func refuseOutcomeAsCovariate(_ bound: BoundFormula) throws(SiblingError) {
    guard outcome != bound.frame.formula.responseColumn else {
      throw SiblingError(
        .badDesign, "the outcome is the treatment", help: "name another column with --outcome",
        column: outcome)
    }
    guard try bound.frame.formula.termColumns(in: bound.table.names).contains(outcome) else {
      return
    }
    throw SiblingError(
      .badDesign, "the outcome '\(outcome)' is among the covariates of the design",
      help: "covariates must be fixed before treatment; leave it out, or write '. - \(outcome)'",
      column: outcome)
  }

  /// The outcome as numbers; a two-level text or a boolean is 0/1.
  private func outcomeValues(_ bound: BoundFormula) throws(SiblingError) -> [Double] {
    guard let column = bound.table[outcome], case .text(let factor) = column.values else {
      return try bound.frame.numbers(of: outcome)
    }
    let levels = factor.droppingUnusedLevels().levels
    guard levels.count == 2 else {
      throw SiblingError(
        .wrongType, "the outcome '\(outcome)' is text with \(levels.count) levels",
        help: "recode it with --derive, for example 'worked = status == \"yes\"'",
        column: outcome)
    }
    let used = try bound.frame.factor(of: outcome)
    return used.codes.map { used.levels[Int($0)] == levels[1] ? 1 : 0 }
  }

  private func outcomeDesign(_ sample: MatchedSample) throws(SiblingError) -> OutcomeDesign? {
    guard estimator.method == .gComputation else { return nil }
    guard let outcomeModel else { return .interacted(sample.bound.frame.design) }
    let text = outcomeModel.contains("~") ? outcomeModel : "~ \(outcomeModel)"
    var plain = settings
    plain.clusters = []
    plain.weights = nil
    plain.treated = nil
    let subset = sample.bound.table.selecting(rows: sample.rows)
    let bound = try BoundFormula(text, to: subset, settings: plain)
    guard bound.frame.rows.count == sample.rows.count else {
      throw SiblingError(
        .missingValue, "the outcome model needs columns that are missing in matched rows",
        help: "leave those rows out with --where before matching", column: "outcome-model")
    }
    return .interacted(bound.frame.design)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let (effect, notes) = try estimate(table)
    let row = EffectRow(
      analysis: "effect", estimator: estimator.method.rawValue, outcome: outcome, effect: effect)
    return AnalysisOutput(
      columns: EffectRow.columns([row], level: settings.level), notes: notes)
  }
}

/// A row of the report's estimates columns.
struct EffectRow: Sendable {
  var analysis: String
  var estimand: String
  var estimator: String
  var outcome: String
  var estimate: Estimate
  var scale: String
  var treated: Int?
  var comparison: Int?
  var treatedEvents: Int?
  var comparisonEvents: Int?
  var clusters: Int?

  /// The row of a matched or weighted effect.
  init(analysis: String, estimator: String, outcome: String, effect: EffectEstimate) {
    self.init(
      analysis: analysis, estimand: effect.estimate.term, estimator: estimator, outcome: outcome,
      estimate: effect.estimate, scale: effect.scale.rawValue)
    treated = effect.treatedRows
    comparison = effect.comparisonRows
    treatedEvents = effect.treatedEvents
    comparisonEvents = effect.comparisonEvents
    clusters = effect.clusters
  }

  /// A row without counts.
  init(
    analysis: String, estimand: String, estimator: String, outcome: String, estimate: Estimate,
    scale: String
  ) {
    self.analysis = analysis
    self.estimand = estimand
    self.estimator = estimator
    self.outcome = outcome
    self.estimate = estimate
    self.scale = scale
  }

  /// The report's estimates columns.
  static func columns(_ rows: [EffectRow], level: Double) -> [Column] {
    [
      .texts("analysis", rows.map(\.analysis)), .texts("estimand", rows.map(\.estimand)),
      .texts("estimator", rows.map(\.estimator)), .texts("outcome", rows.map(\.outcome)),
      .texts("subgroup", rows.map { _ in nil }), .texts("term", rows.map(\.estimate.term)),
      .numbers("estimate", rows.map(\.estimate.estimate)),
      .numbers("std.error", rows.map(\.estimate.standardError)),
      .numbers("statistic", rows.map(\.estimate.statistic)),
      .numbers("df", rows.map(\.estimate.degreesOfFreedom)),
      .numbers("p.value", rows.map(\.estimate.pValue)),
      .numbers("conf.low", rows.map(\.estimate.interval?.low)),
      .numbers("conf.high", rows.map(\.estimate.interval?.high)),
      .numbers("conf.level", rows.map { _ in level }), .texts("scale", rows.map(\.scale)),
      .integers("n_treated", rows.map(\.treated)),
      .integers("n_comparison", rows.map(\.comparison)),
      .integers("events_treated", rows.map(\.treatedEvents)),
      .integers("events_comparison", rows.map(\.comparisonEvents)),
      .texts("se_type", rows.map(\.estimate.convention)),
      .integers("n_clusters", rows.map(\.clusters)),
      .texts("gate", rows.map { _ in "NOT EVALUATED" }),
    ]
  }
}
