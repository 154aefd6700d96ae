internal import Contracts
internal import Statistics
internal import Tables

/// Outcomes in the records that a contract pays for and that nobody claimed, priced before caps.
///
/// For every client of a contract's site: the engagement, the start of the first job, and the day on
/// which the first job that certainly lasted had lasted as long as the contract asks. An outcome
/// counts as claimed when there is a claim of that client for it, whatever became of it. Outcomes
/// before the contract's first or after its last version are nobody's to pay and left out.
struct UnclaimedOutcomes {
  struct Line: Equatable {
    var contract: String
    var outcome: OutcomeStage
    /// `due`, or why nothing is.
    var finding: String
    var count: Int
    var due: Money
  }

  private let tables: ContractTables
  private let replay: ClaimReplay

  init(_ tables: ContractTables, _ replay: ClaimReplay) {
    (self.tables, self.replay) = (tables, replay)
  }

  /// The outcomes by contract, outcome and what the contract says of them.
  ///
  /// - Throws: what is wrong with the records, located.
  func lines() throws(SiblingError) -> [Line] {
    let events = try events()
    guard !events.isEmpty else { return [] }
    // What is not claimed has drawn on no cap.
    var terms = tables.terms
    terms.payerCaps = []
    for version in terms.versions.indices {
      terms.versions[version].outcomeCap = nil
      for share in terms.versions[version].shares.indices {
        terms.versions[version].shares[share].cap = nil
      }
    }
    let replayed = try replay.replay(events, under: terms)
    var lines: [Line] = []
    for claim in replayed.claims {
      let contract = events[claim.index].contract
      let finding = claim.reason?.rawValue ?? "due"
      let place =
        lines.firstIndex {
          $0.contract == contract && $0.outcome == claim.outcome && $0.finding == finding
        } ?? lines.count
      if place == lines.count {
        lines.append(
          Line(
            contract: contract, outcome: claim.outcome, finding: finding, count: 0, due: .zero))
      }
      lines[place].count += 1
      lines[place].due = lines[place].due + claim.due
    }
    return lines.sorted {
      ($0.contract, $0.outcome, $0.finding) < ($1.contract, $1.outcome, $1.finding)
    }
  }

  private struct Claimed: Hashable {
    var client: String
    var outcome: OutcomeStage
  }

  /// The unclaimed outcomes as claims without a day of claim.
  private func events() throws(SiblingError) -> [OutcomeClaim] {
    guard let clients = tables.tables["clients"], let jobs = tables.tables["jobs"] else {
      return []
    }
    let claimed = Set(
      tables.claims.compactMap { claim in
        claim.outcome.map { Claimed(client: claim.client, outcome: $0) }
      })
    let contracts = SiteContracts(tables.terms)
    let sites = try ClientSites(clients)
    let columns = ContractColumns(clients)
    let ids = columns.texts("client_id")
    let engaged = try columns.days("engagement_date")
    let work = try ClientJobs(jobs, clients: clients)
    var events: [OutcomeClaim] = []
    var seen: Set<Claimed> = []
    func add(
      _ client: String, _ outcome: OutcomeStage, _ day: Int32, _ job: String?,
      _ version: ContractVersion
    ) {
      let key = Claimed(client: client, outcome: outcome)
      guard !claimed.contains(key), seen.insert(key).inserted else { return }
      events.append(
        OutcomeClaim(
          id: "\(client) \(outcome.rawValue)", client: client, contract: version.contract, job: job,
          outcome: outcome, event: day,
          facts: job.flatMap { work.records.facts(of: $0, on: day) }, row: events.count))
    }
    for row in ids.indices {
      guard let client = ids[row] else { continue }
      if let day = engaged[row], let version = version(of: client, on: day, sites, contracts) {
        add(client, .engagement, day, nil, version)
      }
      if let first = work.jobs[client]?.first,
        let version = version(of: client, on: first.start, sites, contracts)
      {
        add(client, .jobStart, first.start, first.id, version)
      }
      for job in work.jobs[client] ?? [] {
        guard let (day, version) = lasting(job, client, sites, contracts) else { continue }
        add(client, .sustained, day, job.id, version)
        break
      }
    }
    return events
  }

  /// The version in force for a client on a day, where it prices anything at all.
  private func version(
    of client: String, on day: Int32, _ sites: ClientSites, _ contracts: SiteContracts
  ) -> ContractVersion? {
    guard let site = sites.site(of: client, on: day),
      case .one(let contract) = contracts.contract(of: site, on: day)
    else { return nil }
    return tables.terms.versions.first { $0.contract == contract && $0.holds(on: day) }
  }

  /// The day on which a job had lasted as long as the contract in force on that day asks.
  private func lasting(
    _ job: ClientJobs.Job, _ client: String, _ sites: ClientSites, _ contracts: SiteContracts
  ) -> (Int32, ContractVersion)? {
    let weeks = Set(
      tables.terms.versions.flatMap(\.tariffs).filter { $0.outcome == .sustained }
        .map(\.durationWeeks)
    ).sorted()
    for length in weeks {
      let days = Int32((length * 7).rounded(.up))
      let day = job.start + max(0, days - 1)
      guard day <= job.certainEnd, let version = version(of: client, on: day, sites, contracts),
        version.tariffs.contains(where: { $0.outcome == .sustained && $0.durationWeeks == length })
      else { continue }
      return (day, version)
    }
    return nil
  }
}

/// The jobs of clients with what is certain of their length.
struct ClientJobs {
  struct Job {
    var id: String
    var start: Int32
    /// The last day on which the client certainly had it.
    var certainEnd: Int32
  }

  /// Each client's jobs in the order of their starts.
  private(set) var jobs: [String: [Job]] = [:]
  /// What the records say of each job.
  let records: JobRecords

  /// Reads the jobs; those that went on at the last contact certainly lasted until then.
  ///
  /// - Throws: what is wrong with a column, located.
  init(_ table: Table, clients: Table) throws(SiblingError) {
    records = try JobRecords(table)
    let people = ContractColumns(clients)
    let (contact, cut) = (
      try people.days("last_contact_date"), try people.days("data_cut_date")
    )
    var lastSeen: [String: Int32] = [:]
    for (row, client) in people.texts("client_id").enumerated() {
      guard let client, let day = contact[row] ?? cut[row] else { continue }
      lastSeen[client] = max(lastSeen[client] ?? day, day)
    }
    let columns = ContractColumns(table)
    let owners = columns.texts("client_id")
    let verified = try columns.days("last_verified_working")
    let ongoing = columns.texts("ongoing_at_last_contact")
    var seen: Set<String> = []
    for (row, id) in columns.texts("job_id").enumerated() {
      guard let id, let client = owners[row], seen.insert(id).inserted,
        let facts = records.facts(of: id, on: nil), let start = facts.start
      else { continue }
      var end = max(start, verified[row] ?? start)
      if let early = facts.endEarliest {
        end = max(end, early)
      } else if ["y", "yes", "true", "1"].contains(ongoing[row]?.lowercased() ?? "") {
        end = max(end, lastSeen[client] ?? end)
      }
      jobs[client, default: []].append(Job(id: id, start: start, certainEnd: end))
    }
    for (client, own) in jobs {
      jobs[client] = own.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
    }
  }
}
