internal import Statistics
public import Tables

extension SimulatedCohort {
  /// The tables after the people's, beginning with the sites' periods.
  func contractTables() -> [(name: String, table: Table)] {
    let contracts = contracts()
    let events = payableEvents()
    let periods = periods(events)
    return [
      ("site_periods", sitePeriodsTable(periods)), ("contracts", contractsTable(contracts)),
      ("tariffs", tariffsTable(contracts)), ("payer_shares", payerSharesTable(contracts)),
      ("targets", targetsTable(contracts)), ("costs", costsTable(contracts, periods)),
      ("claims", claimsTable(contracts, events)),
    ]
  }

  /// The contracts' versions, a row each.
  public func contractsTable() -> Table { contractsTable(contracts()) }

  private func contractsTable(_ contracts: [SimulatedContract]) -> Table {
    let columns = SimulatedColumns(rows: contracts)
    return table([
      columns.words("contract_id") { $0.id }, columns.words("site_id") { sites[$0.site].id },
      columns.integers("version") { $0.version }, columns.dates("effective_from") { $0.from },
      columns.dates("effective_to") { $0.to }, columns.words("renegotiated_reason") { $0.reason },
      columns.doubles("block_gbp_pa") { $0.block }, columns.doubles("outcome_cap_gbp") { $0.cap },
      columns.doubles("investor_equity_gbp") { $0.equity }, columns.doubles("loan_gbp") { $0.loan },
      columns.doubles("loan_rate") { _ in 0.08 }, columns.integers("loan_years") { _ in 4 },
      columns.doubles("management_cost_gbp_pa") { $0.management },
      columns.words("source") { _ in "simulated" },
    ])
  }

  private struct Tariff {
    var contract: SimulatedContract
    var rate: Int
    var outcome: String {
      ["engagement", "job_start", "job_start", "sustained", "sustained"][rate]
    }
    var band: String { ["any", "lt16", "ge16", "lt16", "ge16"][rate] }
  }

  private func tariffsTable(_ contracts: [SimulatedContract]) -> Table {
    let columns = SimulatedColumns(
      rows: contracts.flatMap { contract in
        (0..<5).map { Tariff(contract: contract, rate: $0) }
      })
    return table([
      columns.words("contract_id") { $0.contract.id },
      columns.integers("version") { $0.contract.version }, columns.words("outcome") { $0.outcome },
      columns.words("hours_band") { $0.band }, columns.words("hours_boundary") { _ in "ge16" },
      columns.integers("duration_weeks") { $0.rate < 3 ? 0 : 13 },
      columns.integers("window_weeks") { $0.rate < 3 ? 0 : 13 },
      columns.integers("permitted_gap_days") { _ in 0 }, columns.words("per") { _ in "client" },
      columns.integers("max_per_client") { _ in 1 },
      columns.doubles("amount_gbp") { $0.contract.rates[$0.rate] },
      columns.flag("verification_required") { $0.rate > 0 },
      columns.integers("claim_deadline_days") { _ in 180 },
    ])
  }

  private struct Share {
    var contract: SimulatedContract
    var outcome, payer: String
    var share: Double
  }

  private func payerSharesTable(_ contracts: [SimulatedContract]) -> Table {
    let columns = SimulatedColumns(
      rows: contracts.flatMap { contract in
        [
          Share(contract: contract, outcome: "engagement", payer: "mhep_bii", share: 0.2),
          Share(contract: contract, outcome: "engagement", payer: "commissioner", share: 0.7),
          Share(contract: contract, outcome: "engagement", payer: contract.fund, share: 0.1),
          Share(contract: contract, outcome: "job_start", payer: contract.fund, share: 1),
          Share(contract: contract, outcome: "sustained", payer: contract.fund, share: 1),
        ]
      })
    return table([
      columns.words("contract_id") { $0.contract.id },
      columns.integers("version") { $0.contract.version }, columns.words("outcome") { $0.outcome },
      columns.words("payer") { $0.payer }, columns.doubles("share") { $0.share },
      columns.doubles("payer_cap_gbp") { $0.payer == $0.contract.fund ? $0.contract.cap : .nan },
      columns.dates("valid_from") { $0.contract.from },
      columns.dates("valid_to") { $0.contract.to },
    ])
  }

