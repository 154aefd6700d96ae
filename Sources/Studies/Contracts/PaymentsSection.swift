internal import Cohorts
internal import Contracts
internal import Reporting
internal import Statistics
internal import Tables

/// Every claim replayed under its contract, and what was expected and paid beside each other.
enum PaymentsSection: ContractSection {
  static func check(_ study: StudyFile) throws(SiblingError) {
    guard let node = study.node["contracts"] else { return }
    _ = try ReplaySettings(node.options(OptionKey.replaySettings))
    // Without data the files are all there is: what is wrong with them is said before a run.
    guard study.node["data"] == nil else { return }
    var scratch = ContractRun(study: study, gate: "")
    _ = try replay(&scratch, node)
  }

  static func run(_ run: inout ContractRun, _ tables: inout StudyTables) throws(SiblingError) {
    guard let node = run.study.node["contracts"] else { return }
    let (contracts, replayed, settings) = try replay(&run, node)
    let payer = node["block-payer"]?.text ?? "commissioner"
    let made = PaymentTables(
      tables: contracts, replayed: replayed, blocks: try blocks(contracts), blockPayer: payer,
      exactly16: settings.replay.exactly16)
    tables.cohort += try made.all()
    if let unclaimed = try made.unclaimed(settings.replay) { tables.cohort.append(unclaimed) }
    tables.cohortNotes["contract_totals"] = notes(contracts, replayed)
  }

  /// The claims replayed, of the study's own tables and of files that the section names.
  private static func replay(
    _ run: inout ContractRun, _ node: StudyNode
  ) throws(SiblingError) -> (ContractTables, ReplayedClaims, ReplaySettings) {
    let settings = try ReplaySettings(node.options(OptionKey.replaySettings))
    var tables = run.cohort?.tables ?? [:]
    var hasFiles = false
    for (name, key) in ContractTables.files.map({ ($0.table, $0.key.name) }) + [
      ("claims", "claims")
    ] {
      guard let file = node[key]?.text else { continue }
      tables[name] = try run.read(file)
      hasFiles = true
    }
    for name in ["contracts", "tariffs", "claims"] where tables[name] == nil {
      throw SiblingError(
        .missingKey, "contracts can't be replayed without a table of \(name)",
        help: "add '\(name)' to the tables under 'data', or '\(name): file.csv' here",
        location: node.location)
    }
    let contracts = try ContractTables(tables, checking: hasFiles).settingAsideUnchecked()
    return (contracts, try settings.replayed(contracts), settings)
  }

  /// The blocks of every version; one that is still in force counts to the last day of any claim.
  private static func blocks(
    _ tables: ContractTables
  ) throws(SiblingError) -> [BlockPayments.Quarter] {
    let last = (tables.claims + tables.unchecked).flatMap {
      [$0.event, $0.claimed, $0.paid].compactMap { $0 }
    }.max()
    var terms = tables.terms
    for place in terms.versions.indices where terms.versions[place].to == nil {
      terms.versions[place].to = last.map { max($0, terms.versions[place].from ?? $0) }
    }
    do throws(SiblingError) {
      return try BlockPayments().quarters(of: terms)
    } catch {
      throw tables.locating(terms: error)
    }
  }

  /// What could not be checked, in words.
  private static func notes(_ tables: ContractTables, _ replayed: ReplayedClaims) -> [String] {
    var notes: [String] = []
    if !tables.unchecked.isEmpty {
      notes.append(
        "There is no table of jobs, so that claims for jobs stand in no sum here and use up no cap."
      )
    }
    if tables.tables["payer_shares"] == nil {
      notes.append("There is no table of payers' shares, so that nothing is said of who pays.")
    }
    if tables.tables["clients"] == nil {
      notes.append(
        "There is no table of clients, so that outcomes which nobody claimed can't be looked for.")
    }
    for gap in tables.terms.gaps {
      notes.append(
        "No version of \(gap.contract) was in force from \(CivilDate(days: gap.from).isoText) to \(CivilDate(days: gap.to).isoText)."
      )
    }
    if replayed.claims.contains(where: { $0.paid == nil }) {
      notes.append("Some claims were paid without a recorded amount; they count as nothing paid.")
    }
    return notes
  }
}
