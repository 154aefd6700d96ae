internal import Cohorts
internal import Statistics
internal import Tables

/// The share of a service's income that its contract's first plan expects to come from outcomes.
///
/// For each period that the first version of the targets covers: block payments of the version in force
/// in the middle of the period, by its days, and the expected outcomes (the median case where there are
/// cases) at that version's tariff, bands and durations of an outcome counting alike. It is the plan, not
/// what was paid: a service with a greater effect is paid more for outcomes, so that the share paid would
/// go with the effect by construction.
struct PlannedIncome {
  /// The share by site.
  private(set) var shares: [String: Double] = [:]

  private struct Version {
    var name: String
    var site: String
    var from, to: Int32
    var block: Double
  }

  private struct Price: Hashable {
    var contract, version, outcome: String
  }

  /// - Throws: `missingKey` without a table, what is wrong with a column.
  init(_ cohort: Cohort) throws(SiblingError) {
    let dose = SiteDose.outcomeShare
    let versions = try Self.versions(SiteDose.table("contracts", cohort, for: dose))
    let prices = try Self.prices(SiteDose.table("tariffs", cohort, for: dose))
    let targets = try SiteDose.table("targets", cohort, for: dose)
    let rows = try Self.firstPlan(targets)
    let (contracts, outcomes) = (
      try targets.factor("contract_id"), try targets.factor("outcome")
    )
    let (periods, expected) = (try targets.factor("period"), try targets.doubles("expected_n"))
    var (block, paid): ([String: Double], [String: Double]) = ([:], [:])
    var counted: Set<[Int32]> = []
    for row in rows where periods.codes[row] >= 0 && outcomes.codes[row] >= 0 {
      let contract = contracts.levels[Int(contracts.codes[row])]
      guard let period = SchemaPeriod(periods.levels[Int(periods.codes[row])]),
        expected[row].isFinite
      else { continue }
      let middle = period.first + (period.last - period.first) / 2
      guard
        let version = versions[contract]?.first(where: { $0.from <= middle && middle <= $0.to })
      else { continue }
      if counted.insert([contracts.codes[row], periods.codes[row]]).inserted {
        let years = Double(period.last - period.first + 1) / 365.25
        block[version.site, default: 0] += version.block * years
      }
      let price = Price(
        contract: contract, version: version.name,
        outcome: outcomes.levels[Int(outcomes.codes[row])])
      paid[version.site, default: 0] += expected[row] * (prices[price] ?? 0)
    }
    for (site, outcomes) in paid {
      let total = outcomes + (block[site] ?? 0)
      if total > 0 { shares[site] = outcomes / total }
    }
  }

  private static func versions(_ table: Table) throws(SiblingError) -> [String: [Version]] {
    func days(_ name: String) throws(SiblingError) -> [Int32] {
      table[name] == nil
        ? [Int32](repeating: missingDay, count: table.rowCount) : try table.dates(name)
    }
    let (contracts, names) = (try table.factor("contract_id"), try table.factor("version"))
    let (sites, from, to) = (
      try table.factor("site_id"), try days("effective_from"), try days("effective_to")
    )
    let block = try table.doubles("block_gbp_pa")
    var result: [String: [Version]] = [:]
    for row in 0..<table.rowCount
    where contracts.codes[row] >= 0 && names.codes[row] >= 0 && sites.codes[row] >= 0 {
      result[contracts.levels[Int(contracts.codes[row])], default: []].append(
        Version(
          name: names.levels[Int(names.codes[row])], site: sites.levels[Int(sites.codes[row])],
          from: from[row], to: to[row] == missingDay ? .max : to[row],
          block: block[row].isFinite ? block[row] : 0))
    }
    return result
  }

  /// The mean price of an outcome.
  private static func prices(_ table: Table) throws(SiblingError) -> [Price: Double] {
    let (contracts, versions) = (try table.factor("contract_id"), try table.factor("version"))
    let (outcomes, amounts) = (try table.factor("outcome"), try table.doubles("amount_gbp"))
    var sums: [Price: (sum: Double, count: Double)] = [:]
    for row in amounts.indices
    where contracts.codes[row] >= 0 && versions.codes[row] >= 0 && outcomes.codes[row] >= 0 {
      guard amounts[row].isFinite else { continue }
      let price = Price(
        contract: contracts.levels[Int(contracts.codes[row])],
        version: versions.levels[Int(versions.codes[row])],
        outcome: outcomes.levels[Int(outcomes.codes[row])])
      sums[price, default: (0, 0)].sum += amounts[row]
      sums[price, default: (0, 0)].count += 1
    }
    return sums.mapValues { $0.sum / $0.count }
  }

  /// The rows of each contract's first version of the targets, in its median case or else its first.
  private static func firstPlan(_ table: Table) throws(SiblingError) -> [Int] {
    func texts(_ name: String) throws(SiblingError) -> [String] {
      guard table[name] != nil else { return [String](repeating: "", count: table.rowCount) }
      let factor = try table.factor(name)
      return factor.codes.map { $0 < 0 ? "" : factor.levels[Int($0)] }
    }
    let (contracts, versions) = (try texts("contract_id"), try texts("target_version"))
    let cases = try texts("case")
    let set =
      table["set_on"] == nil
      ? [Int32](repeating: missingDay, count: table.rowCount) : try table.dates("set_on")
    var first: [String: (day: Int32, version: String)] = [:]
    for row in 0..<table.rowCount {
      let key = (day: set[row], version: versions[row])
      if let old = first[contracts[row]], (old.day, old.version) <= (key.day, key.version) {
        continue
      }
      first[contracts[row]] = key
    }
    let hasMedian = cases.contains("median")
    let only = hasMedian ? "median" : cases.first { !$0.isEmpty } ?? ""
    return (0..<table.rowCount).filter { row in
      first[contracts[row]].map { $0.version == versions[row] && $0.day == set[row] } == true
        && (cases[row] == only || cases[row].isEmpty) && !contracts[row].isEmpty
    }
  }
}
