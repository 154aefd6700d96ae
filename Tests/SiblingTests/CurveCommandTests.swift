import TestSupport
import Testing

private let lung = "Data/lung/lung.csv"
private let rossi = "Data/rossi/rossi_weekly.csv"
private let aml = "Data/aml/aml.csv"

/// Published curve values, from the command line.
@Suite struct PublishedCurveValues {
  private func compare(
    _ run: CommandLineRun, _ file: String, _ tolerance: Tolerance = .published
  ) throws {
    #expect(run.status == 0, Comment(rawValue: run.errors))
    let golden = try Golden.csv("survival/\(file)")
    #expect(run.rows.compactMap { $0["arm"] } == golden["strata"])
    let names = [
      ("time", "time"), ("n_risk", "n.risk"), ("n_event", "n.event"), ("survival", "surv"),
      ("std.error", "std.err"), ("conf.low", "lower"), ("conf.high", "upper"),
    ]
    for (mine, theirs) in names {
      let found = run.numbers(mine)
      let wanted = Golden.numbers(golden[theirs])
      let both = found.indices.filter { !found[$0].isNaN || !wanted[$0].isNaN }
      #expect(
        close(both.map { found[$0] }, both.map { wanted[$0] }, tolerance), "\(file) \(mine)")
    }
  }

  @Test(arguments: ["log", "log-log", "plain", "logit", "arcsine"])
  func lungIntervals(_ interval: String) throws {
    let run = try CommandLineRun(
      "km", lung, "Surv(time, status) ~ sex", "--events-only", "--conf", interval)
    try compare(run, "survfit_lung_sex_\(interval == "arcsine" ? "arcsin" : interval).csv")
  }

  @Test func lungWeighted() throws {
    for (options, file) in [
      ([String](), "survfit_lung_weighted.csv"), (["--robust"], "survfit_lung_weighted_robust.csv"),
    ] {
      let run = try CommandLineRun(
        arguments: [
          "km", lung, "Surv(time, status) ~ sex", "--events-only", "--derive",
          "w = 0.5 + (age - 7 * floor(age / 7)) / 4", "--weights", "w",
        ] + options)
      try compare(run, file)
    }
  }

  @Test func flemingHarrington() throws {
    try compare(
      try CommandLineRun(
        "km", lung, "Surv(time, status) ~ sex", "--events-only", "--estimator",
        "fleming-harrington"), "survfit_lung_fh2.csv")
    let hazard = try CommandLineRun(
      "km", lung, "Surv(time, status) ~ sex", "--events-only", "--cumulative-hazard")
    let golden = try Golden.json("survival/curves.json")["na"]
    #expect(close(hazard.numbers("cumulative.hazard"), golden["cumhaz"].doubles))
    #expect(close(hazard.numbers("std.error"), golden["sechaz"].doubles))
  }

  @Test func acuteLeukaemia() throws {
    let test = try CommandLineRun("logrank", aml, "Surv(time, cens) ~ group")
    #expect(close(test.first("statistic"), 3.3963886988977))
    let run = try CommandLineRun("km", aml, "Surv(time, cens) ~ group", "--times", "13,31")
    let rows = run.rows.filter { $0["arm"] == "group=1" }
    let values = [
      ("survival", [0.818181818, 0.490909091]), ("conf.low", [0.619248987, 0.254859951]),
      ("conf.high", [1, 0.945584955]),
    ]
    for (name, published) in values {
      for (row, value) in zip(rows, published) {
        let found = row[name].flatMap { Double($0) } ?? .nan
        // Nine digits were published.
        #expect((found - value).magnitude < 6e-10, "\(name)")
      }
    }
  }

  @Test func rossiWeighted() throws {
    // The weights come from a logit of fin on the other six covariates.
    let scored = try CommandLineRun(
      "weight", rossi,
      """
      I(fin == "yes") ~ age + I(race == "black") + I(wexp == "yes") + I(mar == "married") \
      + I(paro == "yes") + prio
      """, "--method", "ipw", "--estimand", "ATE")
    let weights = scored.rows.map { $0["weight"] ?? "" }
    let all = try CommandLineRun("km", rossi, "Surv(week, arrest) ~ fin", "--times", "52")
    #expect(all.status == 0)
    let columns = try Golden.csv("survival/rossi.csv")
    var text = "week,arrest,fin,w\n"
    for (row, weight) in weights.enumerated() {
      let cells = ["week", "arrest", "fin"].map { columns[$0]?[row] ?? "" } + [weight]
      text += cells.joined(separator: ",") + "\n"
    }
    let run = try CommandLineRun(
      arguments: ["km", "-", "Surv(week, arrest) ~ fin", "--times", "6,26,52", "--weights", "w"],
      input: text)
    let rows = run.rows.filter { $0["arm"] == "fin=0" }
    let survival = rows.map { $0["survival"].flatMap { Double($0) } ?? .nan }
    #expect(close(survival, [0.970442122094182, 0.846150319228275, 0.692583734328563]))
    let errors = rows.map { $0["std.error"].flatMap { Double($0) } ?? .nan }
    #expect(close(errors[0], 0.0119644502352166))
    #expect(close(errors[2], 0.0316132705793586))
    let same = try CommandLineRun(
      arguments: [
        "milestones", "-", "Surv(week, arrest) ~ fin", "--times", "6,26,52", "--weights", "w",
      ], input: text)
    #expect(close(same.number("estimate", term: "fin=0@52"), 0.692583734328563))
    #expect(close(same.number("std.error", term: "fin=0@52"), 0.0316132705793586))
  }

  @Test func milestoneDifference() throws {
    let run = try CommandLineRun(
      "milestones", rossi, "Surv(week, arrest) ~ fin", "--times", "6,13,26,52,60")
    #expect(run.status == 0)
    #expect((run.number("estimate", term: "difference@52") - 0.08333).magnitude < 5e-6)
    #expect(close(run.number("std.error", term: "difference@52"), 0.0422202593219273))
    let last = run.rows.filter { $0["time"] == "60" }
    #expect(last.count == 4 && last.allSatisfy { $0["estimate"] == "" && $0["std.error"] == "" })
    #expect(run.errors.contains("fin=no is followed to 52 only"))
  }
}

