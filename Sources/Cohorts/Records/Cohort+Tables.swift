public import Statistics
public import Tables

extension Cohort {
  /// The cohort that tables in the schema hold; only the clients' is needed.
  ///
  /// Column names are the schema's. A column that is not there is missing throughout, except for the
  /// clients' `client_id` and `site_id`. The arm comes from the sites' table, else from the clients'
  /// own column `arm`.
  /// - Throws: `unknownColumn`, `wrongType`, `unknownLevel`, each located; `duplicateKey` for two
  ///   sites of one name, `badValue` for a client of a site that the sites' table does not have.
  public init(
    clients: Table, sites: Table? = nil, jobs: Table? = nil, others: [String: Table] = [:]
  ) throws(SiblingError) {
    let records = try sites.map { table throws(SiblingError) in try Sites(table) }
    let people = try Clients(clients, sites: records)
    let work = try jobs.map { table throws(SiblingError) in try Jobs(table, clients: people) }
    self.init(clients: people, sites: records, jobs: work, others: others)
  }
}

extension Sites {
  init(_ table: Table) throws(SiblingError) {
    let factor = try table.factor("site_id")
    var seen: Set<Int32> = []
    var ids: [String] = []
    for (row, code) in factor.codes.enumerated() {
      guard code >= 0, seen.insert(code).inserted else {
        throw SiblingError(
          code < 0 ? .missingValue : .duplicateKey,
          code < 0 ? "a site has no identifier" : "two sites have the same identifier",
          location: table.location(row: row, column: "site_id"), column: "site_id",
          cell: code < 0 ? nil : factor.levels[Int(code)])
      }
      ids.append(factor.levels[Int(code)])
    }
    self.init(
      ids: ids, arm: try RecordColumns.category(table, "arm", SiteArm.self),
      launch: try RecordColumns.dates(table, "launch_date"), table: table)
  }
}

extension Clients {
  init(_ table: Table, sites: Sites?) throws(SiblingError) {
    let ids = try table.factor("client_id")
    let factor = try table.factor("site_id")
    var names = factor.levels
    var site = factor.codes
    var arm: [Int8]
    if let sites {
      names = sites.ids
      let place = Dictionary(uniqueKeysWithValues: sites.ids.enumerated().map { ($1, Int32($0)) })
      let own = factor.levels.map { place[$0] ?? -1 }
      for (row, code) in factor.codes.enumerated() where code >= 0 {
        guard own[Int(code)] >= 0 else {
          throw SiblingError(
            .badValue, "a client's site is not in the table of sites",
            suggestion: nearestName(to: factor.levels[Int(code)], among: sites.ids),
            location: table.location(row: row, column: "site_id"), column: "site_id",
            cell: factor.levels[Int(code)])
        }
        site[row] = own[Int(code)]
      }
      arm = site.map { $0 < 0 ? -1 : sites.arm[Int($0)] }
    } else {
      arm = try RecordColumns.category(table, "arm", SiteArm.self)
    }
    func dates(_ name: String) throws(SiblingError) -> [Int32] {
      try RecordColumns.dates(table, name)
    }
    self.init(
      ids: ids,
      episode: try RecordColumns.episodes(table),
      site: site, siteNames: names, arm: arm, referral: try dates("referral_date"),
      accepted: try dates("accept_date"), engaged: try dates("engagement_date"),
      exited: try dates("exit_date"), lastContact: try dates("last_contact_date"),
      dataCut: try dates("data_cut_date"),
      decision: try RecordColumns.category(table, "referral_decision", ReferralDecision.self),
      exitReason: try RecordColumns.category(table, "exit_reason", ExitReason.self), table: table)
  }

  /// The row of each person and episode.
  func rows() -> [Key: Int32] {
    var rows: [Key: Int32] = [:]
    rows.reserveCapacity(count)
    for row in 0..<count where ids.codes[row] >= 0 {
      rows[Key(client: ids.codes[row], episode: episode[row])] = Int32(row)
    }
    return rows
  }

  struct Key: Hashable {
    var client, episode: Int32
  }
}

extension Jobs {
  init(_ table: Table, clients: Clients) throws(SiblingError) {
    let people = try table.factor("client_id")
    // Without starts nobody could be seen to have worked, and everybody would seem not to have.
    _ = try table.column("start_date")
    let own = people.places(in: clients.ids)
    let episodes = try RecordColumns.episodes(table)
    let rows = clients.rows()
    let owner = people.codes.indices.map { row -> Int32 in
      guard people.codes[row] >= 0, own[Int(people.codes[row])] >= 0 else { return -1 }
      return rows[.init(client: own[Int(people.codes[row])], episode: episodes[row])] ?? -1
    }
    func dates(_ name: String) throws(SiblingError) -> [Int32] {
      try RecordColumns.dates(table, name)
    }
    self.init(
      client: owner, start: try dates("start_date"),
      precision: try RecordColumns.category(table, "start_precision", DatePrecision.self)
        .map { max($0, 0) },
      endEarliest: try dates("end_earliest"), endLatest: try dates("end_latest"),
      isOngoing: try RecordColumns.flags(table, "ongoing_at_last_contact"),
      lastVerified: try dates("last_verified_working"),
      hours: try RecordColumns.doubles(table, "hours_per_week"),
      isCompetitive: try RecordColumns.flags(table, "competitive"),
      verification: try RecordColumns.category(table, "verification", JobVerification.self),
      verificationDate: try dates("verification_date"),
      endReason: try RecordColumns.category(table, "end_reason", JobEndReason.self), table: table)
  }
}
