public import Statistics

/// The balance within each stratum of a design.
public struct StratifiedBalance: Sendable, Equatable {
  /// A stratum that has both groups.
  public struct Stratum: Sendable, Equatable {
    /// The stratum's level.
    public var level: String
    /// Its rows of the balance table, all of the stage `adjusted`.
    public var balance: Balance
  }

  /// The strata that have both groups, in the order of the factor's levels.
  public var strata: [Stratum]
  /// Levels of strata that lack weight in one of the groups and are left out.
  public var leftOut: [String]
}

extension BalanceAssessment {
  /// Measures every covariate within each stratum.
  ///
  /// Rows count with `weights` (sampling weights, or ones: within a stratum the weights of a
  /// subclassification are constant in each group); rows without a stratum are left out.
  /// Standardised differences divide by the denominators of the whole unadjusted sample, so that
  /// strata can be compared with each other. The average over the strata, weighted as the estimand
  /// asks, is the table of `assess(treatment:weights:covariates:score:)` under the design's weights.
  /// - Throws: as `assess(treatment:weights:covariates:score:)`, and `noMatches` when no stratum has
  ///   both groups.
  /// - Complexity: O(n) a covariate.
  public func assess(
    treatment: [Bool], weights: [Double], covariates: [BalanceCovariate], score: [Double]? = nil,
    within strata: Factor
  ) throws(SiblingError) -> StratifiedBalance {
    _ = try Inputs.groups(treatment)
    try Inputs.weights(weights, treatment: treatment)
    try Inputs.length(strata.count, expected: treatment.count, of: "strata")
    let terms = try terms(covariates, hasScore: score != nil)
    var members = [[Int]](repeating: [], count: strata.levels.count)
    for (row, code) in strata.codes.enumerated()
    where code >= 0 && weights[row] > 0 && Int(code) < members.count {
      members[Int(code)].append(row)
    }
    var (codes, leftOut) = ([Int](), [String]())
    for (code, rows) in members.enumerated() where !rows.isEmpty {
      let treated = rows.count { treatment[$0] }
      if treated > 0, treated < rows.count {
        codes.append(code)
      } else {
        leftOut.append(strata.levels[code])
      }
    }
    guard !codes.isEmpty else {
      throw SiblingError(.noMatches, "no stratum has both treated and comparison rows")
    }
    let samples = codes.map { code in
      BalanceSample(
        treatment: members[code].map { treatment[$0] },
        weights: members[code].map { weights[$0] })
    }
    let whole = BalanceSample(treatment: treatment, weights: weights, sampling: weights)
    let (estimand, includesOverlap, chosen, rows) = (estimand, includesOverlap, codes, members)
    let measured = try BalanceAssessment.each(terms, covariates, score ?? [], treatment.count) {
      _, values in
      let denominator = CovariateMeasurement(
        values, whole, estimand: estimand, includesOverlap: false
      ).denominator
      return zip(chosen, samples).map { code, sample in
        CovariateMeasurement(
          rows[code].map { values[$0] }, sample, estimand: estimand,
          includesOverlap: includesOverlap, denominator: denominator)
      }
    }
    let result = codes.indices.map { place in
      let sample = samples[place]
      var part = balance(
        terms, measured.map { $0[place] }, before: sample.sizes,
        after: (
          effectiveSampleSize(sample.weights, where: sample.treatment, is: true),
          effectiveSampleSize(sample.weights, where: sample.treatment, is: false)
        ))
      part.rows.removeAll { $0.stage == .unadjusted }
      return StratifiedBalance.Stratum(level: strata.levels[codes[place]], balance: part)
    }
    return StratifiedBalance(strata: result, leftOut: leftOut)
  }
}
