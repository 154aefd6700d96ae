internal import LinearAlgebra
internal import Matching
internal import Statistics
internal import Tables

extension MatchDesign {
  /// The rules for pairs: strata, columns that differ, calipers on covariates.
  func pairRules(
    _ sample: MatchedSample
  ) throws(SiblingError) -> (exact: Factor?, antiExact: [Factor], calipers: [CovariateCaliper]) {
    let frame = sample.bound.frame
    var differ: [Factor] = []
    for column in antiExact { differ.append(try frame.factor(of: column)) }
    var calipers: [CovariateCaliper] = []
    for (column, width) in covariateCalipers {
      calipers.append(
        CovariateCaliper(
          name: column, values: try frame.numbers(of: column),
          caliper: Caliper(width, isRaw ? .raw : .standardDeviations)))
    }
    return (try exactStrata(sample), differ, calipers)
  }

  /// Pairs of least total distance.
  func optimalMatch(
    _ sample: MatchedSample, _ notes: inout [String]
  ) throws(SiblingError) -> Match {
    let rules = try pairRules(sample)
    let distance = try distances(sample, &notes).distance
    let match = try OptimalMatching(
      estimand: estimand, ratio: Int(nearest.ratio), caliper: nearest.caliper,
      discard: nearest.discard
    ).match(
      treatment: sample.treated, distance: distance, exact: rules.exact,
      antiExact: rules.antiExact, covariateCalipers: rules.calipers)
    let focal = estimand == .att ? match.treated : match.comparison
    let wanted = (focal.all - focal.discarded) * Int(nearest.ratio)
    if match.pairs.count < wanted {
      notes.append(
        "\(match.pairs.count) of \(wanted) matches could be made: as many as the rules and the"
          + " number of units allow, at the least total distance")
    }
    return match
  }

  /// Everybody in the sets of least total distance.
  func fullMatch(
    _ sample: MatchedSample, _ notes: inout [String]
  ) throws(SiblingError) -> Match {
    let rules = try pairRules(sample)
    let distance = try distances(sample, &notes).distance
    return try FullMatching(
      estimand: estimand, minimumRatio: setRatio.minimum, maximumRatio: setRatio.maximum,
      caliper: nearest.caliper, discard: nearest.discard
    ).match(
      treatment: sample.treated, distance: distance, exact: rules.exact,
      antiExact: rules.antiExact, covariateCalipers: rules.calipers)
  }

  /// Everybody in sets whose largest distance is nearly the least.
  func quickMatch(
    _ sample: MatchedSample, _ notes: inout [String]
  ) throws(SiblingError) -> Match {
    let distance = try distances(sample, &notes).distance
    return try GeneralizedFullMatching(estimand: estimand, discard: nearest.discard).match(
      treatment: sample.treated, distance: distance, exact: try exactStrata(sample))
  }

  /// Strata of coarsened covariates, pruned to pairs by Mahalanobis distance.
  func prunedMatch(_ sample: MatchedSample) throws(SiblingError) -> Match {
    let coordinates = try CovariateDistance(.mahalanobis).coordinates(
      columns: try sample.terms().map(\.distanceCovariate), treatment: sample.treated,
      weights: sample.bound.weights)
    return try CoarsenedExactMatching(estimand: estimand).matchPairs(
      treatment: sample.treated, covariates: try coarsenedCovariates(sample),
      distance: .coordinates(coordinates))
  }
}
