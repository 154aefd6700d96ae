import Foundation
import Statistics
import Tables
import TestSupport
import Testing

@testable import Cohorts

/// People referred to sites of two arms, where the treated arm may choose.
struct CreamingWorld {
  var sitesPerArm = 6
  var perSite = 120
  /// How much more acceptance leans on the covariate in the treated arm, in log odds a unit.
  var lean = 0.0
  /// By how much the lean grows a year.
  var growth = 0.0
  var seed: UInt64 = 1

  func input() throws -> CreamingMonitor.Input {
    var stream = RandomStream(seed: seed, name: "creaming-world")
    var (x, outcome, accepted, arm) = ([Double](), [Int8](), [Int8](), [Int8]())
    var (site, day, person) = ([Int32](), [Int32](), [UInt64]())
    for s in 0..<(2 * sitesPerArm) {
      let level = 0.4 * stream.normal()
      for _ in 0..<perSite {
        let value = level + stream.normal()
        let years = 3 * stream.uniform()
        let isTreated = s % 2 == 1
        let slope = 0.3 + (isTreated ? lean + growth * years : 0)
        let isIn = stream.bernoulli(1 / (1 + exp(-(0.5 + slope * value))))
        let works = stream.bernoulli(1 / (1 + exp(-(-0.7 + 0.9 * value))))
        x.append(value)
        outcome.append(isIn ? (works ? 1 : 0) : -1)
        accepted.append(isIn ? 1 : 0)
        arm.append(isTreated ? 1 : 0)
        site.append(Int32(s))
        day.append(17_532 + Int32(years * 365.25))
        person.append(UInt64(person.count))
      }
    }
    return try CreamingMonitor.Input(
      design: FlowText.design([("x", x)]),
      outcome: outcome, isReference: arm.map { $0 == 0 }, accepted: accepted, arm: arm,
      sites: Factor(codes: site, levels: (0..<(2 * sitesPerArm)).map { "s\($0)" }), day: day,
      person: person)
  }
}

@Suite struct CreamingTests {
  func term(_ result: CreamingResult, _ name: String, _ arm: String = "difference") throws
    -> CreamingResult.Term
  {
    try #require(result.terms.first { $0.estimate.term == name && $0.arm == arm })
  }

