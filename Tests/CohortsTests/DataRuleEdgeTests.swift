import Statistics
import Tables
import Testing

@testable import Cohorts

@Suite("Edges of the rules")
struct DataRuleEdgeTests {
  private func rules(
    _ edits: [SchemaFiles.Edit], only names: [String]? = nil
  ) throws -> [DataRule] {
    try SchemaFiles.violations(edits, only: names).map(\.rule)
  }

  // 943 476 5919 is the example of the NHS Data Dictionary: 9·10+4·9+3·8+4·7+7·6+6·5+5·4+9·3+1·2 = 299,
  // 299 mod 11 = 2, 11 − 2 = 9.
  @Test("the check digit tells an NHS number from other ten digits")
  func nhs() {
    #expect(FieldChecks.kind("9434765919") == 1)
    #expect(FieldChecks.kind("943-476-5919") == 1)
    #expect(FieldChecks.kind("9434765918") == 0)
    #expect(FieldChecks.kind("943476591") == 0)
    #expect(FieldChecks.isHealthNumber(9_434_765_919))
    #expect(!FieldChecks.isHealthNumber(-9_434_765_919))
    #expect(!FieldChecks.isHealthNumber(.min))
  }

  @Test("a National Insurance number has a prefix that is issued")
  func insurance() {
    #expect(FieldChecks.kind("QQ123456C") == 0)
    #expect(FieldChecks.kind("ab 12 34 56 c") == 2)
    #expect(FieldChecks.kind("AB123456") == 2)
    #expect(FieldChecks.kind("GB123456A") == 0)
    #expect(FieldChecks.kind("AB123456E") == 0)
    #expect(FieldChecks.kind("AO123456A") == 0)
    #expect(FieldChecks.kind("äb123456C") == 0)
  }

  @Test("a national identifier is found in a column that the schema does not have")
  func extraColumn() throws {
    let edits: [SchemaFiles.Edit] = [
      .init("sites", "cohort", "contact"), .init("sites", "smi", "AB123456C"),
    ]
    #expect(try rules(edits, only: ["sites"]) == [.nationalIdentifier])
  }

  @Test("months and quarters")
  func periods() throws {
    let month = try #require(SchemaPeriod("2024-02"))
    #expect(CivilDate(days: month.first).isoText == "2024-02-01")
    #expect(CivilDate(days: month.last).isoText == "2024-02-29")
    let quarter = try #require(SchemaPeriod("2024Q4"))
    #expect(CivilDate(days: quarter.first).isoText == "2024-10-01")
    #expect(CivilDate(days: quarter.last).isoText == "2024-12-31")
    #expect(SchemaPeriod("2024-Q4") == quarter)
    #expect(SchemaPeriod("2024-02-01") == month)
    for text in ["2024", "2024-13", "2024Q5", "2024-02-02", "", "24-02", "2024-2", "20240201"] {
      #expect(SchemaPeriod(text) == nil, "\(text)")
    }
  }

  @Test("equal days are in order, and a missing day between two does not hide them")
  func order() throws {
    #expect(try rules([.init("clients", "2019-02-11", "2019-02-04")]).isEmpty)
    // Engagement before referral, acceptance missing.
    let found = try SchemaFiles.violations([
      .init("clients", "2019-02-11,2019-02-25", ",2019-01-25")
    ])
    #expect(found.map(\.message) == ["'engagement_date' lies before 'referral_date'"])
  }

  @Test("a referral that was not accepted overlaps nothing; an episode without an end does")
  func episodes() throws {
    let again = "d4c,2,S2,non_sib,2019-06-03,accepted,2019-06-10,,,,2021-03-31,51,female,,,,3\n"
    #expect(try rules([.init("clients", "e5b,1", again + "e5b,1")]).isEmpty)
    let open = "e5b,2,S2,non_sib,2020-06-01,accepted,2020-06-08,,,,2021-03-31,40,female,,,,1\n"
    let found = try SchemaFiles.violations([.init("clients", "e5b,1", open + "e5b,1")])
    #expect(found.map(\.rule) == [.overlappingEpisodes])
    // The later episode is the one that is reported, wherever its row stands.
    #expect(found.first?.first.first?.location?.line == 7)
  }

  @Test("a start known to its month is before the referral only when the whole month is")
  func month() throws {
    let same: SchemaFiles.Edit = .init(
      "jobs", "2019-09-16,day,2020-02-13", "2019-05-01,month,2020-02-13")
    #expect(try rules([same]).isEmpty)
    let earlier: SchemaFiles.Edit = .init(
      "jobs", "2019-09-16,day,2020-02-13", "2019-04-01,month,2020-02-13")
    #expect(try rules([earlier]) == [.jobBeforeReferral])
  }

