internal import Statistics

/// The rules that every pair must keep, in raw units, with the rows they apply to.
struct Constraints {
  let treatment: [Bool]
  let focalIsTreated: Bool
  let score: [Double]
  let discarded: [Bool]
  /// The caliper on the score in raw units; +∞ without one, negative for a lower bound.
  let caliper: Double
  /// The stratum of each row; nil when there is one.
  let exact: Factor?
  let antiExact: [Factor]
  /// Covariates with their raw widths.
  let covariates: [(name: String, values: [Double], width: Double)]

  init(
    treatment: [Bool], distance: MatchingDistance, exact: Factor?, antiExact: [Factor],
    covariateCalipers: [CovariateCaliper], matching: NearestNeighborMatching
  ) throws(SiblingError) {
    _ = try Inputs.groups(treatment)
    let n = treatment.count
    switch distance {
    case .score(let values):
      try Inputs.finite(values, expected: n, column: "distance")
      score = values
    case .coordinates:
      throw SiblingError(.invalidOption, "this method compares scores, not coordinates")
    }
    if let exact { try Inputs.complete(exact, expected: n, column: "exact") }
    for factor in antiExact { try Inputs.complete(factor, expected: n, column: "anti-exact") }
    let discarded = matching.discard.flags(treatment: treatment, score: score)
    var left = (treated: 0, comparison: 0)
    for row in 0..<n where !discarded[row] {
      if treatment[row] { left.treated += 1 } else { left.comparison += 1 }
    }
    guard left.treated > 0, left.comparison > 0 else {
      throw SiblingError(
        .noOverlap, "the groups' scores do not overlap: discarding leaves one group empty",
        help: "The groups differ too much on the score's covariates to be compared.")
    }
    let kept = discarded.map { !$0 }
    self.treatment = treatment
    self.discarded = discarded
    focalIsTreated = matching.estimand != .atc
    caliper =
      try matching.caliper?.rawWidth(of: score, kept: kept, name: "the distance") ?? .infinity
    self.exact = exact
    self.antiExact = antiExact
    var covariates: [(name: String, values: [Double], width: Double)] = []
    for one in covariateCalipers {
      try Inputs.finite(one.values, expected: n, column: one.name)
      let width = try one.caliper.rawWidth(of: one.values, kept: kept, name: one.name)
      covariates.append((one.name, one.values, width))
    }
    self.covariates = covariates
  }

  /// Whether some rule depends on the pair beyond its scores and stratum.
  var isPairwise: Bool { !antiExact.isEmpty || !covariates.isEmpty }

  /// Whether a distance keeps a caliper.
  @inline(__always)
  static func keeps(_ distance: Double, _ width: Double) -> Bool {
    width.sign == .minus ? distance > -width : distance <= width
  }

  /// Whether two rows keep the pairwise rules; the score's caliper and the stratum are not looked at.
  func admits(_ first: Int, _ second: Int) -> Bool {
    for factor in antiExact where factor.codes[first] == factor.codes[second] { return false }
    for one in covariates {
      let gap = (one.values[first] - one.values[second]).magnitude
      if !Constraints.keeps(gap, one.width) { return false }
    }
    return true
  }
}
