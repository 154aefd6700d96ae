import Foundation
import TestSupport
import Testing

/// `contract replay`, `contract reconcile` and the section of a study: worked examples, refusals.
@Suite struct ContractCommands {
  private static let early = Golden.projectFolder.appendingPathComponent("Data/mhep-early")

  private static func arguments(
    _ verb: String, folder: String = "Data/mhep-early", boundary: String? = "upper",
    _ more: [String] = []
  ) -> [String] {
    ["contract", verb, "\(folder)/claims.csv", "--contracts", "\(folder)/contracts.csv"]
      + ["--tariffs", "\(folder)/tariffs.csv", "--payer-shares", "\(folder)/payer_shares.csv"]
      + ["--payer-caps", "\(folder)/payer_caps.csv", "--jobs", "\(folder)/jobs.csv"]
      + (boundary.map { ["--exactly-16", $0] } ?? []) + more + ["--format", "csv"]
  }

  /// The files of the worked examples after an edit of one of them.
  private static func edited(
    _ file: String, _ old: String, _ new: String
  ) throws -> TemporaryFolder {
    var files: [String: String] = [:]
    for name in ["contracts", "tariffs", "payer_shares", "payer_caps", "claims", "jobs"] {
      files["\(name).csv"] = try String(
        contentsOf: early.appendingPathComponent("\(name).csv"), encoding: .utf8)
    }
    let text = try #require(files[file])
    let range = try #require(text.range(of: old), "\(file) does not hold \(old)")
    files[file] = text.replacingCharacters(in: range, with: new)
    return try TemporaryFolder(files)
  }

  @Test("every claim is worth what was worked out by hand")
  func worked() throws {
    let run = try CommandLineRun(arguments: Self.arguments("replay"))
    try #require(run.status == 0, "\(run.errors)")
    let expected = try CSVRecords(file: Self.early.appendingPathComponent("worked.csv")).rows
    try #require(run.rows.count == expected.count)
    for (row, worked) in zip(run.rows, expected) {
      let claim = worked["claim_id"] ?? ""
      #expect(row["claim"] == claim)
      for column in ["version", "verdict", "finding"] {
        #expect(row[column] == worked[column], "\(claim) \(column)")
      }
      // Texts of amounts are the same to the last digit, without a trace of binary fractions.
      for column in ["due", "expected", "mhep_bii", "commissioner", "sof", "cbo", "paid"] {
        #expect(row[column] == worked[column], "\(claim) \(column)")
      }
    }
  }

