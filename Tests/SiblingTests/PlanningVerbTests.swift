import Foundation
import TestSupport
import Testing

/// The verb `power` for shares and means, its curves and simulations, and the report's section.
@Suite struct PlanningVerbTests {
  private func succeed(_ arguments: [String]) throws -> CommandLineRun {
    let run = try CommandLineRun(arguments: ["power"] + arguments)
    #expect(run.status == 0, Comment(rawValue: run.errors))
    return run
  }

  private func value(_ quantity: String, _ run: CommandLineRun) -> Double {
    run.number("value", where: "quantity", is: quantity)
  }

  private let sites = [
    "--design", "proportions", "--sites-treated", "5", "--sites-comparison", "20", "--rate", "0.3",
    "--icc", "0.02", "--size-cv", "0.5",
  ]

  /// R 4.2.2: `power.prop.test(n = 150, p1 = 0.3, p2 = 0.42)`, `power.t.test(delta = 0.7, sd = 1.3,
  /// power = 0.8)` whose n is 55.1, and the numbers of PlannedComparisonTests.
  @Test func planned() throws {
    let shares = try succeed([
      "--design", "proportions", "--rate", "0.3", "--rate-treated", "0.42", "--people", "300",
    ])
    #expect(close(value("power", shares), 0.58188607914745716, Tolerance(relative: 1e-9)))
    let means = try succeed(["--design", "means", "--sd", "1.3", "--effect", "0.7"])
    #expect(value("people.needed", means) == 112)
    #expect(value("people.needed.treated", means) == 56)
    let run = try succeed(sites + ["--per-site", "100", "--effect", "0.12"])
    #expect(close(value("power", run), 0.71626366171079558, Tolerance(relative: 1e-9)))
    #expect(close(value("detectable.above", run), 0.13324755772217556, Tolerance(relative: 1e-9)))
    #expect(close(value("design.effect", run), 3.48, .closedForm))
    #expect(close(value("smallest.p", run), 1 / 53130.0, .closedForm))
    // What it says is needed is enough, one less is not.
    let clients = value("clients.needed", run)
    for (size, isEnough) in [(clients, true), (clients - 1, false)] {
      let again = try succeed(sites + ["--per-site", "\(Int(size))", "--effect", "0.12"])
      #expect((value("power", again) >= 0.8) == isEnough)
    }
  }

  @Test func noNumberOfClientsIsEnough() throws {
    let run = try succeed(sites + ["--effect", "0.1"])
    #expect(value("clients.needed", run).isNaN)
    #expect(value("power.limit", run) < 0.8)
    #expect(run.errors.contains("the sites are too few"))
    let few = try succeed([
      "--design", "proportions", "--sites-treated", "3", "--sites-comparison", "3", "--rate", "0.3",
      "--per-site", "60", "--icc", "0.05",
    ])
    #expect(few.errors.contains("exchanging whole sites can't give a p-value below 0.1"))
  }

  /// A row of a curve is the single plan, digit by digit.
  @Test func curves() throws {
    let run = try succeed(sites + ["--curve", "clients", "--values", "20,50,100"])
    #expect(run.rows.map { $0["value"] } == ["20", "50", "100"])
    let found = run.numbers("detectable.above")
    #expect(found[0] > found[1] && found[1] > found[2])
    let one = try succeed(sites + ["--per-site", "50"])
    #expect(found[1] == value("detectable.above", one))
    let both = try succeed(
      Array(sites.dropLast(4)) + [
        "--size-cv", "0.5", "--curve", "clients", "--values", "20,50", "--by", "icc", "--by-values",
        "0.02,0.1",
      ])
    #expect(both.rows.map { $0["by.value"] } == ["0.02", "0.02", "0.1", "0.1"])
    #expect(both.numbers("detectable.above")[1] == found[1])
    #expect(both.numbers("detectable.above")[3] > found[1])
    let did = try succeed([
      "--design", "did", "--curve", "sites", "--values", "3,6", "--periods-before", "4",
      "--periods-after", "4", "--sd", "1",
    ])
    #expect(did.rows.count == 2)
    #expect(did.numbers("detectable.effect")[0] > did.numbers("detectable.effect")[1])
    let hazard = try succeed(["--curve", "hazard-ratio", "--values", "0.5,0.7"])
    #expect(hazard.numbers("events.needed")[0] == 66)
  }

