internal import Matching
internal import Statistics
internal import Tables

/// The columns that an effect is estimated from, read from a sample once.
struct EffectColumns: Sendable {
  /// The outcome of each row of the sample.
  var outcome: [Double]
  /// The clusters of the standard error; nil for the design's own.
  var cluster: Factor?
  /// The covariates of the outcome model, intercept first; nil where there is none.
  var covariates: DesignMatrix?
}

extension EffectAnalysis {
  /// Reads the outcome, the clusters and the outcome model's covariates.
  ///
  /// - Throws: what is wrong with them.
  func columns(_ sample: MatchedSample) throws(SiblingError) -> EffectColumns {
    try refuseOutcomeAsCovariate(sample.bound)
    return EffectColumns(
      outcome: try outcomeValues(sample.bound), cluster: try cluster(sample),
      covariates: try covariates(sample))
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
    guard try bound.frame.formula.termColumns(in: bound.seen).contains(outcome) else {
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

  private func covariates(_ sample: MatchedSample) throws(SiblingError) -> DesignMatrix? {
    switch method {
    case .difference: return nil
    case .abadieImbens where !adjustsBias: return nil
    default: break
    }
    guard let outcomeModel else { return sample.bound.frame.design }
    let text = outcomeModel.contains("~") ? outcomeModel : "~ \(outcomeModel)"
    var plain = settings
    plain.clusters = []
    plain.weights = nil
    plain.treated = nil
    let named = try Formula(parsing: text).termColumns(in: sample.bound.table.names)
    if let column = [outcome, sample.bound.frame.formula.responseColumn ?? outcome]
      .first(where: { named.contains($0) })
    {
      throw SiblingError(
        .badDesign,
        "'\(column)', the \(column == outcome ? "outcome" : "treatment"), is among the covariates of"
          + " the outcome model",
        help: "name what was fixed before treatment", column: "outcome-model")
    }
    let subset = sample.bound.table.selecting(rows: sample.rows)
    let bound = try BoundFormula(text, to: subset, settings: plain)
    guard bound.frame.rows.count == sample.rows.count else {
      throw SiblingError(
        .missingValue, "the outcome model needs columns that are missing in matched rows",
        help: "leave those rows out with --where before matching", column: "outcome-model")
    }
    return bound.frame.design
  }
}
