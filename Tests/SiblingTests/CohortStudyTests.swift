import Foundation
import TestSupport
import Testing

/// Studies whose data are tables of the schema: joined files, and sections about the cohort.
@Suite struct CohortStudyTests {
  private static let data = Golden.projectFolder.appendingPathComponent("Data/ips-simulated").path

  private static func study(joins: String = "", more: String = "") -> String {
    """
    study: s
    title: t
    question: q
    public: true
    data:
      tables:
        clients: {file: \(data)/clients.csv}
        sites: {file: \(data)/sites.csv}
        jobs: {file: \(data)/jobs.csv}
      definitions: [sustained_13]
    \(joins)
    treatment: {column: arm, treated: sib, label: bond, comparison-label: others}
    assignment: {level: site, mechanism: contract, site: site_id}
    outcomes: [{name: sustained_13, label: a lasting job, kind: binary}]
    \(more)

    """
  }

  /// Every site but one of the bond's.
  private static let sites =
    "site_id,urban\n"
    + (["haringey-barnet", "enfield", "tower-hamlets-mh", "staffordshire"]
    + (6...25).map { "site-\($0 < 10 ? "0" : "")\($0)" }).map { "sim-\($0),y\n" }.joined()

  @Test("a joined column serves the rules, and its file is on record")
  func joined() throws {
    let folder = try TemporaryFolder([
      "study.yaml": Self.study(
        joins: "  joins: [{file: extra.csv, by: site_id}]",
        more: "attrition: [{rule: In a town, keep: 'urban == \"y\"'}]"),
      "extra.csv": Self.sites,
    ])
    let run = try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out"], folder: folder.url)
    try #require(run.status == 0, "\(run.errors)")
    let steps = CSVRecords(try folder.text("out/results/attrition.csv")).rows
    let last = steps.filter { $0["rule"] == "In a town" }
    let excluded = Int(last.first { $0["arm"] == "treated" }?["n_excluded"] ?? "") ?? 0
    #expect(excluded > 0)
    #expect(last.first { $0["arm"] == "comparison" }?["n_excluded"] == "0")
    #expect(try folder.text("out/manifest.json").contains("extra.csv"))
    #expect(run.errors.contains("rows have no match there"))
  }

  @Test(
    "a join that would lose or multiply people is refused",
    arguments: [
      ("unmatched: drop", "site_id,urban\nsim-site-06,y\n", "can't be dropped by a join"),
      ("cardinality: many-to-one", "site_id,urban\nsim-site-06,y\nsim-site-06,n\n", "extra.csv"),
      ("by: nowhere", "site_id,urban\nsim-site-06,y\n", "nowhere"),
    ])
  func refused(_ key: String, _ file: String, _ words: String) throws {
    let by = key.hasPrefix("by") ? "" : "by: site_id, "
    let folder = try TemporaryFolder([
      "study.yaml": Self.study(joins: "  joins: [{file: extra.csv, \(by)\(key)}]"),
      "extra.csv": file,
    ])
    let run = try CommandLineRun(arguments: ["validate", "study.yaml"], folder: folder.url)
    #expect(run.status == 65, "\(run.output)\(run.errors)")
    #expect(run.errors.contains(words), "\(run.errors)")
  }

  @Test("few sites lead, jobs at the threshold are counted, and a bad threshold is refused")
  func sections() throws {
    let effects = """
      matching: {formula: "arm ~ age + motivation_1_5", method: ipw, estimand: ATT}
      effects: [{outcome: sustained_13, estimators: [difference]}]
      """
    let folder = try TemporaryFolder([
      "study.yaml": Self.study(more: effects + "\npayment-threshold: {weeks: 13, width: 2}"),
      "bad.yaml": Self.study(more: "payment-threshold: {weeks: 1, width: 2}"),
    ])
    let run = try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out"], folder: folder.url)
    try #require(run.status == 0, "\(run.errors)")
    let estimates = CSVRecords(try folder.text("out/results/estimates.csv")).rows
    let lead = try #require(estimates.first { $0["analysis"] == "few-sites" })
    let plain = try #require(estimates.first { $0["analysis"] == "matched" })
    #expect(lead["estimate"] == plain["estimate"])
    #expect(lead["n_clusters"] == "25")
    func width(_ row: [String: String]) -> Double {
      (Double(row["conf.high"] ?? "") ?? .nan) - (Double(row["conf.low"] ?? "") ?? .nan)
    }
    #expect(width(lead) > width(plain))
    #expect(try folder.text("out/summary.md").contains("Only 25 sites stand behind this"))
    let threshold = CSVRecords(try folder.text("out/results/threshold_hazard.csv")).rows
    #expect(threshold.map { $0["arm"] } == ["treated", "comparison"])
    let refused = try CommandLineRun(arguments: ["validate", "bad.yaml"], folder: folder.url)
    #expect(refused.status == 65)
    #expect(refused.errors.contains("payment threshold needs a width"))
  }

  @Test("a column that is nearly one of the schema's is told")
  func nearMiss() throws {
    let folder = try TemporaryFolder([
      "study.yaml": """
      study: s
      title: t
      question: q
      public: true
      data: {tables: {clients: {file: clients.csv}}}
      """,
      "clients.csv":
        "client_id,site_id,arm,referal_date\nc1,a,sib,2020-01-01\nc2,b,non_sib,2020-02-01\n",
    ])
    let run = try CommandLineRun(arguments: ["validate", "study.yaml"], folder: folder.url)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("did you mean 'referral_date'?"), "\(run.output)")
    // Nothing says who was accepted, so everybody was.
    #expect(run.output.contains("2 rows are analysed"), "\(run.output)")
  }
}
