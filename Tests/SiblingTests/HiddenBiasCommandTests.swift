import Foundation
import TestSupport
import Testing

/// The verbs on hidden bias and the study section, through the real binary.
@Suite struct HiddenBiasCommands {
  private static let lead: String = {
    let exposed = [
      38, 23, 41, 18, 37, 36, 23, 62, 31, 34, 24, 14, 21, 17, 16, 20, 15, 10, 45, 39, 22, 35, 49,
      48, 44, 35, 43, 39, 34, 13, 73, 25, 27,
    ]
    let controls = [
      16, 18, 18, 24, 19, 11, 10, 15, 16, 18, 18, 13, 19, 10, 16, 16, 24, 13, 9, 14, 21, 19, 7, 18,
      19, 12, 11, 22, 25, 16, 13, 11, 13,
    ]
    return "exposed,control\n"
      + zip(exposed, controls).map { "\($0),\($1)\n" }.joined()
  }()

  private func rounded(_ value: Double, _ places: Double) -> Double {
    (value * pow(10, places)).rounded() / pow(10, places)
  }

  @Test func leadInTheBlood() throws {
    let run = try CommandLineRun(
      "rosenbaum", "-", "--treatment-outcome", "exposed", "--comparison-outcome", "control",
      "--gamma", "1,2,3,4,5,6", "--statistic", "wilcoxon,hodges-lehmann", input: Self.lead)
    #expect(run.status == 0, "\(run.errors)")
    let upper = run.numbers("p.upper")
    #expect(
      upper[1..<6].map { rounded($0, 4) } == [0.0018, 0.0131, 0.0367, 0.0694, 0.1073])
    let (low, high) = (run.numbers("hl.low"), run.numbers("hl.high"))
    #expect([low[6], high[6], low[7], high[7], low[11], high[11]] == [15, 15, 10.25, 19.5, 4, 28])
    #expect(run.errors.contains("multiply the odds of treatment by"))
    #expect(run.numbers("sensitivity.value")[0] > 4 && run.numbers("sensitivity.value")[0] < 5)
  }

  @Test func mcNemar() throws {
    var text = "a,b\n"
    for _ in 0..<110 { text += "1,0\n" }
    for _ in 0..<12 { text += "0,1\n" }
    for _ in 0..<20 { text += "1,1\n" }
    let run = try CommandLineRun(
      "rosenbaum", "-", "--treatment-outcome", "a", "--comparison-outcome", "b", "--gamma",
      "4,5,6", "--statistic", "mcnemar", input: text)
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.numbers("p.upper").map { rounded($0, 7) } == [0.0019633, 0.0231686, 0.0969288])
  }

  /// Pairs in the data, pairs named by a column and pairs that were matched give the same.
  @Test func threeWaysToPairs() throws {
    let match = try CommandLineRun(
      "match", "Data/lalonde/lalonde.csv", "treat ~ age + educ", "--caliper", "0.1", "--data",
      "--format", "csv", "-q")
    #expect(match.status == 0)
    let matched = try CommandLineRun(
      "rosenbaum", "Data/lalonde/lalonde.csv", "treat ~ age + educ", "--caliper", "0.1",
      "--outcome", "re78", "--statistic", "wilcoxon,m,hodges-lehmann", "-q")
    let named = try CommandLineRun(
      "rosenbaum", "-", "treat ~ 1", "--pair", "subclass", "--outcome", "re78", "--statistic",
      "wilcoxon,m,hodges-lehmann", "-q", input: match.output)
    #expect(named.status == 0, "\(named.errors)")
    #expect(matched.output == named.output)
    var wide = "a,b\n"
    var outcomes: [String: [String: String]] = [:]
    for row in match.rows {
      guard let set = row["subclass"], !set.isEmpty else { continue }
      outcomes[set, default: [:]][row["treat"] ?? ""] = row["re78"]
    }
    for set in outcomes.keys.sorted() {
      wide += "\(outcomes[set]?["1"] ?? ""),\(outcomes[set]?["0"] ?? "")\n"
    }
    let columns = try CommandLineRun(
      "rosenbaum", "-", "--treatment-outcome", "a", "--comparison-outcome", "b", "--statistic",
      "wilcoxon,m,hodges-lehmann", "-q", input: wide)
    for name in ["p.lower", "p.upper", "hl.low", "hl.high", "conf.low", "conf.high"] {
      #expect(close(columns.numbers(name), matched.numbers(name), .converged))
    }
  }

  @Test func setsOfFullMatchingTakeTheMStatistic() throws {
    let run = try CommandLineRun(
      "rosenbaum", "Data/lalonde/lalonde.csv", "treat ~ age + educ", "--method", "full",
      "--outcome", "re78", "--statistic", "m", "--alternative", "two-sided")
    #expect(run.status == 0, "\(run.errors)")
    let refused = try CommandLineRun(
      "rosenbaum", "Data/lalonde/lalonde.csv", "treat ~ age + educ", "--method", "full",
      "--outcome", "re78")
    #expect(refused.status == 65)
    #expect(refused.errors.contains("M-statistic"))
  }

  @Test func robustnessWithoutData() throws {
    let run = try CommandLineRun(
      "robustness", "--estimate", "4.18444998480826", "--std-error", "1", "--df", "783")
    #expect(run.status == 0, "\(run.errors)")
    #expect(close(run.first("robustness.value"), 0.138776353893589, .closedForm))
    #expect(close(run.first("robustness.value.alpha"), 0.0762579655448582, .closedForm))
    #expect(close(run.first("partial.r2"), 0.02187309334111, .closedForm))
  }

  @Test func robustnessWithBenchmarks() throws {
    let golden = try Golden.json("hidden_bias.json")["omitted_variable"]
    let run = try CommandLineRun(
      "robustness", "Data/lalonde/lalonde.csv",
      "re78 ~ treat + age + educ + race + married + nodegree + re74 + re75", "--term", "treat",
      "--benchmark", "educ,race,re74", "--multiples", "1,2,0.5", "--r2-treatment", "0.1,0",
      "--r2-outcome", "0.05,0.3", "--contour", "2")
    #expect(run.status == 0, "\(run.errors)")
    #expect(close(run.first("robustness.value"), golden["rv"].double, .converged))
    for entry in golden["benchmarks"].array {
      let row = run.rows.first {
        $0["benchmark"] == entry["name"].string
          && $0["multiple"].flatMap { Double($0) } == entry["multiple"].double
      }
      for (name, key) in [
        ("r2.treatment", "r2_treatment"), ("r2.outcome", "r2_outcome"), ("estimate", "estimate"),
        ("std.error", "std_error"),
      ] {
        let value = row?[name].flatMap { Double($0) } ?? .nan
        #expect(close(value, entry[key].double), "\(entry["name"].string ?? "") \(name)")
      }
    }
    #expect(run.rows.count { $0["benchmark"] == "hypothesised" } == 2)
    #expect(run.rows.count { $0["benchmark"] == "grid" } == 9)
  }

  @Test func evalue() throws {
    let run = try CommandLineRun(
      "evalue", "--scale", "rr", "--estimate", "3.9", "--low", "1.8", "--high", "8.7")
    #expect(run.status == 0, "\(run.errors)")
    #expect(close(run.first("e.value"), 3.9 + (3.9 * 2.9).squareRoot(), .closedForm))
    #expect(close(run.first("e.value.limit"), 1.8 + (1.8 * 0.8).squareRoot(), .closedForm))
    let counts = try CommandLineRun(
      "evalue", "--scale", "rd", "--events-treated", "60", "--n-treated", "400",
      "--events-comparison", "40", "--n-comparison", "600")
    let golden = try Golden.json("hidden_bias.json")["risk_difference"]
    #expect(close(counts.first("e.value.limit"), golden["limit"].double, .converged))
    let difference = try CommandLineRun(
      "evalue", "--scale", "difference", "--estimate", "-5", "--std-error", "1", "--sd", "10")
    let standardised = try CommandLineRun(
      "evalue", "--scale", "smd", "--estimate", "-0.5", "--std-error", "0.1")
    #expect(
      close(difference.first("e.value.limit"), standardised.first("e.value.limit"), .closedForm))
  }

  @Test func manski() throws {
    let text = "t,y\n1,1\n1,0\n1,1\n1,1\n0,0\n0,0\n0,1\n0,0\n"
    let run = try CommandLineRun(
      "manski", "-", "t ~ 1", "--outcome", "y", "--lower", "0", "--upper", "1",
      "--monotone-response", "increasing", input: text)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.numbers("bound.low") == [-0.25, 0])
    #expect(run.numbers("bound.high") == [0.75, 0.75])
    let missing = try CommandLineRun(
      "manski", "-", "t ~ 1", "--outcome", "y", "--lower", "0", "--upper", "1",
      input: text + "1,\n")
    #expect(missing.first("missing") == 1)
    #expect(missing.first("bound.high") > missing.first("bound.low") + 1)
  }

  @Test func negativeControls() throws {
    let run = try CommandLineRun(
      "negative-control", "Data/lalonde/lalonde.csv", "treat ~ age + educ + race", "--outcome",
      "re74,re75", "--caliper", "0.2")
    #expect(run.status == 0, "\(run.errors)")
    let alone = try CommandLineRun(
      "effect", "Data/lalonde/lalonde.csv", "treat ~ age + educ + race", "--outcome", "re75",
      "--caliper", "0.2")
    #expect(run.numbers("estimate")[1] == alone.first("estimate"))
    let (p, holm) = (run.numbers("p.value"), run.numbers("p.holm"))
    #expect(zip(p, holm).allSatisfy { $0 <= $1 })
    #expect(close(holm.min() ?? 0, min(1, 2 * (p.min() ?? 1)), .closedForm))
  }

  @Test(arguments: [
    ["rosenbaum", "Data/lalonde/lalonde.csv", "treat ~ age", "--outcome", "re78", "--replace"],
    [
      "rosenbaum", "Data/lalonde/lalonde.csv", "treat ~ age", "--outcome", "re78", "--gamma", "0.5",
    ],
    [
      "rosenbaum", "Data/lalonde/lalonde.csv", "treat ~ age", "--outcome", "re78", "--gamma", "2,2",
    ],
    [
      "rosenbaum", "Data/lalonde/lalonde.csv", "treat ~ age", "--outcome", "re78", "--statistic",
      "wilcoxn",
    ],
    [
      "rosenbaum", "Data/lalonde/lalonde.csv", "treat ~ age", "--outcome", "re78", "--method",
      "cem",
    ],
    ["rosenbaum", "Data/lalonde/lalonde.csv", "treat ~ age"],
    ["rosenbaum", "Data/lalonde/lalonde.csv"],
    ["rosenbaum", "Data/lalonde/lalonde.csv", "--treatment-outcome", "re78"],
    [
      "rosenbaum", "Data/lalonde/lalonde.csv", "treat ~ age", "--treatment-outcome", "re78",
      "--comparison-outcome", "re75",
    ],
    ["robustness"],
    ["robustness", "--estimate", "2", "--std-error", "1"],
    ["robustness", "Data/lalonde/lalonde.csv", "re78 ~ treat", "--estimate", "2"],
    ["robustness", "Data/lalonde/lalonde.csv", "re78 ~ treat"],
    ["robustness", "Data/lalonde/lalonde.csv", "re78 ~ treat", "--term", "tret"],
    [
      "robustness", "Data/lalonde/lalonde.csv", "re78 ~ treat + age", "--term", "treat",
      "--benchmark", "educ",
    ],
    [
      "robustness", "Data/lalonde/lalonde.csv", "re78 ~ treat + age", "--term", "treat",
      "--r2-treatment", "0.1",
    ],
    ["evalue"],
    ["evalue", "--estimate", "2", "--low", "1"],
    ["evalue", "--scale", "rr", "--estimate", "2", "--rare"],
    ["evalue", "--scale", "rd", "--events-treated", "3"],
    ["manski", "Data/lalonde/lalonde.csv", "treat ~ 1", "--outcome", "re78"],
    [
      "manski", "Data/lalonde/lalonde.csv", "treat ~ age", "--outcome", "re78", "--lower", "0",
      "--upper", "1e6",
    ],
    ["negative-control", "Data/lalonde/lalonde.csv", "treat ~ age"],
  ]) func usageIsRefused(_ arguments: [String]) throws {
    let run = try CommandLineRun(arguments: arguments)
    #expect(run.status == 64, "\(run.errors)")
    #expect(run.output == "")
    #expect(run.errors.contains("error ["))
  }

  @Test(arguments: [
    [
      "manski", "Data/lalonde/lalonde.csv", "treat ~ 1", "--outcome", "re78", "--lower", "0",
      "--upper", "100",
    ],
    ["evalue", "--estimate", "-2"],
    ["evalue", "--estimate", "2", "--low", "3", "--high", "4"],
    ["robustness", "--estimate", "2", "--std-error", "0", "--df", "10"],
    [
      "rosenbaum", "Data/lalonde/lalonde.csv", "treat ~ age", "--outcome", "re78", "--statistic",
      "mcnemar",
    ],
    ["rosenbaum", "Data/lalonde/lalonde.csv", "treat ~ age", "--outcome", "age"],
    ["negative-control", "Data/lalonde/lalonde.csv", "treat ~ age", "--outcome", "age"],
    ["rosenbaum", "Data/lalonde/lalonde.csv", "treat ~ age", "--outcome", "absent"],
  ]) func badDataAreRefused(_ arguments: [String]) throws {
    let run = try CommandLineRun(arguments: arguments)
    #expect(run.status == 65, "\(run.errors)")
    #expect(run.output == "")
  }

  private static let section = """
    hidden-bias:
      rosenbaum:
        gamma: [1, 2]
        statistic: [wilcoxon, hodges-lehmann]
        alternative: two-sided
      e-value: true
      robustness:
        benchmark: [x]
      manski:
        lower: -5
        upper: 5
        estimand: ATT
      negative-control: [before]
    """

  /// People of whom the treated do better by 1 in `y` and by nothing in `before`.
  private static func people(_ sites: Int, treated: Int) -> String {
    MadeUpStudy.sites(sites, treated: treated).split(separator: "\n").enumerated().map {
      index, line in
      line + (index == 0 ? ",before" : ",\(Double((index * 61) % 97) / 97)")
    }.joined(separator: "\n") + "\n"
  }

  @Test func theStudySaysTheSame() throws {
    let folder = try TemporaryFolder([
      "people.csv": Self.people(12, treated: 6),
      "study.yaml": MadeUpStudy.file(level: "individual", mechanism: "self-selected")
        + Self.section,
    ])
    let run = try CommandLineRun("run", "study.yaml", "--output", "out", folder: folder.url)
    #expect(run.status == 0, "\(run.errors)")
    let rows = CSVRecords(try folder.text("out/results/hidden_bias.csv"))
    let verb = try CommandLineRun(
      arguments: [
        "rosenbaum", "people.csv", "t ~ x", "--outcome", "y", "--gamma", "1,2", "--statistic",
        "wilcoxon,hodges-lehmann", "--alternative", "two-sided",
      ], folder: folder.url)
    let match = ["analysis": "rosenbaum", "item": "wilcoxon", "setting": "2"]
    #expect(close(rows.number("p.upper", match), verb.numbers("p.upper")[1], .converged))
    let estimate = ["analysis": "rosenbaum", "item": "hodges-lehmann", "setting": "2"]
    #expect(close(rows.number("low", estimate), verb.numbers("hl.low")[3], .converged))
    for analysis in ["e-value", "robustness", "benchmark", "manski", "negative-control"] {
      #expect(rows.row(["analysis": analysis]) != nil, "\(analysis)")
    }
    let bounds = try CommandLineRun(
      arguments: [
        "manski", "people.csv", "t ~ 1", "--outcome", "y", "--lower", "-5", "--upper", "5",
        "--estimand", "ATT",
      ], folder: folder.url)
    #expect(
      close(rows.number("low", ["analysis": "manski"]), bounds.first("bound.low"), .converged))
    let report = try folder.text("out/report.md")
    #expect(report.contains("What something unrecorded could do"))
    #expect(report.contains("would have to multiply the odds of treatment"))
    #expect(report.contains("figures/sensitivity_contour.svg"))
    #expect(report.contains("Outcomes that should show nothing"))
  }

  @Test func withheldEffectsStayWithheld() throws {
    let folder = try TemporaryFolder([
      "people.csv": Self.people(6, treated: 3), "study.yaml": MadeUpStudy.file() + Self.section,
    ])
    let run = try CommandLineRun("run", "study.yaml", "--output", "out", folder: folder.url)
    #expect(run.status == 2, "\(run.errors)")
    let files = folder.files(below: "out")
    #expect(!files.contains { $0.contains("hidden_bias") || $0.contains("contour") })
    #expect(try !folder.text("out/report.md").contains("multiply the odds"))
  }

  @Test func smallGroupsAreNotShown() throws {
    // Eight treated people: fewer than the profile lets out.
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(13, treated: 1, people: 8),
      "study.yaml": MadeUpStudy.file(
        level: "individual", mechanism: "self-selected", head: "disclosure: acro-default")
        + "hidden-bias:\n  rosenbaum:\n    gamma: [1, 2]\n  e-value: true\n  robustness:\n"
        + "    benchmark: [x]\n",
    ])
    let run = try CommandLineRun("run", "study.yaml", "--output", "out", folder: folder.url)
    #expect(run.status == 0, "\(run.errors)")
    let rows = CSVRecords(try folder.text("out/results/hidden_bias.csv"))
    #expect(!rows.rows.isEmpty)
    for row in rows.rows {
      for name in ["p.upper", "value", "estimate", "low"] {
        #expect((row[name] ?? "").isEmpty, "\(name): \(row)")
      }
    }
  }

  @Test func aSectionWithMistakesIsRefused() throws {
    for (text, word) in [
      ("hidden-bias:\n  rosenbam: {}\n", "rosenbam"),
      ("hidden-bias:\n  rosenbaum:\n    gamma: [0.1]\n", "gamma"),
      ("hidden-bias:\n  robustness:\n    benchmark: [z]\n", "benchmark"),
      ("hidden-bias:\n  manski:\n    lower: 0\n", "upper"),
      ("hidden-bias:\n  negative-control: [absent]\n", "absent"),
    ] {
      let folder = try TemporaryFolder([
        "people.csv": Self.people(12, treated: 6),
        "study.yaml": MadeUpStudy.file(level: "individual", mechanism: "self-selected") + text,
      ])
      let run = try CommandLineRun("run", "study.yaml", "--output", "out", folder: folder.url)
      #expect(run.status == 64 || run.status == 65, "\(run.errors)")
      #expect(run.errors.contains(word), "\(run.errors)")
      #expect(folder.files(below: "out").isEmpty)
    }
  }
}
