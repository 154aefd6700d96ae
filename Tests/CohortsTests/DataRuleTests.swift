import Cohorts
import Statistics
import Tables
import Testing

// One small file for every rule, with the message that it draws and its place. Places were read off
// the files by hand.

struct RuleCase: CustomTestStringConvertible {
  let rule: DataRule
  /// `file:line:column: table: message` of the first place of each kind, other rules left out.
  let expected: [String]
  let edits: [SchemaFiles.Edit]
  var only: [String]?

  init(
    _ rule: DataRule, _ expected: [String], _ edits: [SchemaFiles.Edit], only: [String]? = nil
  ) {
    (self.rule, self.expected, self.edits, self.only) = (rule, expected, edits, only)
  }

  var testDescription: String { rule.rawValue }

  static let people = ["sites", "clients", "jobs"]

  static let columns: [RuleCase] = [
    RuleCase(
      .missingColumn, ["clients.csv:1: clients: the table has no column 'site_id', which it needs"],
      [.init("clients", "site_id", "ward")]),
    RuleCase(
      .missingRequired,
      ["jobs.csv:3:10: jobs: 'start_date' has no value, and every row needs one"],
      [.init("jobs", "b2e,1,2019-06-03", "b2e,1,")]),
    RuleCase(
      .nationalIdentifier,
      [
        "clients.csv:2:1: clients: 'client_id' holds what looks like an NHS number",
        "clients.csv:6:1: clients: 'client_id' holds what looks like a National Insurance number",
      ], [.init("clients", "a1f", "943 476 5919"), .init("clients", "d4c", "AB123456C")],
      only: ["clients"]),
    RuleCase(
      .numberAsIdentifier,
      ["jobs.csv:2:1: jobs: the identifiers in 'job_id' were read as numbers with decimals"],
      ["1", "2", "3", "4"].map { .init("jobs", "J\($0)", "\($0).5") }, only: people),
    RuleCase(
      .notADate, ["clients.csv:3:14: clients: 'referral_date' holds something that is not a date"],
      [.init("clients", "2019-02-04", "04/02/2019")]),
    RuleCase(
      .notANumber, ["jobs.csv:2:49: jobs: 'hours_per_week' holds something that is not a number"],
      [.init("jobs", ",20,", ",full time,")]),
    RuleCase(
      .notWhole, ["clients.csv:2:107: clients: 'imd_decile' holds a number that is not whole"],
      [.init("clients", "4,2\n", "4,2.5\n")]),
    RuleCase(
      .notAPeriod,
      ["costs.csv:2:4: costs: 'period' holds something that is neither a month nor a quarter"],
      [.init("costs", "2019Q1", "2019Q5")]),
    RuleCase(
      .outOfRange,
      [
        "clients.csv:2:105: clients: 'motivation_1_5' is not a number from 1 to 5",
        "clients.csv:3:95: clients: 'imd_decile' is not a number from 1 to 10",
        "jobs.csv:2:49: jobs: 'hours_per_week' is not a number from 0 to 80",
      ],
      [
        .init("clients", "4,2\n", "6,2\n"), .init("clients", "3,5\n", "3,11\n"),
        .init("jobs", ",20,", ",200,"),
      ]),
    RuleCase(
      .unknownCategory,
      [
        "clients.csv:6:29: clients: 'referral_decision' holds a value that the schema does not have",
        "clients.csv:2:99: clients: 'education' holds a value that the schema does not have",
        "jobs.csv:3:32: jobs: 'competitive' holds a value that the schema does not have",
      ],
      [
        .init("clients", "declined_client", "declined by client"),
        .init("clients", "l1_2", "L1_2"), .init("jobs", "30,y", "30,perhaps"),
      ]),
    RuleCase(
      .unknownReason,
      [
        "clients.csv:4:102: clients: 'education_reason' holds a reason that the schema does not have"
      ],
      [.init("clients", "refused", "would not say")]),
    RuleCase(
      .twoSpellings,
      ["clients.csv:3:82: clients: two values of 'sex' differ only in capitals or blanks"],
      [.init("clients", "45,male", "45,Male")]),
    RuleCase(
      .reasonThoughFilled,
      [
        "clients.csv:5:94: clients: 'education_reason' gives a reason though 'education' has a value"
      ],
      [.init("clients", "l3,,5", "l3,refused,5")]),
    RuleCase(
      .placeholderDate,
      ["clients.csv:4:18: clients: 'referral_date' lies before 1990 or after 2100"],
      [.init("clients", "2019-03-04", "1900-01-01")]),
  ]

