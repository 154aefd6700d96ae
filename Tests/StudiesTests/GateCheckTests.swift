import Statistics
import Testing

@testable import Studies

private func status(_ gate: Gate, _ name: String) -> Gate.Status? {
  gate.checks.first { $0.name == name }?.status
}

/// A design of many people, to be given one fact at a time.
private func facts(_ change: (inout DesignFacts) -> Void) -> DesignFacts {
  var facts = DesignFacts()
  facts.mechanism = "self-selected"
  (facts.treatedClusters, facts.clusters) = (200, 400)
  facts.attainablePValue = 1e-9
  change(&facts)
  return facts
}

private func arms(_ treated: Int, _ comparison: Int, of all: Int = 1000) -> [KnownShare] {
  [
    KnownShare(arm: "treated", known: all - treated, all: all),
    KnownShare(arm: "comparison", known: all - comparison, all: all),
  ]
}

private func study(_ gate: String) throws -> StudyFile {
  try StudyFile(
    text: """
      study: s
      title: t
      question: q
      public: true
      data: {file: d.csv}
      treatment: {column: t, label: a, comparison-label: b}
      outcomes: [{name: y, label: the outcome, kind: binary}]
      \(gate)

      """, path: "s.yaml")
}

@Suite("Checks of the gate") struct GateCheckTests {
  @Test("limits hold at their edges", arguments: GateLimits.Key.allCases)
  func edges(_ key: GateLimits.Key) {
    let limit = GateLimits()[key]
    #expect(limit.key == key)
    let step = limit.largeIsBad ? 1e-9 : -1e-9
    #expect(limit.status(limit.warn) == .pass)
    #expect(limit.status(limit.warn + step) == .warn)
    guard let fail = limit.fail else {
      #expect(limit.status(limit.largeIsBad ? limit.most : 0) == .warn)
      return
    }
    #expect(limit.status(fail) == .warn)
    #expect(limit.status(fail + step) == .fail)
  }

  @Test("unknown outcomes warn above a tenth of an arm and fail above four tenths")
  func missingEvidence() {
    let steps: [(Int, Gate.Status)] = [
      (0, .pass), (100, .pass), (101, .warn), (400, .warn), (401, .fail),
    ]
    for (unknown, expected) in steps {
      let gate = Gate(facts { $0.outcomes = [("z", arms(0, 0)), ("y", arms(unknown, unknown))] })
      #expect(status(gate, "missing evidence") == expected, "\(unknown)")
      #expect(gate.failed == (expected == .fail))
    }
  }

