import TestSupport
import Testing

private let lalonde = "Data/lalonde/lalonde.csv"
private let score = "treat ~ age + educ + race + married + nodegree + re74 + re75"
// The published tables order the levels of race as black, hispan, white, which is code-point order.

@Suite struct PublishedMatchingValues {
  struct Specification {
    let options: [String]
    let treated: Double
    let comparison: Double
    let effective: Double
    let difference: Double
    let gcomputation: Double
  }

  static let table: [Specification] = [
    Specification(
      options: [], treated: 185, comparison: 185, effective: 185, difference: 894.367480270,
      gcomputation: 1121.177230438),
    Specification(
      options: ["--caliper", "0.2"], treated: 113, comparison: 113, effective: 113,
      difference: 1571.744454425, gcomputation: 1459.257294839),
    Specification(
      options: ["--distance", "linear.logit", "--caliper", "0.2"], treated: 117, comparison: 117,
      effective: 117, difference: 1770.602906410, gcomputation: 1347.437884878),
    Specification(
      options: ["--replace"], treated: 185, comparison: 82, effective: 46.312585,
      difference: 1991.615273514, gcomputation: 2147.603594789),
    Specification(
      options: ["--exact", "race"], treated: 116, comparison: 116, effective: 116,
      difference: 1472.687353879, gcomputation: 1095.038083305),
  ]

  @Test(arguments: table.indices) func lalondeTable(_ index: Int) throws {
    let row = Self.table[index]
    for (method, value) in [("difference", row.difference), ("gcomp", row.gcomputation)] {
      let run = try CommandLineRun(
        arguments: ["effect", lalonde, score, "--outcome", "re78", "--method", method] + row.options
      )
      #expect(run.status == 0, Comment(rawValue: run.errors))
      #expect(close(run.number("estimate", term: "ATT"), value, .published))
      #expect(run.number("n_treated", term: "ATT") == row.treated)
      #expect(run.number("n_comparison", term: "ATT") == row.comparison)
    }
    let balance = try CommandLineRun(arguments: ["balance", lalonde, score] + row.options)
    let ess = balance.rows.first { $0["covariate"] == "ess" && $0["stage"] == "adjusted" }
    let found = ess?["mean_comparison"].flatMap { Double($0) } ?? .nan
    #expect((found - row.effective).magnitude < 1e-6)
  }

  @Test func unadjustedBalance() throws {
    let run = try CommandLineRun("balance", lalonde, score)
    func smd(_ covariate: String, _ level: String = "") -> Double {
      run.rows.first {
        $0["covariate"] == covariate && $0["stage"] == "unadjusted"
          && (level.isEmpty || $0["level"] == level)
      }.flatMap { $0["smd"] }.flatMap { Double($0) } ?? .nan
    }
    #expect(close(smd("distance"), 1.79408604968, .published))
    #expect(close(smd("age"), -0.30944526200, .published))
    #expect(close(smd("race", "black"), 1.76154188982, .published))
  }

  @Test func logitCoefficients() throws {
    let run = try CommandLineRun("regress", lalonde, score, "--family", "binomial")
    #expect(close(run.number("estimate", term: "(Intercept)"), -1.6632815977328, .published))
    #expect(close(run.number("estimate", term: "racewhite"), -3.0653677409713, .published))
  }
}

@Suite struct PublishedSurvivalValues {
  private let rossi = "Data/rossi/rossi_weekly.csv"
  private let model = """
    Surv(week, arrest) ~ I(fin == "yes") + age + I(race == "black") + I(wexp == "yes") \
    + I(mar == "married") + I(paro == "yes") + prio
    """

