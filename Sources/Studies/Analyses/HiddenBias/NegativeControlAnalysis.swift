internal import Matching
internal import Statistics
internal import Tables

/// `negative-control`: the design's 'effects' on outcomes that should show none.
struct NegativeControlAnalysis: VerbAnalysis {
  /// The effect's analysis, its outcome replaced for each control.
  var effect: EffectAnalysis
  var outcomes: [String]

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption` or `unknown` names, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    outcomes = options.texts(.controlOutcomes)
    var single = options
    if let first = outcomes.first { single.set(.outcome, to: first) }
    effect = try EffectAnalysis(formula: formula, options: single)
    guard Set(outcomes).count == outcomes.count else {
      throw options.wrong(.controlOutcomes, "names a column twice")
    }
  }

  /// The estimates, each on its complete rows.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func estimates(
    _ table: Table
  ) throws(SiblingError) -> (effects: [EffectEstimate], notes: [String]) {
    var effects: [EffectEstimate] = []
    var notes: [String] = []
    for outcome in outcomes {
      var single = effect
      single.outcome = outcome
      let (estimate, found) = try single.estimate(table)
      effects.append(estimate)
      for note in found where !notes.contains(note) { notes.append(note) }
    }
    return (effects, notes)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let (effects, found) = try estimates(table)
    let adjusted = HolmAdjustment.adjusted(effects.map(\.estimate.pValue))
    let rows = zip(outcomes, effects).map { outcome, estimate in
      EffectRow(
        analysis: "negative-control", estimator: effect.method.rawValue,
        outcome: outcome, effect: estimate)
    }
    var columns = EffectRow.columns(rows, level: effect.settings.level)
    let place = columns.firstIndex { $0.name == "conf.low" } ?? columns.count
    columns.insert(.numbers("p.holm", adjusted), at: place)
    return AnalysisOutput(
      columns: columns, notes: found + [Self.words(adjusted, level: effect.settings.level)])
  }

  /// What the controls say, in a sentence.
  static func words(_ adjusted: [Double?], level: Double) -> String {
    let alarms = adjusted.count { ($0 ?? 1) < 1 - level }
    return alarms == 0
      ? "no negative control stands out after Holm's adjustment; that does not show that the design"
        + " is free of bias"
      : "\(alarms) of \(adjusted.count) negative controls stand out after Holm's adjustment: the groups"
        + " differ in something that the design does not balance"
  }
}
