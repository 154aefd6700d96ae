internal import Cohorts
internal import Contracts
internal import Statistics
internal import Tables

/// The schema's tables about contracts as terms, and their claims with what the records say of them.
struct ContractTables {
  /// The contracts' versions with their tariffs and shares, and the payers' caps.
  let terms: ContractTerms
  /// The claims in the order of their table; empty where there is none.
  private(set) var claims: [OutcomeClaim]
  /// Claims that were set aside because nothing is there to check them against.
  private(set) var unchecked: [OutcomeClaim] = []
  /// The tables by their names in the schema.
  let tables: [String: Table]

  /// What the tables say.
  ///
  /// Needed are `contracts` and `tariffs`; `payer_shares`, `payer_caps`, `claims`, `clients` and `jobs`
  /// are used where they are there. With `checking` the schema's rules are asked first, for tables that
  /// nobody has checked yet.
  /// - Throws: the first thing that is wrong, located in its table.
  init(_ tables: [String: Table], checking: Bool = true) throws(SiblingError) {
    self.tables = tables
    if checking { try Self.check(tables) }
    let versions = try Self.versions(tables)
    let caps = try tables["payer_caps"].map { table throws(SiblingError) in try Self.caps(table) }
    terms = ContractTerms(versions: versions, payerCaps: caps ?? [])
    guard let table = tables["claims"] else {
      claims = []
      return
    }
    claims = try ClaimReader(table, terms: terms, clients: tables["clients"], jobs: tables["jobs"])
      .claims()
  }

  /// The same with claims for jobs set aside where there is no table of jobs.
  ///
  /// Without records a job is unknown, not absent: its claim is neither due nor wrong.
  func settingAsideUnchecked() -> ContractTables {
    guard tables["jobs"] == nil else { return self }
    var copy = self
    copy.claims = claims.filter { $0.outcome == nil || $0.outcome == .engagement }
    copy.unchecked += claims.filter { $0.outcome != nil && $0.outcome != .engagement }
    return copy
  }

  /// Refuses tables that break a rule of the schema.
  ///
  /// A job on several rows, as where its hours change, is one job.
  private static func check(_ tables: [String: Table]) throws(SiblingError) {
    let broken = CohortValidation(tables).violations(.error).filter {
      !($0.rule == .duplicateKey && $0.table == "jobs")
    }
    guard let kind = broken.first, let violation = kind.first.first else { return }
    var error = violation.error
    if kind.count > 1 { error.message += " (\(kind.count) places)" }
    if broken.count > 1 {
      let rest = "\(broken.count - 1) other rules are broken too"
      error.help = error.help.map { "\($0); \(rest)" } ?? rest
    }
    throw error
  }

  /// The columns by which an error of the engine is known to be about a table.
  private static let ownColumns: [(table: String, columns: Set<String>)] = [
    ("payer_caps", ["cap_gbp"]),
    ("payer_shares", ["share", "payer", "payer_cap_gbp", "valid_from", "valid_to"]),
    (
      "tariffs",
      [
        "hours_band", "hours_boundary", "duration_weeks", "window_weeks", "permitted_gap_days",
        "per",
        "max_per_client", "verification_required", "claim_deadline_days",
      ]
    ),
    (
      "contracts",
      [
        "contract_id", "version", "effective_from", "effective_to", "block_gbp_pa",
        "outcome_cap_gbp", "investor_equity_gbp", "loan_gbp", "loan_rate", "loan_years",
        "management_cost_gbp_pa", "site_id",
      ]
    ),
  ]

  /// An error about the terms, with its row turned into a place in the table that it is about.
  func locating(terms error: SiblingError) -> SiblingError {
    guard error.location == nil else { return error }
    guard let column = error.column else {
      return tables["contracts"]?.locating(error) ?? error
    }
    let name =
      Self.ownColumns.first { $0.columns.contains(column) }?.table
      // Prices and outcomes stand in the tariffs.
      ?? "tariffs"
    return tables[name]?.locating(error) ?? error
  }

  /// An error about a claim, with its row turned into a place in the claims' table.
  func locating(claim error: SiblingError) -> SiblingError {
    guard error.location == nil, let table = tables["claims"] else { return error }
    var error = error
    // Where the contract is that of the client's site, the client is what stands in the file.
    if error.column == "contract_id", table["contract_id"] == nil { error.column = "client_id" }
    return table.locating(error)
  }
}

extension ContractTables {
  private struct Key: Hashable {
    var contract, version: String
  }

  private static func needed(
    _ tables: [String: Table], _ name: String
  ) throws(SiblingError) -> ContractColumns {
    guard let table = tables[name] else {
      throw SiblingError(
        .missingKey, "there is no table of \(name)",
        help: "contracts are replayed under their versions and tariffs: name both files")
    }
    return ContractColumns(table)
  }

