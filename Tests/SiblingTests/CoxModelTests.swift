import Foundation
import TestSupport
import Testing

/// Cox models from the command line: published values, the options and what they refuse.
@Suite struct CoxModelCommandTests {
  private let rossi = "Data/rossi/rossi_weekly.csv"
  private let lung = "Data/lung/lung.csv"
  private let formula = "Surv(time, status) ~ age + sex + ph.ecog"
  private let model = """
    Surv(week, arrest) ~ I(fin == "yes") + age + I(race == "black") + I(wexp == "yes") \
    + I(mar == "married") + I(paro == "yes") + prio
    """

  private func run(_ arguments: String..., input: String? = nil) throws -> CommandLineRun {
    let run = try CommandLineRun(arguments: arguments, input: input)
    #expect(run.status == 0, Comment(rawValue: run.errors))
    return run
  }

  @Test func exactTies() throws {
    let golden = try Golden.json("survival/cox_models.json")["exact"]
    let fit = try run("cox", rossi, model, "--ties", "exact")
    #expect(close(fit.numbers("estimate"), golden["rossi"]["coef"].doubles, .converged))
    #expect(close(fit.numbers("estimate")[0], -0.3815676174418912, .converged))
    let zph = try run("zph", lung, formula, "--ties", "exact")
    #expect(
      close(zph.numbers("statistic"), golden["zph"].array.map { $0[0].double }, .published))
    // Six subjects: Breslow's and Efron's closed forms; the exact likelihood has no maximum.
    let six = "t,d,x\n1,1,1\n1,0,1\n6,1,1\n6,1,0\n8,0,0\n9,1,0\n"
    func estimate(_ ties: String) throws -> CommandLineRun {
      try run("cox", "-", "Surv(t, d) ~ x", "--ties", ties, input: six)
    }
    let breslow = log((3 + 33.0.squareRoot()) / 2)
    #expect(close(try estimate("breslow").numbers("estimate")[0], breslow, .closedForm))
    let efron = log(
      2 * (23.0 / 3).squareRoot() * cos(acos(45.0 / 23 * (3.0 / 23).squareRoot()) / 3))
    #expect(close(try estimate("efron").numbers("estimate")[0], efron, .closedForm))
    #expect(try estimate("exact").errors.contains("the coefficient of x runs to infinity"))
    let refused = try CommandLineRun("cox", lung, formula, "--ties", "exact", "--robust")
    #expect(refused.status == 64 && refused.errors.contains("no robust variance"))
  }

  @Test func penalties() throws {
    let golden = try Golden.json("survival/cox_models.json")
    let ridge = try run("cox", lung, formula, "--ridge", "20")
    #expect(close(ridge.numbers("estimate"), golden["ridge"]["lung"]["coef"].doubles, .converged))
    #expect(ridge.errors.contains("2.445 effective degrees of freedom"))
    let statistics = try run("cox", lung, formula, "--ridge", "20", "--statistics")
    #expect(close(statistics.numbers("df")[0], golden["ridge"]["lung"]["df"].double, .converged))
    let sites = golden["frailty"]["gaussianSites"]
    let frailty = try run(
      "cox", lung, formula, "--frailty", "inst", "--frailty-distribution", "gaussian")
    #expect(close(Array(frailty.numbers("estimate").prefix(3)), sites["coef"].doubles))
    #expect(
      close(
        frailty.number("estimate", where: "term", is: "frailty(inst)"), sites["theta"].double))
    let whole = try run("cox", lung, formula, "--frailty", "inst", "--statistics")
    #expect(whole.numbers("frailty_variance")[0] > 0.009)
    for extra in [["--ridge", "2"], ["--robust"], ["--cluster", "inst"]] {
      let refused = try CommandLineRun(
        arguments: ["cox", lung, formula, "--frailty", "inst"] + extra)
      #expect(refused.status == 64 && refused.errors.contains("can't be combined"))
    }
    #expect(try CommandLineRun("cox", lung, formula, "--ridge", "-1").status == 64)
  }

  @Test func residuals() throws {
    let golden = try Golden.json("survival/cox_models.json")["residuals"]
    let scaled = try run("cox", lung, formula, "--residuals", "scaled-schoenfeld")
    #expect(
      close(Array(scaled.numbers("sex").prefix(12)), golden["scaled"].array.map { $0[1].double }))
    // The row without ph.ecog, the fourteenth, has no residual; the others keep their numbers.
    let martingale = try run("cox", lung, formula, "--residuals", "martingale")
    #expect(Array(martingale.numbers("row").prefix(15)) == (1...13).map(Double.init) + [15, 16])
    #expect(close(martingale.numbers("residual").reduce(0, +), 0, .published))
    let score = try run("cox", lung, formula, "--residuals", "score")
    for term in ["age", "sex", "ph.ecog"] {
      #expect(close(score.numbers(term).reduce(0, +), 0, .published))
    }
    let points = try run("zph", lung, formula, "--points", "--transform", "identity")
    #expect(points.rows.count == 3 * 164 && points.numbers("time") == points.numbers("transformed"))
    for arguments in [["cox", "--residuals", "dfbetas"], ["zph", "--points"]] {
      let held = try CommandLineRun(
        arguments: [arguments[0], lung, formula] + arguments.dropFirst()
          + ["--disclosure", "acro-default"])
      #expect(held.status == 3 && held.errors.contains("single people"))
    }
  }

  @Test func curves() throws {
    let golden = try Golden.json("survival/cox_models.json")["curve"]["efron"]
    let curve = try run("cox-curve", lung, formula, "--at", "age=60, sex=1, ph.ecog=1")
    #expect(close(curve.numbers("survival"), golden["surv"].doubles))
    #expect(close(curve.numbers("cumhaz.se"), golden["se"].doubles))
    #expect(close(curve.numbers("conf.low"), golden["lower"].doubles))
    let two = try run(
      "cox-curve", rossi, "Surv(week, arrest) ~ fin + age", "--at", "fin=yes; fin=no", "--times",
      "26,52")
    #expect(two.rows.map { $0["arm"] ?? "" } == ["fin=yes", "fin=yes", "fin=no", "fin=no"])
    #expect(two.errors.contains("taken for what --at does not give: age 24.5972"))
    let strata = try run(
      "cox-curve", lung, "Surv(time, status) ~ age + factor(ph.ecog) + strata(sex)", "--baseline",
      "--times", "365")
    #expect(strata.rows.map { $0["arm"] ?? "" } == ["sex=1", "sex=2"])
    for (people, message) in [
      ("agee=3", "did you mean 'age'"), ("age=old", "can't have the value"),
      ("age", "takes pairs"),
    ] {
      let refused = try CommandLineRun("cox-curve", lung, formula, "--at", people)
      #expect(refused.status != 0 && refused.errors.contains(message))
    }
    let both = try CommandLineRun("cox-curve", lung, formula, "--at", "age=3", "--baseline")
    #expect(both.status == 64)
  }

  @Test func recurrentEvents() throws {
    let golden = try Golden.json("survival/cox_models.json")["recurrent"]
    let path = Golden.url("survival/bladder.csv").path
    for (name, key) in [
      ("andersen-gill", "andersenGill"), ("pwp-total", "total"), ("pwp-gap", "gap"),
    ] {
      let fit = try run(
        "cox", path, "Surv(start, stop, event) ~ rx + number + size", "--id", "id",
        "--recurrent", name)
      #expect(close(fit.numbers("estimate"), golden[key]["coef"].doubles, .converged))
      let errors = golden[key]["var"].array.enumerated().map { $1.doubles[$0].squareRoot() }
      #expect(close(fit.numbers("robust.se"), errors, .converged))
    }
    let without = try CommandLineRun(
      "cox", path, "Surv(start, stop, event) ~ rx", "--recurrent", "pwp-gap")
    #expect(without.status == 64 && without.errors.contains("needs --id"))
    let overlap = try CommandLineRun(
      "cox", "-", "Surv(a, b, d) ~ x", "--id", "who",
      input: "who,a,b,d,x\n1,0,5,1,1\n2,0,7,1,2\n1,3,9,0,3\n3,0,8,1,0\n")
    #expect(overlap.status == 65 && overlap.errors.contains(":4:"))
    #expect(overlap.errors.contains("two spells of one person overlap"))
  }

  @Test func emptyArm() throws {
    let fit = try run(
      "cox", "-", "Surv(t, d) ~ arm", input: "arm,t,d\na,5,1\na,7,1\nb,3,0\nb,9,0\n")
    #expect(fit.errors.contains("no row where it is 1 has the event"))
    let none = try CommandLineRun(
      "cox", "-", "Surv(t, d) ~ arm", input: "arm,t,d\na,5,0\na,7,0\nb,3,0\nb,9,0\n")
    #expect(none.status == 65 && none.errors.contains("no row ends with the event"))
    let backwards = try CommandLineRun(
      "cox", "-", "Surv(s, t, d) ~ arm", input: "arm,s,t,d\na,0,5,1\na,7,7,1\nb,0,3,0\n")
    #expect(backwards.status == 65 && backwards.errors.contains(":3:"))
  }

  @Test func changingEffects() throws {
    let golden = try Golden.json("survival/cox_models.json")["varying"]
    let fit = try run("cox", lung, formula, "--time-varying", "ph.ecog=log")
    #expect(close(fit.numbers("estimate"), golden["log"]["coef"].doubles))
    #expect(fit.rows.last?["term"] == "ph.ecog:log(t)")
    for (given, message) in [
      ("ph.ecog=cube", "takes identity, log or sqrt"), ("wt=log", "no term 'wt'"),
    ] {
      let refused = try CommandLineRun("cox", lung, formula, "--time-varying", given)
      #expect(refused.status != 0 && refused.errors.contains(message))
    }
    // An effect of its own in each stratum.
    let crossed = try run("cox", lung, "Surv(time, status) ~ age * strata(sex) + ph.ecog")
    #expect(
      crossed.rows.map { $0["term"] ?? "" } == ["age", "ph.ecog", "age:strata(sex)sex=2"])
    let interaction = golden["interaction"]["coef"].doubles
    #expect(
      close(
        ["age", "ph.ecog", "age:strata(sex)sex=2"].map {
          crossed.number("estimate", where: "term", is: $0)
        }, [interaction[0], interaction[1], interaction[2]]))
    let curve = try CommandLineRun(
      "cox-curve", lung, "Surv(time, status) ~ age * strata(sex)", "--at", "age=60")
    #expect(curve.status == 64 && curve.errors.contains("crossed with strata()"))
  }
}
