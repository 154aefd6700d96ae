import Contracts
import Statistics
import TestSupport
import Testing

@Suite struct SiteFunnelTests {
  private static func counts(_ golden: JSON) -> [SiteCount] {
    golden["sites"].array.enumerated().map { place, site in
      SiteCount(
        site: "S\(place)", count: Int(site["count"].double), base: site["base"].double)
    }
  }

  private static func check(
    _ golden: JSON, _ kind: SiteFunnel.Kind, _ widening: SiteFunnel.Widening
  ) throws {
    let sites = counts(golden)
    let found = try SiteFunnel(widening: widening).compare(sites, as: kind)
    #expect(close(found.centre, golden["centre"].double, .closedForm))
    #expect(close(found.dispersion, golden["phi"].double, .converged))
    #expect(close(found.betweenVariance, golden["tau2"].double, .converged))
    #expect(close(found.dispersionInterval.low, golden["phi_low"].double, .converged))
    #expect(close(found.dispersionInterval.high, golden["phi_high"].double, .converged))
    #expect(found.rows.count == sites.count)
    let wide = widening == .multiplicative ? "wide" : "added"
    for (row, expected) in zip(found.rows, golden["sites"].array) {
      #expect(close(row.z, expected["z"].double, .converged))
      for (band, name) in [
        (row.limits.exact95, "95"), (row.limits.exact998, "998"), (row.limits.wide95, wide + "95"),
        (row.limits.wide998, wide + "998"),
      ] {
        #expect(close(band.low, expected[name][0].double, .published))
        #expect(close(band.high, expected[name][1].double, .published))
      }
    }
  }

  @Test(arguments: ["engagement-job_start", "job_start-sustained", "engagement-sustained"])
  func proportionsOfThePublishedProjects(_ name: String) throws {
    let golden = try Golden.json("plans/plans.json")["rates"][name]
    for widening in SiteFunnel.Widening.allCases {
      try Self.check(golden, .proportion, widening)
    }
  }

  @Test(arguments: ["engagement", "job_start", "sustained"])
  func ratiosToTargetsOfThePublishedProjects(_ name: String) throws {
    let golden = try Golden.json("plans/plans.json")["ratios"][name]
    for widening in SiteFunnel.Widening.allCases {
      try Self.check(golden, .ratio, widening)
    }
  }

  @Test func limitsByHand() throws {
    // Half of 4 and 4: P(R ≤ 0) = 1/16 is above 0.025, so the lower limit falls below no one and is
    // 0; P(R ≤ 4) = 1 ≥ 0.975 > 15/16: 4 − (1 − 0.975)/(1/16) = 3.6, over 4.
    let found = try SiteFunnel().compare(
      [SiteCount(site: "A", count: 1, base: 4), SiteCount(site: "B", count: 3, base: 4)],
      as: .proportion)
    let limits = found.rows[0].limits.exact95
    #expect(limits.low == 0)
    #expect(close(limits.high, 0.9, .closedForm))
    #expect(found.rows.allSatisfy { $0.position == .inside })
    // z = ∓0.25/√(0.25/4) = ∓1; a tenth from either end of the two is ∓0.8, whose square is 0.64.
    #expect(close(found.dispersion, 0.64, .closedForm))
  }

  @Test func aSiteFarOffIsOutsideAndStretchesTheLimits() throws {
    var sites = (0..<12).map { SiteCount(site: "S\($0)", count: 48 + $0 % 5, base: 100) }
    sites.append(SiteCount(site: "far", count: 95, base: 100))
    let found = try SiteFunnel().compare(sites, as: .proportion)
    #expect(found.rows.last?.position == .above998)
    #expect(found.rows.dropLast().allSatisfy { $0.position == .inside })
    // The order of sites changes nothing.
    let back = try SiteFunnel().compare(sites.reversed(), as: .proportion)
    #expect(back.rows.first?.position == .above998)
    #expect(close(back.dispersion, found.dispersion, .closedForm))
  }

