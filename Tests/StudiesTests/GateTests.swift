import TestSupport
import Testing

@testable import Studies

/// A sound design with many units, to be spoilt one fact at a time.
private func sound() -> DesignFacts {
  var facts = DesignFacts()
  facts.mechanism = "randomised"
  (facts.treatedClusters, facts.clusters) = (100, 200)
  facts.attainablePValue = 1e-6
  (facts.overlapShare, facts.matchedShare, facts.worstImbalance) = (1, 1, 0.01)
  return facts
}

/// How much may be claimed.
private func rank(_ verdict: Gate.Verdict) -> Int {
  switch verdict {
  case .causal: 2
  case .associational: 1
  case .descriptive: 0
  }
}

@Suite struct GateTests {
  @Test func aSoundExperimentIsCausal() {
    let gate = Gate(sound())
    #expect(gate.verdict == .causal)
    #expect(!gate.failed)
    #expect(gate.checks.filter { $0.status == .pass }.count == 5)
  }

  /// Each fact from good to bad: neither the check nor the verdict may improve on the way.
  @Test func aWorseDiagnosticNeverGivesABetterVerdict() {
    let shares = stride(from: 1.0, through: 0, by: -0.01)
    let ladders: [(name: String, facts: [DesignFacts])] = [
      (
        "overlap",
        shares.map { share in
          var facts = sound()
          facts.overlapShare = share
          return facts
        }
      ),
      (
        "matched share",
        shares.map { share in
          var facts = sound()
          facts.matchedShare = share
          return facts
        }
      ),
      (
        "balance",
        stride(from: 0, through: 0.5, by: 0.005).map { worst in
          var facts = sound()
          facts.worstImbalance = worst
          return facts
        }
      ),
      (
        "attainable p",
        stride(from: 0, through: 1, by: 0.004).map { p in
          var facts = sound()
          facts.attainablePValue = p
          return facts
        }
      ),
      (
        "clusters",
        stride(from: 60, through: 0, by: -1).map { clusters in
          var facts = sound()
          (facts.treatedClusters, facts.clusters) = (clusters / 2, clusters)
          return facts
        }
      ),
    ]
    for ladder in ladders {
      let gates = ladder.facts.map { Gate($0) }
      for (better, worse) in zip(gates, gates.dropFirst()) {
        let before = better.checks.first { $0.name == ladder.name }?.status ?? .fail
        let after = worse.checks.first { $0.name == ladder.name }?.status ?? .pass
        #expect(!(after < before), "\(ladder.name)")
        #expect(rank(worse.verdict) <= rank(better.verdict), "\(ladder.name)")
        #expect(!better.failed || worse.failed, "\(ladder.name)")
      }
      #expect(gates.first?.failed == false)
      #expect(gates.last?.failed == true, "\(ladder.name) never fails")
    }
  }

  /// With every other fact varied too, a failed check always means that nothing may be claimed.
  @Test func aFailureAlwaysWithholds() {
    for mechanism in ["randomised", "self-selected", "policy", "contract", "unknown"] {
      for isSiteLevel in [false, true] {
        for share in [1, 0.7, 0.3] {
          for worst in [0.01, 0.2, 0.4] {
            var facts = sound()
            (facts.mechanism, facts.isSiteLevel) = (mechanism, isSiteLevel)
            (facts.overlapShare, facts.worstImbalance) = (share, worst)
            let gate = Gate(facts)
            #expect(gate.failed == (share < 0.5 || worst > 0.25))
            if gate.failed { #expect(gate.verdict == .descriptive) }
            if isSiteLevel { #expect(gate.verdict != .causal) }
            if mechanism != "randomised" { #expect(gate.verdict != .causal) }
            #expect(!gate.reason.isEmpty)
          }
        }
      }
    }
  }

  @Test func threeOfSixSites() throws {
    var facts = sound()
    facts.isSiteLevel = true
    (facts.treatedClusters, facts.clusters) = (3, 6)
    facts.attainablePValue = 0.1
    let gate = Gate(facts)
    let check = try #require(gate.checks.first { $0.name == "attainable p" })
    #expect(check.status == .fail)
    #expect(check.value == 0.1)
    #expect(gate.failed)
    #expect(gate.verdict == .descriptive)
  }

  @Test func noComparisonGroupMeansDescription() {
    var facts = sound()
    facts.hasComparison = false
    let gate = Gate(facts)
    #expect(gate.verdict == .descriptive)
    #expect(gate.checks.allSatisfy { $0.status == .notEvaluated })
    #expect(!gate.failed)
  }

  @Test func whatIsNotKnownIsNotCalledPassed() {
    let gate = Gate(DesignFacts())
    for check in gate.checks where check.value == nil && check.name != "clusters" {
      #expect(check.status != .pass, "\(check.name)")
    }
  }
}
