internal import Statistics
internal import Survival
internal import Tables

extension SurvivalEffectAnalysis {
  /// What is taken of censoring, in words.
  func assumptions() -> [String] {
    if censoring != nil {
      return [
        "censoring weights assume that, within an arm, censoring depends on nothing but the covariates"
          + " of --censoring, in the form of a Cox model, and that wherever somebody is censored"
          + " somebody like them stays",
        standardError == .bootstrap
          ? "the model of censoring is fitted again in each resample"
          : "standard errors take the censoring weights as known, which tends to overstate them;"
            + " --bootstrap fits their model again",
      ]
    }
    guard !maker.deltas.isEmpty else { return [] }
    let whom =
      switch maker.deltaArm {
      case .both: "in both arms"
      case .treated: "among the treated"
      case .comparison: "among the comparisons"
      }
    return [
      "delta: after being censored, people \(whom) are taken to have delta times the hazard of those of"
        + " their arm who are still observed; 1 is censoring that says nothing of the event"
    ]
  }

  /// The most that δ is raised to.
  private static let mostDelta = 100.0

  /// The δ at which each difference's interval first reaches no difference.
  ///
  /// - Throws: what is wrong with the follow-up.
  func tippingPoints(
    _ sample: MatchedSample, _ times: SurvivalTimes, _ tau: Double
  ) throws(SiblingError) -> [String] {
    let kind = try errorKind(sample)
    guard kind != .bootstrap else { return [] }
    let error = InfluenceError(
      sample, cluster: try sample.errorClusters(settings, design),
      equations: kind == .stacked ? try sample.weightEquations() : nil)
    let reach = Normal.standard.upperQuantile((1 - settings.level) / 2)
    /// How far the interval is from no difference, on the side where it lies at δ = 1.
    func margins(_ delta: Double, _ signs: [Double]?) throws(SiblingError) -> [Double] {
      let contrasts = try maker.sensitivity(delta, tau).fit(
        times, treatment: sample.treated, weights: sample.weights)
      var result: [Double] = []
      for (k, contrast) in contrasts.enumerated() {
        let size = reach * (try error.standardError(contrast.slope) ?? 0)
        let side = signs?[k] ?? (contrast.estimate < 0 ? -1 : 1)
        result.append(side * contrast.estimate - size)
      }
      return result
    }
    let first = try maker.sensitivity(1, tau).fit(
      times, treatment: sample.treated, weights: sample.weights)
    let signs = first.map { $0.estimate < 0 ? -1.0 : 1 }
    let start = try margins(1, signs)
    let ends = [0, Self.mostDelta]
    let last = [try margins(ends[0], signs), try margins(ends[1], signs)]
    var notes: [String] = []
    for (k, contrast) in first.enumerated() where start[k].isFinite {
      let time = NumberText.significant(contrast.time ?? tau, digits: 6)
      let name =
        contrast.scale == .meanDifference ? "the restricted mean to \(time)" : "survival at \(time)"
      guard start[k] > 0 else {
        notes.append(
          "\(name): the interval holds no difference already when censoring says nothing of the event"
        )
        continue
      }
      var found: [String] = []
      for side in 0...1 where last[side][k] <= 0 {
        var (inside, outside) = (1.0, ends[side])
        for _ in 0..<30 {
          let middle = (inside + outside) / 2
          if try margins(middle, signs)[k] > 0 { inside = middle } else { outside = middle }
        }
        found.append(NumberText.significant(outside, digits: 3))
      }
      notes.append(
        found.isEmpty
          ? "\(name): no delta from 0 to \(Int(Self.mostDelta)) makes the interval reach no difference"
          : "\(name): tipping point, the interval reaches no difference at delta "
            + found.joined(separator: " and at "))
    }
    return notes
  }
}
