internal import Matching
internal import Statistics
internal import Tables

extension MatchedSample {
  /// Balance before and after, with the score first.
  func balance(
    _ design: MatchDesign, _ settings: BalanceSettings
  ) throws(SiblingError) -> Balance {
    try bound.locating { () throws(SiblingError) in
      try settings.assessment(design).assess(
        treatment: treated, weights: weights, covariates: try covariates(),
        score: score.isEmpty ? nil : score, sampling: bound.weights)
    }
  }

  /// Balance of the site means.
  func siteBalance(
    _ design: MatchDesign, _ settings: BalanceSettings, site: String
  ) throws(SiblingError) -> Balance {
    try bound.locating { () throws(SiblingError) in
      try settings.assessment(design).assess(
        treatment: treated, weights: weights, covariates: try covariates(),
        score: score.isEmpty ? nil : score, sites: try bound.frame.factor(of: site),
        sampling: bound.weights)
    }
  }

  /// Balance within each stratum of the design, as `strata` are numbered.
  func stratifiedBalance(
    _ design: MatchDesign, _ settings: BalanceSettings, _ strata: Factor
  ) throws(SiblingError) -> StratifiedBalance {
    try bound.locating { () throws(SiblingError) in
      // Within a stratum the design's weights are constant: only sampling weights differ.
      try settings.assessment(design).assess(
        treatment: treated,
        weights: bound.weights ?? [Double](repeating: 1, count: treated.count),
        covariates: try covariates(), score: score.isEmpty ? nil : score, within: strata)
    }
  }

  /// A covariate of the design, the score (`distance`), or another column of numbers.
  ///
  /// - Throws: `unknownColumn`, `wrongType`, or `missingValue` where a row of the sample lacks it.
  func comparison(of name: String) throws(SiblingError) -> CovariateComparison {
    try bound.locating { () throws(SiblingError) in
      let values: [Double]
      if name == Balance.distanceName, !score.isEmpty {
        values = score
      } else if let found = try covariates().first(where: { $0.name == name && $0.level == nil }) {
        values = found.values
      } else {
        values = try bound.frame.numbers(of: name)
      }
      return try CovariateComparison(
        treatment: treated, weights: weights,
        covariate: BalanceCovariate(name: name, values: values), sampling: bound.weights)
    }
  }
}

extension MatchedSample {
  /// Whether the rows of a group that have weight have different ones.
  var hasUnequalWeights: Bool {
    for group in [true, false] {
      var (least, most) = (Double.infinity, 0.0)
      for (row, weight) in weights.enumerated() where treated[row] == group && weight > 0 {
        least = min(least, weight)
        most = max(most, weight)
      }
      if most > least * (1 + 1e-9) { return true }
    }
    return false
  }
}

extension MatchedSample {
  /// The people behind the rows of a balance table.
  struct People {
    /// All of the stage.
    var all: (treated: Int, comparison: Int)
    /// Those who have what the row's indicators say; nil for a row without an indicator.
    var inLevel: (treated: Int, comparison: Int)?
  }

  /// For each row of a balance table the people behind it, of those rows of the sample that are
  /// chosen.
  func people(
    behind balance: Balance, chosen: [Bool]? = nil
  ) throws(SiblingError) -> [People] {
    let covariates = try covariates()
    // A column of zeros and ones is an indicator too, whoever made it.
    let factors = covariates.map { covariate in
      covariate.level != nil || covariate.values.allSatisfy { $0 == 0 || $0 == 1 }
        ? covariate.values : nil
    }
    var totals: [Balance.Stage: (treated: Int, comparison: Int)] = [:]
    for stage in Balance.Stage.allCases { totals[stage] = people(stage, chosen) { _ in true } }
    return balance.rows.map { row in
      let indicators = row.components.compactMap { factors[$0] }
      let all = totals[row.stage] ?? (0, 0)
      guard !indicators.isEmpty else { return People(all: all, inLevel: nil) }
      let inLevel = people(row.stage, chosen) { person in
        indicators.allSatisfy { $0[person] == 1 }
      }
      return People(all: all, inLevel: inLevel)
    }
  }

  /// How many people each group has at a stage.
  func people(_ stage: Balance.Stage) -> (treated: Int, comparison: Int) {
    people(stage, nil) { _ in true }
  }

  private func people(
    _ stage: Balance.Stage, _ chosen: [Bool]?, where holds: (Int) -> Bool
  ) -> (treated: Int, comparison: Int) {
    var counts = (treated: 0, comparison: 0)
    for (row, isTreated) in treated.enumerated()
    where (stage == .unadjusted || weights[row] > 0) && (chosen?[row] ?? true) && holds(row) {
      if isTreated { counts.treated += 1 } else { counts.comparison += 1 }
    }
    return counts
  }
}
