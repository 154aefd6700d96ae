import Foundation
import TestSupport
import Testing

/// Verbs of parametric and discrete-time models through the real binary.
@Suite struct ParametricVerbs {
  private let lung = "Data/lung/lung.csv"
  private let rossi = "Data/rossi/rossi_weekly.csv"

  @Test func publishedWeibull() throws {
    let run = try CommandLineRun("aft", lung, "Surv(time, status) ~ age + sex")
    #expect(run.status == 0, Comment(rawValue: run.errors))
    let expected = [6.27485305841877, -0.012257025588949, 0.382085139658885]
    #expect(close(Array(run.numbers("estimate").prefix(3)), expected, .converged))
    #expect(run.rows.map { $0["term"] } == ["(Intercept)", "age", "sex", "Log(scale)"])
    let scale = exp(run.number("estimate", term: "Log(scale)"))
    #expect(close(scale, 0.75405094764082, .converged))
    let ratios = try CommandLineRun(
      "aft", lung, "Surv(time, status) ~ age + sex", "--exponentiate")
    #expect(close(ratios.number("estimate", term: "sex"), exp(0.382085139658885), .converged))
    // Ancillary parameters and standard errors stay on the log scale.
    #expect(
      ratios.number("estimate", term: "Log(scale)")
        == run.number("estimate", term: "Log(scale)"))
    #expect(ratios.numbers("std.error") == run.numbers("std.error"))
  }

  /// Every coefficient, standard error and log-likelihood of the peer.
  @Test(arguments: ["weibull", "exponential", "lognormal", "loglogistic"])
  func peer(_ family: String) throws {
    let golden = try Golden.json("survival/survreg.json")[family]
    let formula = "Surv(time, status) ~ age + sex + ph.ecog"
    let same = ["--where", "inst > 0", "--dist", family]
    let run = try CommandLineRun(arguments: ["aft", lung, formula] + same)
    let errors = golden["naive"].array.enumerated().map { $1.doubles[$0].squareRoot() }
    // The peer's log-normal coefficients are good to eight digits.
    #expect(close(run.numbers("estimate"), golden["coef"].doubles, .published))
    #expect(close(run.numbers("std.error"), errors, .published))
    let row = try CommandLineRun(
      arguments: ["aft", lung, formula, "--statistics"] + same)
    #expect(close(row.first("loglik"), golden["loglik"][1].double, .converged))
    #expect(row.first("df") == Double(golden["coef"].doubles.count))
    #expect(close(row.first("AIC"), 2 * row.first("df") - 2 * row.first("loglik"), .closedForm))
  }

  @Test func everyFamilyAgainstMaximaByOtherMeans() throws {
    let golden = try Golden.json("survival/parametric_survival.json")
    for family in ["gamma", "gengamma", "gompertz"] {
      let run = try CommandLineRun(
        "aft", lung, "Surv(time, status) ~ age + sex + ph.ecog", "--dist", family)
      #expect(close(run.numbers("estimate"), golden[family]["coef"].doubles), "\(family)")
    }
    for scale in ["hazard", "odds", "normal"] {
      let run = try CommandLineRun(
        "flexible", lung, "Surv(time, status) ~ age + sex + ph.ecog", "--scale", scale,
        "--time-varying", "sex=1")
      let expected = golden["flexible_\(scale)_varying"]["coef"].doubles
      #expect(close(run.numbers("estimate"), expected), "\(scale)")
      #expect(run.rows.last?["term"] == "gamma1(sex)")
    }
    let cure = try CommandLineRun(
      "cure", lung, "Surv(late, died) ~ age + sex", "--incidence", "~ sex",
      "--where", "ph.ecog >= 0",
      "--derive", "third = age - 3 * floor(age / 3)",
      "--derive", "late = time * (third != 0) + 1100 * (third == 0)",
      "--derive", "died = (status == 2) * (third != 0)")
    #expect(cure.status == 0, Comment(rawValue: cure.errors))
    let found = Array(cure.numbers("estimate").prefix(6))
    #expect(close(found, golden["cure_weibull"]["coef"].doubles))
    #expect(cure.rows.last?["term"] == "cured" && cure.rows.last?["p.value"] == "")
  }

  @Test func discreteAndPiecewise() throws {
    let golden = try Golden.json("survival/discrete.json")
    let model = #"Surv(week, arrest) ~ I(fin == "yes") + age + prio"#
    for link in ["cloglog", "logit"] {
      for baseline in ["factor", "linear", "log"] {
        let run = try CommandLineRun(
          "discrete", rossi, model, "--link", link, "--baseline", baseline, "--interval", "4")
        #expect(run.status == 0, Comment(rawValue: run.errors))
        let expected = golden["\(link)_\(baseline)"]
        #expect(close(run.numbers("estimate"), expected["coef"].doubles))
        #expect(close(run.numbers("std.error"), expected["se"].doubles))
      }
    }
    // Events over time at risk.
    let rates = try CommandLineRun(
      "piecewise", rossi, "Surv(week, arrest) ~ 1", "--cuts", "26", "--exponentiate")
    let weeks = try Golden.csv("survival/rossi.csv")
    let (time, event) = (Golden.numbers(weeks["week"]), Golden.numbers(weeks["arrest"]))
    var (early, late, risk) = (0.0, 0.0, (0.0, 0.0))
    for (t, d) in zip(time, event) {
      if t <= 26 { early += d } else { late += d }
      risk.0 += min(t, 26)
      risk.1 += max(0, t - 26)
    }
    #expect(close(rates.numbers("estimate"), [early / risk.0, late / risk.1], .closedForm))
    #expect(rates.rows.map { $0["term"] } == ["(0,26]", "(26,Inf]"])
  }

  @Test func comparison() throws {
    let run = try CommandLineRun(
      "survival-models", lung, "Surv(time, status) ~ age + sex + ph.ecog", "--by", "sex")
    #expect(run.status == 0, Comment(rawValue: run.errors))
    #expect(run.rows.count == 10)
    #expect(run.numbers("AIC") == run.numbers("AIC").sorted())
    let golden = try Golden.json("survival/parametric_survival.json")
    for row in run.rows {
      let name = (row["model"] ?? "").replacingOccurrences(of: "-", with: "_")
      let expected = golden[name]["loglik"].double
      if expected.isFinite {
        #expect(
          close(row["loglik"].flatMap { Double($0) } ?? .nan, expected, .closedForm), "\(name)")
      }
    }
    let curves = try CommandLineRun(
      "survival-models", lung, "Surv(time, status) ~ age + sex", "--by", "sex", "--curves",
      "--times", "90,365")
    #expect(curves.rows.count == 2 * 11 * 2)
    let km = try CommandLineRun("km", lung, "Surv(time, status) ~ sex", "--times", "90,365")
    let observed = curves.rows.filter { $0["model"] == "km" }
    #expect(observed.map { $0["survival"] } == km.rows.map { $0["survival"] })
    #expect(observed.map { $0["arm"] } == km.rows.map { $0["arm"] })
  }

  @Test func standardizedSurvival() throws {
    let formula = "Surv(time, status) ~ age + sex"
    let run = try CommandLineRun("aft", lung, formula, "--times", "365,90", "--by", "sex")
    #expect(run.status == 0, Comment(rawValue: run.errors))
    #expect(run.rows.map { $0["arm"] } == ["sex=1", "sex=1", "sex=2", "sex=2"])
    #expect(run.numbers("time") == [90, 365, 90, 365])
    // Every age in turn, written out: S = exp(−(t/e^{Xb})^{1/scale}).
    let ages = Golden.numbers(try Golden.csv("survival/lung.csv")["age"])
    let fit = try CommandLineRun("aft", lung, formula)
    let b = fit.numbers("estimate")
    for (row, sex) in zip(run.rows, [1.0, 1, 2, 2]) {
      let time = row["time"].flatMap { Double($0) } ?? .nan
      let total = ages.reduce(0) {
        $0 + exp(-exp((log(time) - b[0] - b[1] * $1 - b[2] * sex) / exp(b[3])))
      }
      let found = row["survival"].flatMap { Double($0) } ?? .nan
      #expect(close(found, total / Double(ages.count), .closedForm))
    }
    let spline = try CommandLineRun(
      "flexible", lung, formula, "--knots", "0", "--times", "90,365", "--by", "sex")
    #expect(close(spline.numbers("survival"), run.numbers("survival"), .converged))
    #expect(
      close(spline.numbers("std.error"), run.numbers("std.error"), Tolerance(relative: 1e-5)))
    let words = try CommandLineRun(
      "flexible", rossi, "Surv(week, arrest) ~ fin + age", "--times", "26", "--by", "fin")
    #expect(words.rows.map { $0["arm"] } == ["fin=no", "fin=yes"])
    #expect(words.numbers("survival")[0] < words.numbers("survival")[1])
  }

  @Test func refusals() throws {
    func refused(_ arguments: String..., status: Int32, _ words: String) throws {
      let run = try CommandLineRun(arguments: arguments)
      #expect(run.status == status, Comment(rawValue: run.errors))
      #expect(run.errors.contains(words), Comment(rawValue: run.errors))
      #expect(run.output == "")
    }
    // A time of zero, with its line.
    try refused(
      "aft", lung, "Surv(late, status) ~ age", "--derive", "late = time - 5", status: 65,
      "lung.csv:58")
    try refused(
      "aft", lung, "Surv(time, none) ~ age", "--derive", "none = status == 3", status: 65,
      "no row ends with the event")
    try refused(
      "aft", lung, "Surv(time, died) ~ sex", "--derive", "died = status == 2 & sex == 1",
      status: 65, "runs to infinity")
    try refused(
      "aft", lung, "Surv(time, status) ~ age + strata(sex)", status: 64, "strata()")
    try refused(
      "flexible", lung, "Surv(time, status) ~ age", "--time-varying", "aeg=1", status: 65, "age")
    try refused(
      "aft", lung, "Surv(time, status) ~ age", "--by", "age", status: 64, "--times only")
    try refused(
      "aft", lung, "Surv(time, status) ~ age", "--by", "age", "--times", "90", status: 64,
      "more than 20 values")
    try refused("piecewise", lung, "Surv(time, status) ~ age", status: 64, "--cuts is needed")
    try refused("discrete", lung, "Surv(time, status) ~ age", status: 64, "longer interval")
    try refused(
      "cure", rossi, "Surv(week, arrest) ~ 1", status: 65, "followed beyond the last event")
  }
}
