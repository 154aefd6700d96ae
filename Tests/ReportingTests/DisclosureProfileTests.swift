import Statistics
import Testing

@testable import Reporting

/// The rules of the profiles, cell by cell, against the published ones.
@Suite struct DisclosureProfileTests {
  /// Counts, and what each profile releases them as (nil is withheld).
  ///
  /// acro-default: ACRO's `safe_threshold` 10 with zeros disclosive. opensafely and nhs-digital:
  /// ≤ 7 suppressed, the rest to the nearest 5, zeros kept (OpenSAFELY, *Permitted outputs*; NHS
  /// England's disclosure control for hospital episode statistics).
  @Test(
    arguments: [
      (0, nil, 0), (1, nil, nil), (6, nil, nil), (7, nil, nil), (8, nil, 10), (9, nil, 10),
      (10, 10, 10), (12, 12, 10), (13, 13, 15), (17, 17, 15), (18, 18, 20), (1002, 1002, 1000),
      (1003, 1003, 1005),
    ] as [(Double, Double?, Double?)])
  func countsUnderEveryProfile(count: Double, acro: Double?, rounded: Double?) {
    #expect(DisclosureProfile.none.released(count) == count)
    #expect(DisclosureProfile.acroDefault.released(count) == acro)
    #expect(DisclosureProfile.openSafely.released(count) == rounded)
    #expect(DisclosureProfile.nhsDigital.released(count) == rounded)
  }

  /// OpenSAFELY's formula ceil(x/6)·6 − 3·(x ≠ 0).
  @Test func midpointSix() {
    let rounding = CountRounding.midpoint(6)
    for (count, expected) in [(0, 0), (1, 3), (6, 3), (7, 9), (12, 9), (13, 15), (432, 429)] {
      #expect(rounding.applied(to: Double(count)) == Double(expected))
    }
    for count in 1...500 {
      let x = Double(count)
      let value = rounding.applied(to: x)
      #expect(value == (x / 6).rounded(.up) * 6 - 3)
      #expect((value - x).magnitude <= 3)
    }
  }

  @Test func roundingTwiceIsRoundingOnce() {
    for rounding in [CountRounding.exact, .nearest(5), .nearest(10), .midpoint(6)] {
      for count in 0...300 {
        let once = rounding.applied(to: Double(count))
        #expect(rounding.applied(to: once) == once)
      }
    }
  }

  @Test func customProfilesHaveAFloor() throws {
    func custom(_ minimum: Int, isPublic: Bool, reason: String = "agreed") throws
      -> DisclosureProfile
    {
      try .custom(
        minimumCount: minimum, zerosAreDisclosive: false, residual: 10, rounding: .nearest(5),
        curves: .midpoint, dominance: .init(), reason: reason, isPublic: isPublic)
    }
    #expect(try custom(5, isPublic: false).minimumCount == 5)
    #expect(try custom(2, isPublic: true).minimumCount == 2)
    let low = #expect(throws: SiblingError.self) { try custom(4, isPublic: false) }
    #expect(low?.code == .badValue && low?.column == "minimum-count")
    #expect(throws: SiblingError.self) { try custom(0, isPublic: true) }
    let mute = #expect(throws: SiblingError.self) { try custom(12, isPublic: false, reason: "") }
    #expect(mute?.code == .missingKey)
    #expect(throws: SiblingError.self) {
      try DisclosureProfile.custom(
        minimumCount: 10, zerosAreDisclosive: true, residual: 10, rounding: .exact, curves: .held,
        dominance: .init(share: 0.99, ratio: 0.1), reason: "x", isPublic: false)
    }
  }

  /// ACRO's rules: two contributors with 90% or more, or others below a tenth of the greatest.
  @Test func dominance() {
    let rule = DisclosureProfile.Dominance()
    #expect(!rule.withholds(total: 100, first: 50, second: 39))
    #expect(rule.withholds(total: 100, first: 50, second: 40))
    #expect(rule.withholds(total: 100, first: 95, second: 0))
    #expect(!rule.withholds(total: 0, first: 0, second: 0))
    // 1000 = 480 + 410 + 110 passes on the share, and 110 is more than a tenth of 480.
    #expect(!rule.withholds(total: 1000, first: 480, second: 410))
    let loose = DisclosureProfile.Dominance(share: 1, ratio: 0.1)
    #expect(loose.withholds(total: 1000, first: 900, second: 20))
  }

  @Test func dominatedSumsGoWithTheirParts() throws {
    var table = ResultTable.valueCosts
    for (category, first, second) in [
      ("delivery", 400, 300), ("rent", 600, 390), ("none", nil, nil),
    ]
      as [(String, Int?, Int?)]
    {
      try table.append([
        "arm": "sib", "category": .text(category), "perspective": "all-in", "amount": 1000,
        "counted": 1000, "present_value": 990, "n": 80, "first_site": .init(first),
        "second_site": .init(second),
      ])
    }
    for profile in DisclosureProfile.all where profile.dominance != nil {
      var disclosure = Disclosure(profile: profile)
      let value = try disclosure.release(table).value
      #expect(value[0, "amount"] == 1000 && value[0, "present_value"] == 990)
      for column in ["amount", "counted", "present_value"] {
        #expect(value[1, column] == .suppressed)
        // Who gave what is not known: that it is safe is not known either.
        #expect(value[2, column] == .suppressed)
      }
      #expect(value.position(of: "first_site") == nil && value.position(of: "second_site") == nil)
      #expect(disclosure.decisions.contains { $0.rule == "dominance" })
    }
  }
}