  @Test func badSitesAreRefused() {
    func code(_ sites: [SiteCount], _ kind: SiteFunnel.Kind = .proportion) -> SiblingError.Code? {
      do throws(SiblingError) {
        _ = try SiteFunnel().compare(sites, as: kind)
        return nil
      } catch { return error.code }
    }
    let one = SiteCount(site: "A", count: 3, base: 10)
    #expect(code([]) == .tooFewClusters)
    #expect(code([one]) == .tooFewClusters)
    #expect(code([one, one]) == .duplicateKey)
    #expect(code([one, SiteCount(site: "B", count: 111, base: 75)]) == .dataQuality)
    #expect(code([one, SiteCount(site: "B", count: 111, base: 75)], .ratio) == nil)
    #expect(code([one, SiteCount(site: "B", count: 1, base: 0)]) == .badValue)
    #expect(code([one, SiteCount(site: "B", count: 1, base: 2.5)]) == .badValue)
    #expect(code([one, SiteCount(site: "B", count: 1, base: 2.5)], .ratio) == nil)
    #expect(code([one, SiteCount(site: "B", count: -1, base: 4)]) == .badValue)
    #expect(code([one, SiteCount(site: "B", count: 1, base: .nan)], .ratio) == .badValue)
    #expect(
      code([SiteCount(site: "A", count: 0, base: 9), SiteCount(site: "B", count: 0, base: 4)])
        == .noEvents)
    #expect(
      code([SiteCount(site: "A", count: 9, base: 9), SiteCount(site: "B", count: 4, base: 4)])
        == .noEvents)
  }
}

@Suite struct RateHeterogeneityTests {
  static let sets: [String: (count: [Int], total: [Int])] = [
    "start": ([219, 84, 170, 358], [704, 239, 496, 1171]),
    "sustained": ([104, 56, 78, 194], [219, 84, 170, 358]),
    "overall": ([104, 56, 78, 194], [704, 239, 496, 1171]),
    "empty": ([0, 3, 5, 9, 2], [8, 11, 9, 12, 14]),
  ]

  private static func sites(_ name: String) throws -> [SiteCount] {
    let set = try #require(sets[name])
    return zip(set.count, set.total).enumerated().map { place, pair in
      SiteCount(site: "S\(place)", count: pair.0, base: Double(pair.1))
    }
  }

  @Test(arguments: ["start", "sustained", "overall", "empty"])
  func agreesWithMetafor(_ name: String) throws {
    let golden = try Golden.csv("plans/heterogeneity.csv")
    var expected: [String: Double] = [:]
    for (row, set) in (golden["set"] ?? []).enumerated() where set == name {
      expected[golden["quantity"]?[row] ?? ""] = Double(golden["value"]?[row] ?? "")
    }
    #expect(expected.count == 12)
    let found = try RateHeterogeneity().compare(try Self.sites(name))
    func same(_ value: Double?, _ key: String, _ tolerance: Tolerance = .converged) {
      #expect(close(value ?? .nan, expected[key] ?? .nan, tolerance), "\(key)")
    }
    same(found.statistic, "statistic")
    same(found.chiSquaredPValue, "chi_p")
    same(found.mean, "mean")
    same(found.meanInterval.low, "low")
    same(found.meanInterval.high, "high")
    same(found.betweenVariance, "tau2")
    same(found.inconsistency, "i2")
    same(found.prediction?.low, "prediction_low")
    same(found.prediction?.high, "prediction_high")
    // The peer's root search stops earlier.
    same(found.betweenInterval.low, "tau2_low", .stopsEarly)
    same(found.betweenInterval.high, "tau2_high", .stopsEarly)
    #expect(found.isCorrected == (name == "empty"))
    #expect(found.method == (name == "empty" ? .exact : .chiSquared))
  }

  @Test func exactTestsOverEveryTable() throws {
    let golden = try Golden.json("plans/plans.json")["exact"]
    let empty = try RateHeterogeneity().compare(try Self.sites("empty"))
    #expect(close(empty.pValue, golden["empty"].double, .converged))
    let small = try RateHeterogeneity().compare([
      SiteCount(site: "A", count: 1, base: 6), SiteCount(site: "B", count: 4, base: 5),
      SiteCount(site: "C", count: 2, base: 7),
    ])
    #expect(close(small.pValue, golden["small"].double, .converged))
  }

