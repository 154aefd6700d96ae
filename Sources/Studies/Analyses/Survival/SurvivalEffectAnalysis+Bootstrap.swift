internal import Matching
internal import Statistics
internal import Survival
internal import Tables

extension SurvivalEffectAnalysis {
  /// Standard errors from resamples of people, clusters or matched sets.
  ///
  /// Weights are fitted again in each resample; matched sets are resampled as they were matched
  /// (Austin & Small 2014, doi:10.1002/sim.6276). A row drawn twice stands twice, so that ties are
  /// treated as in data.
  func resampled(
    _ contrasts: [SurvivalContrast], _ sample: MatchedSample, _ times: SurvivalTimes,
    _ cluster: Factor?
  ) throws(SiblingError) -> (errors: [Double?], words: String, clusters: Int?, notes: [String]) {
    let units = cluster ?? sample.match?.pairedSets
    let name = cluster != nil ? "clusters" : units != nil ? "matched sets" : "people"
    let known = contrasts.indices.filter { contrasts[$0].estimate.isFinite }
    guard !known.isEmpty else { return (contrasts.map { _ in nil }, "bootstrap", nil, []) }
    let bootstrap = Bootstrap(
      replicates: replicates, seed: settings.seed, name: "survival-effect")
    var fixed = estimator
    // Every resample is read at the horizon of the whole sample.
    fixed.tau =
      contrasts.last { $0.time != nil && $0.scale != .survivalDifference }?.time ?? fixed.tau
    if fixed.times.isEmpty {
      fixed.times = contrasts.filter { $0.scale == .survivalDifference }.compactMap(\.time)
    }
    let (estimator, design) = (fixed, design)
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
      let fit = try estimator.fit(
        try times.selecting(rows), treatment: rows.map { sample.treated[$0] },
        weights: rows.map { weights[$0] / counts[$0] })
      return known.map { fit.contrasts[$0].estimate }
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
