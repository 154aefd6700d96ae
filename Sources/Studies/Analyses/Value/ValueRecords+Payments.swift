internal import Cohorts
internal import Contracts
internal import Statistics
internal import Tables

extension ValueRecords {
  /// Days of a year over which block payments accrue.
  private static let daysOfYear = 365.25

  /// Adds block payments of contracts, for the periods in which costs of their site are recorded.
  ///
  /// They accrue by the day, a year having 365.25 of them, each period's to the nearest penny.
  /// - Throws: what is wrong with a cell, located.
  mutating func addBlocks(_ contracts: Table) throws(SiblingError) {
    guard contracts["block_gbp_pa"] != nil, contracts["site_id"] != nil else {
      notes.append("the contracts have no block payments by site")
      return
    }
    let ids = try contracts.strings("site_id")
    let amounts = try contracts.doubles("block_gbp_pa")
    let from = try Self.days(contracts, "effective_from")
    let to = try Self.days(contracts, "effective_to")
    var counted: (first: Int32, last: Int32)?
    for row in 0..<contracts.rowCount {
      guard let id = ids[row], let site = place[id], !amounts[row].isNaN, amounts[row] != 0 else {
        continue
      }
      let yearly = try Self.money(amounts[row], contracts, row, "block_gbp_pa")
      guard yearly > .zero, yearly.pence <= 1_000_000_000_000 else {
        throw Self.bad(
          contracts, row, "block_gbp_pa", nil, "a block payment is negative or beyond £10 billion")
      }
      for period in periods[site] {
        let first = max(period.first, from[row] ?? period.first)
        let last = min(period.last, to[row] ?? period.last)
        guard first <= last else { continue }
        counted = (min(counted?.first ?? first, first), max(counted?.last ?? last, last))
        let share = Double(last - first + 1) / Self.daysOfYear
        items.append(
          CostItem(
            site: site, first: first, last: last, category: .blockPayment,
            amount: Money(pence: Int((Double(yearly.pence) * share).rounded())),
            priceYear: Self.year(first, last)))
      }
    }
    guard let counted else { return }
    notes.append(
      "block payments count only for months in which costs of their site are recorded, from"
        + " the first (\(Self.month(counted.first))) to the last (\(Self.month(counted.last))); counted"
        + " to the ends of the contracts, as where claims are checked, they can come to more")
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]

  /// `March 2021`: in brackets a year stays readable where counts in notes are masked.
  private static func month(_ day: Int32) -> String {
    let date = CivilDate(days: day).components
    return "\(months[date.month - 1]) \(date.year)"
  }

  /// Adds paid claims of the clients who are counted, shared between payers where shares are given.
  ///
  /// - Parameters:
  ///   - claims: the claims.
  ///   - cohort: whose clients they are.
  ///   - counted: the client rows that are counted.
  ///   - contracts: the contracts' versions.
  ///   - shares: who pays what.
  /// - Throws: what is wrong with a cell, located.
  mutating func addClaims(
    _ claims: Table, _ cohort: Cohort, counted: Set<Int>, contracts: Table?, shares: Table?
  ) throws(SiblingError) {
    let split = try ClaimShares(contracts, shares)
    let clients = cohort.clients
    var sites: [String: (site: Int, isCounted: Bool)] = [:]
    for row in 0..<clients.count where clients.ids.codes[row] >= 0 && clients.site[row] >= 0 {
      guard let site = place[clients.siteNames[Int(clients.site[row])]] else { continue }
      let id = clients.ids.levels[Int(clients.ids.codes[row])]
      let isCounted = counted.contains(row)
      if sites[id] == nil || isCounted { sites[id] = (site, isCounted) }
    }
    let ids = try claims.strings("client_id")
    let amounts = try claims.doubles("amount_gbp")
    let states = claims["status"] == nil ? nil : try claims.strings("status")
    let outcomes = claims["outcome"] == nil ? nil : try claims.strings("outcome")
    let event = try Self.days(claims, "event_date")
    let paid = try Self.days(claims, "paid_date")
    let claimed = try Self.days(claims, "claimed_date")
    var outside = 0
    for row in 0..<claims.rowCount {
      guard states?[row] == nil || states?[row] == "paid", !amounts[row].isNaN else { continue }
      guard let id = ids[row] else { throw Self.missing(claims, row, "client_id") }
      guard let client = sites[id], client.isCounted else {
        outside += 1
        continue
      }
      guard let day = paid[row] ?? claimed[row] ?? event[row] else {
        throw Self.missing(claims, row, "paid_date")
      }
      let amount = try Self.money(amounts[row], claims, row, "amount_gbp")
      guard amount >= .zero else {
        throw Self.bad(claims, row, "amount_gbp", nil, "a payment is negative")
      }
      let parts = split.parts(
        amount, site: this(client.site), outcome: outcomes?[row] ?? "", on: event[row] ?? day)
      for part in parts {
        items.append(
          CostItem(
            site: client.site, first: day, last: day, category: .outcomePayment,
            amount: part.amount, priceYear: Self.year(day, day), bearer: part.payer))
      }
    }
    if outside > 0 {
      notes.append("\(outside) paid claims of clients who are not counted are left out")
    }
    if shares == nil {
      notes.append(
        "who pays which share of outcomes is not given: the outcome payer is taken to pay all")
    }
  }

