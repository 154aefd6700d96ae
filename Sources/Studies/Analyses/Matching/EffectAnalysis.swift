internal import LinearAlgebra
internal import Matching
internal import Statistics
internal import Tables

/// `effect`: a treatment effect after matching or weighting, or by an estimator that does its own.
struct EffectAnalysis: VerbAnalysis {
  /// How standard errors are made.
  enum StandardError: String, Sendable {
    /// Robust or by cluster, weights and models taken as known.
    case robust
    /// The stacked sandwich of weights or models that were estimated.
    case stacked = "m-estimation"
    /// Resamples of people, clusters or matched sets.
    case bootstrap
  }

  var design: MatchDesign
  var settings: CommonSettings
  var outcome: String
  var method: EffectMethod
  var scale: MatchedEffect.Scale
  var outcomeModel: String?
  /// The standard error asked for; nil for the estimator's default.
  var standardError: StandardError?
  var replicates: Int
  var folds: Int
  var repetitions: Int
  var varianceNeighbours: Int
  var scoreIsKnown: Bool
  var adjustsBias: Bool
  var subgroup: String?
  /// The column that identifies a row of an engine.
  var rowKey: String?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption` or `unknown` names, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    let named = try Self.methods(options)
    method = named.estimator ?? .difference
    settings = try CommonSettings(options)
    design = try MatchDesign(
      formula: formula, options: options, method: named.design ?? method.ownDesign ?? .nearest)
    outcome = try options.required(.outcome)
    scale = MatchedEffect.Scale(rawValue: try options.choice(.effectScale)) ?? .difference
    outcomeModel = options.text(.outcomeModel)
    standardError =
      options.isGiven(.standardError)
      ? StandardError(rawValue: try options.choice(.standardError)) : nil
    let count = try options.integer(.bootstrapReplicates, in: 2...1_000_000)
    if count != nil, let standardError, standardError != .bootstrap {
      throw options.wrong(
        .bootstrapReplicates, "can't be combined with --se \(standardError.rawValue)")
    }
    if count != nil { standardError = .bootstrap }
    replicates = count ?? 999
    folds = try options.integer(.folds, in: 2...10_000) ?? 5
    repetitions = try options.integer(.repetitions, in: 1...10_000) ?? 1
    varianceNeighbours = try options.integer(.varianceNeighbours, in: 0...1_000_000) ?? 0
    scoreIsKnown = try options.flag(.scoreKnown)
    adjustsBias = try options.flag(.biasAdjust)
    subgroup = options.text(.subgroup)
    rowKey = try options.rowKey()
    for key in EffectMethod.tuning where options.isGiven(key) && !method.takes(key) {
      throw options.wrong(key, "does not apply to \(method.rawValue)")
    }
  }

  /// The estimator and the design that `--method` names.
  private static func methods(
    _ options: OptionValues
  ) throws(SiblingError) -> (estimator: EffectMethod?, design: MatchDesign.Method?) {
    var estimators: [EffectMethod] = []
    var designs: [MatchDesign.Method] = []
    for name in options.texts(.effectMethod) {
      if let method = EffectMethod(rawValue: name) {
        estimators.append(method)
      } else if OptionKey.designs.contains(name), let method = MatchDesign.method(named: name) {
        designs.append(method)
      } else {
        throw options.wrong(
          .effectMethod,
          "takes an estimator (\(OptionKey.estimators.joined(separator: ", "))) or a design ("
            + OptionKey.designs.joined(separator: ", ") + ")",
          suggestion: nearestName(to: name, among: OptionKey.estimators + OptionKey.designs))
      }
    }
    guard estimators.count <= 1, designs.count <= 1 else {
      throw options.wrong(.effectMethod, "takes one estimator and one design")
    }
    if let own = estimators.first, own.ownDesign != nil, let design = designs.first {
      throw options.wrong(
        .effectMethod,
        "\(own.rawValue) makes its own comparison and takes no design beside it, such as "
          + design.rawValue)
    }
    return (estimators.first, designs.first)
  }

  /// What must be complete beside the formula's columns.
  private var needed: [String] {
    [outcome] + settings.clusters + (subgroup.map { [$0] } ?? [])
  }

  /// Applies the design to a table.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func sample(_ table: Table) throws(SiblingError) -> MatchedSample {
    try design.apply(to: table, settings: settings, alsoComplete: needed)
  }

  /// Estimates the effect on a table.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func estimate(
    _ table: Table
  ) throws(SiblingError) -> (effect: EffectEstimate, notes: [String]) {
    try estimate(on: try sample(table))
  }

  /// Estimates the effect on a sample that was matched or weighted before.
  ///
  /// - Throws: what is wrong with the outcome, located.
  func estimate(
    on sample: MatchedSample
  ) throws(SiblingError) -> (effect: EffectEstimate, notes: [String]) {
    try sample.bound.locating { () throws(SiblingError) in
      let effects = try effects(on: sample, within: [nil])
      return (effects.estimates[0], sample.notes + effects.notes + effects.estimates[0].notes)
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let (rows, notes) = try rows(table)
    return AnalysisOutput(
      columns: EffectRow.columns(rows, level: settings.level), notes: notes)
  }

  /// The effect, and with --subgroup those within its levels and their joint test.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func rows(_ table: Table) throws(SiblingError) -> (rows: [EffectRow], notes: [String]) {
    let sample = try sample(table)
    guard let subgroup else {
      let (effect, notes) = try estimate(on: sample)
      return ([row(effect)], notes)
    }
    return try sample.bound.locating { () throws(SiblingError) in
      let result = try subgroupEffects(on: sample, by: subgroup)
      return (result.rows, sample.notes + result.notes)
    }
  }

  /// The row of an effect.
  func row(_ effect: EffectEstimate, analysis: String = "effect") -> EffectRow {
    EffectRow(analysis: analysis, estimator: method.rawValue, outcome: outcome, effect: effect)
  }
}

extension EffectMethod {
  /// The options that only some estimators take.
  static let tuning: [OptionKey] = [
    .outcomeModel, .folds, .repetitions, .varianceNeighbours, .scoreKnown, .biasAdjust,
  ]

  /// Whether the estimator has a use for one of those options.
  func takes(_ key: OptionKey) -> Bool {
    switch key {
    case .outcomeModel: self != .difference
    case .folds, .repetitions: self == .doubleMachineLearning
    case .varianceNeighbours, .scoreKnown, .biasAdjust: self == .abadieImbens
    default: true
    }
  }

  /// The design of an estimator that makes its own comparison; nil for those that are told one.
  var ownDesign: MatchDesign.Method? {
    switch self {
    case .difference, .gComputation: nil
    case .augmentedWeighting, .targetedLearning, .doubleMachineLearning: .score
    case .abadieImbens: .neighbors
    }
  }
}
