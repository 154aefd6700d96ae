import Statistics
import Tables
import TestSupport
import Testing

@testable import Cohorts

/// A cohort written as text, dates in ISO form.
enum FlowText {
  static func table(_ text: String) throws(SiblingError) -> Table {
    try CSVReader().read(bytes: Array(text.utf8), name: "made.csv")
  }

  /// A design with an intercept and columns of numbers.
  static func design(_ columns: [(String, [Double])]) throws -> DesignMatrix {
    let table = try Table(columns.map { Column(name: $0.0, values: .doubles($0.1)) })
    return try Formula(parsing: "~ " + columns.map(\.0).joined(separator: " + ")).bind(to: table)
      .design
  }

  /// Fourteen rows of thirteen people; the working stands in the tests.
  static let clients = """
    client_id,episode_no,site_id,referral_date,referral_decision,accept_date,engagement_date,exit_date,last_contact_date,data_cut_date
    p01,1,A,2020-01-01,accepted,2020-01-10,2020-02-01,,2021-06-30,2021-06-30
    p02,1,A,2020-01-01,accepted,2020-01-10,2020-02-01,,2021-06-30,2021-06-30
    p03,1,A,2020-01-01,accepted,2020-01-10,,,2021-06-30,2021-06-30
    p04,1,A,2020-01-01,declined_service,,,,2021-06-30,2021-06-30
    p05,1,A,2020-01-01,declined_client,,,,2021-06-30,2021-06-30
    p06,1,A,2021-06-01,pending,,,,2021-06-30,2021-06-30
    p07,1,B,2020-01-01,accepted,2020-01-10,2020-02-01,,2021-06-30,2021-06-30
    p08,1,B,2020-01-01,accepted,2020-01-10,2020-02-01,,2021-06-30,2021-06-30
    p09,1,B,2021-06-01,accepted,2021-06-10,,,2021-06-30,2021-06-30
    p10,1,B,2021-06-01,accepted,2021-06-10,2021-06-12,,2021-06-30,2021-06-30
    p11,1,B,2020-01-01,,,,,2021-06-30,2021-06-30
    p12,1,B,2020-01-01,declined_service,,,,2021-06-30,2021-06-30
    p12,2,B,2020-09-01,accepted,2020-09-10,2020-10-01,,2021-06-30,2021-06-30
    p13,1,A,2020-01-01,accepted,2020-01-10,,2020-03-01,2021-06-30,2021-06-30
    """
  static let sites = """
    site_id,arm,launch_date
    A,sib,2019-01-01
    B,non_sib,
    """
}

@Suite struct FunnelTests {
  static func cohort() throws -> Cohort {
    try Cohort(clients: FlowText.table(FlowText.clients), sites: FlowText.table(FlowText.sites))
  }

  @Test func aDozenClientsByHand() throws {
    let people = try Funnel.people(Self.cohort())
    // p12's first referral was declined; the accepted second episode stands for the person.
    #expect(people.rows == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13])
    #expect(people.leftOut.map(\.count) == [0, 1])
    // A started job: p01 yes, p02 evidence missing, p03 and p13 (never engaged) no;
    // B: p07 yes, p08 no, p09 and p10 too recent, p12 yes. The rest was never accepted.
    let started: [Int8] = [1, -1, 0, -3, -3, -3, 1, 0, -2, -2, -3, 1, 0]
    let stages = people.stages + [FunnelStage(name: "job_start", reached: started)]
    let result = try Funnel().count(stages, groups: people.arms, sites: people.sites)
    func row(_ group: String, _ stage: String) throws -> [Int] {
      let row = try #require(result.rows.first { $0.group == group && $0.stage == stage })
      return [row.atRisk, row.reached, row.notReached, row.unknown, row.immature, row.skipped]
    }
    // A: p01 to p06 and p13; accepted p01, p02, p03, p13; engaged p01 and p02.
    #expect(try row("sib", "referred") == [7, 7, 0, 0, 0, 0])
    #expect(try row("sib", "accepted") == [7, 4, 2, 0, 1, 0])
    #expect(try row("sib", "engaged") == [4, 2, 2, 0, 0, 0])
    #expect(try row("sib", "job_start") == [2, 1, 0, 1, 0, 0])
    // B: p07 to p12; accepted p07 to p10 and p12; p11's decision is not recorded. p09, p10 and p12
    // were accepted less than 52 weeks before the cut, so that p12's job is out of turn.
    #expect(try row("non_sib", "accepted") == [6, 5, 0, 1, 0, 0])
    #expect(try row("non_sib", "engaged") == [5, 2, 0, 0, 3, 0])
    #expect(try row("non_sib", "job_start") == [2, 1, 1, 0, 0, 1])
    // Of the accepted, known: A p01 yes, p03 and p13 no (1 of 3); B p07 and p12 yes, p08 no (2 of 3).
    let rates = result.rows.filter { $0.stage == "job_start" }.map(\.ofAccepted)
    #expect(rates.map { $0?.yes } == [2, 1] && rates.map { $0?.known } == [3, 3])
    let stopped = result.exclusions.filter { $0.group == "sib" && $0.stage == "accepted" }
    #expect(stopped.map(\.excluded) == [1, 1, 1, 0])
    #expect(stopped.map(\.after) == [6, 5, 4, 4])
  }