  /// R: d$y = as.integer(d$re78 > 0); m = glm(y ~ age + educ + married, binomial, d[d$treat == 0, ],
  /// control = list(epsilon = 1e-14, maxit = 100)); predict(m, d[d$treat == 1, ], type = "response").
  @Test func theIndexIsRsLogit() throws {
    let table = try Golden.csv("lalonde.csv")
    func numbers(_ name: String) -> [Double] { Golden.numbers(table[name]) }
    let (treat, re78) = (numbers("treat"), numbers("re78"))
    let n = treat.count
    let input = try CreamingMonitor.Input(
      design: FlowText.design(["age", "educ", "married"].map { ($0, numbers($0)) }),
      outcome: re78.map { $0 > 0 ? 1 : 0 }, isReference: treat.map { $0 == 0 },
      accepted: treat.map { _ in 1 }, arm: treat.map { Int8($0) },
      sites: Factor(codes: (0..<n).map { Int32($0 % 7) }, levels: (0..<7).map { "\($0)" }),
      day: [Int32](repeating: 18_000, count: n), person: (0..<n).map { UInt64($0) })
    let result = try CreamingMonitor().fit(input)
    let coefficients = result.model.rows.map(\.estimate)
    #expect(
      close(
        coefficients,
        [
          1.721152813517757840, -0.040152599465399799, 0.048305054754913410, 0.341174220893114888,
        ], .converged))
    let treated = (0..<n).filter { treat[$0] == 1 }
    #expect(close(result.index[treated[0]], 0.75176286503619971, .converged))
    let mean = treated.map { result.index[$0] }.reduce(0, +) / Double(treated.count)
    #expect(close(mean, 0.77293563970777457, .converged))
    // R, clubSandwich: sqrt(vcovCR(lm(index ~ 1), cluster = site, "CR2")) among the treated.
    let period = try #require(result.periods.first { $0.arm == "sib" })
    #expect(close(period.estimate.standardError ?? 0, 0.0050408204794885544, .published))
    #expect(close(period.estimate.degreesOfFreedom ?? 0, 5.9976154552709984, .published))
    #expect(period.quarter == "2019 Q2" && period.people == 185 && period.sites == 7)
    // Everybody was accepted: nothing is said of acceptance.
    #expect(result.acceptance.isEmpty && result.notes.count == 1)
  }

  @Test func nobodysOwnOutcomeIsInTheirIndex() throws {
    let input = try CreamingWorld(sitesPerArm: 4, perSite: 40).input()
    let plain = try CreamingMonitor().fit(input)
    var changed = input
    let row = try #require(
      input.outcome.indices.first { input.isReference[$0] && input.outcome[$0] == 0 })
    changed.outcome[row] = 1
    let other = try CreamingMonitor().fit(changed)
    #expect(other.index[row] == plain.index[row])
    #expect(other.index.last != plain.index.last)
  }

  @Test func theOrderOfRowsPlaysNoPart() throws {
    let input = try CreamingWorld(sitesPerArm: 4, perSite: 40, lean: 1).input()
    let order = Array((0..<input.outcome.count).reversed())
    let turned = CreamingMonitor.Input(
      design: input.design.selecting(rows: order), outcome: order.map { input.outcome[$0] },
      isReference: order.map { input.isReference[$0] }, accepted: order.map { input.accepted[$0] },
      arm: order.map { input.arm[$0] }, sites: input.sites.selecting(order),
      day: order.map { input.day[$0] }, person: order.map { input.person[$0] })
    let (one, two) = (try CreamingMonitor().fit(input), try CreamingMonitor().fit(turned))
    #expect(close(one.index, order.map { two.index[$0] }, .published))
    #expect(one.verdict == two.verdict)
    for (a, b) in zip(one.terms, two.terms) {
      #expect(close(a.estimate.estimate, b.estimate.estimate, Tolerance(relative: 1e-6)))
    }
  }

  @Test func strongCreamingIsFlagged() throws {
    var world = CreamingWorld(lean: 1.5)
    let result = try CreamingMonitor().fit(world.input())
    #expect(result.verdict == .flagged)
    let slope = try term(result, "acceptance.slope.difference")
    #expect(slope.estimate.estimate > 0 && (slope.adjusted ?? 1) < 0.01)
    // The acceptance of the treated arm climbs over the fifths.
    let fifths = result.acceptance.filter { $0.arm == "sib" }
      .compactMap(\.accepted.estimate)
    #expect(fifths == fifths.sorted() && fifths.count == 5)
    #expect((result.concordance ?? 0) > 0.6)
    world = CreamingWorld(perSite: 300, lean: -0.3, growth: 1.2, seed: 8)
    let rising = try CreamingMonitor().fit(world.input())
    #expect(try term(rising, "trend.difference").estimate.estimate > 0)
    #expect(rising.verdict == .flagged)
  }

  @Test func withoutCreamingFalseAlarmsKeepToTheirLevel() throws {
    // 60 worlds: at most 5% false alarms in truth; 8 or more would come up once in 80 times.
    var flags = 0
    for seed in 1...60 as ClosedRange<UInt64> {
      let input = try CreamingWorld(perSite: 60, seed: seed).input()
      if try CreamingMonitor(folds: 3).fit(input).verdict == .flagged { flags += 1 }
    }
    #expect(flags < 8)
  }

  @Test func aSwitchOfContracts() throws {
    // Index one rises by 0.2 after day 18000 at the three treated sites, not elsewhere.
    let n = 8 * 40
    let site = (0..<n).map { Int32($0 / 40) }
    let isAfter = (0..<n).map { $0 % 40 >= 20 }
    let x = (0..<n).map { row in
      Double((row * 7) % 20) / 20
        + (site[row] < 4 && isAfter[row] ? 1 + 0.1 * Double(site[row]) : 0)
    }
    var input = try CreamingMonitor.Input(
      design: FlowText.design([("x", x)]),
      outcome: (0..<n).map { ($0 * 13) % 10 < Int(3 + 4 * x[$0]) ? 1 : 0 },
      isReference: site.map { $0 >= 4 }, accepted: [Int8](repeating: 1, count: n),
      arm: site.map { $0 < 4 ? 1 : 0 },
      sites: Factor(codes: site, levels: (0..<8).map { "s\($0)" }),
      day: (0..<n).map { isAfter[$0] ? 18_010 : 17_990 }, person: (0..<n).map { UInt64($0) },
      switches: (0..<8).map { $0 < 4 ? [18_000] : [] })
    let result = try CreamingMonitor().fit(input)
    // By hand: each site's mean after less its mean before.
    func mean(_ s: Int, _ after: Bool) -> Double {
      let rows = (0..<n).filter { Int(site[$0]) == s && isAfter[$0] == after }
      return rows.map { result.index[$0] }.reduce(0, +) / Double(rows.count)
    }
    let changes = (0..<8).map { mean($0, true) - mean($0, false) }
    let own = changes[0..<4].reduce(0, +) / 4
    let other = changes[4...].reduce(0, +) / 4
    let plain = try term(result, "switch.change", "sib")
    #expect(close(plain.estimate.estimate, own, .published) && plain.sites == 4)
    let adjusted = try term(result, "switch.change.adjusted")
    #expect(close(adjusted.estimate.estimate, own - other, .published))
    #expect(adjusted.estimate.degreesOfFreedom == 3 && adjusted.isSignal)
    #expect(result.verdict == .flagged)
    // One site with a switch: a number without an error.
    input.switches = (0..<8).map { $0 == 0 ? [18_000] : [] }
    let single = try CreamingMonitor().fit(input)
    #expect(try term(single, "switch.change", "sib").estimate.standardError == nil)
  }

  @Test func badInput() throws {
    let world = CreamingWorld(sitesPerArm: 1, perSite: 200)
    // One site an arm: numbers, no verdict.
    let few = try CreamingMonitor().fit(world.input())
    #expect(few.verdict == .cannotSay)
    #expect(try term(few, "trend.difference").estimate.pValue == nil)
    var input = try world.input()
    input.isReference = input.isReference.map { _ in false }
    #expect(throws: SiblingError.self) { try CreamingMonitor().fit(input) }
    input = try world.input()
    input.outcome = input.outcome.map { min($0, 0) }
    #expect(throws: SiblingError.self) { try CreamingMonitor().fit(input) }
    input = try world.input()
    input.day = input.day.map { _ in missingDay }
    #expect(try CreamingMonitor().fit(input).periods.isEmpty)
    input.day.removeLast()
    #expect(throws: SiblingError.self) { try CreamingMonitor().fit(input) }
    // One arm only.
    input = try world.input()
    input.arm = input.arm.map { _ in 0 }
    #expect(try CreamingMonitor().fit(input).verdict == .cannotSay)
  }
}
