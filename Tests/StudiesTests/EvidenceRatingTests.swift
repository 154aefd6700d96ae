import Testing

@testable import Studies

/// Numbers that follow from a seed (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195).
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// An experiment in which everything was looked at and nothing found.
private func sound(_ change: (inout EvidenceDiagnostics) -> Void = { _ in }) -> EvidenceDiagnostics
{
  var facts = EvidenceDiagnostics()
  facts.assignment = .random
  facts.clusters = 400
  (facts.detectable, facts.smallestEffect) = (0.04, 0.05)
  facts.attrition = .init(overall: 0.02, differential: 0.01)
  (facts.imbalance, facts.overlap, facts.matched) = (0.02, 1, 1)
  facts.steadiness = .steady
  (facts.preTrend, facts.eValue, facts.trendBreakdown) = (0.8, 3, 2)
  facts.agreement = 1
  facts.plan = .kept
  change(&facts)
  return facts
}

/// Diagnostics drawn at random; some were not looked at.
private func drawn(_ random: inout SplitMix) -> EvidenceDiagnostics {
  func maybe(_ range: ClosedRange<Double>) -> Double? {
    Int.random(in: 0..<5, using: &random) == 0 ? nil : Double.random(in: range, using: &random)
  }
  var facts = EvidenceDiagnostics()
  facts.assignment = .allCases.randomElement(using: &random) ?? .chosen
  facts.comparison = .allCases.randomElement(using: &random) ?? .level
  facts.isSiteLevel = Bool.random(using: &random)
  facts.isMadeForFew = Bool.random(using: &random)
  facts.hasUnnamedGroups = Int.random(in: 0..<8, using: &random) == 0
  facts.isDescriptive = Int.random(in: 0..<6, using: &random) == 0
  facts.clusters = maybe(2...80)?.rounded()
  (facts.detectable, facts.smallestEffect) = (maybe(0.01...0.3), maybe(0.02...0.2))
  facts.attrition = maybe(0...0.7).map {
    .init(overall: $0, differential: Double.random(in: -0.15...0.15, using: &random))
  }
  (facts.imbalance, facts.overlap, facts.matched) = (maybe(0...0.4), maybe(0...1), maybe(0...1))
  facts.steadiness = maybe(0...1).map { _ in .allCases.randomElement(using: &random) ?? .steady }
  (facts.preTrend, facts.eValue, facts.trendBreakdown) = (maybe(0...1), maybe(1...4), maybe(0...2))
  facts.agreement = maybe(0...1)
  facts.plan = maybe(0...1).map { _ in .allCases.randomElement(using: &random) ?? .kept }
  return facts
}

/// Everything that can be made worse, by a positive amount; nothing happens where nobody looked.
private let worsenings:
  [(name: String, change: @Sendable (inout EvidenceDiagnostics, Double) -> Void)] = [
    ("clusters", { facts, step in facts.clusters = facts.clusters.map { max(2, $0 - 40 * step) } }),
    ("unnamed groups", { facts, _ in facts.hasUnnamedGroups = true }),
    ("interval not made for few", { facts, _ in facts.isMadeForFew = false }),
    ("detectable", { facts, step in facts.detectable = facts.detectable.map { $0 + 0.2 * step } }),
    ("overall attrition", { facts, step in facts.attrition?.overall += 0.4 * step }),
    (
      "differential attrition",
      { facts, step in
        let now = facts.attrition?.differential ?? 0
        facts.attrition?.differential += (now < 0 ? -1 : 1) * 0.1 * step
      }
    ),
    ("imbalance", { facts, step in facts.imbalance = facts.imbalance.map { $0 + 0.3 * step } }),
    ("overlap", { facts, step in facts.overlap = facts.overlap.map { $0 * (1 - step) } }),
    ("matched", { facts, step in facts.matched = facts.matched.map { $0 * (1 - step) } }),
    (
      "steadiness",
      { facts, _ in
        facts.steadiness = facts.steadiness.flatMap { .init(rawValue: $0.rawValue + 1) ?? $0 }
      }
    ),
    ("pre-trend", { facts, step in facts.preTrend = facts.preTrend.map { $0 * (1 - step) } }),
    ("E-value", { facts, step in facts.eValue = facts.eValue.map { max(1, $0 - 2 * step) } }),
    (
      "trend breakdown",
      { facts, step in facts.trendBreakdown = facts.trendBreakdown.map { $0 * (1 - step) } }
    ),
    ("agreement", { facts, step in facts.agreement = facts.agreement.map { $0 * (1 - step) } }),
    (
      "plan",
      { facts, _ in facts.plan = facts.plan.flatMap { .init(rawValue: $0.rawValue + 1) ?? $0 } }
    ),
    ("description only", { facts, _ in facts.isDescriptive = true }),
    (
      "assignment",
      { facts, _ in
        facts.assignment = .init(rawValue: facts.assignment.rawValue + 1) ?? facts.assignment
      }
    ),
    ("effects withheld", { facts, _ in facts.isWithheld = true }),
  ]