  private func this(_ site: Int) -> String { sites[site].name }

  /// The year that a period's middle lies in.
  private static func year(_ first: Int32, _ last: Int32) -> Int? {
    CivilDate(days: first + (last - first) / 2).components.year
  }

  /// Days of a column, nil where missing.
  static func days(_ table: Table, _ name: String) throws(SiblingError) -> [Int32?] {
    guard let column = table[name] else { return [Int32?](repeating: nil, count: table.rowCount) }
    // A column without a single value has no type of its own.
    if column.asStrings.allSatisfy({ $0 == nil }) {
      return [Int32?](repeating: nil, count: table.rowCount)
    }
    return try table.dates(name).map { $0 == Int32.min ? nil : $0 }
  }
}

/// Who pays which share of an outcome at a site on a day.
struct ClaimShares {
  private struct Version {
    var site: String
    var from, to: Int32?
    var key: String
  }
  private struct Share {
    var payer: String
    var share: Double
    var from, to: Int32?
  }
  private var versions: [Version] = []
  private var shares: [String: [Share]] = [:]

  /// - Throws: what is wrong with a cell, located.
  init(_ contracts: Table?, _ table: Table?) throws(SiblingError) {
    guard let contracts, let table else { return }
    let ids = try contracts.strings("contract_id")
    let numbers = try contracts.strings("version")
    let sites = try contracts.strings("site_id")
    let from = try ValueRecords.days(contracts, "effective_from")
    let to = try ValueRecords.days(contracts, "effective_to")
    for row in 0..<contracts.rowCount {
      guard let id = ids[row], let number = numbers[row], let site = sites[row] else { continue }
      versions.append(
        Version(site: site, from: from[row], to: to[row], key: "\(id)|\(number)"))
    }
    let owners = try table.strings("contract_id")
    let terms = try table.strings("version")
    let outcomes = try table.strings("outcome")
    let payers = try table.strings("payer")
    let parts = try table.doubles("share")
    let validFrom = try ValueRecords.days(table, "valid_from")
    let validTo = try ValueRecords.days(table, "valid_to")
    for row in 0..<table.rowCount {
      guard let id = owners[row], let number = terms[row], let outcome = outcomes[row],
        let payer = payers[row]
      else { continue }
      guard (0...1).contains(parts[row]) else {
        throw ValueRecords.bad(table, row, "share", nil, "a share lies between 0 and 1")
      }
      shares["\(id)|\(number)|\(outcome)", default: []].append(
        Share(payer: payer, share: parts[row], from: validFrom[row], to: validTo[row]))
    }
  }

  /// The parts of a payment, which sum to it to the penny; one part without a payer where no shares
  /// that sum to 1 are in force.
  func parts(
    _ amount: Money, site: String, outcome: String, on day: Int32
  ) -> [(payer: String?, amount: Money)] {
    func holds(_ from: Int32?, _ to: Int32?) -> Bool {
      (from ?? .min) <= day && day <= (to ?? .max)
    }
    guard let version = versions.first(where: { $0.site == site && holds($0.from, $0.to) }) else {
      return [(nil, amount)]
    }
    let own = (shares["\(version.key)|\(outcome)"] ?? []).filter { holds($0.from, $0.to) }
    let total = own.reduce(0) { $0 + $1.share }
    guard (total - 1).magnitude < 1e-6 else { return [(nil, amount)] }
    var found: [(payer: String?, amount: Money)] = []
    var (sum, given) = (0.0, 0)
    for share in own {
      sum += share.share
      // Each cumulative share is rounded, so that the last one closes on the amount.
      let upTo = Int((Double(amount.pence) * sum / total).rounded())
      found.append((share.payer, Money(pence: upTo - given)))
      given = upTo
    }
    return found
  }
}
