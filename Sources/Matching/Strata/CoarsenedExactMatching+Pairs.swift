public import Statistics

extension CoarsenedExactMatching {
  /// Matches the rows of a study on the bins of their covariates, and prunes each stratum to pairs.
  ///
  /// Within a stratum as many pairs as the smaller group allows are made, those of least total
  /// `distance`, so that both groups keep equal numbers, all of weight one; whoever is left over is
  /// left out. The field calls this k2k; peers choose the pairs greedily, so that theirs may differ.
  /// - Throws: `invalidOption` for another estimand than ATT or ATC or no covariates,
  ///   `constantTreatment`, `sizeMismatch`, `missingValue`, `badValue`, `noMatches` when no stratum
  ///   holds both groups.
  public func matchPairs(
    treatment: [Bool], covariates: [CoarsenedCovariate], distance: MatchingDistance
  ) throws(SiblingError) -> Match {
    guard estimand == .att || estimand == .atc else {
      throw SiblingError(
        .invalidOption, "pairs within strata estimate ATT or ATC",
        help: "Pruning changes whom the groups stand for; for ATE keep whole strata.")
    }
    let cells = try cells(treatment: treatment, covariates: covariates)
    let bins = Factor(codes: cells.strata, levels: (0..<cells.count).map { "\($0 + 1)" })
    let space = try PairSpace(
      treatment: treatment, distance: distance, exact: bins, antiExact: [], covariateCalipers: [],
      caliper: nil, discard: .none)
    var solution = OptimalMatching.Solution(
      space: space, focalIsTreated: estimand == .att, each: 1)
    var meets = false
    for stratum in space.strata {
      if !stratum.treated.isEmpty, !stratum.comparison.isEmpty { meets = true }
      try solution.add(stratum, wantsCaliper: false)
    }
    guard meets else {
      throw SiblingError(
        .noMatches, "no stratum holds both treated and comparisons",
        help: "Use fewer or coarser covariates: nobody has a counterpart in all of them.")
    }
    return try Match(
      solution: solution,
      matching: OptimalMatching(estimand: estimand, normalizesWeights: normalizesWeights),
      limit: "with a partner in their stratum")
  }
}
