internal import LinearAlgebra
internal import Matching
internal import Statistics
internal import Tables

extension MatchedSample {
  /// The fitted weighting behind a sample's weights.
  enum Weighting: Sendable {
    case propensity(PropensityWeights, PropensityScoreFit)
    case balancing(BalancingWeights)
  }

  /// The probability of treatment of each row, of a score or of a covariate balancing score.
  var probability: [Double]? {
    if case .balancing(let weights) = weighting { return weights.probability }
    return propensity?.probability
  }

  /// How far the groups' probabilities overlap.
  var overlap: Overlap? {
    propensity?.overlap ?? probability.map { Overlap(probability: $0, treatment: treated) }
  }

  /// How the weights (sampling weights included) depend on the parameters that were fitted for them;
  /// nil for matched samples.
  ///
  /// Made on demand, since they hold a few numbers for each row and parameter.
  /// - Throws: never for a sample whose weights could be made.
  func weightEquations() throws(SiblingError) -> WeightEquations? {
    switch weighting {
    case .propensity(let weights, let score):
      try weights.equations(
        treatment: treated, score: score, samplingWeights: bound.weights)
    case .balancing(let weights): weights.equations()
    case nil: nil
    }
  }
}

extension MatchDesign {
  /// Weights the sample's rows by the design's method.
  ///
  /// - Throws: what is wrong with the design for these data.
  func weighted(
    _ sample: inout MatchedSample, _ notes: inout [String]
  ) throws(SiblingError) {
    let sampling = sample.bound.weights
    switch method {
    case .entropy:
      let sites = try weighting.site.map { (name) throws(SiblingError) in
        try sample.bound.frame.factor(of: name)
      }
      let fit = try EntropyBalancing(estimand: estimand, tolerance: weighting.tolerance).fit(
        try moments(sample), treatment: sample.treated, samplingWeights: sampling, sites: sites)
      sample.weights = fit.weights
      sample.weighting = .balancing(fit)
    case .balancingScore:
      let fit = try CovariateBalancingPropensityScore(estimand: estimand).fit(
        try moments(sample), treatment: sample.treated, samplingWeights: sampling)
      sample.weights = fit.weights
      sample.score = fit.probability ?? []
      sample.weighting = .balancing(fit)
    default:
      guard let fit = sample.propensity else { return }
      let weights = PropensityWeights(
        estimand: estimand, trimQuantile: weighting.trim, stabilizes: weighting.stabilizes)
      sample.weights = try weights.weights(
        treatment: sample.treated, probability: fit.probability, samplingWeights: sampling)
      sample.weighting = .propensity(weights, fit)
    }
    if let sampling { sample.weights = zip(sample.weights, sampling).map { $0 * $1 } }
    notes += weightNotes(sample)
  }

  /// What is balanced: the design's columns, or with a tolerance every level of each factor.
  ///
  /// Of exact balance the last level follows from the others; of approximate balance it does not.
  private func moments(_ sample: MatchedSample) throws(SiblingError) -> DesignMatrix {
    guard weighting.tolerance > 0 else {
      return try weighting.moments.expand(sample.bound.frame.design)
    }
    var columns: [[Double]] = []
    var (names, assignment, terms) = ([String](), [Int](), [String]())
    for covariate in try sample.covariates() {
      if terms.last != covariate.name { terms.append(covariate.name) }
      columns.append(covariate.values)
      names.append(covariate.name + (covariate.level ?? ""))
      assignment.append(terms.count - 1)
    }
    guard !columns.isEmpty else { return sample.bound.frame.design.removingIntercept() }
    return try weighting.moments.expand(
      DesignMatrix(
        matrix: Matrix(columns: columns), names: names, assignment: assignment, terms: terms))
  }

  /// What the reader must know of the weights.
  private func weightNotes(_ sample: MatchedSample) -> [String] {
    var notes: [String] = []
    func short(_ value: Double) -> String { NumberText.significant(value, digits: 4) }
    let groups = [("treated", true), ("comparisons", false)].map { name, group in
      (name, zip(sample.weights, sample.treated).filter { $0.1 == group }.map(\.0))
    }
    let sizes = groups.map { name, weights -> String in
      let (sum, squares) = weights.reduce((0.0, 0.0)) { ($0.0 + $1, $0.1 + $1 * $1) }
      return "\(NumberText.significant(sum * sum / squares, digits: 6)) of \(weights.count) \(name)"
    }
    let largest = groups.map { name, weights -> String in
      let (most, sum) = (weights.max() ?? 0, weights.reduce(0, +))
      return "\(short(most)) (\(short(100 * most / sum))% of all) among the \(name)"
    }
    notes.append(
      "effective sample sizes: " + sizes.joined(separator: ", ") + "; largest weight: "
        + largest.joined(separator: ", "))
    if let column = sample.bound.weightsColumn {
      notes.append("weights include the sampling weights '\(column)'")
    }
    guard case .balancing(let fit) = sample.weighting else { return notes }
    notes.append(
      "\(fit.moments.count) moment\(fit.moments.count == 1 ? "" : "s") balanced within \(short(fit.largestDifference)) standard"
        + " deviations in \(fit.iterations) steps of Newton's method")
    if !fit.constants.isEmpty {
      notes.append("not balanced, being constant: \(fit.constants.joined(separator: ", "))")
    }
    if !fit.dropped.isEmpty {
      notes.append(
        "left out as combinations of other moments: \(fit.dropped.joined(separator: ", "))")
    }
    if fit.excluded > 0 {
      notes.append(
        "\(fit.excluded) \(fit.sites == nil ? "rows" : "sites") get weight zero: the target has"
          + " nobody with their values of some covariate")
    }
    if let sites = fit.sites {
      for (name, group) in [("treated", sites.treated), ("comparison", sites.comparison)] {
        notes.append(
          "\(group.weighted) of \(group.all) \(name) sites have weight, worth"
            + " \(short(group.effective)) sites of equal weight")
      }
    }
    return notes
  }
}
