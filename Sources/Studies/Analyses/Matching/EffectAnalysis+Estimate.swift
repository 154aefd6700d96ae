internal import LinearAlgebra
internal import Matching
internal import Statistics
internal import Tables

extension EffectAnalysis {
  /// The effects on a sample, one for each restriction of its rows; nil restricts nothing.
  ///
  /// Also the covariance of the effects when it was bootstrapped.
  /// - Throws: what is wrong with the outcome or the settings.
  func effects(
    on sample: MatchedSample, within parts: [[Bool]?]
  ) throws(SiblingError) -> (
    estimates: [EffectEstimate], covariance: [[Double]]?, columns: EffectColumns,
    notes: [String]
  ) {
    let columns = try columns(sample)
    let kind = try standardErrorKind(sample, columns)
    // Doubly robust estimators fit models of their own, whatever weights the sample has.
    let equations =
      kind == .stacked && method.ownDesign == nil ? try sample.weightEquations() : nil
    var estimates: [EffectEstimate] = []
    for part in parts {
      estimates.append(try effect(on: sample, columns, within: part, equations: equations))
    }
    guard kind == .bootstrap else { return (estimates, nil, columns, []) }
    let (resamples, words) = try resampled(sample, columns, parts)
    let covariance = resamples.covariance
    for index in estimates.indices {
      let variance = covariance[index][index]
      estimates[index] = estimates[index].judged(
        by: variance > 0 ? variance.squareRoot() : nil, level: settings.level,
        convention: words + ", z")
    }
    let notes =
      resamples.failures > 0
      ? ["\(resamples.failures) of \(replicates) resamples gave no estimate and are left out"] : []
    return (estimates, covariance, columns, notes)
  }

  /// One effect, with the standard error of its estimator.
  func effect(
    on sample: MatchedSample, _ columns: EffectColumns, within part: [Bool]?,
    equations: WeightEquations?
  ) throws(SiblingError) -> EffectEstimate {
    switch method {
    case .difference, .gComputation:
      return try matchedEffect(on: sample, columns, within: part, equations: equations)
    case .augmentedWeighting, .targetedLearning, .doubleMachineLearning:
      return try DoublyRobustEffect(
        method: DoublyRobustEffect.Method(rawValue: method.rawValue) ?? .augmentedWeighting,
        estimand: design.estimand, scale: scale, link: design.scoreLink, folds: folds,
        repetitions: repetitions, seed: settings.seed, level: settings.level,
        standardError: doublyRobustError
      ).estimate(
        outcome: columns.outcome, treatment: sample.treated, score: sample.bound.frame.design,
        covariates: columns.covariates ?? sample.bound.frame.design,
        weights: sample.bound.weights, cluster: columns.cluster, within: part)
    case .abadieImbens: return try neighborEffect(on: sample, columns, within: part)
    }
  }

  /// The standard error of a doubly robust estimator: its own, or with the models taken as known.
  private var doublyRobustError: DoublyRobustEffect.StandardError? {
    switch standardError {
    case nil: nil
    case .stacked: .stacked
    case .robust, .bootstrap: .influence
    }
  }

  private func matchedEffect(
    on sample: MatchedSample, _ columns: EffectColumns, within part: [Bool]?,
    equations: WeightEquations?
  ) throws(SiblingError) -> EffectEstimate {
    let estimator = MatchedEffect(
      method: method == .gComputation ? .gComputation : .difference, scale: scale,
      level: settings.level)
    let model = columns.covariates.map { OutcomeDesign.interacted($0) }
    if let match = sample.match, sample.bound.weights == nil {
      return try estimator.estimate(
        outcome: columns.outcome, treatment: sample.treated, match: match, design: model,
        cluster: columns.cluster, within: part)
    }
    return try estimator.estimate(
      outcome: columns.outcome, treatment: sample.treated, weights: sample.weights,
      estimand: design.estimand, design: model,
      cluster: columns.cluster ?? sample.match?.pairedSets,
      clusterName: columns.cluster == nil ? "matched set" : "cluster", equations: equations,
      within: part)
  }

  private func neighborEffect(
    on sample: MatchedSample, _ columns: EffectColumns, within part: [Bool]?
  ) throws(SiblingError) -> EffectEstimate {
    guard columns.cluster == nil, sample.bound.weights == nil else {
      throw SiblingError(
        .invalidOption,
        "abadie-imbens has no standard error for clusters, and takes no sampling weights",
        help: "Use aipw, or matching with gcomp, both of which take --cluster and --weights.",
        column: columns.cluster == nil ? "weights" : "cluster")
    }
    guard let ratio = Int(exactly: design.nearest.ratio) else {
      throw SiblingError(
        .invalidOption, "abadie-imbens takes a whole number of matches", column: "ratio")
    }
    var fit = sample.propensity
    if fit == nil, !design.usesColumn, design.metric == nil {
      fit = try PropensityScore(link: design.scoreLink).fit(
        sample.bound.frame.design, treatment: sample.treated)
    }
    var scored = sample
    if scored.score.isEmpty { scored.score = fit?.score ?? [] }
    var notes: [String] = []
    let distance = try design.distances(scored, &notes).distance
    return try AbadieImbensMatching(
      estimand: design.estimand, matches: ratio, varianceNeighbors: varianceNeighbours,
      scale: scale, level: settings.level
    ).estimate(
      outcome: columns.outcome, treatment: sample.treated, distance: distance,
      score: scoreIsKnown ? nil : fit, adjusting: columns.covariates, within: part)
  }
}

extension MatchDesign {
  /// The link of the fitted score; logit where the distance is none.
  var scoreLink: Link {
    Self.scores[distance].flatMap { Link(name: $0.link) } ?? .logit
  }
}
