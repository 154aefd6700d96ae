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
  var estimator: MarginalSurvival
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
    estimator = try Self.estimator(options)
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
    try design.apply(
      to: table, settings: settings, alsoComplete: response.columns + settings.clusters)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let sample = try sample(table)
    let result = try estimate(on: sample, table: table)
    return AnalysisOutput(
      columns: SurvivalEffectRow.columns(result.rows, level: settings.level),
      notes: sample.notes + result.notes)
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
  /// The E-value of a hazard ratio.
  var strength: EValue?

  /// The estimates columns, then those of survival.
  static func columns(_ rows: [SurvivalEffectRow], level: Double) -> [Column] {
    EffectRow.columns(rows.map(\.row), level: level) + [
      .numbers("time", rows.map(\.time)), .numbers("value_treated", rows.map(\.treated)),
      .numbers("value_comparison", rows.map(\.comparison)),
      .numbers("e.value", rows.map(\.strength?.point)),
      .numbers("e.value.limit", rows.map(\.strength?.limit)),
    ]
  }
}
