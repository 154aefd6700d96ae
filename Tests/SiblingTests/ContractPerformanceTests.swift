import Foundation
import TestSupport
import Testing

/// `contract performance` and the sections about plans.
@Suite struct ContractPerformanceTests {
  private static let mhep = [
    "contract", "performance", "Data/mhep/targets.csv", "--projects", "Data/mhep/projects.csv",
  ]
  private static let simulated = [
    "contract", "performance", "Data/ips-simulated/targets.csv", "--achieved",
    "Data/ips-simulated/site_periods.csv", "--contracts", "Data/ips-simulated/contracts.csv",
  ]

  @Test func totalsOfThePublishedProjects() throws {
    let run = try CommandLineRun(arguments: Self.mhep)
    #expect(run.status == 0, "\(run.errors)")
    let starts = try #require(
      run.rows.first {
        $0["cohort"] == "smi" && $0["project"] == "all" && $0["outcome"] == "job_start"
      })
    #expect(starts["target"] == "1211" && starts["achieved"] == "831")
    #expect(starts["difference"] == "-380")
    #expect(run.errors.contains("reports 111 job starts but only 75 engagements"))
  }

  @Test func ratesLeaveOutWhatIsNotNested() throws {
    let run = try CommandLineRun(arguments: Self.mhep + ["--rates"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(!run.rows.contains { $0["term"] == "Tower Hamlets LD" })
    #expect(run.errors.contains("Tower Hamlets LD reports 75 engagements and 111 job starts"))
    let found = try #require(
      run.rows.first { $0["measure"] == "sustained/job_start" && $0["term"] == "heterogeneity" })
    // metafor 3.8-1: see Tests/Reference/plans/heterogeneity.csv.
    for (column, value) in [
      ("statistic", 12.2616194045372), ("p.value", 0.00653864134934519),
      ("tau2", 0.0640884840318649), ("conf.low", 0.38756550607261),
      ("prediction.high", 0.809049043253209),
    ] {
      #expect(close(Double(found[column] ?? "") ?? .nan, value, .published), "\(column)")
    }
    let wide = try CommandLineRun(
      arguments: Self.mhep + ["--rates", "--overdispersion", "additive"])
    #expect(wide.status == 0)
    #expect(wide.output != run.output)
  }

  @Test func paymentsByQuarterAndByOutcome() throws {
    let golden = try Golden.json("plans/plans.json")
    let call = Self.mhep + ["--payments", "Data/mhep/payments.csv"]
    let run = try CommandLineRun(arguments: call)
    #expect(run.status == 0, "\(run.errors)")
    let payments = golden["payments"]
    for project in payments.keys {
      let own = run.rows.filter { $0["project"] == project }
      for gap in payments[project]["gaps"].array {
        let row = try #require(own.first { $0["quarter_end"] == gap[0].string })
        let pence = ["actual_minus_first_plan", "actual_minus_latest_plan"].map {
          ((Double(row[$0] ?? "") ?? .nan) * 100).rounded()
        }
        #expect(pence == [gap[1].double, gap[2].double])
      }
      let total = try #require(own.first { $0["quarter_end"] == "to date" })
      let sums = ["actual", "first_plan", "latest_plan"].map {
        ((Double(total[$0] ?? "") ?? .nan) * 100).rounded()
      }
      let expected = ["paid_to_date", "first_to_date", "latest_to_date"].map {
        payments[project][$0].double
      }
      #expect(sums == expected)
    }
    let each = try CommandLineRun(arguments: call + ["--per-outcome"])
    #expect(each.status == 0, "\(each.errors)")
    let row = try #require(
      each.rows.first {
        $0["cohort"] == "smi" && $0["project"] == "all" && $0["outcome"] == "job_start"
      })
    // 4,931,545 pounds over 831 job starts.
    #expect(row["paid_per_outcome"] == "5934.47")
    #expect(each.errors.contains("a payment is not a cost"))
  }

  @Test func quartersAgainstPlans() throws {
    let golden = try Golden.json("plans/plans.json")["plans"]
    let run = try CommandLineRun(arguments: Self.simulated)
    #expect(run.status == 0, "\(run.errors)")
    for key in golden.keys {
      let parts = key.split(separator: "-").map(String.init)
      let row = try #require(
        run.rows.first {
          $0["contract"] == parts[0] && $0["outcome"] == parts[1] && $0["period"] == "to date"
        })
      #expect(Double(row["achieved"] ?? "") == golden[key]["reached"].double)
      #expect(
        close(Double(row["original"] ?? "") ?? .nan, golden[key]["first"].double, .closedForm))
      #expect(close(Double(row["conf.low"] ?? "") ?? .nan, golden[key]["low"].double, .published))
    }
    let low = try CommandLineRun(arguments: Self.simulated + ["--case", "low", "--rates"])
    #expect(low.status == 0, "\(low.errors)")
    #expect(low.rows.contains { $0["measure"] == "job_start/target" && $0["term"] == "all" })
  }

  @Test func badInputIsRefusedAtItsPlace() throws {
    let folder = try TemporaryFolder([
      "plan.csv": """
      contract_id,target_version,set_on,case,period,outcome,expected_n
      A,1,2019-01-31,median,2019-Q2,job_start,4
      A,2,2019-07-15,median,2019-Q2,job_start,2

      """,
      "counts.csv": "contract_id,outcome,period,n\nA,job_start,2019-Q2,3\n",
    ])
    let late = try CommandLineRun(
      arguments: ["contract", "performance", "plan.csv", "--achieved", "counts.csv"],
      folder: folder.url)
    #expect(late.status == 65 && late.output == "")
    #expect(late.errors.contains("plan.csv:3:5"))
    #expect(late.errors.contains("after the period had ended"))
    try folder.write("counts.csv", "contract_id,outcome,period,n\nA,job_start,2019-Q2,-3\n")
    try folder.write(
      "plan.csv",
      "contract_id,target_version,set_on,case,period,outcome,expected_n\n"
        + "A,1,2019-01-31,median,2019-Q2,job_start,4\n")
    let negative = try CommandLineRun(
      arguments: ["contract", "performance", "plan.csv", "--achieved", "counts.csv"],
      folder: folder.url)
    #expect(negative.status == 65)
    #expect(negative.errors.contains("counts.csv:2"))
    for extra in [
      ["--per-outcome"], ["--case", "low"], ["--overdispersion", "additive"],
      ["--payments", "Data/mhep/payments.csv", "--rates"],
    ] {
      let run = try CommandLineRun(arguments: Self.mhep + extra)
      #expect(run.status == 64, "\(extra): \(run.errors)")
    }
    let unplaced = try CommandLineRun(arguments: Array(Self.simulated.prefix(5)))
    #expect(unplaced.status == 65)
    #expect(unplaced.errors.contains("--contracts"))
  }

  /// The tables of a cohort give the same numbers as the verb; records and periods agree.
  @Test func aStudyCountsByQuarter() throws {
    let data = Golden.projectFolder.appendingPathComponent("Data/ips-simulated").path
    func study(_ performance: String) -> String {
      let names = ["site_periods", "contracts", "tariffs", "targets", "jobs", "sites", "clients"]
      let tables = names.map { "    \($0): {file: \(data)/\($0).csv}" }.joined(separator: "\n")
      return """
        study: s
        title: t
        question: q
        public: true
        data:
          tables:
        \(tables.replacingOccurrences(of: "    ", with: "    "))
          definitions: [job_start]
        performance: \(performance)

        """
    }
    let folder = try TemporaryFolder([
      "periods.yaml": study("{from: tables}"),
      "records.yaml": study("{from: tables, counts: records}"),
      "neither.yaml": study("{case: low}"), "both.yaml": study("{from: tables, targets: x.csv}"),
    ])
    var totals: [[[String: String]]] = []
    for name in ["periods", "records"] {
      let run = try CommandLineRun(
        arguments: ["run", "\(name).yaml", "--output", name], folder: folder.url)
      try #require(run.status == 0, "\(run.errors)")
      let rows = CSVRecords(try folder.text("\(name)/results/performance_plans.csv")).rows
      #expect(rows.count == 18)
      totals.append(rows)
      let quarters = CSVRecords(
        try folder.text("\(name)/results/performance_quarters.csv")
      ).rows
      #expect(quarters.contains { $0["original"] != $0["latest"] })
      let report = try folder.text("\(name)/report.md")
      #expect(report.contains("By quarter, against the original and the latest plan"))
      #expect(report.contains("figures/expected_actual_job_start.svg"))
      #expect(report.contains("figures/site_rates.svg"))
    }
    #expect(totals[0] == totals[1])
    let verb = try CommandLineRun(arguments: Self.simulated)
    for row in verb.rows where row["period"] == "to date" && row["contract"] != "all" {
      let label = [
        "engagement": "Engagement", "job_start": "Job start", "sustained": "Sustained job",
      ]
      let own = totals[0].first {
        $0["contract"] == row["contract"] && $0["outcome"] == label[row["outcome"] ?? ""]
      }
      #expect(own?["actual_latest"] == row["achieved"])
    }
    for (name, words) in [("neither", "needs targets"), ("both", "not from both")] {
      let run = try CommandLineRun(
        arguments: ["run", "\(name).yaml", "--output", name], folder: folder.url)
      #expect(run.status == 65)
      #expect(run.errors.contains(words), "\(run.errors)")
    }
  }
}