/// What the verbs of curves and tests do with clusters, time zero, intervals and plans.
@Suite struct CurveCommands {
  @Test func clusteredTest() throws {
    let formula = "Surv(time, status) ~ sex"
    let run = try CommandLineRun("logrank", lung, formula, "--cluster", "inst")
    #expect(run.errors.contains("the variance is robust by 18 clusters"))
    let cox = try CommandLineRun(
      "cox", lung, formula, "--cluster", "inst", "--ties", "breslow", "--statistics")
    #expect(close(run.first("statistic"), cox.first("robust_score")))
    let idle = try CommandLineRun(
      arguments: ["logrank", "-", "Surv(t, e) ~ a"],
      input: "t,e,a\n1,0,idle\n3,1,x\n4,1,y\n5,1,x\n6,0,y\n")
    #expect(idle.first("df") == 1)
    #expect(idle.errors.contains("group a=idle is never at risk at an event and is left out"))
    let late = try CommandLineRun(
      "logrank", lung, "Surv(pmin(age, time - 1), time, status) ~ sex")
    let score = try CommandLineRun(
      "cox", lung, "Surv(pmin(age, time - 1), time, status) ~ sex", "--ties", "breslow",
      "--statistics")
    #expect(late.status == 0, Comment(rawValue: late.errors))
    // Ties make the test's hypergeometric variance smaller than the model's.
    #expect((late.first("statistic") / score.first("score") - 1).magnitude < 0.02)
  }

  private static let treated = """
    t,e,arm,began
    5,1,a,0
    8,0,b,3
    9,1,b,2
    4,1,a,
    12,1,b,1
    3,0,a,
    7,1,a,9
    2,1,a,

    """

