internal import Contracts
internal import Statistics
internal import Tables

/// The terms of one contract version, from the schema's tables, as far as a scenario needs them.
struct ScenarioContract {
  /// The tables, as read.
  struct Files {
    var contracts: Table
    var tariffs: Table
    var shares: Table?
  }

  let contract: String
  let version: String
  private let files: Files
  private let row: Int

  /// Finds the version.
  ///
  /// - Throws: `unknownColumn`; `badValue` for a contract or version that is not there.
  init(_ files: Files, contract: String, version: String?) throws(SiblingError) {
    self.files = files
    self.contract = contract
    let ids = try files.contracts.strings("contract_id")
    let versions = try files.contracts.strings("version")
    let rows = ids.indices.filter { ids[$0] == contract }
    guard !rows.isEmpty else {
      let known = ids.compactMap { $0 }.distinct
      throw SiblingError(
        .badValue, "there is no contract '\(contract)'",
        help: "the contracts are: " + known.prefix(20).joined(separator: ", "),
        suggestion: nearestName(to: contract, among: known),
        location: files.contracts.headerLocation("contract_id"))
    }
    guard let row = version.map({ name in rows.first { versions[$0] == name } }) ?? rows.first
    else {
      throw SiblingError(
        .badValue, "the contract '\(contract)' has no version '\(version ?? "")'",
        location: files.contracts.headerLocation("version"))
    }
    self.row = row
    self.version = versions[row] ?? ""
  }

  /// Writes the contract's terms into a plan.
  ///
  /// - Throws: what is wrong with a cell, located; `badValue` for terms that scenarios have no place for.
  func fill(_ plan: inout ScenarioPlan) throws(SiblingError) {
    let table = files.contracts
    func number(_ name: String) throws(SiblingError) -> Double? {
      guard table.names.contains(name) else { return nil }
      let value = try table.doubles(name)[row]
      return value.isNaN ? nil : value
    }
    func money(_ name: String) throws(SiblingError) -> Money? {
      guard let pounds = try number(name) else { return nil }
      return try Self.money(pounds, table, row, name)
    }
    plan.blockPerYear = try money("block_gbp_pa") ?? .zero
    plan.cap = try money("outcome_cap_gbp")
    plan.equity = try money("investor_equity_gbp") ?? .zero
    plan.loan = try money("loan_gbp") ?? .zero
    if let rate = try number("loan_rate") { plan.loanRate = rate }
    if let years = try number("loan_years"), years > 0 { plan.loanYears = years }
    if let management = try money("management_cost_gbp_pa") {
      plan.overhead = plan.overhead + management
    }
    plan.prices = try prices()
    if let shares = files.shares { plan.payers = try payers(shares) }
  }

  private static func money(
    _ pounds: Double, _ table: Table, _ row: Int, _ column: String
  ) throws(SiblingError) -> Money {
    do throws(SiblingError) {
      return try Money(pounds: pounds)
    } catch {
      throw error.located(table.location(row: row, column: column))
    }
  }

  /// The rows of a table that are about this version.
  private func rows(_ table: Table) throws(SiblingError) -> [Int] {
    let ids = try table.strings("contract_id")
    let versions = try table.strings("version")
    return ids.indices.filter { ids[$0] == contract && versions[$0] == version }
  }

  private func prices() throws(SiblingError) -> ScenarioPlan.Prices {
    let table = files.tariffs
    let outcomes = try table.strings("outcome")
    let bands = try table.strings("hours_band")
    let amounts = try table.doubles("amount_gbp")
    var found: [String: Money] = [:]
    for row in try rows(table) {
      guard let outcome = outcomes[row].flatMap(OutcomeStage.init(rawValue:)),
        let band = HoursBand(rawValue: bands[row] ?? "any"), !amounts[row].isNaN
      else {
        throw SiblingError(
          .badCell, "a tariff needs an outcome, an hours band and an amount that the schema knows",
          location: table.location(row: row), row: row)
      }
      let amount = try Self.money(amounts[row], table, row, "amount_gbp")
      let both: [HoursBand] = band == .any ? [.under16, .atLeast16] : [band]
      for band in outcome == .engagement ? [.any] : both {
        let key = outcome.rawValue + band.rawValue
        guard found[key] == nil else {
          throw SiblingError(
            .badValue,
            "the contract pays for one outcome twice; a scenario has one price for each",
            help: "give the prices as --tariff", location: table.location(row: row), row: row)
        }
        found[key] = amount
      }
    }
    guard !found.isEmpty else {
      throw SiblingError(
        .badValue, "the contract '\(contract)' has no tariffs for version '\(version)'",
        location: table.headerLocation("contract_id"))
    }
    func price(_ outcome: OutcomeStage, _ band: HoursBand) -> Money {
      found[outcome.rawValue + band.rawValue] ?? .zero
    }
    return ScenarioPlan.Prices(
      engagement: price(.engagement, .any), startUnder16: price(.jobStart, .under16),
      startFrom16: price(.jobStart, .atLeast16), sustainedUnder16: price(.sustained, .under16),
      sustainedFrom16: price(.sustained, .atLeast16))
  }

  private func payers(_ table: Table) throws(SiblingError) -> [ScenarioPlan.Payer] {
    let outcomes = try table.strings("outcome")
    let names = try table.strings("payer")
    let shares = try table.doubles("share")
    let hasCaps = table.names.contains("payer_cap_gbp")
    let caps = hasCaps ? try table.doubles("payer_cap_gbp") : []
    let begin =
      files.contracts.names.contains("effective_from")
      ? try files.contracts.dates("effective_from")[row] : Int32.min
    func dates(_ name: String) throws(SiblingError) -> [Int32]? {
      table.names.contains(name) ? try table.dates(name) : nil
    }
    let (from, to) = (try dates("valid_from"), try dates("valid_to"))
    var found: [ScenarioPlan.Payer] = []
    for row in try rows(table) {
      // The shares of the version's first day.
      if let from, from[row] != .min, begin != .min, from[row] > begin { continue }
      if let to, to[row] != .min, begin != .min, to[row] < begin { continue }
      guard let outcome = outcomes[row].flatMap(OutcomeStage.init(rawValue:)),
        let name = names[row],
        shares[row] >= 0, shares[row] <= 1
      else {
        throw SiblingError(
          .badCell, "a share needs an outcome, a payer and a number from 0 to 1",
          location: table.location(row: row), row: row)
      }
      let cap: Money? =
        hasCaps && !caps[row].isNaN
        ? try Self.money(caps[row], table, row, "payer_cap_gbp") : nil
      let index = found.firstIndex { $0.name == name } ?? found.count
      if index == found.count { found.append(ScenarioPlan.Payer(name: name, cap: cap)) }
      guard found[index].cap == cap else {
        throw SiblingError(
          .badValue, "a payer's cap differs between outcomes; a scenario has one cap a payer",
          location: table.location(row: row, column: "payer_cap_gbp"), row: row)
      }
      switch outcome {
      case .engagement: found[index].engagement += shares[row]
      case .jobStart: found[index].start += shares[row]
      case .sustained: found[index].sustained += shares[row]
      }
    }
    return found
  }
}
