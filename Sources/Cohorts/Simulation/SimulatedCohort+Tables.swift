internal import Statistics
public import Tables

extension SimulatedCohort {
  /// The tables of the schema by name, beginning with sites, clients and jobs.
  public func tables() -> [(name: String, table: Table)] {
    [("sites", sitesTable()), ("clients", clientsTable()), ("jobs", jobsTable())]
      + contractTables()
  }

  /// The cohort: clients, sites and jobs, with their tables.
  public func cohort() -> Cohort {
    let (people, work, places) = (clientsTable(), jobsTable(), sitesTable())
    let records = SimulatedColumns(rows: clients)
    func dates(_ table: Table, _ name: String) -> [Int32] {
      if case .dates(let days)? = table[name]?.values { days } else { [] }
    }
    func factor(_ table: Table, _ name: String) -> Factor {
      table[name]?.asFactor ?? Factor(codes: [], levels: [])
    }
    func place<Category: CaseIterable & Equatable>(_ value: Category) -> Int8 {
      Int8(Array(Category.allCases).firstIndex(of: value) ?? -1)
    }
    let arms = sites.map { place($0.arm) }
    let rows = records.rows
    return Cohort(
      clients: Clients(
        ids: factor(people, "client_id"), episode: [Int32](repeating: 1, count: rows.count),
        site: rows.map(\.site), siteNames: sites.map(\.id), arm: rows.map { arms[Int($0.site)] },
        referral: rows.map(\.referral), accepted: rows.map(\.accepted),
        engaged: rows.map(\.engaged), exited: rows.map(\.exited),
        lastContact: rows.map(\.lastContact),
        dataCut: [Int32](repeating: SimulationModel.dataCut, count: rows.count),
        decision: rows.map { place($0.decision) },
        exitReason: rows.map { $0.exitReason.map(place) ?? -1 }, table: people),
      sites: Sites(
        ids: sites.map(\.id), arm: arms, launch: sites.map(\.launch), table: places),
      jobs: Jobs(
        client: jobs.map(\.client), start: jobs.map(\.start),
        precision: jobs.map { place($0.precision) }, endEarliest: jobs.map(\.endEarliest),
        endLatest: jobs.map(\.endLatest), isOngoing: jobs.map { $0.isOngoing ? 1 : 0 },
        lastVerified: jobs.map(\.lastVerified), hours: jobs.map(\.hours),
        isCompetitive: [Int8](repeating: 1, count: jobs.count),
        verification: jobs.map { place($0.verification) },
        verificationDate: jobs.map(\.verificationDate), endReason: jobs.map(\.endReason),
        table: work))
  }

  /// A table whose columns have one length by construction.
  func table(_ columns: [Column]) -> Table {
    do { return try Table(columns) } catch { preconditionFailure(error.message) }
  }

  /// The identifier column of clients, for rows that belong to them; levels in code-point order.
  ///
  /// The sorted bits, and for each client its rank among them.
  private func clientCodes() -> (ranks: [Int32], sorted: [UInt64]) {
    let identifiers = SimulatedIdentifiers(seed: simulation.seed)
    let bits = clients.indices.map { identifiers.bits($0) }
    // 48 bits are exact in a double.
    let order = Sorting.order(bits.map { Double($0) })
    var ranks = [Int32](repeating: 0, count: bits.count)
    for (rank, row) in order.enumerated() { ranks[Int(row)] = Int32(rank) }
    return (ranks, order.map { bits[Int($0)] })
  }

  private func clientIdentifiers() -> Factor {
    let (ranks, sorted) = clientCodes()
    return Factor(codes: ranks, levels: sorted.map { SimulatedIdentifiers.text(99, $0) })
  }

  /// How many employment specialists a site has: one for 22.5 people on its caseload on average.
  func specialists() -> [Double] {
    var days = [Double](repeating: 0, count: sites.count)
    for client in clients where client.isAccepted {
      let end = client.exited == missingDay ? client.lastContact : client.exited
      days[Int(client.site)] += Double(end - client.accepted)
    }
    return sites.enumerated().map { number, site in
      let open = Double(min(site.closes + 400, SimulationModel.dataCut) - site.opens)
      return max(0.5, (days[number] / open / 22.5 * 10).rounded() / 10)
    }
  }