  @Test func simulations() throws {
    let plan = [
      "--design", "proportions", "--sites-treated", "4", "--sites-comparison", "6", "--rate", "0.3",
      "--icc", "0.03", "--per-site", "30", "--effect", "0.2", "--simulate", "100",
    ]
    let run = try succeed(plan + ["--threads", "1"])
    #expect(run.output == (try succeed(plan + ["--threads", "3"])).output)
    #expect(run.output != (try succeed(plan + ["--seed", "2"])).output)
    let power = value("power", run)
    let error = value("power.cluster-t.error", run)
    #expect((value("power.cluster-t", run) - power).magnitude < 4 * error + 0.03)
    #expect(value("size.cluster-t", run) < 0.15)
    let did = try succeed([
      "--design", "did", "--sites-treated", "3", "--sites-comparison", "5", "--periods-before", "2",
      "--periods-after", "2", "--sd", "1", "--simulate", "100",
    ])
    #expect((value("power.cluster-t", did) - 0.8).magnitude < 0.2)
    let hazard = try succeed([
      "--hazard-ratio", "2", "--survival", "0.6", "--at", "52", "--people", "160", "--lost", "0.1",
      "--sites-treated", "4", "--sites-comparison", "4", "--site-cv", "0.2", "--simulate", "20",
    ])
    #expect(value("power.cluster-t", hazard) >= 0)
    #expect(value("size.cox", hazard) <= 1)
  }

  @Test(arguments: [
    (["--icc", "-0.1"], "icc takes"), (["--icc", "1"], "icc takes"),
    (["--effect", "0.71"], "effect takes"), (["--effect", "0"], "effect must"),
    (["--rate-treated", "1.2"], "rate-treated takes"), (["--power", "0.04"], "power must"),
    (["--people", "100"], "people can't"), (["--hazard-ratio", "2"], "hazard-ratio is not"),
    (["--sd", "1"], "sd is not"), (["--curve", "icc"], "values takes"),
    (["--curve", "events", "--values", "3"], "curve is not"),
    (["--curve", "sites", "--values", "3"], "sites-treated can't"),
    (["--values", "3"], "values goes"), (["--by", "icc", "--by-values", "0"], "by goes"),
    (["--curve", "icc", "--values", "0", "--by", "icc", "--by-values", "0"], "by sets"),
    (["--simulate", "0"], "simulate takes"),
    (["--r2-between", "0.5", "--simulate", "5"], "covariates can't be simulated"),
  ])
  func refusals(_ options: [String], _ said: String) throws {
    let base = [
      "power", "--design", "proportions", "--rate", "0.3", "--sites-treated", "4",
      "--sites-comparison", "5", "--per-site", "30",
    ]
    let run = try CommandLineRun(arguments: base + options)
    #expect(run.status == 64 || run.status == 65, Comment(rawValue: run.errors))
    #expect(run.output.isEmpty)
    #expect(run.errors.contains(said), Comment(rawValue: run.errors))
  }

  @Test func oneSiteAnArm() throws {
    let run = try CommandLineRun(
      "power", "--design", "means", "--sd", "1", "--sites-treated", "1", "--sites-comparison", "1",
      "--per-site", "9")
    #expect(run.status == 65)
    #expect(run.errors.contains("too-few-clusters"))
  }

  /// Comparison sites 5, 4, 6 and 4 clients, treated ones 3 and 5.
  private static func clients(treatedOutcome: Int) -> String {
    let comparison: [[Int]] = [
      [1, 1, 0, 1, 1], [0, 0, 1, 0], [0, 0, 0, 1, 0, 0], [1, 0, 1, 1],
    ]
    var text = "id,site,t,y\n"
    for (site, values) in comparison.enumerated() {
      for (person, value) in values.enumerated() {
        text += "c\(site)-\(person),c\(site),0,\(value)\n"
      }
    }
    for (site, count) in [3, 5].enumerated() {
      for person in 0..<count { text += "t\(site)-\(person),t\(site),1,\(treatedOutcome)\n" }
    }
    return text
  }

  private static func study(_ planning: String, level: String = "site") -> String {
    """
    study: made
    title: A made-up study
    question: Did it work?
    public: true
    data: {file: people.csv, id: id}
    treatment: {column: t, treated: "1", label: clients, comparison-label: others}
    assignment: {level: \(level), mechanism: policy, site: site}
    outcomes:
      - {name: y, label: a job, kind: binary}
    planning: \(planning)

    """
  }

