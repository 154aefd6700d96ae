internal import Cohorts
internal import Contracts
internal import Statistics
internal import Tables

/// Targets and counts by period as the schema's tables hold them.
enum PlanSource {
  /// The targets of a table, whatever their case.
  ///
  /// - Throws: what is wrong with a cell, located.
  static func targets(_ table: Table) throws(SiblingError) -> [PlannedTarget] {
    let contracts = try PerformanceFiles.required(table, "contract_id")
    let stages = try PerformanceFiles.required(table, "outcome")
    let periods = try PerformanceFiles.required(table, "period")
    let versions = table["target_version"] == nil ? nil : try table.strings("target_version")
    let cases = table["case"] == nil ? nil : try table.strings("case")
    let days = table["set_on"] == nil ? nil : try table.dates("set_on")
    let expected = try table.doubles("expected_n")
    var targets: [PlannedTarget] = []
    for row in contracts.indices {
      targets.append(
        PlannedTarget(
          contract: contracts[row], version: (versions?[row] ?? nil) ?? "",
          setOn: days.flatMap { $0[row] == missingDay ? nil : $0[row] },
          scenario: cases?[row] ?? nil, period: try period(table, row, periods[row]),
          stage: try PerformanceFiles.stage(table, row, stages[row]), expected: expected[row]))
    }
    return targets
  }

  /// The targets of one case, checked; errors stand at their rows.
  ///
  /// - Throws: what is wrong with them, located.
  static func plans(_ table: Table, scenario: String) throws(SiblingError) -> PlannedTargets {
    let targets = try targets(table)
    do throws(SiblingError) {
      return try PlannedTargets(targets, scenario: scenario)
    } catch {
      throw table.locating(error)
    }
  }

  /// Counts: one row a contract, outcome and period (`n`), or a site and period with its columns.
  ///
  /// - Parameters:
  ///   - table: the counts.
  ///   - sites: the contract of each site, for a table of sites and periods.
  /// - Returns: the counts, checked.
  /// - Throws: what is wrong with a cell, located; `missingKey` where sites have no contract.
  static func reached(
    _ table: Table, sites: [String: String]?
  ) throws(SiblingError) -> ReachedOutcomes {
    let long = table["contract_id"] != nil && table["outcome"] != nil
    let (rows, places) = try long ? counts(table) : periods(table, sites: sites)
    do throws(SiblingError) {
      return try ReachedOutcomes(rows)
    } catch {
      throw table.locating(error, rows: places)
    }
  }

  private typealias Counts = (rows: [ReachedOutcome], places: [Int])

  private static func counts(_ table: Table) throws(SiblingError) -> Counts {
    let contracts = try PerformanceFiles.required(table, "contract_id")
    let stages = try PerformanceFiles.required(table, "outcome")
    let periods = try PerformanceFiles.required(table, "period")
    let numbers = try table.doubles("n")
    var rows: [ReachedOutcome] = []
    for row in contracts.indices {
      rows.append(
        ReachedOutcome(
          contract: contracts[row], period: try period(table, row, periods[row]),
          stage: try PerformanceFiles.stage(table, row, stages[row]),
          count: try whole(table, row, "n", numbers[row])))
    }
    return (rows, Array(rows.indices))
  }

  private static func periods(
    _ table: Table, sites: [String: String]?
  ) throws(SiblingError) -> Counts {
    guard let sites else {
      throw SiblingError(
        .missingKey, "the counts are of sites, and nothing says which contract pays for which site",
        help: "name the contracts: --contracts FILE with contract_id and site_id",
        location: table.headerLocation("site_id"))
    }
    let own = try PerformanceFiles.required(table, "site_id")
    let periods = try PerformanceFiles.required(table, "period")
    let columns = stageColumns.filter { table[$0.column] != nil }
    guard !columns.isEmpty else {
      throw SiblingError(
        .unknownColumn, "the table of periods counts no outcome",
        help: "it takes: engaged, starts, sustained", column: "engaged")
    }
    var result: Counts = ([], [])
    for (stage, column) in columns {
      let numbers = try table.doubles(column)
      for row in own.indices {
        guard let contract = sites[own[row]] else { continue }
        result.rows.append(
          ReachedOutcome(
            contract: contract, period: try period(table, row, periods[row]), stage: stage,
            count: try whole(table, row, column, numbers[row])))
        result.places.append(row)
      }
    }
    return result
  }

  /// The columns of a site's periods that count outcomes.
  static let stageColumns: [(stage: OutcomeStage, column: String)] = [
    (.engagement, "engaged"), (.jobStart, "starts"), (.sustained, "sustained"),
  ]

  /// The contract of each site, and the site of each contract.
  ///
  /// - Throws: `dataQuality` for a site with several contracts or a contract with several sites: counts
  ///   of a site can't be shared out; located.
  static func sites(
    _ contracts: Table
  ) throws(SiblingError) -> (contracts: [String: String], sites: [String: String]) {
    let ids = try PerformanceFiles.required(contracts, "contract_id")
    let sites = try contracts.strings("site_id")
    var result: (contracts: [String: String], sites: [String: String]) = ([:], [:])
    for row in ids.indices {
      guard let site = sites[row] else { continue }
      let (other, own) = (result.contracts[site] ?? ids[row], result.sites[ids[row]] ?? site)
      guard other == ids[row], own == site else {
        throw SiblingError(
          .dataQuality,
          other != ids[row]
            ? "two contracts pay for one site, so its counts can't be told apart"
            : "a contract pays for two sites, so that neither's counts are its own",
          location: contracts.location(row: row, column: "site_id"), row: row, column: "site_id",
          cell: site)
      }
      result.contracts[site] = ids[row]
      result.sites[ids[row]] = site
    }
    return result
  }

  private static func whole(
    _ table: Table, _ row: Int, _ name: String, _ number: Double
  ) throws(SiblingError) -> Int? {
    guard !number.isNaN else { return nil }
    guard let count = Int(exactly: number) else {
      throw PerformanceFiles.notWhole(table, row, name)
    }
    return count
  }

  private static func period(
    _ table: Table, _ row: Int, _ text: String
  ) throws(SiblingError) -> PlanPeriod {
    do throws(SiblingError) {
      return try PlanPeriod(text)
    } catch {
      throw error.located(table.location(row: row, column: "period"))
    }
  }
}