  @Test("a row a claim and payer adds up to the row a claim")
  func byPayer() throws {
    let whole = try CommandLineRun(arguments: Self.arguments("replay"))
    let parts = try CommandLineRun(arguments: Self.arguments("replay", ["--by", "payer"]))
    for row in whole.rows {
      let own = parts.rows.filter { $0["claim"] == row["claim"] }
      #expect(!own.isEmpty)
      for column in ["due", "expected", "unfunded", "paid"] {
        let pence = own.map { (Double($0[column] ?? "") ?? .nan) * 100 }.map { $0.rounded() }
        #expect(
          pence.reduce(0, +) == ((Double(row[column] ?? "") ?? .nan) * 100).rounded(), "\(column)")
      }
    }
  }

  @Test("the order of the claims' rows changes nothing")
  func order() throws {
    let text = try String(
      contentsOf: Self.early.appendingPathComponent("claims.csv"), encoding: .utf8)
    var lines = text.split(separator: "\n").map(String.init)
    let header = lines.removeFirst()
    let folder = try Self.edited("claims.csv", header, header)
    try folder.write(
      "claims.csv", ([header] + lines.reversed()).joined(separator: "\n") + "\n")
    let run = try CommandLineRun(
      arguments: Self.arguments("reconcile", folder: "."), folder: folder.url)
    let straight = try CommandLineRun(arguments: Self.arguments("reconcile"))
    #expect(run.status == 0)
    #expect(run.output == straight.output)
  }

  @Test("exactly 16 hours: refused at the claim unless the band is said, then priced in it")
  func boundary() throws {
    let refused = try CommandLineRun(arguments: Self.arguments("replay", boundary: nil))
    #expect(refused.status == 65)
    #expect(refused.errors.contains("claims.csv:8:7: "), "\(refused.errors)")
    #expect(refused.errors.contains("exactly-16"))
    #expect(refused.output == "")
    let lower = try CommandLineRun(arguments: Self.arguments("replay", boundary: "lower"))
    #expect(lower.number("due", where: "claim", is: "c07") == 700)
    #expect(lower.rows.first { $0["claim"] == "c07" }?["verdict"] == "agrees")
  }

  @Test("verb and study say the same of payments and differences")
  func doors() throws {
    let folder = try TemporaryFolder()
    let study = try CommandLineRun(
      "run", "Data/mhep-early/study.yaml", "--output", folder.path)
    try #require(study.status == 0, "\(study.errors)")
    let verb = try CommandLineRun(arguments: Self.arguments("reconcile")).rows.filter {
      $0["contract"] != "all" && $0["quarter"] != "all"
    }
    let table = CSVRecords(try folder.text("results/contract_payments.csv"))
    #expect(table.rows.count { $0["quarter"] != "all" } == verb.count)
    for row in verb {
      let labels = ["contract", "quarter", "outcome", "payer"]
      let match = Dictionary(uniqueKeysWithValues: labels.map { ($0, row[$0] ?? "") })
      for column in ["n_claims", "n_due", "due", "expected", "unfunded", "paid", "difference"] {
        #expect(
          table.number(column, match) == Double(row[column] ?? ""), "\(match) \(column)")
      }
    }
    let report = try folder.text("report.md")
    #expect(report.contains("The contracts should have paid £18,111.56 for 24 claims"))
    #expect(report.contains("£20,046.25 was paid"))
    #expect(report.contains("**WARN**, payments: £1,934.69 more was paid"))
    #expect(try folder.text("figures/payer_waterfall.svg").contains("role=\"img\""))
    #expect(try folder.text("manifest.json").contains("payer_caps.csv"))
    // The waterfall adds up: block and outcomes due, less what caps cut off, are to be paid.
    for row in CSVRecords(try folder.text("results/contract_waterfall.csv")).rows {
      // What a payer has no part in is empty.
      func amount(_ name: String) -> Double { Double(row[name] ?? "") ?? 0 }
      let sum =
        amount("block") + amount("engagement") + amount("job_start") + amount("sustained")
        - amount("unfunded")
      #expect(Double(row["total"] ?? "") != nil)
      #expect((sum - amount("total")).magnitude < 0.001)
    }
    let totals = CSVRecords(try folder.text("results/contract_totals.csv"))
    // 60,000 × 1½ + 82,500 × 1½; 100,000 × ½; 90,000 + 45,000.
    #expect(totals.number("block", ["contract": "ST"]) == 213_750)
    #expect(totals.number("block", ["contract": "TH"]) == 50_000)
    #expect(totals.number("block", ["contract": "HA"]) == 135_000)
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var name, file, old, new: String
    var says: [String]
    var testDescription: String { name }
  }

  private static let refusals = [
    Refusal(
      name: "shares that do not sum to 1", file: "payer_shares.csv",
      old: "ST,1,engagement,sof,0.1", new: "ST,1,engagement,sof,0.1001",
      says: ["payer_shares.csv:2:26: ", "do not sum to 1"]),
    Refusal(
      name: "a share of seven decimals", file: "payer_shares.csv",
      old: "ST,1,job_start,sof,1", new: "ST,1,job_start,sof,0.9999999999",
      says: ["payer_shares.csv:5:20: ", "more than six decimals"]),
    Refusal(
      name: "overlapping versions", file: "contracts.csv",
      old: "ST,staffordshire,1,2016-04-01,2017-09-30",
      new: "ST,staffordshire,1,2016-04-01,2017-10-01",
      says: ["contracts.csv:3:20: ", "before the contract's earlier version ends"]),
    Refusal(
      name: "a claim outside any version", file: "claims.csv",
      old: "c15,N,,engagement,2017-11-06", new: "c15,N,,engagement,2019-04-01",
      says: ["claims.csv:16:30: ", "'claimed_date' lies before 'event_date'"]),
    Refusal(
      name: "a claim before the first version", file: "claims.csv",
      old: "c01,A,,engagement,2016-05-02", new: "c01,A,,engagement,2016-03-31",
      says: ["claims.csv:2:19: ", "no version of contract ST is in force"]),
    Refusal(
      name: "a negative amount", file: "tariffs.csv",
      old: "client,1,1000,", new: "client,1,-1000,", says: ["tariffs.csv:2:", "'amount_gbp'"]),
    Refusal(
      name: "a fraction of a penny", file: "tariffs.csv",
      old: "client,1,1000,", new: "client,1,1000.005,",
      says: ["tariffs.csv:2:37: ", "whole number of pence"]),
    Refusal(
      name: "an unknown contract", file: "claims.csv", old: ",790,TH", new: ",790,TX",
      says: ["claims.csv:18:", "not in the table of contracts"]),
    Refusal(
      name: "a tariff of an unknown version", file: "tariffs.csv", old: "HA,3,engagement",
      new: "HA,4,engagement", says: ["tariffs.csv:26:1: ", "not in the table of contracts"]),
    Refusal(
      name: "a claim for a job that is not on record", file: "claims.csv", old: "c02,A,A1",
      new: "c02,A,A9", says: ["claims.csv:3:7: ", "not in the table of jobs"]),
    Refusal(
      name: "an unknown payer", file: "payer_caps.csv", old: "cbo,,", new: "cbf,,",
      says: ["payer_caps.csv:3:1: ", "did you mean 'cbo'?"]),
    Refusal(
      name: "two caps of one payer and day", file: "payer_caps.csv", old: "cbo,,2018-04-01",
      new: "sof,,2016-04-01", says: ["payer_caps.csv:3:1: ", "an earlier row has the same"]),
  ]

  @Test("bad input is refused where it stands", arguments: refusals)
  func refused(_ refusal: Refusal) throws {
    let folder = try Self.edited(refusal.file, refusal.old, refusal.new)
    for verb in ["replay", "reconcile"] {
      let run = try CommandLineRun(
        arguments: Self.arguments(verb, folder: "."), folder: folder.url)
      #expect(run.status == 65, "\(run.errors)")
      for text in refusal.says { #expect(run.errors.contains(text), "\(text): \(run.errors)") }
      #expect(run.output == "")
    }
  }

  @Test("rows of single claims are not released; sums are, small ones withheld, without totals")
  func disclosure() throws {
    let replay = try CommandLineRun(
      arguments: Self.arguments("replay", ["--disclosure", "acro-default"]))
    #expect(replay.status == 3)
    #expect(replay.errors.contains("rows of single people can't be released"))
    let sums = try CommandLineRun(
      arguments: Self.arguments("reconcile", ["--disclosure", "acro-default"]))
    try #require(sums.status == 0, "\(sums.errors)")
    #expect(!sums.rows.contains { $0["quarter"] == "all" })
    #expect(sums.rows.allSatisfy { $0["n_claims"] == "" && $0["expected"] == "" })
  }

  @Test("without jobs and shares claims for jobs are set aside, and nobody is named")
  func bare() throws {
    let run = try CommandLineRun(
      "contract", "replay", "Data/mhep-early/claims.csv", "--contracts",
      "Data/mhep-early/contracts.csv", "--tariffs", "Data/mhep-early/tariffs.csv", "--format", "csv"
    )
    try #require(run.status == 0, "\(run.errors)")
    #expect(run.number("due", where: "claim", is: "c01") == 1000)
    #expect(run.number("not stated", where: "claim", is: "c01") == 1000)
    #expect(!run.rows.contains { $0["claim"] == "c02" })
    #expect(run.errors.contains("for jobs could not be checked"), "\(run.errors)")
  }

  @Test("a simulated world's claims differ from its contracts only by rejections")
  func simulated() throws {
    let data = "Data/ips-simulated"
    let files = [
      "contract", "reconcile", "\(data)/claims.csv", "--contracts", "\(data)/contracts.csv",
      "--tariffs", "\(data)/tariffs.csv", "--payer-shares", "\(data)/payer_shares.csv",
      "--clients", "\(data)/clients.csv", "--jobs", "\(data)/jobs.csv", "--cap-rule", "whole",
      "--format", "csv", "--show",
    ]
    let run = try CommandLineRun(arguments: files + ["differences"])
    try #require(run.status == 0, "\(run.errors)")
    let claims = try CSVRecords(
      file: Golden.projectFolder.appendingPathComponent("\(data)/claims.csv")
    ).rows
    let rejected = claims.count { $0["status"] == "rejected" }
    let verdicts = Set(run.rows.compactMap { $0["verdict"] })
    #expect(verdicts == ["agrees", "not-due", "rejected-though-due"])
    func count(_ verdict: String) -> Int {
      run.rows.filter { $0["verdict"] == verdict }.compactMap { Int($0["n_claims"] ?? "") }
        .reduce(0, +)
    }
    #expect(count("agrees") == claims.count { $0["status"] == "paid" })
    #expect(count("rejected-though-due") <= rejected)
    #expect(count("agrees") + count("not-due") + count("rejected-though-due") == claims.count)
    let unclaimed = try CommandLineRun(arguments: files + ["unclaimed"])
    // Claims come 7 to 56 days after the outcome: only the last weeks' are still to be made.
    #expect(unclaimed.rows.allSatisfy { (Int($0["n_claims"] ?? "") ?? .max) < 10 })
  }
}