  static let joins: [RuleCase] = [
    RuleCase(
      .duplicateKey,
      [
        "clients.csv:5:1: clients: an earlier row has the same client_id, episode_no",
        "jobs.csv:3:1: jobs: an earlier row has the same job_id",
      ], [.init("clients", "c3d,2", "c3d,1"), .init("jobs", "J2", "J1")], only: people),
    RuleCase(
      .unknownSite, ["clients.csv:3:7: clients: the site is not in the table of sites"],
      [.init("clients", "b2e,1,S1", "b2e,1,S9")]),
    RuleCase(
      .unknownContract,
      ["tariffs.csv:3:1: tariffs: the contract and version are not in the table of contracts"],
      [.init("tariffs", "K1,1,sus", "K1,3,sus")]),
    RuleCase(
      .noJobMatches,
      ["jobs.csv:1:8: jobs: not one job belongs to a person in the table of clients"],
      ["a1f", "b2e", "c3d", "e5b"].map { .init("jobs", $0, "x" + $0) }, only: people),
    RuleCase(
      .armDiffersFromSite,
      [
        "clients.csv:7:10: clients: the client's arm differs from that of the site in the table of sites"
      ], [.init("clients", "e5b,1,S2,non_sib", "e5b,1,S2,sib")]),
    RuleCase(
      .armDiffersWithinSite,
      ["clients.csv:7:10: clients: clients of one site have different arms"],
      [.init("clients", "e5b,1,S2,non_sib", "e5b,1,S2,sib")], only: ["clients"]),
    RuleCase(
      .unknownClient, ["jobs.csv:5:4: jobs: the job's person is not in the table of clients"],
      [.init("jobs", "e5b", "e5x")]),
    RuleCase(
      .unknownEpisode, ["jobs.csv:5:8: jobs: the job's person is known, and the episode is not"],
      [.init("jobs", "e5b,1", "e5b,2")]),
  ]

  static let peopleAndJobs: [RuleCase] = [
    RuleCase(
      .impossibleAge,
      ["clients.csv:2:89: clients: nobody of this age is a client of an employment service"],
      [.init("clients", ",34,", ",3,")]),
    RuleCase(
      .datesOutOfOrder,
      [
        "clients.csv:3:34: clients: 'accept_date' lies before 'referral_date'",
        "jobs.csv:2:36: jobs: 'end_latest' lies before 'end_earliest'",
        "claims.csv:3:43: claims: 'paid_date' lies before 'claimed_date'",
      ],
      [
        .init("clients", "2019-02-11", "2019-01-11"),
        .init("jobs", "2019-10-04,2019-10-04", "2019-10-04,2019-09-04"),
        .init("claims", "2019-08-01", "2019-07-01"),
      ]),
    RuleCase(
      .afterDataCut,
      [
        "clients.csv:3:57: clients: 'last_contact_date' lies after the day on which the data were cut",
        "jobs.csv:5:10: jobs: 'start_date' lies after the day on which the data were cut",
      ],
      [
        .init("clients", "2020-12-15", "2021-12-15"),
        .init("jobs", "2019-09-16,day,2020-02-13,2020-02-13,n", "2021-09-16,day,,,y"),
      ]),
    RuleCase(
      .overlappingEpisodes,
      ["clients.csv:5:18: clients: the episode begins before the person's earlier episode ends"],
      [.init("clients", "2019-11-05,2019-11-05", "2020-02-05,2019-11-05")]),
    RuleCase(
      .sameJobTwice,
      [
        "jobs.csv:5:10: jobs: an earlier row is the same job: same person, start, end and hours"
      ],
      [
        .init(
          "jobs", "J4,",
          "J5,a1f,1,2019-03-11,day,2019-10-04,2019-10-04,n,20,y,payslip,2019-04-02\nJ4,")
      ]),
    RuleCase(
      .overlappingJobs,
      ["jobs.csv:5:10: jobs: the job begins before the person's earlier job ends"],
      [.init("jobs", "J4,", "J5,a1f,1,2019-08-12,day,2019-11-29,2019-11-29,n,10,y,payslip,\nJ4,")]),
    RuleCase(
      .jobBeforeReferral,
      ["jobs.csv:5:10: jobs: the job began before the person was referred"],
      [.init("jobs", "2019-09-16", "2019-04-16")]),
    RuleCase(
      .hoursAtBoundary, ["jobs.csv:2:49: jobs: the job has exactly sixteen hours a week"],
      [.init("jobs", ",20,", ",16,")]),
    RuleCase(
      .startsExceedEngagements,
      [
        "site_periods.csv:2:19: site_periods: up to this period the site has more job starts than engagements",
        "clients.csv:5:49: clients: more clients of the site started a job than engaged",
      ],
      [
        .init("site_periods", "8,6,2,0", "8,6,9,0"),
        .init("clients", "2019-05-14,2019-05-28", "2019-05-14,"),
        .init("clients", "2019-03-12,2019-03-26", "2019-03-12,"),
        .init("clients", "2020-01-13,2020-01-27", "2020-01-13,"),
      ]),
    RuleCase(
      .sustainedExceedStarts,
      [
        "site_periods.csv:3:20: site_periods: up to this period the site has more sustained jobs than starts"
      ], [.init("site_periods", "7,3,2", "7,3,8")]),
  ]

