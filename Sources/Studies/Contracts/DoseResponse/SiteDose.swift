internal import Cohorts
internal import Statistics
internal import Tables

/// What sites differ in, as a number a site.
struct SiteDose {
  /// The name in the study file and in the results.
  var name: String
  /// The dose of each site that has one.
  var values: [String: Double]
  /// The step for which a slope is told.
  var unit: Double { name == Self.outcomeShare ? 0.1 : 1 }

  static let outcomeShare = "outcome_share"
  static let contacts = "management_contacts"
  static let cost = "management_cost"

  /// A dose by its name.
  ///
  /// - Throws: `missingKey` for tables that are not there, `unknownColumn`, and what is wrong with one.
  init(_ name: String, _ cohort: Cohort, clients: [String: Int]) throws(SiblingError) {
    self.name = name
    switch name {
    case Self.outcomeShare: values = try PlannedIncome(cohort).shares
    case Self.contacts: values = try Self.contacts(cohort)
    case Self.cost: values = try Self.costs(cohort, clients)
    default: values = try Self.column(name, cohort)
    }
  }

  /// Those that the tables allow of the two that a contract is about.
  static func standard(_ cohort: Cohort) -> [String] {
    var names: [String] = []
    if ["contracts", "tariffs", "targets"].allSatisfy({ cohort.others[$0] != nil }) {
      names.append(outcomeShare)
    }
    if cohort.others["site_periods"]?["management_contacts"] != nil { names.append(contacts) }
    return names
  }

  static func table(
    _ name: String, _ cohort: Cohort, for dose: String
  ) throws(SiblingError) -> Table {
    guard let table = cohort.others[name] else {
      throw SiblingError(
        .missingKey, "the dose '\(dose)' needs the table '\(name)'",
        help: "name it under 'data: tables:'")
    }
    return table
  }

  /// Contacts of management with the service for each full-time specialist and quarter.
  private static func contacts(_ cohort: Cohort) throws(SiblingError) -> [String: Double] {
    let table = try table("site_periods", cohort, for: contacts)
    let (sites, counts) = (try table.factor("site_id"), try table.doubles("management_contacts"))
    let (staff, periods) = (try table.doubles("fte_es"), try table.factor("period"))
    var sums: [String: (contacts: Double, quarters: Double)] = [:]
    for row in counts.indices where sites.codes[row] >= 0 && periods.codes[row] >= 0 {
      guard counts[row].isFinite, staff[row].isFinite, staff[row] > 0,
        let period = SchemaPeriod(periods.levels[Int(periods.codes[row])])
      else { continue }
      let site = sites.levels[Int(sites.codes[row])]
      // A month is a third of a quarter: 31 days or fewer.
      let quarters = period.last - period.first < 31 ? 1.0 / 3 : 1
      sums[site, default: (0, 0)].contacts += counts[row]
      sums[site, default: (0, 0)].quarters += staff[row] * quarters
    }
    return sums.compactMapValues { $0.quarters > 0 ? $0.contacts / $0.quarters : nil }
  }

  /// Costs of performance management for each accepted client.
  private static func costs(
    _ cohort: Cohort, _ clients: [String: Int]
  ) throws(SiblingError) -> [String: Double] {
    let table = try table("costs", cohort, for: cost)
    let (sites, kinds) = (try table.factor("site_id"), try table.factor("category"))
    let amounts = try table.doubles("amount_gbp")
    var sums: [String: Double] = [:]
    for row in amounts.indices where sites.codes[row] >= 0 && kinds.codes[row] >= 0 {
      guard kinds.levels[Int(kinds.codes[row])] == "performance_mgmt", amounts[row].isFinite else {
        continue
      }
      sums[sites.levels[Int(sites.codes[row])], default: 0] += amounts[row]
    }
    var result: [String: Double] = [:]
    for (site, sum) in sums {
      guard let count = clients[site], count > 0 else { continue }
      result[site] = sum / Double(count)
    }
    return result
  }

  /// A column of the sites.
  private static func column(
    _ name: String, _ cohort: Cohort
  ) throws(SiblingError) -> [String: Double] {
    let known = [outcomeShare, contacts, cost]
    guard let sites = cohort.sites, sites.table[name] != nil else {
      throw SiblingError(
        .unknownColumn, "'\(name)' is neither a known dose nor a column of the sites",
        help: "known doses are " + known.joined(separator: ", "),
        suggestion: nearestName(to: name, among: known + (cohort.sites?.table.names ?? [])),
        column: name)
    }
    let values = try sites.table.doubles(name)
    var result: [String: Double] = [:]
    for (row, site) in sites.ids.enumerated() where values[row].isFinite {
      result[site] = values[row]
    }
    return result
  }
}
