import Statistics
import TestSupport
import Testing

private let counties = [
  "Data/mpdta/mpdta.csv", "--outcome", "lemp", "--unit", "countyreal", "--time", "year",
  "--group", "first.treat",
]
private let states = [
  "Data/castle/castle.csv", "--outcome", "l_homicide", "--unit", "sid", "--time", "year",
  "--group", "first_post",
]

/// `bacon`, `triple-difference` and the methods of `did` that impute, stack or saturate.
@Suite struct PanelMethodCommandTests {
  private func number(_ row: [String: String]?, _ column: String) -> Double {
    row?[column].flatMap { Double($0) } ?? .nan
  }

  @Test func baconOfCounties() throws {
    let run = try CommandLineRun(arguments: ["bacon"] + counties)
    #expect(run.status == 0, Comment(rawValue: run.errors))
    let golden = try Golden.json("did_extra_mpdta.json")["bacon"]
    let names = [
      "Earlier vs Later Treated": "earlier-vs-later",
      "Later vs Earlier Treated": "later-vs-earlier",
      "Treated vs Untreated": "treated-vs-untreated",
    ]
    for (place, type) in golden["type"].array.enumerated() {
      let row = run.rows.first { row in
        row["type"] == names[type.string ?? ""]
          && number(row, "treated_cohort") == golden["treated"][place].double
          && (type.string == "Treated vs Untreated"
            || number(row, "control_cohort") == golden["untreated"][place].double)
      }
      #expect(close(number(row, "weight"), golden["weight"][place].double, .converged))
      #expect(close(number(row, "estimate"), golden["estimate"][place].double, .converged))
    }
    let total = run.rows.last
    #expect(total?["type"] == "total" && number(total, "weight").rounded() == 1)
    #expect(close(number(total, "estimate"), golden["sum"].double, .converged))
    #expect(run.rows.count == 9 + 3 + 1)
    #expect(run.errors.contains("less the two-way coefficient"))
  }

  @Test func baconOfStates() throws {
    let run = try CommandLineRun(arguments: ["bacon"] + states)
    #expect(run.status == 0, Comment(rawValue: run.errors))
    for (type, weight, estimate) in [
      ("earlier-vs-later", 0.0770787556378, -0.0285771587963),
      ("later-vs-earlier", 0.0241124089280, 0.0456346756906),
      ("treated-vs-untreated", 0.898808835434, 0.0784379907970),
      ("total", 1, 0.0693984292839),
    ] {
      let row = run.rows.first { $0["type"] == type && ($0["treated_cohort"] ?? "").isEmpty }
      #expect(close(number(row, "weight"), weight, Tolerance(relative: 1e-11)))
      #expect(close(number(row, "estimate"), estimate, Tolerance(relative: 1e-11)))
    }
    let refused = try CommandLineRun(
      arguments: ["bacon"] + states + ["--covariates", "~ poverty"])
    #expect(refused.status == 64 && refused.output.isEmpty)
    #expect(refused.errors.contains("two-by-two"))
  }