  @Test func outcomesAreScoredByTheirDefinitions() throws {
    let jobs = try FlowText.table(
      """
      job_id,client_id,episode_no,start_date,end_earliest,end_latest,ongoing_at_last_contact
      j1,p01,1,2020-03-01,2020-04-01,2020-04-01,n
      j2,p02,1,2020-05-01,,,y
      j3,p07,1,2020-03-01,2020-07-15,2020-07-15,n
      """)
    let cohort = try Cohort(
      clients: FlowText.table(FlowText.clients), sites: FlowText.table(FlowText.sites), jobs: jobs)
    let outcomes = ["job_start", "sustained_6", "sustained_13", "sustained_26"]
      .compactMap { OutcomeDefinition.named($0) }
    let people = try Funnel.people(cohort, outcomes: outcomes)
    let result = try Funnel().count(people.stages, groups: people.arms)
    let reached = result.rows.filter { $0.group == "sib" }.map(\.reached)
    // p01 worked 31 days, p02 from May on; p07 136 days, p08 not.
    #expect(reached == [7, 4, 2, 2, 1, 1, 1])
    let other = result.rows.filter { $0.group == "non_sib" }
    #expect(other.map(\.reached) == [6, 5, 2, 1, 1, 1, 0])
    #expect(other.map(\.notReached) == [0, 0, 0, 1, 0, 0, 1])
    #expect(people["sustained_6"]?.rules.count == 9 && people["engaged"]?.rules.count == 6)
    // Without jobs there is nothing to score them by.
    #expect(throws: SiblingError.self) {
      try Funnel.people(FunnelTests.cohort(), outcomes: outcomes)
    }
  }

  @Test func everyStageAddsUp() throws {
    var stream = RandomStream(seed: 4, name: "funnel")
    let n = 3000
    let stages = (0..<6).map { place in
      FunnelStage(
        name: place == 1 ? "accepted" : "s\(place)",
        reached: (0..<n).map { _ in [1, 1, 1, 0, -1, -2, -3][stream.integer(below: 7)] })
    }
    let groups = Factor(
      codes: (0..<n).map { _ in Int32(stream.integer(below: 4)) - 1 }, levels: ["a", "b", "c"])
    let sites = Factor(
      codes: (0..<n).map { _ in Int32(stream.integer(below: 9)) - 1 },
      levels: (0..<8).map { "site \($0)" })
    let result = try Funnel().count(stages, groups: groups, sites: sites)
    for (place, row) in result.rows.enumerated() {
      #expect(row.reached + row.notReached + row.unknown + row.immature == row.atRisk)
      let own = result.exclusions.filter { $0.group == row.group && $0.stage == row.stage }
      #expect(own.last?.after == row.reached)
      let ineligible = own.last?.excluded ?? 0
      if row.stage != "s0" {
        #expect(row.atRisk + ineligible == result.rows[place - 1].reached)
      }
      #expect(own.count == 4)
    }
    // The order of the rows plays no part.
    let order = Array((0..<n).reversed())
    let turned = try Funnel().count(
      stages.map { stage in
        FunnelStage(name: stage.name, reached: order.map { stage.reached[$0] })
      }, groups: groups.selecting(order), sites: sites.selecting(order))
    #expect(turned == result)
  }

  @Test func sitesDifferAsPearsonSays() {
    // R: chisq.test(rbind(c(10, 20, 30), c(30, 20, 10)), correct = FALSE): X-squared = 20, df = 2,
    // p-value = 4.539993e-05. Weights n/(p(1 - p)) = 160 each, so the scale is 480 - 160 = 320 and
    // the standard deviation between sites sqrt((20 - 2)/320).
    let sites = SiteDifferences([(10, 40), (20, 40), (30, 40), (0, 0)])
    #expect(sites.sites == 3)
    #expect(close(sites.statistic ?? 0, 20, .closedForm))
    #expect(close(sites.pValue ?? 0, 4.539992976248486e-05, .closedForm))
    #expect(close(sites.betweenSD ?? 0, (18.0 / 320).squareRoot(), .closedForm))
    #expect(SiteDifferences([(3, 5)]).pValue == nil)
    #expect(SiteDifferences([(5, 5), (4, 4)]).pValue == nil)
  }

  @Test func sharesAsRSays() {
    // R: prop.test(15, 48, correct = FALSE)$conf.int (Wilson).
    let share = ShareEstimate(yes: 15, known: 48)
    #expect(close(share.interval?.low ?? 0, 0.1994568344658782, .closedForm))
    #expect(close(share.interval?.high ?? 0, 0.4533307141589159, .closedForm))
    #expect(ShareEstimate(yes: 0, known: 9).interval?.low == 0)
    #expect(ShareEstimate(yes: 9, known: 9).interval?.high == 1)
    #expect(ShareEstimate(yes: 0, known: 0).estimate == nil)
    // R: prop.test(c(56, 48), c(70, 80), correct = FALSE): X-squared and p-value; the interval is
    // Newcombe's published example (1998, table II, method 10): 0.0524 to 0.3339.
    let compared = ShareComparison(
      ShareEstimate(yes: 56, known: 70), ShareEstimate(yes: 48, known: 80))
    #expect(close(compared.statistic ?? 0, 7.0234113712374597, .closedForm))
    #expect(close(compared.pValue ?? 0, 0.0080450813681965643, .closedForm))
    #expect(abs((compared.interval?.low ?? 0) - 0.0524) < 5e-5)
    #expect(abs((compared.interval?.high ?? 0) - 0.3339) < 5e-5)
    #expect(close(compared.ratio ?? 0, 0.8 / 0.6, .closedForm))
  }

  @Test func countsByPeriod() throws {
    let periods = try FlowText.table(
      """
      site_id,period,referrals,accepted,engaged,starts,sustained
      A,2020-Q1,50,40,20,10,5
      A,2020-Q2,50,40,30,10,
      B,2020-Q1,60,30,5,9,2
      """)
    let sites = try FunnelTests.cohort().sites
    let (result, notes) = try Funnel().count(periods: periods, sites: sites)
    let sib = result.rows.filter { $0.group == "sib" }
    #expect(sib.map(\.reached) == [100, 80, 50, 20, 5])
    #expect(sib.map(\.atRisk) == [100, 100, 80, 50, 20])
    #expect(sib[3].ofAccepted?.estimate == 0.25)
    // More starts than engagements: no rate, and it is said.
    let other = result.rows.filter { $0.group == "non_sib" }
    #expect(other[3].ofPrevious.estimate == nil && other[3].skipped == 4)
    #expect(other[3].ofAccepted?.estimate == 0.3)
    #expect(notes.count == 2)
    #expect(throws: SiblingError.self) {
      try Funnel().count(
        periods: FlowText.table("site_id,period,referrals,accepted\nA,x,5,-1\n"), sites: nil)
    }
  }

  @Test func badInput() throws {
    #expect(throws: SiblingError.self) {
      try Funnel().count(
        [FunnelStage(name: "a", reached: [1])], groups: Factor([nil]), sites: nil)
    }
    #expect(throws: SiblingError.self) {
      try Funnel().count([FunnelStage(name: "a", reached: [1])], groups: Factor(["x", "y"]))
    }
    let plain = try Cohort(clients: FlowText.table("client_id,site_id\nx,A\ny,B\n"))
    let people = try Funnel.people(plain)
    #expect(people.stages.map(\.name) == ["referred", "accepted"])
    #expect(people.notes.count == 2)
    #expect(throws: SiblingError.self) {
      try Funnel.people(Cohort(clients: FlowText.table("client_id,site_id\n,A\n")))
    }
  }
}