  @Test("shares may change hands on a day; a day that nobody covers is not a share of zero")
  func shares() throws {
    // The commissioner's share outlasts the others' by a year: 0.6 alone in 2020.
    let longer: SchemaFiles.Edit = .init(
      "payer_shares", "0.6,2018-01-01,2019-12-31", "0.6,2018-01-01,2020-12-31")
    #expect(try rules([longer]) == [.sharesNotOne])
    // Thirds sum to 1 within 1e-9 when written to ten places.
    let thirds: [SchemaFiles.Edit] = [
      .init("payer_shares", "0.6", "0.6666666667"), .init("payer_shares", "0.4", "0.3333333333"),
      .init("payer_shares", "0.4", "0.3333333333"),
    ]
    #expect(try rules(thirds).isEmpty)
  }

  @Test("one person's rows a hundred times over are counted, the first twenty kept")
  func limit() throws {
    let copies = String(
      repeating: "J4,e5b,1,2019-09-16,day,2020-02-13,2020-02-13,n,16,y,self_declared,\n", count: 100
    )
    let found = try SchemaFiles.violations([.init("jobs", "J4,", copies + "J4,")])
    let hours = try #require(found.first { $0.rule == .hoursAtBoundary })
    #expect(hours.count == 100)
    #expect(hours.first.count == DataViolations.limit)
    #expect(found.first { $0.rule == .duplicateKey }?.count == 100)
    #expect(found.first { $0.rule == .sameJobTwice }?.count == 99)
  }

  @Test("tables without rows, and cells of no kind, draw rules and no more")
  func degenerate() throws {
    let empty = try SchemaFiles.tables().mapValues { $0.selecting(rows: []) }
    #expect(CohortValidation(empty).violations.isEmpty)
    let odd = try Table([
      Column(name: "client_id", values: .booleans([1, 0])),
      Column(name: "site_id", values: .dates([0, 1])),
      Column(name: "episode_no", values: .doubles([1e300, .nan])),
      Column(name: "referral_date", values: .integers([20_190_101, 3])),
      Column(name: "age", values: .dates([0, 1])),
    ])
    let found = CohortValidation(["clients": odd]).violations.map(\.rule)
    #expect(found == [.notADate, .notANumber, .outOfRange])
    #expect(CohortValidation([:]).violations.isEmpty)
  }

  @Test("whole numbers that a format keeps as decimals are identifiers; a fraction is not")
  func wholeDecimals() throws {
    func rules(_ ids: [Double]) throws -> [DataRule] {
      let table = try Table([
        Column(name: "client_id", values: .doubles(ids)),
        Column(name: "site_id", values: .doubles([1, 1])),
      ])
      return CohortValidation(["clients": table]).violations.map(\.rule)
    }
    #expect(try rules([101, 102]).isEmpty)
    #expect(try rules([101, 101]) == [.duplicateKey])
    #expect(try rules([101.5, 102]) == [.numberAsIdentifier])
    #expect(try rules([9_434_765_919, 102]) == [.nationalIdentifier])
  }

  @Test("whole numbers far apart or close together match as texts do")
  func wholeNumbers() throws {
    for ids in [[3, 1, .min, 2], [3, -1_000_000_000_000, .min, .max]] {
      let clients = try Table([
        Column(name: "client_id", values: .integers(ids)),
        Column(name: "site_id", values: .integers([7, 7, 7, 7])),
      ])
      let jobs = try Table([
        Column(name: "client_id", values: .text(Factor(["2", "3", "\(ids[1])", "\(ids[3])"]))),
        Column(name: "start_date", values: .dates([18_001, 18_002, 18_003, 18_004])),
      ])
      let found = CohortValidation(["clients": clients, "jobs": jobs]).violations
      #expect(
        found.map(\.rule)
          == (ids[3] == 2 ? [.missingRequired] : [.missingRequired, .unknownClient]))
      #expect(
        try Cohort(clients: clients, jobs: jobs).jobs?.client == [ids[3] == 2 ? 3 : -1, 0, 1, 3])
    }
  }

  @Test("a number of an episode that is none is refused, not rounded")
  func episodeNumbers() throws {
    for bad in [1e300, 1.5, -.infinity] {
      let clients = try Table([
        Column(name: "client_id", values: .integers([1])),
        Column(name: "site_id", values: .integers([1])),
        Column(name: "episode_no", values: .doubles([bad])),
      ])
      let error = #expect(throws: SiblingError.self) { try Cohort(clients: clients) }
      #expect(error?.code == .badCell)
    }
  }

  @Test("records are made of tables that break no rule")
  func cohort() throws {
    let tables = try SchemaFiles.tables()
    let cohort = try Cohort(
      clients: try #require(tables["clients"]), sites: tables["sites"], jobs: tables["jobs"])
    #expect(cohort.clients.count == 6)
    #expect(cohort.jobs?.client == [0, 1, 3, 5])
  }
}
