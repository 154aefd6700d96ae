internal import Cohorts
internal import Contracts
internal import Statistics
internal import Tables

/// The claims of a cohort as the audit of their timing reads them.
enum AuditedClaims {
  /// The claims under contracts that are known; none without the tables.
  ///
  /// - Throws: what is wrong with the tables, located.
  static func claims(
    _ cohort: Cohort, _ paid: PaidLengths
  ) throws(SiblingError) -> [ClaimTiming.Claim] {
    guard let table = cohort.others["claims"], let events = try dates(table, "event_date") else {
      return []
    }
    let claimed = try dates(table, "claimed_date")
    let sites = try sites(table, cohort)
    let outcomes = try strings(table, "outcome")
    let status = try strings(table, "status")
    let starts = try starts(table, cohort)
    // A cap was reached when the first claim under a contract was turned down for it.
    var capped: [String: Int32] = [:]
    var versions: [PaidLengths.Version?] = []
    for row in 0..<table.rowCount {
      let version = events[row].flatMap { day in
        sites[row].flatMap { paid.version(site: $0, on: day) }
      }
      versions.append(version)
      guard status[row] == "capped", let version, let day = claimed?[row] ?? events[row] else {
        continue
      }
      capped[version.contract] = min(capped[version.contract] ?? day, day)
    }
    return (0..<table.rowCount).map { row in
      let version = versions[row]
      let outcome = outcomes[row] ?? ""
      var reached: Int32?
      if outcome == "sustained", let start = starts[row], let days = version?.lengths.min(),
        version?.lengths.count == 1
      {
        reached = start + days - 1
      }
      return ClaimTiming.Claim(
        event: events[row], claimed: claimed?[row], deadline: version?.deadlines[outcome],
        reached: reached,
        changes: version.map { paid.changes(contract: $0.contract, site: $0.site) } ?? [],
        capped: version.flatMap { capped[$0.contract] })
    }
  }

  private static func dates(_ table: Table, _ name: String) throws(SiblingError) -> [Int32?]? {
    guard let column = table[name], (0..<column.count).contains(where: { !column.isMissing($0) })
    else { return nil }
    return try table.dates(name).map { $0 == missingDay ? nil : $0 }
  }

  private static func strings(_ table: Table, _ name: String) throws(SiblingError) -> [String?] {
    table[name] == nil
      ? [String?](repeating: nil, count: table.rowCount) : try table.strings(name)
  }

  /// The site of each claim's client.
  private static func sites(_ table: Table, _ cohort: Cohort) throws(SiblingError) -> [String?] {
    var sites: [String: String] = [:]
    let clients = cohort.clients
    for row in 0..<clients.count where clients.ids.codes[row] >= 0 && clients.site[row] >= 0 {
      let name = clients.ids.levels[Int(clients.ids.codes[row])]
      if sites[name] == nil { sites[name] = clients.siteNames[Int(clients.site[row])] }
    }
    return try strings(table, "client_id").map { $0.flatMap { sites[$0] } }
  }

  /// The first day of each claim's job, where recorded to the day.
  private static func starts(_ table: Table, _ cohort: Cohort) throws(SiblingError) -> [Int32?] {
    guard let jobs = cohort.jobs, jobs.table["job_id"] != nil else {
      return [Int32?](repeating: nil, count: table.rowCount)
    }
    var starts: [String: Int32] = [:]
    for (row, name) in try jobs.table.strings("job_id").enumerated() {
      guard let name, jobs.precision[row] == 0, jobs.start[row] != missingDay else { continue }
      starts[name] = jobs.start[row]
    }
    return try strings(table, "job_id").map { $0.flatMap { starts[$0] } }
  }
}