@Suite struct EvidenceRatingTests {
  @Test func aSoundExperimentIsHigh() {
    let rating = EvidenceRating(sound())
    #expect(rating.level == .high)
    #expect(
      rating.working
        == "It starts at high: chance decided who was treated. No domain gives concern.")
  }

  /// One thing is made worse in random studies: the rating never rises.
  @Test func aWorseDiagnosticNeverRaisesTheRating() {
    var random = SplitMix(state: 20_260_801)
    var lowered = Set<String>()
    for _ in 0..<1500 {
      // Half of the studies are nearly sound, so that single steps show.
      let facts =
        Bool.random(using: &random)
        ? drawn(&random)
        : sound {
          $0.assignment = .allCases.randomElement(using: &random) ?? .random
          $0.comparison = .allCases.randomElement(using: &random) ?? .level
          $0.isMadeForFew = Bool.random(using: &random)
          $0.clusters = Double(Int.random(in: 10...60, using: &random))
        }
      for (name, change) in worsenings {
        var worse = facts
        change(&worse, Double.random(in: 0...1, using: &random))
        // Where chance no longer decides, domains begin to apply, which only adds.
        let (before, after) = (EvidenceRating(facts).level, EvidenceRating(worse).level)
        #expect(after <= before, "\(name) raised \(before) to \(after): \(facts) → \(worse)")
        if after < before { lowered.insert(name) }
      }
    }
    // The steps are large enough that most of them matter somewhere.
    #expect(lowered.count >= 12, "\(lowered.sorted())")
  }

  /// What nobody looked at is no better than what was found in order, and caps the rating.
  @Test func notLookingNeverHelpsAndCaps() {
    let forgettings: [(EvidenceRating.Domain, (inout EvidenceDiagnostics) -> Void)] = [
      (.clusters, { $0.clusters = nil }), (.power, { $0.smallestEffect = nil }),
      (.power, { $0.detectable = nil }), (.attrition, { $0.attrition = nil }),
      (.balance, { $0.imbalance = nil }), (.missing, { $0.steadiness = nil }),
      (.agreement, { $0.agreement = nil }), (.plan, { $0.plan = nil }),
    ]
    for (domain, forget) in forgettings {
      let rating = EvidenceRating(sound(forget))
      #expect(rating.level == .moderate, "\(domain)")
      #expect(rating.domains(judged: .notEvaluated) == [domain.rawValue])
    }
    let trends = sound {
      ($0.assignment, $0.comparison, $0.preTrend, $0.eValue) = (.chosen, .change, nil, nil)
    }
    #expect(EvidenceRating(trends).domains(judged: .notEvaluated) == ["trends before"])
  }

  /// The limit itself still counts as the better side.
  @Test(
    arguments: [
      (.clusters, 40, 20, true), (.balance, 0.1, 0.25, false), (.overlap, 0.9, 0.5, true),
      (.trends, 0.1, 0.05, true), (.hiddenBias, 2, 1.25, true), (.agreement, 0.9, 0.5, true),
      (.power, 0.05, 0.1, false),
    ] as [(EvidenceRating.Domain, Double, Double, Bool)])
  func edges(_ edge: (domain: EvidenceRating.Domain, good: Double, fair: Double, isUp: Bool)) {
    func judgement(_ value: Double) -> EvidenceRating.Judgement? {
      var facts = sound { $0.assignment = .chosen }
      switch edge.domain {
      case .clusters: facts.clusters = value
      case .balance: facts.imbalance = value
      case .overlap: facts.overlap = value
      case .trends: (facts.comparison, facts.preTrend) = (.change, value)
      case .hiddenBias: (facts.eValue, facts.trendBreakdown) = (value, nil)
      case .agreement: facts.agreement = value
      default: facts.detectable = value
      }
      return EvidenceRating(facts).rows.first { $0.domain == edge.domain }?.judgement
    }
    let step = edge.isUp ? -1e-9 : 1e-9
    #expect(judgement(edge.good) == .clear)
    #expect(judgement(edge.good + step) == .some)
    #expect(judgement(edge.fair) == .some)
    #expect(judgement(edge.fair + step) == .serious)
    #expect(judgement(.nan) == .notEvaluated)
  }

  /// What Works Clearinghouse, Standards Handbook 4.1 (2020), Table II.1: 5.7 and 10.0 points at no overall
  /// attrition, 4.1 and 8.2 at 30 per cent; nothing is tolerable from 66 per cent on.
  @Test(
    arguments: [
      (0.0, 0.057, .clear), (0, 0.058, .some), (0, 0.1, .some), (0, 0.101, .serious),
      (0.3, 0.041, .clear), (0.3, -0.042, .some), (0.3, 0.082, .some), (0.3, -0.083, .serious),
      (0.66, 0, .serious), (1, 0, .serious),
    ] as [(Double, Double, EvidenceRating.Judgement)])
  func attrition(_ overall: Double, _ differential: Double, _ judgement: EvidenceRating.Judgement) {
    let rating = EvidenceRating(
      sound { $0.attrition = .init(overall: overall, differential: differential) })
    #expect(rating.rows.first { $0.domain == .attrition }?.judgement == judgement)
  }

  @Test func unknownRatesAreNotEvaluatedAndDoNotCrash() {
    for rate in [Double.nan, .infinity, -.infinity] {
      let rating = EvidenceRating(sound { $0.attrition = .init(overall: rate, differential: 0) })
      #expect(rating.rows.first { $0.domain == .attrition }?.judgement == .notEvaluated)
    }
  }

  @Test func theDesignSaysWhereTheRatingStarts() {
    func start(_ change: (inout EvidenceDiagnostics) -> Void) -> EvidenceRating.Level {
      EvidenceRating(sound(change)).start
    }
    #expect(start { _ in } == .high)
    #expect(start { $0.assignment = .chosen } == .moderate)
    #expect(start { ($0.assignment, $0.isSiteLevel) = (.chosen, true) } == .low)
    #expect(
      start { ($0.assignment, $0.isSiteLevel, $0.comparison) = (.chosen, true, .change) }
        == .moderate)
    #expect(start { $0.assignment = .unknown } == .veryLow)
    #expect(start { $0.isDescriptive = true } == .veryLow)
  }

  @Test func nothingIsRatedWithoutAComparisonOrAnEffect() {
    let alone = EvidenceRating(sound { $0.hasComparison = false })
    #expect(alone.level == .notRated)
    #expect(alone.working == "nothing is compared, so no effect is claimed")
    let withheld = EvidenceRating(sound { $0.isWithheld = true })
    #expect(withheld.level == .notRated)
    #expect(withheld.working == "effects are withheld, because the design failed a check")
  }

  @Test func anOverriddenGateIsVeryLow() {
    #expect(EvidenceRating(sound { $0.plan = .overridden }).level == .veryLow)
  }
}
