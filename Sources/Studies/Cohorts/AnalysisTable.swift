internal import Cohorts
internal import Statistics
internal import Tables

/// The table that effects are estimated on: one row a client and episode, with site and outcomes.
///
/// Every referral has a row, so that the rules that leave some out can be counted; outcomes are made for
/// those accepted. The columns of the sites' table stand beside the clients', under their own name or,
/// where clients have a column of that name, with `site_` before it.
struct AnalysisTable {
  /// The columns.
  var table: Table
  /// The rules that come before the study's own.
  var rules: [Attrition.Rule]
  /// What the reader must know, in words.
  var findings: [String] = []
  /// The columns that were made from jobs.
  private(set) var made: [String] = []
  /// Who was accepted early enough for every outcome to be seen; nil without outcomes.
  private(set) var mature: [Bool]?

  /// Joins sites and outcomes to the clients and makes the first rules.
  ///
  /// - Throws: what is wrong with a definition or derivation, located.
  init(_ study: StudyFile, _ cohort: Cohort) throws(SiblingError) {
    let clients = cohort.clients
    // A table of clients alone, without decisions or dates of acceptance, is of people accepted.
    let isDecided =
      clients.table["referral_decision"] != nil || clients.table["accept_date"] != nil
    let accepted = (0..<clients.count).map { !isDecided || clients.isAccepted($0) }
    table = try clients.table.joined(with: cohort.sites)
    rules = [
      Attrition.Rule("Accepted on to the caseload", included: accepted),
      Attrition.Rule(
        "First accepted episode of a person", included: Self.firstEpisodes(clients, accepted)),
    ]
    if let contracts = cohort.others["contracts"] { try addContracts(contracts, clients) }
    if cohort.jobs != nil {
      try addOutcomes(study, cohort)
    } else if let node = study.node["data"]?["definitions"] {
      throw SiblingError(
        .missingKey, "outcomes are made from jobs, and the study has no table of jobs",
        help: "add 'jobs: {file: …}' under 'data: tables'", location: node.location)
    }
  }

  /// Adds `contract_began` and `contract_changed`: the days on which the first and the second version
  /// of a contract of the client's site took effect; missing where there is none.
  private mutating func addContracts(
    _ contracts: Table, _ clients: Clients
  ) throws(SiblingError) {
    guard contracts["site_id"] != nil, contracts["effective_from"] != nil else { return }
    let sites = try contracts.factor("site_id")
    let days = try contracts.dates("effective_from")
    var began = [Int32](repeating: missingDay, count: clients.siteNames.count)
    var changed = began
    let place = Dictionary(
      uniqueKeysWithValues: clients.siteNames.enumerated().map { ($1, $0) })
    let order = days.indices.filter { days[$0] != missingDay }.sorted { days[$0] < days[$1] }
    for row in order where sites.codes[row] >= 0 {
      guard let site = place[sites.levels[Int(sites.codes[row])]] else { continue }
      if began[site] == missingDay {
        began[site] = days[row]
      } else if changed[site] == missingDay, days[row] > began[site] {
        changed[site] = days[row]
      }
    }
    for (name, days) in [("contract_began", began), ("contract_changed", changed)]
    where table[name] == nil {
      table = try table.adding(
        Column(
          name: name,
          values: .dates(clients.site.map { $0 < 0 ? missingDay : days[Int($0)] })))
    }
  }

  /// Adds the outcomes, and the rule that leaves out those whose outcomes can't be seen yet.
  private mutating func addOutcomes(
    _ study: StudyFile, _ cohort: Cohort
  ) throws(SiblingError) {
    let definitions = try DefinitionNodes.definitions(study)
    let weeks = try DefinitionNodes.followUpWeeks(study)
    let columns: [Column]
    do throws(SiblingError) {
      columns = try OutcomeColumns.make(
        cohort, rows: Array(0..<cohort.clients.count), definitions: definitions,
        followUpWeeks: weeks)
    } catch {
      throw cohort.clients.table.locating(error)
    }
    var isMature = [Bool](repeating: true, count: cohort.clients.count)
    for column in columns {
      switch column.values {
      case .integers(let values) where column.name == "mature":
        for row in values.indices where values[row] != 1 { isMature[row] = false }
      case .text(let reasons):
        guard let code = reasons.levels.firstIndex(of: ScoredOutcome.Reason.immature.rawValue)
        else { continue }
        for row in reasons.codes.indices where reasons.codes[row] == Int32(code) {
          isMature[row] = false
        }
      default: continue
      }
    }
    for column in columns { table = try table.adding(column) }
    // When somebody was accepted says nothing of what happened to them.
    made = columns.map(\.name).filter { $0 != "mature" }
    mature = isMature
    rules.append(
      Attrition.Rule("Accepted early enough for every outcome to be seen", included: isMature))
  }

  /// Whether a row is its person's first accepted episode, by number.
  private static func firstEpisodes(_ clients: Clients, _ accepted: [Bool]) -> [Bool] {
    var first = [Int](repeating: -1, count: clients.ids.levels.count)
    for row in 0..<clients.count where accepted[row] && clients.ids.codes[row] >= 0 {
      let person = Int(clients.ids.codes[row])
      if first[person] < 0 || clients.episode[row] < clients.episode[first[person]] {
        first[person] = row
      }
    }
    return (0..<clients.count).map { row in
      clients.ids.codes[row] >= 0 && first[Int(clients.ids.codes[row])] == row
    }
  }
}

extension Table {
  /// The table with the columns of its rows' sites beside it.
  ///
  /// A column of the sites' table that the table has already gets `site_` before its name, except for
  /// the arm, which is the same. Rows without a site, and of one that is not there, have none of them.
  /// - Throws: `unknownColumn` without `site_id`.
  func joined(with sites: Sites?) throws(SiblingError) -> Table {
    guard let sites else { return self }
    let own = try factor("site_id")
    let place = Dictionary(uniqueKeysWithValues: sites.ids.enumerated().map { ($1, $0) })
    let places = own.levels.map { place[$0] ?? -1 }
    let rows = own.codes.map { $0 < 0 ? -1 : places[Int($0)] }
    var table = self
    for column in sites.table.columns where column.name != "site_id" {
      let name = table[column.name] == nil ? column.name : "site_\(column.name)"
      guard column.name != "arm" || table["arm"] == nil, table[name] == nil else { continue }
      var filled = column.selecting(filling: rows)
      filled.name = name
      table = try table.adding(filled)
    }
    return table
  }
}
