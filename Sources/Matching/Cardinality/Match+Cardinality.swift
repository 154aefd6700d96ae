internal import Statistics

extension Match {
  /// Turns a choice into weights and counts, and checks every constraint again.
  ///
  /// - Throws: `internalError` when a constraint is broken.
  init(
    counts: [Int], search: CardinalitySearch, problem: CardinalityProblem, plan: StratumPlan
  ) throws(SiblingError) {
    let treatment = problem.treatment
    var weights = treatment.map {
      problem.ratio == nil && $0 == problem.focalIsTreated ? 1.0 : 0
    }
    for (profile, count) in counts.enumerated() {
      for row in problem.members[profile].prefix(count) { weights[Int(row)] = 1 }
    }
    let nobody = [Bool](repeating: false, count: treatment.count)
    let isTarget = treatment.map {
      plan.estimand == .ate || $0 == problem.focalIsTreated
    }
    estimand = plan.estimand
    self.weights = weights
    subclass = [Int32](repeating: -1, count: treatment.count)
    pairs = []
    discarded = nobody
    unmatchedFocal = treatment.indices.filter { isTarget[$0] && weights[$0] == 0 }
    allowsReuse = false
    treated = Match.counts(true, weights, treatment: treatment, discarded: nobody)
    comparison = Match.counts(false, weights, treatment: treatment, discarded: nobody)
    caliper = nil
    population = plan.words(weights: weights, isTarget: isTarget, discarded: nobody)
    certificate = try MatchCertificate(weights: weights, search: search, problem: problem)
  }
}

extension MatchCertificate {
  /// Checks the means again, from the columns and not from the search.
  ///
  /// - Throws: `internalError` naming the covariates that are out of bounds.
  fileprivate init(
    weights: [Double], search: CardinalitySearch, problem: CardinalityProblem
  ) throws(SiblingError) {
    var broken: [String] = []
    var (focal, other) = (0, 0)
    for row in weights.indices where weights[row] > 0 {
      if problem.treatment[row] == problem.focalIsTreated { focal += 1 } else { other += 1 }
    }
    pairs = 0
    checks = []
    for one in problem.constraints {
      // Differences from the centre lose no digits to a large mean.
      var sums = (focal: 0.0, other: 0.0)
      for row in weights.indices where weights[row] > 0 {
        let value = one.values[row] - one.center
        if problem.treatment[row] == problem.focalIsTreated {
          sums.focal += value
        } else {
          sums.other += value
        }
      }
      let worst = (sums.focal / Double(focal) - sums.other / Double(other)).magnitude
      checks.append(Check(rule: one.name, bound: one.bound, worst: worst))
      if !(worst <= one.bound + 2 * CardinalityProblem.rounding * one.scale) {
        broken.append(one.name)
      }
    }
    if let ratio = problem.ratio {
      checks.append(
        Check(rule: "ratio", bound: Double(ratio), worst: Double(other) / Double(focal)))
      if other != ratio * focal { broken.append("ratio") }
    } else if focal != problem.sizes.focal {
      broken.append("target group")
    }
    guard broken.isEmpty else {
      throw SiblingError(
        .internalError, "a finished match breaks its own rules: " + broken.joined(separator: ", "),
        help: "This is a fault of Sibling, not of the data: please report it.")
    }
    cardinality = Cardinality(
      kept: search.size, bound: search.bound, relaxation: search.relaxation, nodes: search.nodes)
  }
}

extension CardinalityProblem {
  /// Why nothing was found, in words.
  func refusal(_ search: CardinalitySearch) -> SiblingError {
    let name = binding(search.multipliers)
    let who =
      ratio != nil
      ? "two of each group" : focalIsTreated ? "two comparisons" : "two treated"
    let most = name.map { "; \($0) binds most" } ?? ""
    guard search.bound < 2 else {
      return SiblingError(
        .nonConvergence,
        "no choice of at least \(who) within the tolerance was found in \(search.nodes) branches,"
          + " though at most \(search.bound) might exist" + most,
        help: "Raise the tolerance, leave the covariate out, or give a ratio.", column: name)
    }
    return SiblingError(
      .noMatches, "not even \(who) can be kept with every mean within the tolerance" + most,
      help: "Raise the tolerance, or leave out the covariate on which the groups differ most.",
      column: name)
  }
}
