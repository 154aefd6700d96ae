internal import Contracts
internal import Statistics
internal import Tables

/// Claims from their table, each with its contract and with what the records say of its job.
struct ClaimReader {
  private let columns: ContractColumns
  private let terms: ContractTerms
  private let sites: ClientSites?
  private let jobs: JobRecords?

  /// Reads what stands behind claims.
  ///
  /// - Throws: what is wrong with the clients or jobs, located.
  init(
    _ claims: Table, terms: ContractTerms, clients: Table?, jobs: Table?
  ) throws(SiblingError) {
    columns = ContractColumns(claims)
    self.terms = terms
    sites = try clients.map { table throws(SiblingError) in try ClientSites(table) }
    self.jobs = try jobs.map { table throws(SiblingError) in try JobRecords(table) }
  }

  /// The claims in the order of the table.
  ///
  /// - Throws: the first thing that is wrong with a claim, located.
  func claims() throws(SiblingError) -> [OutcomeClaim] {
    let ids = try columns.required("claim_id")
    let clients = try columns.required("client_id")
    let jobIds = columns.texts("job_id")
    let stages = try columns.values("outcome", OutcomeStage.self)
    let event = try columns.days("event_date")
    let (claimed, paid) = (try columns.days("claimed_date"), try columns.days("paid_date"))
    let status = try columns.values("status", OutcomeClaim.Status.self)
    let amounts = try columns.amounts("amount_gbp")
    let own = columns.texts("contract_id")
    if columns.table["contract_id"] == nil, sites == nil {
      throw SiblingError(
        .unknownColumn, "nothing says which contract a claim belongs to",
        help:
          "name the file of clients, whose sites have the contracts, or give the claims a column"
          + " contract_id", location: columns.table.headerLocation("client_id"))
    }
    let contracts = SiteContracts(terms)
    var claims: [OutcomeClaim] = []
    claims.reserveCapacity(ids.count)
    for row in ids.indices {
      let contract: String
      if let named = own[row] {
        contract = named
      } else {
        contract = try self.contract(of: clients[row], on: event[row], contracts, row)
      }
      claims.append(
        OutcomeClaim(
          id: ids[row], client: clients[row], contract: contract, job: jobIds[row],
          outcome: stages[row], event: event[row], claimed: claimed[row], paid: paid[row],
          status: status[row], amount: amounts[row],
          facts: jobIds[row].flatMap { jobs?.facts(of: $0, on: event[row]) }, row: row))
    }
    return claims
  }

  private func contract(
    of client: String, on day: Int32?, _ contracts: SiteContracts, _ row: Int
  ) throws(SiblingError) -> String {
    guard let sites else {
      throw columns.wrong(.missingValue, "the claim names no contract", row: row, "contract_id")
    }
    guard let site = sites.site(of: client, on: day) else {
      throw columns.wrong(
        .dataQuality, "the claim is for a person who is not in the table of clients",
        help: "correct the identifier, or leave the claim out", row: row, "client_id")
    }
    switch contracts.contract(of: site, on: day) {
    case .one(let contract): return contract
    case .none:
      throw columns.wrong(
        .dataQuality, "the client's site has no contract",
        help: "add the contract with its site_id, or correct the client's site", row: row,
        "client_id")
    case .several:
      throw columns.wrong(
        .dataQuality, "two contracts of the client's site are in force on the day of the event",
        help: "give the claims a column contract_id", row: row, "client_id")
    }
  }
}

/// The contracts of sites by day.
struct SiteContracts {
  private var versions: [String: [ContractVersion]] = [:]

  init(_ terms: ContractTerms) {
    for version in terms.versions { versions[version.site, default: []].append(version) }
  }

  enum Found: Equatable {
    case one(String)
    case none
    case several
  }

  /// The contract that pays for a site on a day: the site's only one, else the one in force.
  func contract(of site: String, on day: Int32?) -> Found {
    guard let own = versions[site], let first = own.first else { return .none }
    if own.allSatisfy({ $0.contract == first.contract }) { return .one(first.contract) }
    let inForce = Set(
      own.filter { version in day.map { version.holds(on: $0) } ?? false }.map(\.contract))
    // On a day without any the replay says so at the day of the event.
    guard let found = inForce.first else { return .one(first.contract) }
    return inForce.count == 1 ? .one(found) : .several
  }
}

/// The sites of clients over their episodes.
struct ClientSites {
  private var episodes: [String: [(day: Int32, site: String)]] = [:]

  /// Reads the clients.
  ///
  /// - Throws: what is wrong with a column, located.
  init(_ table: Table) throws(SiblingError) {
    let columns = ContractColumns(table)
    let clients = columns.texts("client_id")
    let sites = columns.texts("site_id")
    let (accepted, referred) = (
      try columns.days("accept_date"), try columns.days("referral_date")
    )
    for row in clients.indices {
      guard let client = clients[row], let site = sites[row] else { continue }
      episodes[client, default: []].append((accepted[row] ?? referred[row] ?? .min, site))
    }
    for (client, own) in episodes where own.count > 1 {
      episodes[client] = own.sorted { $0.day < $1.day }
    }
  }

  /// The site of the client's last episode that began up to a day, else of the first.
  func site(of client: String, on day: Int32?) -> String? {
    guard let own = episodes[client] else { return nil }
    guard let day else { return own.first?.site }
    return (own.last { $0.day <= day } ?? own.first)?.site
  }
}