  private struct Target {
    var contract: SimulatedContract
    var quarter: SimulatedQuarter
    var outcome: Int
    var level: Int
    var expected: Double
  }

  /// Targets were set before the launch and hoped for more than the model gives; the first year ramps up.
  ///
  /// A contract that is renegotiated gets lower ones for the quarters to come, set a month before.
  private func targetsTable(_ contracts: [SimulatedContract]) -> Table {
    var rows: [Target] = []
    for contract in contracts {
      let site = sites[contract.site]
      let first = SimulatedQuarter(day: site.launch)
      let last = SimulatedQuarter(day: site.closes)
      let start = contract.version == 1 ? first : SimulatedQuarter(day: contract.from)
      guard start <= last else { continue }
      let share = contract.version == 1 ? 1 : 0.85
      for quarter in start.number...last.number {
        let ramp = min(1, 0.4 + 0.2 * Double(quarter - first.number))
        for outcome in 0..<3 {
          for level in 0..<3 {
            let people = yearly(contract.site) / 4 * [0.88, 0.42, 0.3][outcome]
            rows.append(
              Target(
                contract: contract, quarter: SimulatedQuarter(number: quarter), outcome: outcome,
                level: level,
                expected: (people * ramp * [0.9, 1.2, 1.5][level] * share * 10).rounded() / 10))
          }
        }
      }
    }
    let columns = SimulatedColumns(rows: rows)
    return table([
      columns.words("contract_id") { $0.contract.id },
      columns.integers("target_version") { $0.contract.version },
      columns.dates("set_on") { $0.contract.from - ($0.contract.version == 1 ? 60 : 30) },
      columns.text("case", ["low", "median", "high"]) { $0.level },
      columns.words("period") { $0.quarter.text },
      columns.text("outcome", ["engagement", "job_start", "sustained"]) { $0.outcome },
      columns.doubles("expected_n") { $0.expected },
    ])
  }

  private struct Cost {
    var site: Int
    var quarter: SimulatedQuarter
    var category, payer: String
    var pounds: Double
  }

  private func costsTable(_ contracts: [SimulatedContract], _ periods: [SimulatedPeriod]) -> Table {
    let posts = specialists()
    var rows: [Cost] = []
    for period in periods where period.quarter.firstDay <= sites[period.site].closes {
      let site = sites[period.site]
      let salary = 11_500 * (1 + 0.025 * Double(period.quarter.year - 2016))
      func add(_ category: String, _ pounds: Double, _ payer: String) {
        rows.append(
          Cost(
            site: period.site, quarter: period.quarter, category: category, payer: payer,
            pounds: (pounds * 100).rounded() / 100))
      }
      add("delivery", posts[period.site] * salary * 1.25, "commissioner")
      let isFirst = period.quarter == SimulatedQuarter(day: site.opens)
      guard
        let contract = contracts.last(where: {
          $0.site == period.site && $0.from <= period.quarter.firstDay
        }) ?? contracts.first(where: { $0.site == period.site })
      else {
        add("evidence_reporting", posts[period.site] * 250, "commissioner")
        continue
      }
      add("performance_mgmt", contract.management / 4, "mhep_bii")
      add("evidence_reporting", posts[period.site] * 700, "provider")
      add("investor_return", (contract.loan * 0.08 + contract.equity * 0.05) / 4, contract.fund)
      if isFirst { add("sib_setup", 15_000 + contract.loan * 0.1, contract.fund) }
    }
    let columns = SimulatedColumns(rows: rows)
    return table([
      columns.words("site_id") { sites[$0.site].id }, columns.words("period") { $0.quarter.text },
      columns.words("category") { $0.category }, columns.doubles("amount_gbp") { $0.pounds },
      columns.integers("price_base_year") { $0.quarter.year },
      columns.words("borne_by") { $0.payer },
    ])
  }
}
