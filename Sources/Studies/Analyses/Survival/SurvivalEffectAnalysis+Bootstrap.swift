internal import Matching
internal import Statistics
internal import Survival
internal import Tables

extension SurvivalEffectAnalysis {
  /// Standard errors from resamples of people, clusters or matched sets.
  ///
  /// Weights, of censoring too, are fitted again in each resample; matched sets are resampled as they were matched
  /// (Austin & Small 2014, doi:10.1002/sim.6276). A row drawn twice stands twice, so that ties are
  /// treated as in data.
  func resampled(
    _ made: SurvivalContrastMaker.Result, _ sample: MatchedSample, _ times: SurvivalTimes,
    _ cluster: Factor?, _ covariates: DesignMatrix?
  ) throws(SiblingError) -> (errors: [Double?], words: String, clusters: Int?, notes: [String]) {
    let contrasts = made.contrasts
    let units = cluster ?? sample.match?.pairedSets
    let name = cluster != nil ? "clusters" : units != nil ? "matched sets" : "people"
    let known = contrasts.indices.filter { contrasts[$0].estimate.isFinite }
    guard !known.isEmpty else { return (contrasts.map { _ in nil }, "bootstrap", nil, []) }
    let bootstrap = Bootstrap(
      replicates: replicates, seed: settings.seed, name: "survival-effect")
    // Every resample is read at the horizon of the whole sample.
    var fixed = maker
    fixed.estimator.tau = made.tau
    let (maker, design) = (fixed, design)
    let refits = sample.match == nil && sample.weighting != nil
    let resamples = try bootstrap.sample(rows: sample.treated.count, units: units) {
      (counts) throws(SiblingError) in
      let weights =
        refits
        ? try design.sample(sample.bound.weighted(by: counts)).weights
        : zip(sample.weights, counts).map { $0 * $1 }
      var rows: [Int] = []
      for (row, count) in counts.enumerated() where count > 0 && weights[row] > 0 {
        for _ in 0..<Int(count) { rows.append(row) }
      }
      let drawn = try maker.make(
        try times.selecting(rows), treated: rows.map { sample.treated[$0] },
        weights: rows.map { weights[$0] / counts[$0] },
        covariates: covariates?.selecting(rows: rows))
      return known.map { drawn.contrasts[$0].estimate }
    }
    let covariance = resamples.covariance
    var errors = [Double?](repeating: nil, count: contrasts.count)
    for (place, index) in known.enumerated() {
      let variance = covariance[place][place]
      errors[index] = variance > 0 ? variance.squareRoot() : nil
    }
    let notes =
      resamples.failures > 0
      ? ["\(resamples.failures) of \(replicates) resamples gave no estimate and are left out"] : []
    return (
      errors, "bootstrap of \(resamples.units) \(name), \(replicates) resamples, z",
      units == nil ? nil : resamples.units, notes
    )
  }
}