  private static func versions(
    _ tables: [String: Table]
  ) throws(SiblingError) -> [ContractVersion] {
    let columns = try needed(tables, "contracts")
    let prices = try tariffs(needed(tables, "tariffs"))
    var shares: [Key: [PayerShare]]?
    if let table = tables["payer_shares"] { shares = try Self.shares(ContractColumns(table)) }
    let ids = try columns.required("contract_id")
    let names = try columns.required("version")
    let sites = columns.texts("site_id")
    let (from, to) = (try columns.days("effective_from"), try columns.days("effective_to"))
    let reasons = columns.texts("renegotiated_reason")
    let block = try columns.amounts("block_gbp_pa")
    let cap = try columns.amounts("outcome_cap_gbp")
    let (equity, loan) = (
      try columns.amounts("investor_equity_gbp"), try columns.amounts("loan_gbp")
    )
    let (rate, years) = (try columns.numbers("loan_rate"), try columns.numbers("loan_years"))
    let management = try columns.amounts("management_cost_gbp_pa")
    var versions: [ContractVersion] = []
    for row in ids.indices {
      let key = Key(contract: ids[row], version: names[row])
      versions.append(
        ContractVersion(
          contract: ids[row], site: sites[row] ?? "", version: names[row], from: from[row],
          to: to[row], reason: reasons[row], blockPerYear: block[row] ?? .zero,
          outcomeCap: cap[row], equity: equity[row] ?? .zero, loan: loan[row] ?? .zero,
          loanRate: rate[row] ?? 0, loanYears: years[row] ?? 0,
          managementPerYear: management[row] ?? .zero, tariffs: prices[key] ?? [],
          // A version without shares has one payer, who is not stated.
          shares: shares?[key] ?? [], row: row))
    }
    return inOrder(versions)
  }

  /// Contracts in the order of their first rows, versions in the order of their dates.
  private static func inOrder(_ versions: [ContractVersion]) -> [ContractVersion] {
    var places: [String: Int] = [:]
    for version in versions where places[version.contract] == nil {
      places[version.contract] = places.count
    }
    return versions.enumerated().sorted { left, right in
      let (a, b) = (left.element, right.element)
      return (places[a.contract] ?? 0, a.from ?? .min, left.offset)
        < (places[b.contract] ?? 0, b.from ?? .min, right.offset)
    }.map(\.element)
  }

  private static func tariffs(
    _ columns: ContractColumns
  ) throws(SiblingError) -> [Key: [OutcomeTariff]] {
    let ids = try columns.required("contract_id")
    let names = try columns.required("version")
    _ = try columns.required("outcome")
    let stages = try columns.values("outcome", OutcomeStage.self)
    let bands = try columns.values("hours_band", HoursBand.self)
    let boundaries = try columns.values("hours_boundary", HoursBoundary.self)
    let duration = try columns.numbers("duration_weeks")
    let window = try columns.numbers("window_weeks")
    let gaps = try columns.counts("permitted_gap_days")
    let units = try columns.values("per", OutcomeTariff.Unit.self)
    let most = try columns.counts("max_per_client")
    _ = try columns.table.column("amount_gbp")
    let amounts = try columns.amounts("amount_gbp")
    let evidence = columns.texts("verification_required")
    let deadlines = try columns.counts("claim_deadline_days")
    var tariffs: [Key: [OutcomeTariff]] = [:]
    for row in ids.indices {
      guard let amount = amounts[row] else {
        throw columns.wrong(.missingValue, "the outcome has no price", row: row, "amount_gbp")
      }
      guard let stage = stages[row] else { continue }
      let unit = units[row] ?? .client
      tariffs[Key(contract: ids[row], version: names[row]), default: []].append(
        OutcomeTariff(
          outcome: stage, band: bands[row] ?? .any, boundary: boundaries[row],
          durationWeeks: duration[row] ?? 0, windowWeeks: window[row] ?? 0,
          permittedGapDays: gaps[row] ?? 0, unit: unit,
          // A client who is paid for is paid for once, unless the contract says oftener.
          maximumPerClient: most[row] ?? (unit == .client ? 1 : nil), amount: amount,
          needsVerification: asksForEvidence(evidence[row]), claimDeadlineDays: deadlines[row],
          row: row))
    }
    return tariffs
  }

  private static func asksForEvidence(_ text: String?) -> Bool {
    guard let text else { return false }
    return !["n", "no", "none", "false", "0"].contains(text.lowercased())
  }

  private static func shares(
    _ columns: ContractColumns
  ) throws(SiblingError) -> [Key: [PayerShare]] {
    let ids = try columns.required("contract_id")
    let names = try columns.required("version")
    _ = try columns.required("outcome")
    let stages = try columns.values("outcome", OutcomeStage.self)
    let payers = try columns.required("payer")
    _ = try columns.table.column("share")
    let parts = try columns.millionths("share")
    let caps = try columns.amounts("payer_cap_gbp")
    let (from, to) = (try columns.days("valid_from"), try columns.days("valid_to"))
    var shares: [Key: [PayerShare]] = [:]
    for row in ids.indices {
      guard let part = parts[row] else {
        throw columns.wrong(.missingValue, "the payer's share is not given", row: row, "share")
      }
      guard let stage = stages[row] else { continue }
      shares[Key(contract: ids[row], version: names[row]), default: []].append(
        PayerShare(
          outcome: stage, payer: payers[row], millionths: part, cap: caps[row], from: from[row],
          to: to[row], row: row))
    }
    return shares
  }

  private static func caps(_ table: Table) throws(SiblingError) -> [PayerCap] {
    let columns = ContractColumns(table)
    let payers = try columns.required("payer")
    let contracts = columns.texts("contract_id")
    let (from, to) = (try columns.days("valid_from"), try columns.days("valid_to"))
    _ = try table.column("cap_gbp")
    var caps: [PayerCap] = []
    for (row, amount) in try columns.amounts("cap_gbp").enumerated() {
      guard let amount else {
        throw columns.wrong(.missingValue, "the cap has no amount", row: row, "cap_gbp")
      }
      caps.append(
        PayerCap(
          payer: payers[row], contract: contracts[row], from: from[row], to: to[row],
          amount: amount, row: row))
    }
    return caps
  }
}
