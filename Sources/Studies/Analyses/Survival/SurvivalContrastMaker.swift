internal import LinearAlgebra
internal import Statistics
internal import Survival
internal import Tables

/// Everything that `survival-effect` estimates from follow-up, treatment and weights, in one list.
///
/// The contrasts, under censoring weights where they are asked for, and then those of every δ.
struct SurvivalContrastMaker: Sendable {
  /// In which arm the hazard after censoring differs.
  enum DeltaArm: String, Sendable {
    /// In both.
    case both
    /// Among the treated.
    case treated
    /// Among the comparisons.
    case comparison
  }

  var estimator: MarginalSurvival
  /// How censoring is undone; nil takes it as non-informative.
  var censoring: CensoringWeighting?
  /// The hazards after censoring, relative to those before.
  var deltas: [Double] = []
  var deltaArm = DeltaArm.both

  /// Contrasts, with the δ of those that have one.
  struct Result {
    var contrasts: [SurvivalContrast]
    var deltas: [Double?]
    var tau: Double
    var notes: [String]
  }

  /// The contrasts; `covariates` are those of the model of censoring.
  ///
  /// - Throws: what is wrong with the follow-up or the models.
  func make(
    _ times: SurvivalTimes, treated: [Bool], weights: [Double], covariates: DesignMatrix?
  ) throws(SiblingError) -> Result {
    let (fit, notes) = try contrasts(times, treated, weights, covariates)
    var result = Result(
      contrasts: fit.contrasts, deltas: fit.contrasts.map { _ in nil }, tau: fit.tau,
      notes: notes + fit.notes)
    for delta in deltas {
      for contrast in try sensitivity(delta, fit.tau).fit(
        times, treatment: treated, weights: weights)
      {
        result.contrasts.append(contrast)
        result.deltas.append(delta)
      }
    }
    return result
  }

  /// The analysis of one δ.
  func sensitivity(_ delta: Double, _ tau: Double) -> CensoringSensitivity {
    let times = estimator.times.isEmpty ? [tau] : estimator.times
    return CensoringSensitivity(
      times: estimator.measures.contains(.milestone) ? times : [],
      tau: estimator.measures.contains(.restrictedMean) ? tau : nil,
      treated: deltaArm == .comparison ? 1 : delta, comparison: deltaArm == .treated ? 1 : delta)
  }

  private func contrasts(
    _ times: SurvivalTimes, _ treated: [Bool], _ weights: [Double], _ covariates: DesignMatrix?
  ) throws(SiblingError) -> (fit: MarginalSurvivalFit, notes: [String]) {
    guard let censoring, let covariates else {
      return (try estimator.fit(times, treatment: treated, weights: weights), [])
    }
    // Rows that were left out say nothing of who is censored.
    let rows = weights.indices.filter { weights[$0] > 0 }
    let some = rows.map { treated[$0] }
    let spells = try censoring.fit(
      try times.selecting(rows), treatment: some, covariates: covariates.selecting(rows: rows))
    let fit = try estimator.fit(spells, treatment: some, weights: rows.map { weights[$0] })
    let contrasts = fit.contrasts.map { contrast in
      var slope: [Double] = []
      if !contrast.slope.isEmpty {
        slope = [Double](repeating: 0, count: weights.count)
        for (place, row) in rows.enumerated() { slope[row] = contrast.slope[place] }
      }
      return contrast.with(slope: slope)
    }
    return (
      fit.with(contrasts: contrasts),
      spells.notes + [
        "the largest censoring weight is \(NumberText.significant(spells.largest, digits: 3))"
      ]
    )
  }
}

extension SurvivalContrast {
  fileprivate func with(slope: [Double]) -> SurvivalContrast {
    SurvivalContrast(
      scale: scale, time: time, treated: treated, comparison: comparison, estimate: estimate,
      slope: slope)
  }
}

extension MarginalSurvivalFit {
  fileprivate func with(contrasts: [SurvivalContrast]) -> MarginalSurvivalFit {
    MarginalSurvivalFit(contrasts: contrasts, tau: tau, notes: notes)
  }
}