  @Test func publishedImputation() throws {
    let overall = try CommandLineRun(
      arguments: ["did"] + counties + ["--method", "imputation", "--aggregate", "simple"])
    #expect(overall.status == 0, Comment(rawValue: overall.errors))
    #expect(close(overall.number("estimate", term: "overall"), -0.0477099183))
    let dynamic = try CommandLineRun(
      arguments: ["did"] + counties + ["--method", "imputation", "--aggregate", "dynamic"])
    for (term, value) in [
      ("e=0", -0.031067), ("e=1", -0.052235), ("e=2", -0.136078), ("e=3", -0.104707),
    ] {
      #expect((dynamic.number("estimate", term: term) - value).magnitude < 1e-6)
    }
    #expect(dynamic.errors.contains("joint test"))
    let staged = try CommandLineRun(
      arguments: ["did"] + counties + ["--method", "two-stage", "--aggregate", "simple"])
    #expect(close(staged.number("estimate", term: "overall"), -0.0477099183))
    let golden = try Golden.json("panels/panel_estimators.json")
    for (run, key) in [(overall, "imputation_simple"), (staged, "two_stage_simple")] {
      #expect(
        close(
          run.number("std.error", term: "overall"), golden[key]["overall"].doubles[1], .converged))
    }
  }

  @Test func cellsAreTheDefault() throws {
    for (method, options) in [
      ("imputation", []), ("two-stage", []), ("etwfe", []),
      ("stacked", ["--leads", "1", "--lags", "0"]),
    ] {
      let run = try CommandLineRun(
        arguments: ["did"] + counties + ["--method", method] + options)
      #expect(run.status == 0, Comment(rawValue: run.errors))
      let row = run.rows.first { $0["term"] == "ATT(2007,2007)" }
      #expect(number(row, "group") == 2007 && number(row, "time") == 2007)
      #expect(number(row, "estimate") < 0 && number(row, "std.error") > 0)
    }
  }

  @Test func publishedExtendedTwoWay() throws {
    let call = ["did"] + counties + ["--method", "etwfe", "--covariates", "~ lpop"]
    let overall = try CommandLineRun(arguments: call + ["--aggregate", "simple"])
    #expect(overall.status == 0, Comment(rawValue: overall.errors))
    #expect(close(overall.number("estimate", term: "overall"), -0.0506270331))
    let dynamic = try CommandLineRun(
      arguments: call + ["--control", "not-yet", "--aggregate", "dynamic"])
    for (term, value) in [
      ("e=0", -0.0332), ("e=1", -0.0573), ("e=2", -0.1379), ("e=3", -0.1095),
    ] {
      #expect((dynamic.number("estimate", term: term) - value).magnitude < 5.1e-5)
    }
    let never = try CommandLineRun(
      arguments: ["did"] + counties + [
        "--method", "etwfe", "--control", "never", "--aggregate", "simple",
      ])
    #expect(close(never.number("estimate", term: "overall"), -0.0399512752, .published))
  }

  @Test func stackedAndTriple() throws {
    let golden = try Golden.json("panels/panel_estimators.json")
    for (weights, key) in [("corrective", "stacked_dynamic"), ("none", "stacked_dynamic_plain")] {
      let run = try CommandLineRun(
        arguments: ["did"] + counties + [
          "--method", "stacked", "--leads", "1", "--lags", "1", "--aggregate", "dynamic",
          "--stack-weights", weights,
        ])
      #expect(run.status == 0, Comment(rawValue: run.errors))
      for term in ["e=0", "e=1", "overall"] {
        let expected = golden[key][term].doubles
        #expect(close(run.number("estimate", term: term), expected[0], .converged))
        #expect(close(run.number("std.error", term: term), expected[1], .converged))
      }
      #expect(run.rows.first { $0["term"] == "e=-1" }?["std.error"] == "")
    }
    let triple = try CommandLineRun(
      arguments: ["triple-difference"] + counties + [
        "--derive", "large = lpop > 3", "--eligible", "large",
      ])
    #expect(triple.status == 0, Comment(rawValue: triple.errors))
    let expected = golden["triple"]["overall"].doubles
    #expect(close(triple.number("estimate", term: "ATT"), expected[0], .published))
    #expect(close(triple.number("std.error", term: "ATT"), expected[1], .published))
  }

  /// A long panel of two periods gives what the wide data gave.
  @Test func twoPeriodsOfAPanel() throws {
    let run = try CommandLineRun(
      arguments: ["did"] + counties + [
        "--method", "two-period", "--where",
        "year >= 2006 & first.treat != 2004 & first.treat != 2006",
      ])
    #expect(run.status == 0, Comment(rawValue: run.errors))
    // ATT(2007, 2007) against never treated counties, as published.
    #expect(close(run.number("estimate", term: "ATT"), -0.0260544107, Tolerance(relative: 4e-9)))
    #expect(close(run.number("std.error", term: "ATT"), 0.0166554353, Tolerance(relative: 4e-9)))
    let many = try CommandLineRun(
      arguments: ["did"] + counties + ["--method", "two-period"])
    #expect(many.status == 65 && many.errors.contains("5 periods"))
  }

  @Test func refusals() throws {
    let calls: [([String], String)] = [
      (["--method", "imputation", "--control", "never"], "control does not apply to imputation"),
      (["--method", "stacked"], "leads is needed"),
      (["--leads", "2"], "leads does not apply"),
      (["--method", "twfe", "--stack-weights", "none"], "stack-weights does not apply"),
      (["--method", "two-stage", "--balance-e", "1"], "is for --aggregate dynamic"),
      (["--method", "etwfe", "--vcov", "HC1"], "vcov does not apply to etwfe"),
    ]
    for (options, message) in calls {
      let run = try CommandLineRun(arguments: ["did"] + counties + options)
      #expect(run.status == 64 && run.output.isEmpty)
      #expect(run.errors.contains(message), Comment(rawValue: run.errors))
    }
    let run = try CommandLineRun(
      arguments: ["triple-difference"] + counties + ["--eligible", "lpop"])
    #expect(run.status == 65 && run.errors.contains("eligibility must be 0 or 1"))
  }
}