  func sitesTable() -> Table {
    let columns = SimulatedColumns(rows: sites)
    let posts = specialists()
    return table([
      columns.words("site_id") { $0.id }, columns.category("arm") { $0.arm },
      columns.dates("launch_date") { $0.launch },
      columns.words("cohort") { $0.isLearningDisability ? "ld" : "smi" },
      columns.words("provider_id") { $0.provider },
      columns.words("provider_type") { $0.providerType },
      columns.words("commissioner_id") { $0.commissioner },
      columns.words("region") { $0.region }, columns.flag("prior_ips") { $0.priorIPS },
      columns.integers("fidelity_score") { $0.fidelity },
      columns.dates("fidelity_date") { $0.fidelityDate },
      Column(name: "fte_es", values: .doubles(posts)),
      columns.integers("target_caseload") { $0.targetCaseload },
      columns.doubles("local_unemployment_pct") { $0.unemployment },
      columns.integers("imd_decile") { $0.deprivation },
    ])
  }

  func clientsTable() -> Table {
    let columns = SimulatedColumns(rows: clients)
    typealias Person = SimulatedPerson
    return table(
      [
        Column(name: "client_id", values: .text(clientIdentifiers())),
        columns.integers("episode_no") { _ in 1 },
        columns.text("site_id", sites.map(\.id)) { Int($0.site) },
        columns.dates("referral_date") { $0.referral },
        columns.category("referral_decision") { $0.decision },
        columns.dates("accept_date") { $0.accepted },
        columns.dates("engagement_date") { $0.engaged },
        columns.text("engagement_basis", ["vocational_profile", "three_appointments", "other"]) {
          Int($0.engagementBasis)
        },
        columns.dates("exit_date") { $0.exited },
        columns.category("exit_reason") { $0.exitReason },
        columns.dates("last_contact_date") { $0.lastContact },
        columns.dates("data_cut_date") { _ in SimulationModel.dataCut },
        columns.integers("age") { Int($0.person.age) },
        columns.text("sex", Person.sexes) { Int($0.person.sex) },
        columns.text("ethnicity5", Person.ethnicities) {
          $0.hidesEthnicity ? -1 : Int($0.person.ethnicity)
        },
        columns.text("ethnicity5_reason", ["refused"]) { $0.hidesEthnicity ? 0 : -1 },
        columns.text("education", Person.educations) { Int($0.person.education) },
        columns.text("diagnosis", Person.diagnoses) { Int($0.person.diagnosis) },
        columns.integers("months_since_last_job") {
          $0.hidesMonths || $0.person.monthsWithoutWork < 0 ? nil : Int($0.person.monthsWithoutWork)
        },
        columns.text("months_since_last_job_reason", ["not_applicable", "unknown"]) {
          $0.person.monthsWithoutWork < 0 ? 0 : $0.hidesMonths ? 1 : -1
        },
        columns.flag("ever_worked") { $0.person.hasEverWorked },
        columns.text("employed_at_entry", Person.employments) { Int($0.person.employment) },
        columns.text("benefit", Person.benefits) { Int($0.person.benefit) },
        columns.text("housing", Person.housings) { Int($0.person.housing) },
        columns.flag("substance_use") { $0.person.usesSubstances },
        columns.flag("offending_history") { $0.hidesOffending ? nil : $0.person.hasOffended },
        columns.text("offending_history_reason", ["refused"]) { $0.hidesOffending ? 0 : -1 },
        columns.integers("motivation_1_5") { Int($0.person.motivation) },
        columns.text("referral_source", Person.sources) { Int($0.person.source) },
        columns.integers("imd_decile") { Int($0.person.deprivation) },
        workers(),
      ])
  }

