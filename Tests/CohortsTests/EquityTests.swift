import Statistics
import TestSupport
import Testing

@testable import Cohorts

@Suite struct EquityTests {
  /// Three groups in two arms, by counts: (people, known, yes).
  static let cells: [(arm: Int32, group: Int32, people: Int, known: Int, yes: Int)] = [
    (0, 0, 50, 48, 15), (0, 1, 80, 80, 48), (0, 2, 21, 20, 4),
    (1, 0, 60, 60, 30), (1, 1, 70, 70, 49), (1, 2, 12, 10, 6),
  ]

  static func columns() -> (
    value: [Int8], profile: Factor, arms: Factor, sites: Factor
  ) {
    var (value, group, arm, site) = ([Int8](), [Int32](), [Int32](), [Int32]())
    for cell in cells {
      for person in 0..<cell.people {
        value.append(person < cell.yes ? 1 : person < cell.known ? 0 : -1)
        group.append(cell.group)
        arm.append(cell.arm)
        site.append(cell.arm * 5 + Int32(person % 5))
      }
    }
    return (
      value, Factor(codes: group, levels: ["a", "b", "c"]),
      Factor(codes: arm, levels: ["non_sib", "sib"]),
      Factor(codes: site, levels: (0..<10).map { "s\($0)" })
    )
  }

  @Test func groupsAsRSays() throws {
    let (value, profile, arms, sites) = Self.columns()
    let result = try Equity().compare(
      value, isAtRisk: value.map { _ in true }, profile: profile, arms: arms, sites: sites)
    #expect(result.rows.count == 9)
    let first = result.rows[0]
    #expect(first.people == 50 && first.share == ShareEstimate(yes: 15, known: 48))
    #expect(first.rest == ShareEstimate(yes: 52, known: 100))
    // R: prop.test(c(15, 52), c(48, 100), correct = FALSE)$p.value and the other groups' alike;
    // p.adjust(all six, "holm").
    let plain = result.rows.prefix(6).map { $0.comparison.pValue ?? .nan }
    #expect(
      close(
        plain,
        [
          1.7594218522902876e-02, 9.4306206654224862e-05, 1.4631892459697225e-02,
          2.4576587947765099e-02, 2.4470643114948423e-02, 9.6171973967115232e-01,
        ], .closedForm))
    #expect(
      close(
        result.rows.prefix(6).map { $0.adjusted ?? .nan },
        [
          0.07315946229848613, 0.00056583723992534914, 0.07315946229848613, 0.07341192934484526,
          0.07341192934484526, 0.96171973967115232,
        ], .closedForm))
    #expect(result.rows[6].arm == "all" && result.rows[6].share.known == 108)
    // R, clubSandwich: lm(value ~ arm * group), vcovCR(fit, cluster = site, "CR2"): the Wald
    // statistic of both products over 2, and the smallest Satterthwaite df of the coefficients.
    #expect(close(result.heterogeneity.statistic ?? 0, 11.0536339585619778, .published))
    #expect(close(result.heterogeneity.denominator ?? 0, 7.5483974943566352, .published))
    #expect(close(result.heterogeneity.pValue ?? 0, 0.0057170423124873037, .published))
  }

  @Test func missingIsAGroupAndOneArmIsEnough() throws {
    let (value, profile, arms, sites) = Self.columns()
    var holes = profile
    for row in 0..<30 { holes.codes[row] = -1 }
    let result = try Equity().compare(
      value, isAtRisk: arms.codes.map { $0 == 0 }, profile: holes, arms: arms, sites: sites)
    #expect(result.rows.map(\.group).contains("(missing)"))
    #expect(Set(result.rows.map(\.arm)) == ["non_sib", "all"])
    #expect(result.heterogeneity.pValue == nil && result.heterogeneity.note != nil)
  }

  @Test func badInput() throws {
    let (value, profile, arms, sites) = Self.columns()
    let everybody = value.map { _ in true }
    #expect(throws: SiblingError.self) {
      try Equity().compare(
        value, isAtRisk: everybody, profile: Factor(value.map { _ in "one" }), arms: arms,
        sites: sites)
    }
    #expect(throws: SiblingError.self) {
      try Equity().compare(
        Array(value.dropLast()), isAtRisk: everybody, profile: profile, arms: arms, sites: sites)
    }
    // Nobody known: blanks, no numbers.
    let none = try Equity().compare(
      value.map { _ in -1 }, isAtRisk: everybody, profile: profile, arms: arms, sites: sites)
    #expect(none.rows.allSatisfy { $0.share.estimate == nil && $0.adjusted == nil })
    // One site: no joint test.
    let single = try Equity().compare(
      value, isAtRisk: everybody, profile: profile, arms: arms,
      sites: Factor(value.map { _ in "s" }))
    #expect(single.heterogeneity.pValue == nil && single.heterogeneity.note != nil)
  }
}
