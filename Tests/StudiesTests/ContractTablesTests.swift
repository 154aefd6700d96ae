import Contracts
import Statistics
import Tables
import Testing

@testable import Studies

/// Tables of the schema as terms and claims.
@Suite struct ContractTablesTests {
  private static let files = [
    "contracts": """
    contract_id,site_id,version,effective_from,effective_to,block_gbp_pa,outcome_cap_gbp
    K1,S1,2,2018-01-01,2018-12-31,82500.5,5000
    K1,S1,1,2017-01-01,2017-12-31,60000,5000
    K2,S2,1,2017-01-01,,,

    """,
    "tariffs": """
    contract_id,version,outcome,hours_band,hours_boundary,duration_weeks,per,max_per_client,amount_gbp,verification_required,claim_deadline_days
    K1,1,engagement,,,,,,0.1,,
    K1,1,sustained,ge16,gt16,13,job,,1650.07,payslip,90
    K2,1,engagement,any,,0,client,2,790,n,

    """,
    "payer_shares": """
    contract_id,version,outcome,payer,share,payer_cap_gbp,valid_from,valid_to
    K1,1,engagement,commissioner,0.7,,,
    K1,1,engagement,sof,0.299999,100,2017-01-01,2017-06-30
    K1,1,engagement,cbo,0.299999,,2017-07-01,
    K1,1,engagement,other,0.000001,,,
    K1,1,sustained,commissioner,1,,,

    """,
    "claims": """
    claim_id,client_id,job_id,outcome,event_date,status,amount_gbp
    C1,a,J1,sustained,2017-05-01,paid,0.3
    C2,b,,engagement,2017-06-01,rejected,
    C3,b,,engagement,2018-06-01,,790

    """,
    "clients": """
    client_id,episode_no,site_id,accept_date
    a,1,S1,2016-12-01
    b,2,S2,2018-03-01
    b,1,S1,2017-03-01

    """,
    "jobs": """
    job_id,client_id,start_date,end_earliest,end_latest,ongoing_at_last_contact,last_verified_working,hours_per_week,verification
    J1,a,2017-03-01,2017-04-30,2017-04-30,n,,12,none
    J1,a,2017-05-01,,2017-09-30,n,2017-06-01,20,rti

    """,
  ]

  private static func tables(
    _ names: [String] = Array(files.keys), _ edit: (file: String, old: String, new: String)? = nil
  ) throws -> [String: Table] {
    var tables: [String: Table] = [:]
    for name in names {
      var text = files[name] ?? ""
      if let edit, edit.file == name { text = text.replacing(edit.old, with: edit.new) }
      tables[name] = try CSVReader().read(bytes: Array(text.utf8), name: "\(name).csv")
    }
    return tables
  }

  @Test(
    "terms: versions by date, money in pence, shares in millionths, what is empty as the schema says"
  )
  func terms() throws {
    let terms = try ContractTables(Self.tables(), checking: false).terms
    #expect(terms.versions.map(\.version) == ["1", "2", "1"])
    #expect(terms.versions.map(\.contract) == ["K1", "K1", "K2"])
    #expect(terms.versions.map(\.row) == [1, 0, 2])
    #expect(terms.versions[1].blockPerYear == Money(pence: 8_250_050))
    #expect(terms.versions[0].outcomeCap == Money(pence: 500_000))
    #expect(terms.versions[2].to == nil)
    #expect(terms.versions[2].outcomeCap == nil)
    let tariffs = terms.versions[0].tariffs
    #expect(tariffs[0].amount == Money(pence: 10))
    #expect(tariffs[0].band == .any)
    #expect(tariffs[0].unit == .client)
    #expect(tariffs[0].maximumPerClient == 1)
    #expect(!tariffs[0].needsVerification)
    #expect(tariffs[1].amount == Money(pence: 165_007))
    #expect(tariffs[1].boundary == .above16)
    #expect(tariffs[1].unit == .job)
    #expect(tariffs[1].maximumPerClient == nil)
    #expect(tariffs[1].needsVerification)
    #expect(tariffs[1].claimDeadlineDays == 90)
    let shares = terms.versions[0].shares
    #expect(shares.map(\.millionths) == [700_000, 299_999, 299_999, 1, 1_000_000])
    #expect(shares[1].cap == Money(pence: 10_000))
    #expect(shares[1].to == CivilDate(iso: "2017-06-30")?.days)
    #expect(throws: Never.self) { try terms.check() }
  }