  /// The employment specialist of each accepted client, in turn.
  private func workers() -> Column {
    let counts = specialists().map { max(1, Int($0.rounded(.up))) }
    var names: [String] = []
    var first: [Int32] = []
    for (number, count) in counts.enumerated() {
      first.append(Int32(names.count))
      for worker in 1...count {
        names.append("\(sites[number].id)-es\(worker < 10 ? "0" : "")\(worker)")
      }
    }
    var turn = [Int](repeating: 0, count: sites.count)
    var codes = [Int32](repeating: -1, count: clients.count)
    for (row, client) in clients.enumerated() where client.isAccepted {
      let site = Int(client.site)
      codes[row] = first[site] + Int32(turn[site] % counts[site])
      turn[site] += 1
    }
    return SimulatedColumns(rows: codes).text("es_id", names) { Int($0) }
  }

  func jobsTable() -> Table {
    let columns = SimulatedColumns(rows: jobs)
    let (ranks, sorted) = clientCodes()
    var present = [Bool](repeating: false, count: sorted.count)
    for job in jobs { present[Int(ranks[Int(job.client)])] = true }
    var level = [Int32](repeating: -1, count: sorted.count)
    var levels: [String] = []
    for rank in sorted.indices where present[rank] {
      level[rank] = Int32(levels.count)
      levels.append(SimulatedIdentifiers.text(99, sorted[rank]))
    }
    return table(
      [
        Column(name: "job_id", values: .text(jobIdentifiers(ranks, sorted))),
        Column(
          name: "client_id",
          values: .text(
            Factor(codes: jobs.map { level[Int(ranks[Int($0.client)])] }, levels: levels))),
        columns.integers("episode_no") { _ in 1 }, columns.dates("start_date") { $0.start },
        columns.category("start_precision") { $0.precision },
        columns.dates("end_earliest") { $0.endEarliest },
        columns.dates("end_latest") { $0.endLatest },
        columns.text("end_latest_reason", ["lost_contact", "not_applicable"]) {
          $0.isOngoing ? ($0.isLost ? 0 : 1) : -1
        },
        columns.flag("ongoing_at_last_contact") { $0.isOngoing },
        columns.dates("last_verified_working") { $0.lastVerified },
        columns.doubles("hours_per_week") { $0.hours },
        columns.text("hours_per_week_reason", ["refused"]) { $0.hours.isNaN ? 0 : -1 },
        columns.doubles("hourly_wage_gbp") { $0.wage },
        columns.text("hourly_wage_gbp_reason", ["refused"]) { $0.wage.isNaN ? 0 : -1 },
        columns.flag("competitive") { _ in true },
        columns.text("contract", SimulatedJob.contracts) { Int($0.contract) },
        columns.integers("furlough_days") { Int($0.furlough) },
        columns.text("end_reason", JobEndReason.allCases.map(\.rawValue)) { Int($0.endReason) },
        columns.category("verification") { $0.verification },
        columns.dates("verification_date") { $0.verificationDate },
        columns.text("verification_date_reason", ["refused"]) {
          $0.verificationDate == missingDay ? 0 : -1
        },
      ])
  }

  /// Jobs in the order of their client's rank and number, which is the order of their identifiers.
  private func jobIdentifiers(_ ranks: [Int32], _ sorted: [UInt64]) -> Factor {
    let keys = jobs.map {
      ranks[Int($0.client)] * Int32(SimulationModel.mostJobs) + Int32($0.number)
    }
    let order = Sorting.order(keys.map { Double($0) })
    var codes = [Int32](repeating: 0, count: keys.count)
    var levels: [String] = []
    levels.reserveCapacity(keys.count)
    for (rank, row) in order.enumerated() {
      let job = jobs[Int(row)]
      codes[Int(row)] = Int32(rank)
      levels.append(
        SimulatedIdentifiers.text(
          106, sorted[Int(ranks[Int(job.client)])], 49 + UInt8(job.number)))
    }
    return Factor(codes: codes, levels: levels)
  }
}
