import Foundation
import TestSupport
import Testing

/// `outcomes`, `harmonise` and the report's section on counting, through the real binary.
@Suite struct OutcomeCommands {
  private static let folder = "Tests/Reference/awkward_spells"

  /// Clients of fourteen sites, five of them SIB; who works and how long follows from the number.
  private static let people: [String: String] = {
    var clients =
      "client_id,site_id,arm,referral_decision,accept_date,last_contact_date,data_cut_date,"
      + "employed_at_entry\n"
    var jobs =
      "job_id,client_id,start_date,end_earliest,end_latest,hours_per_week,competitive,verification\n"
    var sites = "site_id,arm\n"
    for site in 0..<14 {
      let arm = site < 5 ? "sib" : "non_sib"
      sites += "s\(site),\(arm)\n"
      for person in 0..<30 {
        let number = site * 30 + person
        let isLost = number % 11 == 0
        clients +=
          "c\(number),s\(site),\(arm),accepted,2021-01-01,\(isLost ? "2021-05-01" : "2022-06-01"),"
          + "2022-06-30,\(number % 9 == 0 ? "sick_leave" : "no")\n"
        guard (number * 7 + site) % 10 < (site < 5 ? 5 : 4), !isLost else { continue }
        // Jobs of 30 to 209 days that begin on 1 February 2021.
        let end = 30 + (number * 13) % 180
        let date = Date(timeIntervalSince1970: 1_612_137_600 + Double(end) * 86_400)
        let text = String(date.ISO8601Format().prefix(10))
        jobs += "j\(number),c\(number),2021-02-01,\(text),\(text),\(8 + number % 20),y,payslip\n"
      }
    }
    return ["clients.csv": clients, "jobs.csv": jobs, "sites.csv": sites]
  }()

  private static let study = """
    study: counting
    title: Counting in several ways
    question: How far does the headline move?
    public: true
    data:
      tables:
        clients: {file: clients.csv}
        sites: {file: sites.csv}
        jobs: {file: jobs.csv}
      follow-up: 52
      definitions:
        - lcf-13-weeks
        - mhep-6-weeks
        - {use: lcf-13-weeks, name: lcf-16, label: 13 weeks at 16 hours, min-hours: 16}
    treatment: {column: arm, treated: sib, label: SIB sites, comparison-label: other sites}
    assignment: {level: site, mechanism: contract, site: site_id}

    """

  @Test func outcomesAreThoseWorkedOutByHand() throws {
    let run = try CommandLineRun(
      "outcomes", "\(Self.folder)/clients.csv", "--jobs", "\(Self.folder)/jobs.csv")
    try #require(run.status == 0, "\(run.errors)")
    let expected = try CSVRecords(
      String(contentsOf: Golden.url("awkward_spells/expected.csv"), encoding: .utf8)
    ).rows
    #expect(run.rows.count == expected.count)
    for (row, wanted) in zip(run.rows, expected) {
      for name in ["client_id", "definition", "value", "low", "high", "attained", "reason"] {
        #expect(row[name] == wanted[name], "\(wanted["client_id"] ?? ""): \(name)")
      }
    }
  }

  @Test func harmoniseCountsAndCompares() throws {
    let folder = try TemporaryFolder(Self.people)
    let run = try CommandLineRun(
      "harmonise", "clients.csv", "--jobs", "jobs.csv", "--sites", "sites.csv", "--definitions",
      "mhep-6-weeks,lcf-13-weeks", folder: folder.url)
    try #require(run.status == 0, "\(run.errors)")
    #expect(
      run.rows.map { $0["arm"] } == ["sib", "non_sib", "all", "difference"] + [
        "sib", "non_sib", "all", "difference",
      ])
    for start in [0, 4] {
      func number(_ row: Int, _ name: String) -> Double { run.numbers(name)[start + row] }
      for name in ["n", "n_eligible", "n_mature", "n_yes", "n_no", "n_unknown"] {
        #expect(number(0, name) + number(1, name) == number(2, name), "\(name)")
      }
      #expect(close(number(3, "estimate"), number(0, "estimate") - number(1, "estimate")))
      #expect(close(number(3, "low"), number(0, "low") - number(1, "high")))
      #expect(number(3, "conf.low") < number(3, "estimate"))
      #expect(number(3, "conf.high") > number(3, "estimate"))
    }
    // Fewer last 13 weeks than six.
    #expect(run.numbers("n_yes")[6] < run.numbers("n_yes")[2])
    let pairs = try CommandLineRun(
      "harmonise", "clients.csv", "--jobs", "jobs.csv", "--sites", "sites.csv", "--definitions",
      "mhep-6-weeks,lcf-13-weeks", "--pairs", folder: folder.url)
    #expect(pairs.rows.count == 1 && pairs.numbers("n_second") == [0])
    #expect(pairs.numbers("n_both") == [run.numbers("n_yes")[6]])
  }

  @Test func mistakesAreToldBeforeTheData() throws {
    for (arguments, status, words) in [
      (
        ["outcomes", "absent.csv", "--definitions", "lcf-13-week"], 64,
        "did you mean 'lcf-13-weeks'"
      ),
      (["outcomes", "absent.csv", "--definitions", "job_start,job_start"], 64, "twice"),
      (["outcomes", "absent.csv", "--follow-up", "12"], 64, "too short"),
      (["harmonise", "absent.csv", "--cluster", "site_id"], 64, "no meaning"),
      (["outcomes", "\(Self.folder)/clients.csv"], 65, "--jobs"),
      (
        [
          "outcomes", "\(Self.folder)/clients.csv", "--jobs", "\(Self.folder)/jobs.csv",
          "--disclosure", "acro-default",
        ], 3, "single people"
      ),
    ] as [([String], Int32, String)] {
      let run = try CommandLineRun(arguments: arguments)
      #expect(run.status == status, "\(arguments): \(run.errors)")
      #expect(run.errors.contains(words), "\(arguments): \(run.errors)")
      #expect(run.output.isEmpty)
    }
  }

  @Test func theReportSaysHowFarTheHeadlineMoves() throws {
    let folder = try TemporaryFolder(
      Self.people.merging(["study.yaml": Self.study]) { first, _ in first })
    let run = try CommandLineRun(
      "run", "study.yaml", "--output", "out", folder: folder.url)
    try #require(run.status == 0, "\(run.errors)")
    let report = try folder.text("out/report.md")
    #expect(report.contains("How the outcome is counted"))
    #expect(report.contains("Over all definitions the difference moves from"))
    #expect(report.contains("13 weeks at 16 hours"))
    let counts = CSVRecords(try folder.text("out/results/definitions.csv")).rows
    let line = try CommandLineRun(
      "harmonise", "clients.csv", "--jobs", "jobs.csv", "--sites", "sites.csv", "--definitions",
      "lcf-13-weeks,mhep-6-weeks", folder: folder.url)
    #expect(counts.count == 9)
    for (there, here) in zip(counts, line.rows.filter { $0["arm"] != "difference" }) {
      for name in ["definition", "arm", "n", "n_mature", "n_yes", "n_no", "n_unknown"] {
        #expect(there[name] == here[name], "\(name)")
      }
    }
    #expect(folder.files().contains("out/figures/definitions.svg"))
  }
}