  private func report(
    _ planning: String, treatedOutcome: Int = 1, level: String = "site"
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder([
      "people.csv": Self.clients(treatedOutcome: treatedOutcome),
      "study.yaml": Self.study(planning, level: level),
    ])
    let run = try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out"], folder: folder.url)
    #expect(run.status == 0 || run.status == 2, Comment(rawValue: run.errors))
    return folder
  }

  /// R 4.2.2: the correlation from `anova(lm(y ~ site))` of the comparison sites,
  /// (MSB − MSW)/(MSB + (n0 − 1) MSW); `uniroot` on the power of the noncentral t.
  @Test func sectionOfTheReport() throws {
    let folder = try report("{power: 0.5}")
    let plan = CSVRecords(try folder.text("out/results/planning.csv"))
    let row = ["outcome": "y"]
    let tight = Tolerance(relative: 1e-9)
    #expect(close(plan.number("icc", row), 0.248986405914619, tight))
    #expect(close(plan.number("baseline", row), 9 / 19.0, tight))
    #expect(close(plan.number("clients_per_site", row), 4.5, tight))
    #expect(close(plan.number("design_effect", row), 1.92217187375785, tight))
    #expect(close(plan.number("detectable", row), 0.484139175947346, Tolerance(relative: 1e-8)))
    #expect(close(plan.number("smallest_p", row), 1 / 15.0, tight))
    let text = try folder.text("out/report.md")
    #expect(
      text.contains("With 2 and 4 sites of about 4 clients") || text.contains("about 5 clients"))
    #expect(text.contains("observed among the comparison sites alone"))
    #expect(folder.files(below: "out/figures").contains("planning.svg"))
    // The outcomes of the treated play no part.
    let other = try report("{power: 0.5}", treatedOutcome: 0)
    for file in ["planning", "planning_curve"] {
      #expect(
        try folder.text("out/results/\(file).csv") == other.text("out/results/\(file).csv"))
    }
  }

  @Test func declaredPlansAndOnesThatFindNothing() throws {
    let folder = try report("{icc: 0.05, baseline: 0.3, comparison-sites: [20, 80]}")
    let plan = CSVRecords(try folder.text("out/results/planning.csv"))
    #expect(plan.row(["outcome": "y"])?["icc_source"] == "declared")
    #expect(plan.number("baseline", ["outcome": "y"]) == 0.3)
    let lines = Set(
      CSVRecords(try folder.text("out/results/planning_curve.csv")).rows.map { $0["line"] })
    #expect(lines == ["2 and 4 sites", "2 and 20 sites", "2 and 80 sites"])
    let hopeless = try report("{icc: 0.9, baseline: 0.9}")
    let text = try hopeless.text("out/report.md")
    #expect(text.contains("would not have found any improvement"))
    let people = try report("{}", level: "individual")
    #expect(try people.text("out/report.md").contains("With these clients"))
  }

  /// Three and five treated clients are too few to show anything that rests on them.
  @Test func fewClientsAreWithheld() throws {
    let file = Self.study("{}").replacingOccurrences(
      of: "public: true", with: "disclosure: acro-default")
    let folder = try TemporaryFolder([
      "people.csv": Self.clients(treatedOutcome: 1), "study.yaml": file,
    ])
    _ = try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out"], folder: folder.url)
    let text = try folder.text("out/report.md")
    #expect(text.contains("withheld by disclosure control"))
    #expect(!text.contains("intracluster correlation of"))
    let plan = CSVRecords(try folder.text("out/results/planning.csv"))
    for column in ["icc", "detectable", "clients_per_site", "n_treated"] {
      #expect(plan.row(["outcome": "y"])?[column] == "", "\(column)")
    }
    #expect(!folder.files(below: "out/figures").contains("planning.svg"))
  }

  @Test(arguments: ["{icc: 1}", "{power: 0.01}", "{sd: 2}", "{outcome: z}", "{iccs: [0.1, 2]}"])
  func mistakesInTheStudyFile(_ planning: String) throws {
    let folder = try TemporaryFolder([
      "people.csv": Self.clients(treatedOutcome: 1), "study.yaml": Self.study(planning),
    ])
    let run = try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out"], folder: folder.url)
    #expect(run.status == 64 || run.status == 65)
    #expect(run.errors.contains("study.yaml:"), Comment(rawValue: run.errors))
  }
}
