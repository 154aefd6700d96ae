import Statistics
import TestSupport
import Testing

@Suite struct AttainablePValueTests {
  @Test func equalArmsTieWithTheirMirrorImage() throws {
    // 2/20, 2/70, 2/252.
    #expect(try AttainablePValue.completeRandomisation(treated: 3, clusters: 6).value == 0.1)
    #expect(
      try AttainablePValue.completeRandomisation(treated: 4, clusters: 8).value == 2.0 / 70.0)
    #expect(
      try AttainablePValue.completeRandomisation(treated: 5, clusters: 10).value == 2.0 / 252.0)
  }

  @Test func enumerationAgrees() throws {
    // Every assignment of treated labels to clusters with outcomes that have no equal sums: the
    // smallest p over all observed assignments is the bound.
    for (treated, clusters) in [(1, 4), (2, 4), (2, 5), (3, 6), (2, 7), (4, 7)] {
      let outcomes = (0..<clusters).map { exp3($0) }
      let statistics = (0..<(1 << clusters)).filter { $0.nonzeroBitCount == treated }.map { set in
        difference(outcomes, set, treated)
      }
      let counts = statistics.map { observed in
        statistics.filter { $0 >= observed - 1e-9 }.count
      }
      let smallest = Double(try #require(counts.min())) / Double(statistics.count)
      let bound = try AttainablePValue.completeRandomisation(treated: treated, clusters: clusters)
      #expect(bound.value == smallest)
      #expect(bound.assignments == Double(statistics.count))
    }
  }

  @Test func pairs() throws {
    #expect(try AttainablePValue.pairedRandomisation(pairs: 5).value == 0.0625)
    #expect(try AttainablePValue.pairedRandomisation(pairs: 6).value < 0.05)
  }

  @Test func manyClustersDoNotOverflow() throws {
    let bound = try AttainablePValue.completeRandomisation(treated: 2000, clusters: 4000)
    #expect(bound.value == 0)
    #expect(bound.assignments == .infinity)
    let sixty = try AttainablePValue.completeRandomisation(treated: 30, clusters: 60)
    #expect(close(sixty.assignments, 118_264_581_564_861_424, .closedForm))
  }

  @Test func armsMustHaveClusters() {
    for treated in [0, 5, 6, -1] {
      #expect(throws: SiblingError.self) {
        try AttainablePValue.completeRandomisation(treated: treated, clusters: 5)
      }
    }
    #expect(throws: SiblingError.self) { try AttainablePValue.pairedRandomisation(pairs: 0) }
  }

  private func exp3(_ power: Int) -> Double { (0..<power).reduce(1.0) { value, _ in value * 3 } }

  private func difference(_ outcomes: [Double], _ set: Int, _ treated: Int) -> Double {
    var (inside, outside) = (0.0, 0.0)
    for (index, outcome) in outcomes.enumerated() {
      if set >> index & 1 == 1 { inside += outcome } else { outside += outcome }
    }
    let mean = inside / Double(treated)
    return (mean - outside / Double(outcomes.count - treated)).magnitude
  }
}

@Suite struct MinimumDetectableEffectTests {
  @Test func theUsualMultiple() throws {
    // 1.959963984540054 + 0.8416212335729143
    #expect(close(try MinimumDetectableEffect().multiple(), 2.8015852181129683, .closedForm))
    // t with 4 degrees of freedom, R's qt: 2.7764451051977987 + 0.9409645772351813
    let few = try MinimumDetectableEffect().multiple(degreesOfFreedom: 4)
    #expect(close(few, 3.7174096824329747, .converged))
  }

  @Test func proportionsByHand() throws {
    // rate 0.31, 200 and 300: SE = √(0.2139 × (1/200 + 1/300)) = √0.0017825
    let plain = try MinimumDetectableEffect().proportions(
      rate: 0.31, treated: 200, comparison: 300)
    let expected = 2.8015852181129683 * 0.0017825.squareRoot()
    #expect(close(plain, expected, .closedForm))
    // 25 a cluster with correlation 0.05: design effect 2.2, so √2.2 times as large.
    let effect = try MinimumDetectableEffect.designEffect(
      clusterSize: 25, intraclusterCorrelation: 0.05)
    let clustered = try MinimumDetectableEffect().proportions(
      rate: 0.31, treated: 200, comparison: 300, designEffect: effect)
    #expect(close(clustered, expected * 2.2.squareRoot(), .closedForm))
  }

  @Test func meansScaleWithTheUnitAndShrinkWithTheRoot() throws {
    let gate = MinimumDetectableEffect()
    let one = try gate.means(standardDeviation: 10, treated: 50, comparison: 50)
    let scaled = try gate.means(standardDeviation: 1000, treated: 50, comparison: 50)
    let more = try gate.means(standardDeviation: 10, treated: 200, comparison: 200)
    #expect(close(scaled, one * 100, .closedForm))
    #expect(close(more, one / 2, .closedForm))
  }

  @Test func impossibleDesignsAreRefused() {
    let gate = MinimumDetectableEffect()
    #expect(throws: SiblingError.self) { try gate.effect(standardError: 0) }
    #expect(throws: SiblingError.self) { try gate.effect(standardError: 1, degreesOfFreedom: 0) }
    #expect(throws: SiblingError.self) {
      try gate.proportions(rate: 1, treated: 5, comparison: 5)
    }
    #expect(throws: SiblingError.self) {
      try gate.means(standardDeviation: 1, treated: 0, comparison: 5)
    }
    #expect(throws: SiblingError.self) { try MinimumDetectableEffect(power: 1).multiple() }
    #expect(throws: SiblingError.self) {
      try MinimumDetectableEffect.designEffect(clusterSize: 0.5, intraclusterCorrelation: 0)
    }
  }
}
