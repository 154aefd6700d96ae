import Foundation
import TestSupport
import Testing

/// The verb `contract scenario`.
@Suite struct ScenarioCommandTests {
  private func run(_ arguments: [String]) throws -> CommandLineRun {
    try CommandLineRun(arguments: ["contract", "scenario"] + arguments)
  }

  private let few = ["--simulations", "40", "--shortfall", "0", "--vacancy", "0", "--years", "1"]

  @Test func rowsOfEveryScenario() throws {
    let found = try run([
      "--simulations", "20", "--years", "1", "--shortfall", "0,0.5", "--conversion", "1",
      "--vacancy", "0", "--split", "0:100,70:30",
    ])
    #expect(found.status == 0, "\(found.errors)")
    // Two shortfalls under two splits, eleven measures each.
    #expect(found.rows.count == 4 * 11)
    #expect(
      found.output.hasPrefix(
        "shortfall,vacancy,conversion,split,measure,mean,std.error,conf.low,conf.high,"
          + "q05,q25,q50,q75,q95\n"))
    #expect(found.errors.contains("no forecast"))
  }

  @Test func capitalAddsReturns() throws {
    let found = try run(
      few + ["--conversion", "1", "--split", "20:80", "--equity", "20000", "--loan", "10000"])
    for measure in ["investor.irr", "equity.multiple", "loan.irr"] {
      #expect(found.number("mean", where: "measure", is: measure).isFinite)
    }
  }

  /// Lenders get their loan back with its interest, and none of what is left.
  @Test func aLoanAloneEarnsItsRate() throws {
    let found = try run([
      "--simulations", "20", "--shortfall", "0", "--vacancy", "0", "--conversion", "1", "--split",
      "100:0", "--lag", "0", "--equity", "0", "--loan", "20000", "--loan-rate", "0.1",
      "--loan-kind", "bullet", "--loan-years", "2",
    ])
    #expect(found.status == 0, "\(found.errors)")
    for measure in ["investor.irr", "loan.irr"] {
      let mean = found.number("mean", where: "measure", is: measure)
      #expect(close(mean, 0.1, Tolerance(relative: 1e-4)), "\(measure) \(mean)")
    }
  }

  /// K04's block of 13000 a year, prices as they stand, and its three payers.
  @Test func aContractFromFiles() throws {
    let files = [
      "--contracts", "Data/ips-simulated/contracts.csv", "--tariffs",
      "Data/ips-simulated/tariffs.csv", "--payer-shares", "Data/ips-simulated/payer_shares.csv",
    ]
    let options = few + files + ["--conversion", "1", "--referrals", "36"]
    let found = try run(options + ["--contract", "K04"])
    #expect(found.status == 0, "\(found.errors)")
    #expect(found.output.contains("payer:mhep_bii") && found.output.contains("payer:lcf"))
    #expect(found.number("q05", where: "measure", is: "income") > 13_000)
    let wrong = try run(options + ["--contract", "K40"])
    #expect(wrong.status == 65)
    #expect(wrong.errors.contains("there is no contract 'K40'"))
  }

  @Test func pathsAndBreakEven() throws {
    let paths = try run(few + ["--conversion", "1", "--split", "0:100", "--paths"])
    #expect(paths.rows.count == 6)
    let lines = try run(few + ["--split", "50:50", "--break-even", "--loss-levels", "0.5"])
    #expect(lines.status == 0, "\(lines.errors)")
    // A shortfall for each of two lines on the grid that is made.
    #expect(lines.rows.count == 2 * 11)
    #expect(lines.output.contains("surplus=0") && lines.output.contains("loss=0.5"))
  }

  @Test(arguments: [
    ["--split", "20:81"], ["--split", "20"], ["--rates", "0.5,0.5"], ["--rates", "2,0.5,0.5"],
    ["--salary", "-1"], ["--cap", "1.234"], ["--shortfall", "1.5"], ["--shortfall", "0.1,0.1"],
    ["--tariff", "engagement=free"], ["--tariff", "start=5"], ["--payers", "engagement:a=0.5"],
    ["--start-delay", "0.5,0.4"], ["--contract", "K04"], ["--tariffs", "x.csv"],
    ["--paths", "--break-even"], ["--loss-levels", "0.5"], ["--site-sd", "0.9"],
  ]) func mistakesAreToldByName(_ arguments: [String]) throws {
    let found = try run(arguments)
    #expect(found.status == 64, "\(found.errors)")
    #expect(found.output == "")
  }
}