  static let money: [RuleCase] = [
    RuleCase(
      .overlappingVersions,
      [
        "contracts.csv:3:9: contracts: the version begins before the contract's earlier version ends"
      ],
      [.init("contracts", "2019-12-31", "2020-06-30")]),
    RuleCase(
      .gapBetweenVersions,
      [
        "contracts.csv:3:9: contracts: days lie between the contract's earlier version and this one"
      ],
      [.init("contracts", "2020-01-01", "2020-04-01")]),
    RuleCase(
      .sharesNotOne,
      [
        "payer_shares.csv:2:29: payer_shares: the payers' shares of the outcome do not sum to 1 in some period"
      ], [.init("payer_shares", "lcf,0.4", "lcf,0.400001")]),
    RuleCase(
      .targetSetLate, ["targets.csv:2:6: targets: the target was set after its period had ended"],
      [.init("targets", "2017-12-01", "2019-04-01")]),
    RuleCase(
      .claimOfUnknownClient,
      ["claims.csv:3:4: claims: the claim is for a person who is not in the table of clients"],
      [.init("claims", "C2,a1f", "C2,zzz")]),
    RuleCase(
      .claimWithoutJob,
      [
        "claims.csv:2:8: claims: the claim names no job",
        "claims.csv:3:8: claims: the claim's job is not in the table of jobs",
      ], [.init("claims", "J1,job_start", ",job_start"), .init("claims", "J1,sus", "J9,sus")]),
    RuleCase(
      .claimForAnothersJob, ["claims.csv:3:8: claims: the claim's job belongs to another person"],
      [.init("claims", "J1,sus", "J2,sus")]),
    RuleCase(
      .claimOutsideJob,
      [
        "claims.csv:2:21: claims: the claim's event lies before the job's start",
        "claims.csv:3:21: claims: the claim's event lies after the job's end",
      ],
      [
        .init("claims", "2019-03-11", "2019-03-01"),
        .init("claims", "2019-06-10,2019-07-05,2019-08-01", "2019-10-10,2019-11-05,2019-12-01"),
      ]),
  ]

  static let all = columns + joins + peopleAndJobs + money
}

@Suite("Rules of the schema")
struct DataRuleTests {
  private func text(_ error: SiblingError) -> String {
    let place = error.location.map { place in
      place.file + (place.line.map { ":\($0)" } ?? "") + (place.column.map { ":\($0)" } ?? "")
    }
    return "\(place ?? ""): \(error.message)"
  }

  @Test("a small file draws each rule's message at its place", arguments: RuleCase.all)
  func message(_ example: RuleCase) throws {
    let found = try SchemaFiles.violations(example.edits, only: example.only)
    let own = found.filter { $0.rule == example.rule }
    #expect(own.compactMap { $0.first.first?.error }.map(text) == example.expected)
    #expect(own.allSatisfy { $0.first.allSatisfy { !$0.help.isEmpty } })
    #expect(found.allSatisfy { $0.rule == example.rule || $0.severity == .warning })
  }

  @Test("every rule has such a file")
  func everyRule() {
    #expect(Set(RuleCase.all.map(\.rule)) == Set(DataRule.allCases))
  }

  @Test("clean tables break no rule, all together and one by one")
  func clean() throws {
    #expect(try SchemaFiles.violations([]).isEmpty)
    for name in SchemaFiles.clean.keys {
      #expect(try SchemaFiles.violations([], only: [name]).isEmpty, "\(name)")
    }
  }

  @Test("no message, help or suggestion quotes a cell", arguments: RuleCase.all)
  func noCell(_ example: RuleCase) throws {
    for kind in try SchemaFiles.violations(example.edits, only: example.only) {
      for place in kind.first {
        guard let cell = place.cell, cell.utf8.count > 3 else { continue }
        #expect(!(place.message + place.help + (place.suggestion ?? "")).contains(cell))
      }
      if kind.rule == .nationalIdentifier { #expect(kind.first.allSatisfy { $0.cell == nil }) }
    }
  }

  @Test("counts do not depend on the order of rows", arguments: RuleCase.all)
  func order(_ example: RuleCase) throws {
    let tables = try SchemaFiles.tables(example.edits, only: example.only)
    let turned = tables.mapValues { $0.selecting(rows: Array((0..<$0.rowCount).reversed())) }
    func counts(_ tables: [String: Table]) -> [String] {
      CohortValidation(tables).violations.map {
        "\($0.rule) \($0.table) \($0.column) \($0.message) \($0.count)"
      }
    }
    #expect(counts(tables) == counts(turned))
  }
}
