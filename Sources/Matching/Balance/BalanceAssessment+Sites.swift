public import Statistics

extension BalanceAssessment {
  /// Measures the balance of site means, for designs in which whole sites are treated or not.
  ///
  /// One observation a site: the mean of each covariate over the site's rows, before adjustment with
  /// every row alike (or by its sampling weight), afterwards under the rows' weights. Every site counts once at both stages,
  /// however many people it has, because the site is what was assigned; sites without any weight
  /// are left out afterwards. Denominators are those of the site means before adjustment, hence nil
  /// where an arm that they need has one site. Powers and products are taken of people's values and
  /// then averaged. The rows `ess` hold the number of sites of each arm.
  /// - Throws: as `assess(treatment:weights:covariates:score:)`; `missingValue` for a row without a
  ///   site and `badDesign` for a site with both treated and comparison rows.
  /// - Complexity: O(n) a covariate.
  public func assess(
    treatment: [Bool], weights: [Double], covariates: [BalanceCovariate], score: [Double]? = nil,
    sites: Factor, sampling: [Double]? = nil
  ) throws(SiblingError) -> Balance {
    _ = try Inputs.groups(treatment)
    try Inputs.weights(weights, treatment: treatment)
    if let sampling { try Inputs.weights(sampling, treatment: treatment) }
    try Inputs.complete(sites, expected: treatment.count, column: "site")
    let terms = try terms(covariates, hasScore: score != nil)
    let levels = sites.levels.count
    var (people, mass) = (
      [Double](repeating: 0, count: levels), [Double](repeating: 0, count: levels)
    )
    var arms = [Bool?](repeating: nil, count: levels)
    for (row, code) in sites.codes.enumerated() {
      let site = Int(code)
      people[site] += sampling?[row] ?? 1
      mass[site] += weights[row]
      if let arm = arms[site], arm != treatment[row] {
        throw SiblingError(
          .badDesign,
          "a site has both treated and comparison rows, so its mean belongs to neither",
          help: "balance of site means is for designs that assign whole sites", row: row,
          column: "site", cell: sites.levels[site])
      }
      arms[site] = treatment[row]
    }
    let all = arms.indices.filter { people[$0] > 0 }
    let kept = all.filter { mass[$0] > 0 }
    func sample(_ places: [Int]) -> BalanceSample {
      BalanceSample(
        treatment: places.map { arms[$0] ?? false },
        weights: [Double](repeating: 1, count: places.count))
    }
    let (before, after) = (sample(all), sample(kept))
    let (estimand, includesOverlap) = (estimand, includesOverlap)
    let (peopleOf, massOf, codes) = (people, mass, sites.codes)
    let measured = try BalanceAssessment.each(terms, covariates, score ?? [], treatment.count) {
      _, values in
      var sums = [Double](repeating: 0, count: levels)
      var weighted = sums
      for (row, code) in codes.enumerated() {
        sums[Int(code)] += (sampling?[row] ?? 1) * values[row]
        weighted[Int(code)] += weights[row] * values[row]
      }
      var whole = CovariateMeasurement(
        BalanceAssessment.evened(all.map { sums[$0] / peopleOf[$0] }), before, estimand: estimand,
        includesOverlap: includesOverlap)
      whole.after =
        CovariateMeasurement(
          BalanceAssessment.evened(kept.map { weighted[$0] / massOf[$0] }), after,
          estimand: estimand,
          includesOverlap: includesOverlap, denominator: whole.denominator
        ).before
      return whole
    }
    return balance(terms, measured, before: before.sizes, after: after.sizes)
  }
  /// Means rounded to 44 binary digits of the greatest: those that differ by the rounding of their
  /// sums alone become equal, for otherwise their differences would be standardised by noise.
  private static func evened(_ means: [Double]) -> [Double] {
    let greatest = means.reduce(0) { max($0, $1.magnitude) }
    guard greatest.isNormal, greatest.exponent > -900 else { return means }
    let unit = Double(sign: .plus, exponent: Int(greatest.exponent) - 44, significand: 1)
    return means.map { ($0 / unit).rounded() * unit }
  }
}
