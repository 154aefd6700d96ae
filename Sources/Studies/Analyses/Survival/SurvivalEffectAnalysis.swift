internal import Matching
internal import Statistics
internal import Survival
internal import Tables

/// `survival-effect`: effects on survival after matching or weighting.
///
/// The design can be made once and used for many outcomes: `estimate(on:table:)` takes a sample that
/// was matched or weighted before.
struct SurvivalEffectAnalysis: VerbAnalysis {
  var design: MatchDesign
  var settings: CommonSettings
  var response: SurvivalResponseText
  var maker: SurvivalContrastMaker
  /// The covariates of the model of censoring.
  var censoring: String?
  /// The standard error asked for; nil for the design's default.
  var standardError: EffectAnalysis.StandardError?
  var replicates: Int

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    let method = MatchDesign.method(named: try options.choice(.balanceMethod)) ?? .nearest
    design = try MatchDesign(formula: formula, options: options, method: method)
    settings = try CommonSettings(options)
    maker = SurvivalContrastMaker(estimator: try Self.estimator(options))
    (censoring, maker.censoring) = try Self.censoring(options)
    maker.deltas = try options.numbers(.delta)
    maker.deltaArm = .init(rawValue: try options.choice(.deltaArm)) ?? .both
    guard maker.deltas.allSatisfy({ $0 >= 0 }) else {
      throw options.wrong(.delta, "takes numbers from 0")
    }
    if !maker.deltas.isEmpty, censoring != nil {
      throw options.wrong(.delta, "can't be combined with --censoring")
    }
    if maker.deltas.isEmpty, options.isGiven(.deltaArm) {
      throw options.wrong(.deltaArm, "needs --delta")
    }
    (standardError, replicates) = try Self.error(options)
    response = try SurvivalResponseText(options)
  }

  private static func estimator(
    _ options: OptionValues
  ) throws(SiblingError) -> MarginalSurvival {
    let known = MarginalSurvival.Measure.allCases.map(\.rawValue)
    var measures: [MarginalSurvival.Measure] = []
    for name in options.texts(.measures) {
      guard let measure = MarginalSurvival.Measure(rawValue: name) else {
        throw options.wrong(
          .measures, "takes " + known.joined(separator: ", "),
          suggestion: nearestName(to: name, among: known))
      }
      measures.append(measure)
    }
    guard !measures.isEmpty else {
      throw options.wrong(.measures, "takes " + known.joined(separator: ", "))
    }
    let times = try options.numbers(.milestones)
    guard times.allSatisfy({ $0 > 0 }) else {
      throw options.wrong(.milestones, "takes positive numbers")
    }
    if !times.isEmpty, !measures.contains(.milestone) {
      throw options.wrong(.milestones, "needs milestone among the measures")
    }
    return MarginalSurvival(
      measures: measures, times: times,
      tau: try options.number(
        .tau, in: Double.leastNormalMagnitude...Double.greatestFiniteMagnitude),
      ties: CoxRegression.Ties(rawValue: try options.choice(.ties)) ?? .efron)
  }

  /// The covariates and the settings of censoring weights.
  private static func censoring(
    _ options: OptionValues
  ) throws(SiblingError) -> (formula: String?, weighting: CensoringWeighting?) {
    let trim = try options.number(.censoringTrim, in: 0.5.nextUp...1)
    guard let text = options.text(.censoringModel) else {
      if trim != nil { throw options.wrong(.censoringTrim, "needs --censoring") }
      return (nil, nil)
    }
    let formula = text.contains("~") ? text : "~ \(text)"
    guard try !Formula(parsing: formula).hasResponse else {
      throw options.wrong(.censoringModel, "takes covariates only, such as '~ age'")
    }
    return (formula, CensoringWeighting(trim: trim))
  }

  /// The standard error that options ask for, and the resamples of a bootstrap.
  ///
  /// - Throws: `invalidOption`.
  static func error(
    _ options: OptionValues
  ) throws(SiblingError) -> (kind: EffectAnalysis.StandardError?, replicates: Int) {
    var kind =
      options.isGiven(.survivalError)
      ? EffectAnalysis.StandardError(rawValue: try options.choice(.survivalError)) : nil
    let count = try options.integer(.bootstrapReplicates, in: 2...1_000_000)
    if count != nil, let kind, kind != .bootstrap {
      throw options.wrong(.bootstrapReplicates, "can't be combined with --se \(kind.rawValue)")
    }
    if count != nil { kind = .bootstrap }
    return (kind, count ?? 999)
  }

  /// Makes the design on a table.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func sample(_ table: Table) throws(SiblingError) -> MatchedSample {
    let own = try censoring.map { (text) throws(SiblingError) in
      try Formula(parsing: text).termColumns(in: table.names)
    }
    return try design.apply(
      to: table, settings: settings,
      alsoComplete: response.columns + settings.clusters + (own ?? []))
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let sample = try sample(table)
    let result = try estimate(on: sample, table: table)
    var output = AnalysisOutput(
      columns: SurvivalEffectRow.columns(result.rows, level: settings.level),
      notes: sample.notes + result.notes)
    output.labels = ["delta"]
    return output
  }
}

/// A row of the report's estimates columns, with its time and what the arms have.
struct SurvivalEffectRow: Sendable {
  /// The estimates columns.
  var row: EffectRow
  /// The milestone or horizon.
  var time: Double?
  /// The value among the treated.
  var treated: Double?
  /// The value among the comparisons.
  var comparison: Double?
  /// The hazard after censoring relative to that before; nil where censoring is taken as it is.
  var delta: Double?
  /// The E-value of a hazard ratio.
  var strength: EValue?

  /// The estimates columns, then those of survival.
  static func columns(_ rows: [SurvivalEffectRow], level: Double) -> [Column] {
    EffectRow.columns(rows.map(\.row), level: level) + [
      .numbers("time", rows.map(\.time)), .numbers("value_treated", rows.map(\.treated)),
      .numbers("value_comparison", rows.map(\.comparison)),
      .numbers("delta", rows.map(\.delta)), .numbers("e.value", rows.map(\.strength?.point)),
      .numbers("e.value.limit", rows.map(\.strength?.limit)),
    ]
  }
}
