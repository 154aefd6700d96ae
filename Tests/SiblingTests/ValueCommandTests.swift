import Foundation
import TestSupport
import Testing

/// `contract value` through the real binary.
@Suite struct ValueCommands {
  private static let sites = "site_id,arm\na,sib\nb,sib\nc,non_sib\nd,non_sib\n"
  private static let periods =
    "site_id,period,accepted,engaged,starts,sustained\n"
    + "a,2020-Q1,10,9,6,5\nb,2020-Q1,20,15,9,8\nc,2020-Q1,10,8,3,2\nd,2020-Q1,10,9,4,3\n"
  /// The payer paid 1,000 + 3,000 at the bond's sites, which spent 1,500 + 3,300.
  private static let costs =
    "site_id,period,category,amount_gbp,price_base_year,borne_by\n"
    + "a,2020-Q1,block_payment,1000,2020,commissioner\na,2020-Q1,delivery,1500,2020,commissioner\n"
    + "b,2020-Q1,block_payment,3000,2020,commissioner\nb,2020-Q1,delivery,3300,2020,commissioner\n"
    + "c,2020-Q1,delivery,1000,2020,commissioner\nd,2020-Q1,delivery,2000,2020,commissioner\n"

  private func run(
    _ more: [String] = [], costs: String = costs, periods: String = periods
  ) throws -> CommandLineRun {
    let folder = try TemporaryFolder([
      "costs.csv": costs, "sites.csv": Self.sites, "periods.csv": periods,
    ])
    return try CommandLineRun(
      arguments: [
        "contract", "value", "costs.csv", "--sites", "sites.csv", "--site-periods", "periods.csv",
        "--draws", "200",
      ] + more, folder: folder.url)
  }

  private func estimate(
    _ run: CommandLineRun, _ term: String, _ arm: String, _ side: String
  ) -> Double {
    run.rows.first { $0["term"] == term && $0["arm"] == arm && $0["perspective"] == side }
      .flatMap { $0["estimate"] }.flatMap { Double($0) } ?? .nan
  }

  @Test func averagesAndDifferencesByHand() throws {
    let run = try run()
    #expect(run.status == 0, "\(run.errors)")
    // 4,000/30, 4,800/30 and 3,000/20; 4,800/13 for each sustained job.
    let expected: [(String, String, String, Double)] = [
      ("cost.per.accepted", "sib", "outcome-payer", 4000.0 / 30),
      ("cost.per.accepted", "sib", "all-in", 160),
      ("cost.per.accepted", "non_sib", "all-in", 150),
      ("cost.per.sustained", "sib", "all-in", 4800.0 / 13),
      ("delta.cost", "difference", "outcome-payer", 4000.0 / 30 - 150),
      ("delta.cost", "difference", "all-in", 10),
      ("delta.effect", "difference", "all-in", 13.0 / 30 - 0.25),
    ]
    for (term, arm, side, value) in expected {
      #expect(close(estimate(run, term, arm, side), value, .closedForm), "\(term) \(arm) \(side)")
    }
    #expect(run.errors.contains("the same money"))
  }

  @Test func aPriceOnlyWhereTheEffectIsAboveNought() throws {
    let clear = try run(["--effect", "0.2", "--effect-se", "0.01"])
    #expect(close(estimate(clear, "icer", "difference", "all-in"), 50, .closedForm))
    let unclear = try run(["--effect", "0.2", "--effect-se", "0.2"])
    #expect(estimate(unclear, "icer", "difference", "all-in").isNaN)
    #expect(unclear.errors.contains("includes nought"))
    // What an outcome is worth times the effect, less the cost: 1,000·0.2 − 10.
    let worth = try run(["--effect", "0.2", "--effect-se", "0.01", "--willingness", "1000"])
    #expect(
      close(estimate(worth, "net.benefit@1000", "difference", "all-in"), 190, .closedForm))
  }

  @Test func categoriesSayWhatCountsAndWhy() throws {
    let run = try run(["--categories", "--perspective", "outcome-payer,all-in"])
    #expect(run.status == 0, "\(run.errors)")
    let delivery = run.rows.filter { $0["category"] == "delivery" && $0["arm"] == "sib" }
    #expect(delivery.map { $0["counts"] } == ["no", "yes"])
    #expect(delivery.first?["reason"]?.contains("financed out of the payments") == true)
  }

  @Test func withoutData() throws {
    let run = try CommandLineRun(
      "contract", "value", "--delta-cost", "500", "--delta-cost-se", "200", "--effect", "0.05",
      "--effect-se", "0.03", "--draws", "200", "--willingness", "10000")
    #expect(run.status == 0, "\(run.errors)")
    #expect(close(run.number("estimate", where: "term", is: "acceptability@10000"), 0.5))
    #expect(
      close(run.number("conf.low", where: "term", is: "icer.fieller.from"), 1860.555_010_578_33))
  }

  @Test func amountsAndBearersAreRefusedWhereTheyStand() throws {
    let negative = try run(costs: Self.costs.replacing("delivery,1500", with: "delivery,-1500"))
    #expect(negative.status == 65)
    #expect(negative.errors.contains("costs.csv:3:20"), "\(negative.errors)")
    let misspelt = try run(
      costs: Self.costs.replacing("1500,2020,commissioner", with: "1500,2020,comissioner"))
    #expect(misspelt.status == 65)
    #expect(misspelt.errors.contains("costs.csv:3:30"), "\(misspelt.errors)")
    #expect(misspelt.errors.contains("did you mean 'commissioner'"), "\(misspelt.errors)")
    let weighted = try run(["--weights", "amount_gbp"])
    #expect(weighted.status == 64)
    #expect(weighted.errors.contains("weights does not apply"), "\(weighted.errors)")
  }

  @Test func badInputIsRefused() throws {
    func costs(_ from: String, _ to: String) -> String {
      Self.costs.replacingOccurrences(of: from, with: to)
    }
    let cells = try [
      run(costs: costs("1500", "")), run(costs: costs("delivery,3300", "driving,3300")),
      run(costs: costs("a,2020-Q1,block_payment,1000", "a,2020-Q1,block_payment,-1000")),
      run(costs: costs("d,2020-Q1", "e,2020-Q1")), run(costs: costs("d,2020-Q1", "d,sometime")),
      run(periods: Self.periods.replacingOccurrences(of: "a,2020-Q1,10", with: "a,2020-Q1,-10")),
      run(["--base-year", "2019", "--deflator", "2019=100"]),
    ]
    for run in cells {
      #expect(run.status == 65, "\(run.errors)")
      #expect(run.errors.contains(".csv:"), "\(run.errors)")
      #expect(run.output.isEmpty)
    }
    for options in [
      ["--discount", "-2"], ["--base-year", "2019"], ["--perspective", "mine"],
      ["--effect", "0.1"], ["--willingness", "-1"], ["--deflator", "2019=-1"],
      ["--delta-cost", "1"], ["--draws", "3"], ["--claims", "claims.csv"],
    ] {
      #expect(try run(options).status == 64, "\(options)")
    }
    // No comparison sites: averages, and a word.
    let alone = try run(
      costs: Self.costs.split(separator: "\n").prefix(5).joined(separator: "\n") + "\n")
    #expect(alone.status == 0)
    #expect(alone.errors.contains("no comparison"))
    #expect(alone.rows.allSatisfy { $0["arm"] == "sib" })
  }
}