  @Test(arguments: ["km", "logrank", "cox", "rmst", "milestones"])
  func immortalTime(_ verb: String) throws {
    let extra = verb == "milestones" ? ["--times", "4"] : []
    func run(_ right: String, _ options: [String]) throws -> CommandLineRun {
      try CommandLineRun(
        arguments: [verb, "-", "Surv(t, e) ~ \(right)", "--treated-from", "began"] + extra
          + options, input: Self.treated)
    }
    let refused = try run("arm", [])
    #expect(refused.status == 65 && refused.output == "")
    #expect(refused.errors.contains("4 of 5 treated people began treatment after time zero"))
    #expect(refused.errors.contains("-:3:7: error [bad-design]"))
    #expect(refused.errors.contains("--landmark T"))
    let unfixed = try run("arm", ["--landmark", "2"])
    #expect(unfixed.status == 65 && unfixed.errors.contains("use the column treated_by_landmark"))
    let landmark = try run("treated_by_landmark", ["--landmark", "2"])
    #expect(landmark.status == 0, Comment(rawValue: landmark.errors))
    #expect(
      landmark.errors.contains(
        "landmark 2: 1 rows left out that ended by then (1 with the event)"))
    #expect(landmark.errors.contains("2 rows began treatment after the landmark"))
    let split = try run("treated_now", ["--time-varying-treatment"])
    #expect(split.status == 0, Comment(rawValue: split.errors))
    #expect(split.errors.contains("3 rows were split"))
    let both = try run("arm", ["--time-varying-treatment", "--landmark", "2"])
    #expect(both.status == 64)
  }

  /// A landmark with the clock reset is the curve of those left, counted from there.
  @Test func landmark() throws {
    let formula = "Surv(time, status) ~ sex"
    let options = ["--times", "50,150"]
    let reset = try CommandLineRun(
      arguments: ["km", lung, formula, "--landmark", "100", "--reset-clock"] + options)
    let byHand = try CommandLineRun(
      arguments: ["km", lung, "Surv(time - 100, status) ~ sex", "--where", "time > 100"] + options)
    #expect(reset.output == byHand.output && reset.status == 0)
    let kept = try CommandLineRun(
      arguments: ["km", lung, formula, "--landmark", "100", "--times", "150,250"])
    #expect(kept.numbers("survival") == reset.numbers("survival"))
    let split = try CommandLineRun(
      "cox", lung, "Surv(time, status) ~ age + sex", "--landmark", "100")
    let truncated = try CommandLineRun(
      "cox", lung, "Surv(time, status) ~ age + sex", "--where", "time > 100")
    #expect(split.output == truncated.output)
    let late = try CommandLineRun("km", lung, formula, "--landmark", "5000")
    #expect(late.status == 65 && late.errors.contains("nobody is under observation"))
  }

  @Test func guardsSpeak() throws {
    let run = try CommandLineRun("rmst", lung, "Surv(time, status) ~ sex", "--tau", "700")
    #expect(run.errors.contains("sex=1: 8 of 138 people are under observation at 700"))
    #expect(run.errors.contains("follow-up without the event ends at different times"))
  }

  @Test func intervals() throws {
    let input = "l,h,a\n0,3,x\n2,,x\n,4,y\n1,1,y\n,,y\n3,6,x\n"
    let formula = #"Surv(l, h, type = "interval2") ~ a"#
    let run = try CommandLineRun(arguments: ["turnbull", "-", formula], input: input)
    #expect(run.status == 0, Comment(rawValue: run.errors))
    #expect(run.rows.map { $0["low"] } == ["2", "3", "1"])
    #expect(close(run.numbers("mass"), [0.5, 0.5, 1], Tolerance(relative: 1e-8)))
    #expect(run.errors.contains("1 of 6 rows left out for missing values"))
    let strict = try CommandLineRun(
      arguments: ["turnbull", "-", formula, "--missing", "error"], input: input)
    #expect(strict.status == 65 && strict.errors.contains("-:6"))
    let wrong = try CommandLineRun(arguments: ["km", "-", formula], input: input)
    #expect(wrong.status == 64 && wrong.errors.contains("'turnbull' reads"))
    let backwards = try CommandLineRun(
      arguments: ["turnbull", "-", #"Surv(l, h, type = "interval2") ~ 1"#], input: "l,h\n5,3\n")
    #expect(backwards.status == 65 && backwards.errors.contains("-:2:3: error [bad-interval]"))
    // Censored on the right only: Kaplan–Meier.
    let curve = try CommandLineRun("km", lung, "Surv(time, status) ~ 1", "--times", "100,300")
    let same = try CommandLineRun(
      "turnbull", lung, #"Surv(time, to, type = "interval2") ~ 1"#, "--derive",
      "to = ifelse(status == 2, time, 1/0)", "--times", "100,300")
    let tolerance = Tolerance(relative: 1e-8)
    #expect(close(same.numbers("survival.low"), curve.numbers("survival"), tolerance))
    #expect(close(same.numbers("survival.high"), curve.numbers("survival"), tolerance))
    let bounds = try CommandLineRun(
      arguments: ["turnbull", "-", formula, "--bounds", "--times", "2.5"], input: input)
    #expect(bounds.rows.map { $0["arm"] } == ["a=x", "a=y", "difference"])
    // x: (0, 3] may lie by 2.5, after one is lost, or after it; y: one is at 1, (−∞, 4] may be either.
    #expect(close(bounds.numbers("low"), [0.5, 0, -1], .closedForm))
    #expect(close(bounds.numbers("high"), [1, 0.5, 0], .closedForm))
  }

  @Test func plans() throws {
    let run = try CommandLineRun("power", "--hazard-ratio", "0.5")
    #expect(run.number("value", where: "quantity", is: "events.needed") == 66)
    let freedman = try CommandLineRun("power", "--hazard-ratio", "0.5", "--method", "freedman")
    #expect(freedman.number("value", where: "quantity", is: "events.needed") == 71)
    let sites = try CommandLineRun(
      "power", "--events", "200", "--sites-treated", "3", "--sites-comparison", "3")
    #expect(close(sites.number("value", where: "quantity", is: "smallest.p"), 0.1))
    #expect(sites.number("value", where: "quantity", is: "df") == 4)
    #expect(sites.errors.contains("exchanging whole sites can't give a p-value below 0.1"))
    #expect(try CommandLineRun("power").status == 64)
    #expect(try CommandLineRun("power", "--events", "20", "--icc", "0.1").status == 64)
  }

  /// What can be wrong with times, events and weights is refused in place or counted.
  @Test func badInput() throws {
    func run(_ verb: String, _ formula: String, _ input: String, _ options: [String] = [])
      throws -> CommandLineRun
    {
      try CommandLineRun(arguments: [verb, "-", formula] + options, input: input)
    }
    let formula = "Surv(t, e) ~ a"
    let odd = try run("km", formula, "t,e,a\n0,1,x\n-2,0,y\n3,1,y\n")
    #expect(odd.status == 0 && odd.errors.contains("1 rows have a time below zero"))
    #expect(odd.errors.contains("1 rows have time zero"))
    let mean = try run("rmst", formula, "t,e,a\n0,1,x\n-2,0,y\n3,1,y\n")
    #expect(mean.status == 65 && mean.errors.contains("-:3"))
    for verb in ["km", "logrank"] {
      let interval = try run(verb, "Surv(s, t, e) ~ a", "s,t,e,a\n0,4,1,x\n5,5,1,y\n")
      #expect(interval.status == 65 && interval.errors.contains("-:3:3: error [bad-interval]"))
      let coded = try run(verb, formula, "t,e,a\n1,1,x\n2,2,y\n3,2,x\n4,2,y\n")
      #expect(coded.status == 0 && coded.errors.contains("e: 2 is the event, 1 is censored"))
      let codes = try run(verb, formula, "t,e,a\n1,0,x\n2,3,y\n3,1,x\n")
      #expect(codes.status == 65 && codes.errors.contains("-:3:3: error [bad-value]"))
    }
    let quiet = "t,e,a\n1,0,x\n2,0,y\n"
    #expect(try run("km", formula, quiet).errors.contains("survival stays at 1"))
    let test = try run("logrank", formula, quiet)
    #expect(test.status == 65 && test.errors.contains("no-events"))
    let alone = try run("logrank", formula, "t,e,a\n1,1,x\n2,1,x\n")
    #expect(alone.status == 65 && alone.errors.contains("constant-treatment"))
    let negative = try run("km", formula, "t,e,a,w\n1,1,x,1\n2,1,y,-1\n", ["--weights", "w"])
    #expect(negative.status == 65 && negative.errors.contains("-:3: error [bad-weight]"))
    let whole = try run(
      "logrank", formula, "t,e,a,w\n1,1,x,1\n2,1,y,2\n3,0,x,1\n", ["--weights", "w"])
    #expect(!whole.errors.contains("robust"))
    let parts = try run(
      "logrank", formula, "t,e,a,w\n1,1,x,1\n2,1,y,2.5\n3,0,x,1\n4,1,y,1\n", ["--weights", "w"])
    #expect(parts.errors.contains("the variance is robust"))
  }
}

/// Codes of events mean in some rows what they mean in all.
@Suite struct EventCodes {
  @Test func aFilterDoesNotTurnCensoredIntoEvents() throws {
    let all = try CommandLineRun(
      arguments: [
        "km", "Data/lung/lung.csv", "Surv(time, status) ~ 1", "--where", "status == 1", "--times",
        "500",
      ])
    #expect(all.status == 0, "\(all.errors)")
    #expect(all.numbers("survival") == [1])
    let none = try CommandLineRun(
      arguments: [
        "cox", "Data/lung/lung.csv", "Surv(time, status) ~ age", "--where", "status == 1",
      ])
    #expect(none.status == 65)
    #expect(none.errors.contains("no-events"), "\(none.errors)")
  }

  @Test func aColumnOfOnesIsSaidToBeEvents() throws {
    let folder = try TemporaryFolder(["a.csv": "t,e\n1,1\n2,1\n3,1\n"])
    let run = try CommandLineRun(arguments: ["km", "a.csv", "Surv(t, e) ~ 1"], folder: folder.url)
    #expect(run.status == 0 && run.errors.contains("every row has the event"), "\(run.errors)")
    let twos = try TemporaryFolder(["a.csv": "t,e\n1,2\n2,2\n3,2\n"])
    let refused = try CommandLineRun(
      arguments: ["km", "a.csv", "Surv(t, e) ~ 1"], folder: twos.url)
    #expect(refused.status == 65 && refused.errors.contains("2 throughout"), "\(refused.errors)")
  }

  @Test func tinyTimesAreToldAndModelsKeepThem() throws {
    let tiny = ["--derive", "tiny = time * 1e-9"]
    let curve = try CommandLineRun(arguments: ["km", lung, "Surv(tiny, status) ~ 1"] + tiny)
    #expect(curve.errors.contains("are taken as tied"), "\(curve.errors)")
    for family in ["weibull", "gamma", "gengamma"] {
      let one = try CommandLineRun(
        arguments: ["aft", lung, "Surv(time, status) ~ sex", "--dist", family])
      let other = try CommandLineRun(
        arguments: ["aft", lung, "Surv(tiny, status) ~ sex", "--dist", family] + tiny)
      #expect(
        close(
          one.number("estimate", term: "sex"), other.number("estimate", term: "sex"),
          Tolerance(relative: 1e-6)), "\(family): \(other.errors)")
    }
  }

  /// A likelihood that climbs without end is refused, not searched for ever.
  @Test func aShapeThatRunsAwayEnds() throws {
    var text = "t,e,x\n"
    for row in 1...40 { text += "\(row * 7 % 41 + 1),\(row % 4 == 0 ? 0 : 1),\(row % 3)\n" }
    let folder = try TemporaryFolder(["a.csv": text])
    let run = try CommandLineRun(
      arguments: ["aft", "a.csv", "Surv(t, e) ~ x", "--dist", "gengamma"], folder: folder.url)
    #expect([0, 1, 65].contains(run.status), "\(run.errors)")
  }
}
