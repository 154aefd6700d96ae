public import Statistics

extension PlannedDifferenceInDifferences {
  /// The rejections of the house's tests in panels drawn from the plan, with an effect and without.
  ///
  /// Each site and period has a first-order autoregressive error and independent noise, all normal.
  /// Each site's change is its number: t on sites − 2; CR2, which on a balanced panel is that of the
  /// two-way regression clustered by site; exchanges of whole sites.
  /// - Throws: as `standardError`; `badValue` for an effect that is no number.
  public func simulated(
    effect: Double, _ simulation: PlannedSimulation
  ) throws(SiblingError) -> [PlannedSimulation.Rate] {
    _ = try standardError()
    guard effect.isFinite else {
      throw SiblingError(.badValue, "an effect must be a number")
    }
    let methods = SiteTests.Method.allCases
    let plan = self
    return try simulation.rates("did", methods: methods.map(\.rawValue)) { hasEffect, stream in
      let sample = plan.sample(hasEffect ? effect : 0, &stream)
      return methods.map { sample.pValue($0, stream: &stream) }
    }
  }

  /// The changes of one made-up panel.
  func sample(_ effect: Double, _ stream: inout RandomStream) -> SiteTests {
    let fresh = (1 - autocorrelation * autocorrelation).squareRoot()
    let count = treatedSites + comparisonSites
    var changes: [Double] = []
    for site in 0..<count {
      var state = 0.0
      var (before, after) = (0.0, 0.0)
      for period in 0..<(periodsBefore + periodsAfter) {
        state = period == 0 ? stream.normal() : autocorrelation * state + fresh * stream.normal()
        let value = standardDeviation * state + (noise > 0 ? noise * stream.normal() : 0)
        if period < periodsBefore { before += value } else { after += value }
      }
      changes.append(
        after / Double(periodsAfter) - before / Double(periodsBefore)
          + (site < treatedSites ? effect : 0))
    }
    return SiteTests(
      values: changes, sizes: [Double](repeating: 1, count: count), treated: treatedSites)
  }
}
