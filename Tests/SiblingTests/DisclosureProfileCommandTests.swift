import TestSupport
import Testing

/// Verbs and studies under profiles that round.
@Suite struct DisclosureProfileCommand {
  /// Kaplan–Meier of `lung` by sex from cumulative counts at midpoint-6, by a Python program of its
  /// own (pandas; Greenwood; limits on the log scale): rows of sex 1 and 2.
  private static let expected: [(String, String, [Double])] = [
    ("sex=1", "11", [135, 3, 0, 0.9777777777777777, 0.012686649460410003, 0.9532259080384777, 1]),
    (
      "sex=1", "132",
      [108, 6, 0, 0.7555555555555554, 0.0369876213552079, 0.6864303996009045, 0.8316417773204224]
    ),
    (
      "sex=1", "707",
      [
        9, 6, 0, 0.034133260167301976, 0.019175036726198285, 0.011350066359991792,
        0.10264957161444882,
      ]
    ),
    (
      "sex=2", "371",
      [33, 6, 0, 0.4587299110625683, 0.06145651780985632, 0.3527936121236571, 0.5964765916161577]
    ),
    (
      "sex=2", "705",
      [9, 6, 0, 0.1092214073958496, 0.05560840150516984, 0.040265359459392365, 0.2962674615027557]
    ),
  ]

  @Test(arguments: ["opensafely", "nhs-digital"])
  func curves(profile: String) throws {
    let run = try CommandLineRun(
      "km", "Data/lung/lung.csv", "Surv(time, status) ~ sex", "--disclosure", profile)
    #expect(run.status == 0, Comment(rawValue: run.errors))
    #expect(run.rows.count { $0["arm"] == "sex=1" } == 23)
    #expect(run.rows.count { $0["arm"] == "sex=2" } == 15)
    let names = [
      "n_risk", "n_event", "n_censor", "survival", "std.error", "conf.low", "conf.high",
    ]
    for (arm, time, numbers) in Self.expected {
      let row = try #require(run.rows.first { $0["arm"] == arm && $0["time"] == time })
      for (name, number) in zip(names, numbers) {
        let value = try #require(row[name].flatMap { Double($0) })
        #expect(close(value, number, .closedForm), "\(arm) \(time) \(name)")
      }
    }
    #expect(run.errors.contains("rounded to the middle of steps of six"))
  }

  /// A quantile whose limits lie where few are left is withheld.
  @Test func quantilesNeedPeopleAroundThem() throws {
    let run = try CommandLineRun(
      "km", "Data/lung/lung.csv", "Surv(time, status) ~ sex", "--quantiles", "0.5,0.95",
      "--disclosure", "opensafely")
    #expect(run.status == 0, Comment(rawValue: run.errors))
    for row in run.rows {
      let isWithheld = row["time_flag"] == "c" || row["conf.low_flag"] == "c"
      #expect(isWithheld == (row["quantile"] == "0.95"), "\(row)")
    }
  }

  @Test func aStudyUnderOpenSafely() throws {
    let folder = try TemporaryFolder([
      "study.yaml": MadeUpStudy.file(head: "disclosure: opensafely"),
      "people.csv": MadeUpStudy.sites(12, treated: 6, people: 41),
    ])
    let run = try CommandLineRun(
      "run", "study.yaml", "--output", "out", folder: folder.url)
    #expect(run.status == 0, Comment(rawValue: run.errors))
    for row in CSVRecords(try folder.text("out/results/attrition.csv")).rows {
      for name in ["n_before", "n_excluded", "n_after"] {
        let number = try #require(row[name].flatMap { Double($0) })
        #expect(number.truncatingRemainder(dividingBy: 5) == 0)
      }
    }
    let report = try folder.text("out/report.md")
    #expect(report.contains("Counts of people below 8 were withheld"))
    #expect(report.contains("Counts are rounded to the nearest five"))
    #expect(report.contains("### What it cost"))
    // 6 · 41 people an arm.
    #expect(!report.contains("246") && !report.contains("492"))
    let rules = CSVRecords(try folder.text("out/results/disclosure_rules.csv")).rows
    #expect(rules.first { $0["rule"] == "minimum count" }?["value"] == "8")
  }
}
