import Foundation
import TestSupport
import Testing

/// The same input gives the same bytes, on any number of threads and every time.
@Suite struct SameBytes {
  private static let score = "treat ~ age + educ + race + married + nodegree + re74 + re75"
  private static let lalonde = "Data/lalonde/lalonde.csv"
  private static let lung = "Data/lung/lung.csv"
  private static let panel = [
    "Data/mpdta/mpdta.csv", "--outcome", "lemp", "--unit", "countyreal", "--time", "year",
    "--group", "first.treat",
  ]

  static let commands: [[String]] = [
    // Large enough for several blocks of rows.
    [
      "regress", "Data/nsw/nsw_cps.csv", "re78 ~ treat + age * educ + re74 + re75", "--vcov", "HC3",
    ],
    ["regress", "Data/nsw/nsw_cps.csv", "treat ~ age + educ + re75", "--family", "binomial"],
    ["match", "Data/nsw/nsw_cps.csv", "treat ~ age + educ + re74 + re75", "--caliper", "0.2"],
    ["match", lalonde, score, "--order", "random", "--seed", "7", "--pairs"],
    ["balance", lalonde, score, "--method", "ipw"],
    ["effect", lalonde, score, "--outcome", "re78", "--method", "gcomp", "--ratio", "2"],
    ["did"] + panel + ["--covariates", "~ lpop", "--aggregate", "dynamic"],
    ["did"] + panel + ["--method", "twfe", "--cluster", "countyreal,year"],
    ["event-study"] + panel,
    ["km", lung, "Surv(time, status) ~ sex", "--robust"],
    ["logrank", lung, "Surv(time, status) ~ sex + strata(ph.ecog)", "--rho", "1"],
    ["cox", lung, "Surv(time, status) ~ age + sex + strata(ph.ecog)", "--robust"],
    ["zph", lung, "Surv(time, status) ~ age + sex + ph.ecog"],
    ["rmst", lung, "Surv(time, status) ~ sex", "--tau", "365"],
  ]

  @Test(arguments: commands) func verb(_ command: [String]) throws {
    let one = try CommandLineRun(arguments: command + ["--threads", "1"])
    #expect(one.status == 0, "\(one.errors)")
    #expect(one.rows.count > 0)
    for threads in ["2", "1"] {
      let again = try CommandLineRun(arguments: command + ["--threads", threads])
      #expect(again.output == one.output, "\(threads) threads")
      #expect(again.errors == one.errors)
    }
  }
}
