internal import LinearAlgebra
internal import Matching
internal import Statistics
internal import Tables

extension EffectAnalysis {
  /// The standard error that applies to the estimator and the sample.
  ///
  /// - Throws: `invalidOption` where the one asked for is none.
  func standardErrorKind(
    _ sample: MatchedSample, _ columns: EffectColumns
  ) throws(SiblingError) -> StandardError {
    let isPlain = method == .difference || method == .gComputation
    let isWeighted = isPlain && sample.match == nil && sample.weighting != nil
    switch standardError {
    case nil: return isWeighted || method == .augmentedWeighting ? .stacked : .robust
    case .robust:
      return .robust
    case .stacked:
      guard isWeighted || method == .augmentedWeighting else {
        throw refused(
          "m-estimation is for aipw, and for estimated weights (ipw, entropy, cbps) with difference"
            + " or gcomp",
          isPlain
            ? "Leave --se out: matched samples are clustered by matched set."
            : "Leave --se out: \(method.rawValue) has a standard error of its own.")
      }
      return .stacked
    case .bootstrap:
      if method == .abadieImbens {
        throw refused(
          "the bootstrap fails for matching with replacement, even in large samples (Abadie and"
            + " Imbens 2008, doi:10.3982/ECTA6474)",
          "Leave --bootstrap out: abadie-imbens has a standard error of its own.")
      }
      if method == .doubleMachineLearning {
        throw refused(
          "dml is not bootstrapped: its folds would share rows with themselves",
          "Leave --bootstrap out: dml has the standard error of its influence function.")
      }
      if sample.match?.allowsReuse == true, isPlain {
        throw refused(
          "matched sets that share units can't be resampled, and matching again in each resample is"
            + " not valid (Abadie and Imbens 2008, doi:10.3982/ECTA6474)",
          "Leave --bootstrap out, or use --method abadie-imbens.")
      }
      return .bootstrap
    }
  }

  private func refused(_ message: String, _ help: String) -> SiblingError {
    SiblingError(.invalidOption, message, help: help, column: "se")
  }

  /// The effects in every resample, and the words for their standard error.
  ///
  /// People or clusters are resampled by counting them as weights, and weights and models fitted
  /// again; matched sets are resampled as they were matched (Austin, P. C. and Small, D. S. (2014),
  /// https://doi.org/10.1002/sim.6276).
  func resampled(
    _ sample: MatchedSample, _ columns: EffectColumns, _ parts: [[Bool]?]
  ) throws(SiblingError) -> (resamples: Bootstrap.Sample, words: String) {
    let isPlain = method == .difference || method == .gComputation
    let match = isPlain ? sample.match : nil
    let units = columns.cluster ?? match?.pairedSets
    let name = columns.cluster != nil ? "clusters" : units != nil ? "matched sets" : "people"
    let bootstrap = Bootstrap(replicates: replicates, seed: settings.seed, name: "effect")
    let refits = isPlain && match == nil && sample.weighting != nil
    let rows = sample.treated.count
    var plain = self
    plain.settings.clusters = []
    // Resamples need no standard error of their own.
    plain.standardError = .robust
    let estimator = plain
    var alone = columns
    alone.cluster = nil
    let shared = alone
    let resamples = try bootstrap.sample(rows: rows, units: units) {
      (counts) throws(SiblingError) in
      var drawn = sample
      drawn.match = nil
      if refits {
        drawn = try estimator.design.sample(sample.bound.weighted(by: counts))
      } else {
        drawn.bound = sample.bound.weighted(by: counts)
        drawn.weights = zip(sample.weights, counts).map { $0 * $1 }
      }
      var values: [Double] = []
      for part in parts {
        values.append(
          try estimator.effect(on: drawn, shared, within: part, equations: nil).onErrorScale)
      }
      return values
    }
    return (resamples, "bootstrap of \(resamples.units) \(name), \(replicates) resamples")
  }
}

extension BoundFormula {
  /// The same rows, each counted so often.
  func weighted(by counts: [Double]) -> BoundFormula {
    var result = self
    result.weights = weights.map { zip($0, counts).map { $0 * $1 } } ?? counts
    return result
  }
}