  @Test func rossiCox() throws {
    let efron = try CommandLineRun("cox", rossi, model)
    #expect(efron.status == 0, Comment(rawValue: efron.errors))
    let expected = [
      -0.3794221668712051, -0.0574377430137615, 0.3138997859493020, -0.1497956972227822,
      -0.4337038766902505, -0.0848710829908305, 0.0914970793511212,
    ]
    #expect(close(efron.rows.compactMap { $0["estimate"].flatMap { Double($0) } }, expected))
    let error = efron.rows.first?["std.error"].flatMap { Double($0) } ?? .nan
    #expect(close(error, 0.191379480712809))
    let robust = try CommandLineRun("cox", rossi, model, "--robust")
    #expect(
      close(robust.rows.first?["robust.se"].flatMap { Double($0) } ?? .nan, 0.195541778880588))
    let breslow = try CommandLineRun("cox", rossi, model, "--ties", "breslow")
    #expect(
      close(breslow.rows.first?["estimate"].flatMap { Double($0) } ?? .nan, -0.3790218877950267))
  }

  @Test func rossiStatistics() throws {
    let run = try CommandLineRun("cox", rossi, model, "--statistics")
    let row = try #require(run.rows.first)
    func number(_ name: String) -> Double { row[name].flatMap { Double($0) } ?? .nan }
    #expect(number("n") == 432)
    #expect(close(number("loglik_null"), -675.380632346871))
    #expect(close(number("loglik"), -658.747659446086))
    #expect(close(number("score"), 33.5286888997077))
    #expect(close(number("concordance"), 0.640329247099714))
    let test = try CommandLineRun("zph", rossi, model)
    #expect(close(test.number("statistic", term: "GLOBAL"), 17.6944152960279))
    let logRank = try CommandLineRun("logrank", rossi, #"Surv(week, arrest) ~ fin"#)
    #expect(
      close(logRank.rows.first?["statistic"].flatMap { Double($0) } ?? .nan, 3.83756957654905))
  }

  @Test func lung() throws {
    let lung = "Data/lung/lung.csv"
    let plain = try CommandLineRun("logrank", lung, "Surv(time, status) ~ sex")
    #expect(close(plain.number("statistic", where: "group", is: "sex=1"), 10.3267419548856))
    let early = try CommandLineRun("logrank", lung, "Surv(time, status) ~ sex", "--rho", "1")
    #expect(close(early.number("statistic", where: "group", is: "sex=1"), 12.7141514011575))
    let stratified = try CommandLineRun(
      "logrank", lung, "Surv(time, status) ~ sex + strata(ph.ecog)")
    #expect(close(stratified.number("statistic", where: "group", is: "sex=1"), 10.7950596334964))
    let medians = try CommandLineRun(
      "km", lung, "Surv(time, status) ~ sex", "--quantiles", "0.5")
    #expect(medians.number("time", where: "arm", is: "sex=1") == 270)
    #expect(medians.number("time", where: "arm", is: "sex=2") == 426)
    let means = try CommandLineRun("rmst", lung, "Surv(time, status) ~ sex", "--tau", "365")
    #expect(close(means.number("estimate", where: "arm", is: "sex=1"), 241.495085192))
    #expect(close(means.number("estimate", where: "arm", is: "sex=2"), 297.465409532))
  }
}

@Suite struct PublishedPanelValues {
  @Test func mpdtaTwoWayFixedEffects() throws {
    let run = try CommandLineRun(
      "did", "Data/mpdta/mpdta.csv", "--outcome", "lemp", "--unit", "countyreal", "--time", "year",
      "--group", "first.treat", "--method", "twfe", "--cluster", "countyreal")
    #expect(run.status == 0, Comment(rawValue: run.errors))
    #expect(close(run.number("estimate", term: "ATT"), -0.0365489367, Tolerance(relative: 2e-9)))
    #expect(close(run.number("std.error", term: "ATT"), 0.0132651554, Tolerance(relative: 5e-9)))
  }

  @Test func lalondeTwoPeriods() throws {
    let values = [
      ("dr", 1865.64228506, 644.907466552), ("improved-dr", 1869.52544496, 644.933642931),
      ("reg", 1415.78149116, 630.089471658), ("ipw", 1846.87424562, 649.263776333),
      ("std-ipw", 1818.57403895, 646.421573927), ("twfe", 3621.2320612, 660.591634011),
    ]
    for (estimator, estimate, error) in values {
      let run = try CommandLineRun(
        "did", "Data/nsw/nsw_cps.csv", "--pre", "re75", "--post", "re78", "--treatment", "treat",
        "--method", "two-period", "--estimator", estimator, "--covariates",
        "~ age + educ + black + marr + nodegree + hisp + re74")
      #expect(run.status == 0, Comment(rawValue: run.errors))
      #expect(close(run.number("estimate", term: "ATT"), estimate), "\(estimator)")
      #expect(close(run.number("std.error", term: "ATT"), error), "\(estimator)")
    }
  }
}