  @Test func randomTablesComeNearTheExactTest() throws {
    let sites = try Self.sites("empty")
    let draws = 2000
    let random = try RateHeterogeneity(draws: draws, seed: 3, mostTables: 0).compare([
      SiteCount(site: "A", count: 1, base: 6), SiteCount(site: "B", count: 4, base: 5),
      SiteCount(site: "C", count: 2, base: 7),
    ])
    #expect(random.method == .monteCarlo)
    // The exact p is 0.131; four standard errors of 2000 draws are 0.030.
    #expect(abs(random.pValue - 0.1311588738) < 0.031)
    let again = try RateHeterogeneity(draws: 50, seed: 3, mostTables: 0).compare(sites)
    #expect(again == (try RateHeterogeneity(draws: 50, seed: 3, mostTables: 0).compare(sites)))
  }

  @Test func twoSitesHaveNoPrediction() throws {
    let found = try RateHeterogeneity().compare([
      SiteCount(site: "A", count: 30, base: 100), SiteCount(site: "B", count: 40, base: 100),
    ])
    #expect(found.prediction == nil)
  }

  /// Seventy-five engagements and 111 job starts have no rate.
  @Test func countsThatAreNotNestedAreRefused() throws {
    do throws(SiblingError) {
      _ = try RateHeterogeneity().compare([
        SiteCount(site: "A", count: 30, base: 100), SiteCount(site: "B", count: 111, base: 75),
      ])
      Issue.record("counts that are not nested were compared")
    } catch {
      #expect(error.code == .dataQuality)
      #expect(error.row == 1)
    }
  }
}

@Suite struct PaymentPerOutcomeTests {
  @Test func publishedPaymentsByOutcome() throws {
    let golden = try Golden.json("plans/plans.json")["per_outcome"]
    let payments = try QuarterlyPayments().reconcile(
      try MHEP.payments(), maxima: try MHEP.maxima())
    var investments: [String: Money] = [:]
    for row in try MHEP.rows("projects.csv") {
      investments[row["project"] ?? ""] = try Money(
        pounds: try #require(Double(row["investment_gbp"] ?? "")))
    }
    let rows = try PaymentPerOutcome().divide(
      try MHEP.counts(), by: payments, investments: investments)
    // Five projects, the four for severe mental illness, and all.
    #expect(rows.count == 21)
    for row in rows {
      let key = row.project == "all" ? row.cohort : row.project
      let expected = golden[key]
      let cells = expected[row.stage.rawValue].doubles
      #expect(Double(row.paid.pence) == expected["paid"].double)
      #expect(row.maximum.map { Double($0.pence) } == expected["maximum"].double)
      #expect(row.investment.map { Double($0.pence) } == expected["investment"].double)
      #expect(cells.count == 4)
      #expect(Double(row.target) == cells[0] && Double(row.achieved) == cells[1])
      #expect(row.paidPerAchieved.map { Double($0.pence) } == cells[2])
      #expect(row.maximumPerTarget.map { Double($0.pence) } == cells[3])
    }
    // What holds the project whose counts are not nested says so.
    let marked = rows.filter { $0.remark != nil }
    #expect(marked.count == 6)
    #expect(Set(marked.map(\.cohort)) == ["ld", "all"])
  }

  @Test func halfAPennyGoesUpAndNothingIsDividedByNothing() throws {
    func payment(_ pence: Int) throws -> PaymentReconciliation {
      try QuarterlyPayments().reconcile(
        [
          PaymentQuarter(
            project: "A", quarter: try CalendarMonth("2020-03"), firstPlan: nil, latestPlan: nil,
            actual: Money(pence: pence))
        ], maxima: [ContractMaximum(project: "A", site: "A", maximum: nil)])
    }
    func perOutcome(_ pence: Int, _ achieved: Int) throws -> Money? {
      try PaymentPerOutcome().divide(
        [OutcomeCount(project: "A", site: "A", stage: .jobStart, target: 0, achieved: achieved)],
        by: payment(pence))[0].paidPerAchieved
    }
    #expect(try perOutcome(5, 2) == Money(pence: 3))
    #expect(try perOutcome(7, 3) == Money(pence: 2))
    #expect(try perOutcome(8, 3) == Money(pence: 3))
    #expect(try perOutcome(8, 0) == nil)
    #expect(throws: SiblingError.self) {
      try PaymentPerOutcome().divide(
        [OutcomeCount(project: "B", site: "B", stage: .jobStart, target: 1, achieved: 1)],
        by: payment(1))
    }
  }
}