  @Test(
    "a claim's contract is that of its client's site on the day; its job is all rows of the job")
  func claims() throws {
    let claims = try ContractTables(Self.tables(), checking: false).claims
    #expect(claims.map(\.contract) == ["K1", "K1", "K2"])
    #expect(claims[0].amount == Money(pence: 30))
    #expect(claims[1].status == .rejected)
    #expect(claims[1].amount == nil)
    let facts = try #require(claims[0].facts)
    #expect(facts.start == CivilDate(iso: "2017-03-01")?.days)
    // It ended after it was last seen to go on.
    #expect(facts.endEarliest == CivilDate(iso: "2017-06-01")?.days)
    #expect(facts.endLatest == CivilDate(iso: "2017-09-30")?.days)
    #expect(facts.hours == 20)
    #expect(facts.isVerified == true)
    #expect(claims[1].facts == nil)
  }

  @Test("without a table of jobs claims for jobs are set aside, with one they are not")
  func unchecked() throws {
    var tables = try Self.tables()
    let whole = try ContractTables(tables, checking: false)
    #expect(whole.settingAsideUnchecked().claims == whole.claims)
    #expect(whole.settingAsideUnchecked().unchecked.isEmpty)
    tables["jobs"] = nil
    let made = try ContractTables(tables, checking: false).settingAsideUnchecked()
    #expect(made.claims.allSatisfy { $0.outcome == .engagement })
    #expect(made.unchecked.allSatisfy { $0.outcome != .engagement })
    #expect(!made.unchecked.isEmpty)
    #expect(made.claims.count + made.unchecked.count == whole.claims.count)
  }

  @Test("a claim's own contract goes before that of the client's site")
  func ownContract() throws {
    var tables = try Self.tables()
    tables["claims"] = try CSVReader().read(
      bytes: Array(
        """
        claim_id,client_id,job_id,outcome,event_date,contract_id
        C1,a,J1,sustained,2017-05-01,K2
        C2,b,,engagement,2017-06-01,

        """.utf8), name: "claims.csv")
    #expect(try ContractTables(tables, checking: false).claims.map(\.contract) == ["K2", "K1"])
  }

  @Test("nothing that says which contract, or a site without one, is refused")
  func noContract() throws {
    let bare = try Self.tables(["contracts", "tariffs", "payer_shares", "claims"])
    let error = #expect(throws: SiblingError.self) {
      try ContractTables(bare, checking: false)
    }
    #expect(error?.message == "nothing says which contract a claim belongs to")
    let elsewhere = try Self.tables(
      Array(Self.files.keys), ("clients", "a,1,S1", "a,1,S9"))
    let other = #expect(throws: SiblingError.self) {
      try ContractTables(elsewhere, checking: false)
    }
    #expect(other?.message == "the client's site has no contract")
    #expect(other?.location == SiblingError.Location(file: "claims.csv", line: 2, column: 4))
  }

  @Test(
    "what can't be a term is refused where it stands",
    arguments: [
      ("tariffs", "1650.07", "1650.075", "tariffs.csv", 3),
      ("tariffs", "0.1", "", "tariffs.csv", 2),
      ("contracts", "82500.5", "2000000000", "contracts.csv", 2),
      ("payer_shares", "0.000001", "0.0000011", "payer_shares.csv", 5),
      ("payer_shares", "0.000001", "0.000002", "payer_shares.csv", 2),
    ])
  func refused(_ file: String, _ old: String, _ new: String, _ place: String, _ line: Int) throws {
    let tables = try Self.tables(Array(Self.files.keys), (file, old, new))
    let error = #expect(throws: SiblingError.self) {
      let made = try ContractTables(tables, checking: false)
      do {
        try made.terms.check()
      } catch let error as SiblingError {
        throw made.locating(terms: error)
      }
    }
    #expect(error?.location?.file == place)
    #expect(error?.location?.line == line)
  }

  @Test("outcomes in the records without a claim are found and priced")
  func unclaimed() throws {
    var tables = try Self.tables()
    tables["clients"] = try CSVReader().read(
      bytes: Array(
        """
        client_id,episode_no,site_id,accept_date,engagement_date,last_contact_date
        a,1,S1,2016-12-01,2017-01-10,2017-12-01
        b,1,S1,2017-03-01,2017-04-01,2017-12-01
        c,1,S2,2017-03-01,2017-04-03,2017-12-01
        d,1,S9,2017-03-01,2017-04-03,2017-12-01

        """.utf8), name: "clients.csv")
    let made = try ContractTables(tables, checking: false)
    let lines = try UnclaimedOutcomes(made, ClaimReplay(exactly16: .upper)).lines()
    // Claimed: a's lasting job and b's engagement. A job start has no price in K1; c engaged at S2; the
    // site of d has no contract.
    #expect(
      lines == [
        .init(
          contract: "K1", outcome: .engagement, finding: "due", count: 1, due: Money(pence: 10)),
        .init(contract: "K1", outcome: .jobStart, finding: "no-tariff", count: 1, due: .zero),
        .init(
          contract: "K2", outcome: .engagement, finding: "due", count: 1, due: Money(pence: 79_000)),
      ])
  }
}
