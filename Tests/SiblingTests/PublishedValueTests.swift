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

  /// The whole table of the peer's summary, before and after; the score stopped early there.
  @Test func balanceTable() throws {
    for (options, key) in [
      ([String](), "nearest"), (["--caliper", "0.2"], "nearest_cal_ps"),
      (["--ratio", "2"], "nearest_ratio2"),
      (["--distance", "linear.logit", "--caliper", "0.2"], "nearest_cal"),
    ] {
      let golden = try Golden.json("matchit_lalonde.json")[key]
      let run = try CommandLineRun(arguments: ["balance", lalonde, score] + options)
      for (stage, table) in [("unadjusted", "sum_all"), ("adjusted", "sum_matched")] {
        let rows = run.rows.filter { $0["stage"] == stage && $0["covariate"] != "ess" }
        let names = rows.map { ($0["covariate"] ?? "") + ($0["level"] ?? "") }
        #expect(names == golden["rows"].array.map(\.string))
        for (row, expected) in zip(rows, golden[table]["m"].array.map(\.doubles)) {
          let tolerance: Tolerance = row["covariate"] == "distance" ? .stopsEarly : .published
          let columns = [
            "mean_treated", "mean_comparison", "smd", "var_ratio", "ecdf_mean", "ks",
          ]
          for (column, value) in zip(columns, expected) {
            let found = row[column].flatMap { Double($0) } ?? .nan
            #expect(close(found, value, tolerance), "\(key) \(row["covariate"] ?? "") \(column)")
          }
        }
      }
    }
  }

  @Test func logitCoefficients() throws {
    let run = try CommandLineRun("regress", lalonde, score, "--family", "binomial")
    #expect(close(run.number("estimate", term: "(Intercept)"), -1.6632815977328, .published))
    #expect(close(run.number("estimate", term: "racewhite"), -3.0653677409713, .published))
    let golden = try Golden.json("regression_lalonde.json")["logit"]
    #expect(run.rows.map { $0["term"] } == golden["names"].array.map(\.string))
    #expect(close(run.numbers("estimate"), golden["coef"].doubles))
    let scores = try CommandLineRun("match", lalonde, score).numbers("distance")
    let mean = scores.reduce(0, +) / Double(scores.count)
    let squares = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    #expect(close((squares / Double(scores.count - 1)).squareRoot(), 0.29031337241746))
  }

  /// The experiment's own answer: the difference of means among those whom chance assigned.
  @Test func experiment() throws {
    let run = try CommandLineRun("regress", "Data/nsw/nsw_experiment.csv", "re78 ~ treat")
    // Published to the cent.
    #expect((run.number("estimate", term: "treat") - 1794.34).magnitude < 0.005)
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
    // Every coefficient, standard error and log-likelihood of the peer.
    let golden = try Golden.json("survival/rossi.json")
    for (run, key) in [(efron, "efron"), (breslow, "breslow")] {
      let errors = golden[key]["var"].array.enumerated().map { index, row in
        row.doubles[index].squareRoot()
      }
      #expect(close(run.numbers("estimate"), golden[key]["coef"].doubles))
      #expect(close(run.numbers("std.error"), errors))
    }
    let errors = golden["robust"]["var"].array.enumerated().map { index, row in
      row.doubles[index].squareRoot()
    }
    #expect(close(robust.numbers("robust.se"), errors))
    let statistics = try CommandLineRun("cox", rossi, model, "--statistics", "--ties", "breslow")
    #expect(close(statistics.first("loglik_null"), golden["breslow"]["loglik"][0].double))
    #expect(close(statistics.first("loglik"), golden["breslow"]["loglik"][1].double))
  }

  @Test func rossiStatistics() throws {
    let run = try CommandLineRun("cox", rossi, model, "--statistics")
    let row = try #require(run.rows.first)
    func number(_ name: String) -> Double { row[name].flatMap { Double($0) } ?? .nan }
    #expect(number("n") == 432)
    #expect(close(number("loglik_null"), -675.380632346871))
    #expect(close(number("loglik"), -658.747659446086))
    #expect(close(number("lr"), 2 * (675.380632346871 - 658.747659446086)))
    #expect(close(number("score"), 33.5286888997077))
    #expect(number("nevent") == 114)
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

  private static let panel = [
    "Data/mpdta/mpdta.csv", "--outcome", "lemp", "--unit", "countyreal", "--time", "year",
    "--group", "first.treat",
  ]

  @Test func mpdtaEventStudy() throws {
    let golden = try Golden.json("fixest_mpdta.json")["eventstudy_i"]
    let run = try CommandLineRun(
      arguments: ["event-study"] + Self.panel + ["--cluster", "countyreal"])
    let rows = run.rows.filter { $0["term"] != "e=-1" }
    #expect(
      rows.map { $0["term"] ?? "" }
        == golden["names"].array.map { "e=" + ($0.string ?? "").dropFirst(4) })
    let found = rows.map { $0["estimate"].flatMap { Double($0) } ?? .nan }
    #expect(close(found, golden["coef"].doubles))
    let reference = run.rows.first { $0["term"] == "e=-1" }
    #expect(reference?["estimate"] == "0")
    #expect(reference?["std.error"] == "")
    let errors = rows.map { $0["std.error"].flatMap { Double($0) } ?? .nan }
    #expect(close(errors, golden["se"].doubles, .stopsEarly))
  }

  @Test func mpdtaGroupTimes() throws {
    let golden = try Golden.json("did_mpdta.json")
    for (options, key) in [
      ([String](), "dr_nevertreated_nox_varying"),
      (["--control", "not-yet"], "dr_notyettreated_nox_varying"),
      (["--estimator", "reg", "--covariates", "~ lpop"], "reg_nevertreated_lpop_varying"),
      (["--covariates", "~ lpop"], "dr_nevertreated_lpop_varying"),
    ] {
      let run = try CommandLineRun(arguments: ["did"] + Self.panel + options)
      #expect(run.numbers("group") == golden[key]["group"].doubles)
      #expect(run.numbers("time") == golden[key]["t"].doubles)
      let tolerance: Tolerance =
        key.hasPrefix("dr") && key.contains("lpop") ? .stopsEarly : .published
      #expect(close(run.numbers("estimate"), golden[key]["att"].doubles, tolerance), "\(key)")
    }
    let run = try CommandLineRun(arguments: ["did"] + Self.panel)
    let published = [
      ("ATT(2004,2004)", -0.0105032462, 0.0232510364),
      ("ATT(2004,2005)", -0.0704231581, 0.0309847668),
      ("ATT(2004,2006)", -0.1372587389, 0.0364356643),
      ("ATT(2004,2007)", -0.1008113631, 0.0343592258),
      ("ATT(2006,2006)", -0.0045946070, 0.0177551967),
      ("ATT(2006,2007)", -0.0412244715, 0.0202291807),
      ("ATT(2007,2007)", -0.0260544107, 0.0166554353),
    ]
    for (term, estimate, error) in published {
      #expect((run.number("estimate", term: term) - estimate).magnitude < 6e-11, "\(term)")
      #expect((run.number("std.error", term: term) - error).magnitude < 6e-11, "\(term)")
    }
    #expect(run.errors.contains("chi-squared 7.791237 on 5, p 0.1681225"))
  }

  @Test func mpdtaAggregates() throws {
    let published: [(options: [String], estimate: Double, error: Double)] = [
      (["--aggregate", "simple"], -0.0399512752, 0.0120340128),
      (["--aggregate", "dynamic"], -0.0772398215, 0.0199649891),
      (["--aggregate", "group"], -0.0310182822, 0.0124460593),
      (["--aggregate", "calendar"], -0.0417004321, 0.0159718519),
      (["--aggregate", "simple", "--control", "not-yet"], -0.0397636256, 0.0120524248),
      (
        ["--aggregate", "simple", "--covariates", "~ lpop", "--estimator", "reg"], -0.0419686124,
        0.0114448298
      ), (["--aggregate", "simple", "--covariates", "~ lpop"], -0.0417517721, 0.0115028382),
    ]
    for row in published {
      let run = try CommandLineRun(arguments: ["did"] + Self.panel + row.options)
      let name = row.options.joined(separator: " ")
      #expect((run.number("estimate", term: "overall") - row.estimate).magnitude < 6e-11, "\(name)")
      #expect((run.number("std.error", term: "overall") - row.error).magnitude < 6e-11, "\(name)")
    }
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