  @Test("unevenly unknown outcomes warn and never fail")
  func uneven() {
    for (treated, comparison, expected) in [
      (60, 20, Gate.Status.pass), (70, 20, .pass), (71, 20, .warn), (20, 71, .warn),
      (390, 0, .warn),
    ] {
      let gate = Gate(facts { $0.outcomes = [("y", arms(treated, comparison))] })
      #expect(status(gate, "missing evidence by arm") == expected, "\(treated) \(comparison)")
    }
    // Without arms there is nothing to compare.
    let single = [KnownShare(arm: "everybody", known: 9, all: 10)]
    #expect(
      status(Gate(facts { $0.outcomes = [("y", single)] }), "missing evidence by arm")
        == .notEvaluated)
  }

  @Test("a count that the profile hides moves neither a value nor a state")
  func hiddenCounts() {
    var seen: Set<String> = []
    for unknown in 0..<10 {
      for other in 0..<10 {
        let gate = Gate(
          facts {
            $0.minimumCount = 10
            $0.outcomes = [("y", arms(unknown, other, of: 60))]
            $0.covariates = arms(other, unknown, of: 60)
            $0.followed = arms(unknown, other, of: 60)
          })
        seen.insert(
          gate.checks.map { "\($0.name) \($0.value ?? -1) \($0.status.rawValue) \($0.detail)" }
            .joined(separator: "\n"))
        #expect(status(gate, "missing evidence by arm") == .notEvaluated)
        #expect(!gate.failed)
      }
    }
    #expect(seen.count == 1)
  }

  @Test("the design must find the smallest effect that matters")
  func detectable() {
    let gate = { (found: Double?) in
      Gate(
        facts {
          $0.detectable = [
            DetectableEffect(outcome: "z", declared: 1, found: 0.5),
            DetectableEffect(outcome: "y", declared: 0.05, found: found),
          ]
        })
    }
    #expect(status(gate(0.05), "minimum detectable effect") == .pass)
    #expect(status(gate(0.0501), "minimum detectable effect") == .warn)
    #expect(status(gate(nil), "minimum detectable effect") == .warn)
    #expect(!gate(nil).failed)
    #expect(status(Gate(facts { _ in }), "minimum detectable effect") == .notEvaluated)
  }

  @Test("maturity, covariates and trends are judged where they are known")
  func others() {
    let fine = Gate(
      facts {
        $0.followed = arms(100, 0)
        $0.covariates = arms(100, 100)
        $0.preTrends = PreTrendFinding(pValue: 0.05)
      })
    for name in ["maturity", "missing covariates", "pre-trends"] {
      #expect(status(fine, name) == .pass, "\(name)")
    }
    let worse = Gate(
      facts {
        $0.followed = arms(101, 0)
        $0.covariates = arms(0, 101)
        $0.preTrends = PreTrendFinding(pValue: 0.0499)
      })
    for name in ["maturity", "missing covariates", "pre-trends"] {
      #expect(status(worse, name) == .warn, "\(name)")
    }
    #expect(status(Gate(facts { $0.followed = arms(751, 0) }), "maturity") == .fail)
    #expect(status(Gate(facts { $0.covariates = arms(401, 0) }), "missing covariates") == .fail)
    // A trend that was seen is for the reader; that no trend was seen proves none.
    #expect(!Gate(facts { $0.preTrends = PreTrendFinding(pValue: 1e-9) }).failed)
  }

  @Test("fewer than four sites on either side describe, however small the p-value")
  func fewSites() {
    for (treated, all, verdict) in [
      (3, 25, Gate.Verdict.descriptive), (4, 25, .associational), (22, 25, .descriptive),
      (21, 25, .associational),
    ] {
      for mechanism in ["randomised", "contract"] {
        let gate = Gate(
          facts {
            $0.isSiteLevel = true
            $0.mechanism = mechanism
            ($0.treatedClusters, $0.clusters) = (treated, all)
            $0.attainablePValue = 1.0 / 2300
          })
        #expect(gate.verdict == verdict, "\(treated) of \(all)")
        #expect(!gate.hasFailure)
        #expect(gate.reason.contains("few whole sites") == (verdict == .descriptive))
      }
    }
  }

  @Test("an override shows effects and claims nothing")
  func overridden() {
    let bad = facts { $0.worstImbalance = 0.5 }
    #expect(Gate(bad).failed)
    let gate = Gate(bad, override: "the covariate does not matter")
    #expect(gate.hasFailure && !gate.failed && gate.isOverridden)
    #expect(gate.verdict == .descriptive)
    let sound = Gate(facts { $0.worstImbalance = 0 }, override: "to be safe")
    #expect(!sound.isOverridden && !sound.failed)
    #expect(sound.verdict == .associational)
  }

  @Test("thresholds of the study file hold, and what changes is on record")
  func thresholds() throws {
    let limits = try GateLimits(
      study("gate: {thresholds: {balance: {warn: 0.2}, clusters: {warn: 50}, reason: small}}"))
    #expect(limits[.balance].warn == 0.2 && limits[.balance].fail == 0.25)
    #expect(limits.changes.map(\.key) == [.clusters, .balance])
    #expect(limits.changes.map(\.isLaxer) == [false, true])
    #expect(limits.reason == "small")
    let gate = Gate(facts { $0.worstImbalance = 0.15 }, limits: limits)
    #expect(status(gate, "balance") == .pass)
    #expect(try GateLimits(study("")).changes.isEmpty)
    // A limit that is the house's is no change.
    #expect(try GateLimits(study("gate: {thresholds: {overlap: {warn: 0.90}}}")).changes.isEmpty)
  }

  @Test(
    "a section that makes no sense is refused where it stands",
    arguments: [
      ("gate: {thresholds: {overlap: {warn: 1.5}}}", "takes a number from 0 to 1"),
      ("gate: {thresholds: {overlap: {warn: 0.3}}}", "would fail before it warns"),
      ("gate: {thresholds: {balance: {fail: 0.05}}}", "would fail before it warns"),
      ("gate: {smallest-effect: {yy: 0.1}}", "none of the study's outcomes"),
      ("gate: {smallest-effect: {y: -0.1}}", "a number above zero"),
      ("gate: {smallest-effect: {y: much}}", "a number above zero"),
      ("gate: {override: {reason: '...'}}", "only for a reason"),
    ])
  func refused(_ gate: String, _ words: String) throws {
    let file = try study(gate)
    let error = #expect(throws: SiblingError.self) { _ = try GateSettings(file) }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    #expect(error?.location?.line == 8)
    #expect(error?.code.exitStatus == 65)
  }

  @Test(
    "keys that the gate does not have are refused",
    arguments: [
      "gate: {override: {}}", "gate: {override: yes}", "gate: {treshold: {}}",
      "gate: {thresholds: {clusters: {fail: 3}}}", "plan: {deviations: []}",
      "plan: {file: p, deviations: [{key: a}]}",
    ])
  func unknownKeys(_ text: String) {
    #expect(throws: SiblingError.self) { _ = try study(text) }
  }
}

@Suite("The spread of a panel before treatment") struct SpreadBeforeTreatmentTests {
  /// Errors of a stationary process, made from a fixed sequence of normal draws by sums of uniforms.
  private func rows(_ units: Int, _ periods: Int, correlation: Double) -> [[Double]] {
    var state: UInt64 = 88_172_645_463_325_252
    func uniform() -> Double {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Double(state >> 11) / Double(1 << 53)
    }
    func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }
    return (0..<units).map { unit in
      var error = normal()
      return (0..<periods).map { period in
        if period > 0 {
          error = correlation * error + (1 - correlation * correlation).squareRoot() * normal()
        }
        // A level of the unit and a common period, which must not count.
        return 2 * error + Double(unit % 7) * 10 + Double(period) * 3
      }
    }
  }

  @Test(
    "the deviation and the correlation of a known process come back", arguments: [0.0, 0.3, 0.6])
  func recovers(_ correlation: Double) throws {
    let found = try #require(SpreadBeforeTreatment(rows(4000, 8, correlation: correlation)))
    #expect(abs(found.deviation - 2) < 0.12, "\(found.deviation)")
    #expect(abs(found.autocorrelation - correlation) < 0.06, "\(found.autocorrelation)")
  }

  @Test("too little to tell gives nothing")
  func tooLittle() {
    #expect(SpreadBeforeTreatment([]) == nil)
    #expect(SpreadBeforeTreatment([[1, 2, 3], [2, 3, 4]]) == nil)
    #expect(SpreadBeforeTreatment([[1, 2], [2, 1], [4, 4]]) == nil)
    #expect(SpreadBeforeTreatment([[1, 1, 1], [2, 2, 2], [3, 3, 3]]) == nil)
  }
}
