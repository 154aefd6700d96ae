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

  /// Joins sites and outcomes to the clients and makes the first rules.
  ///
  /// - Throws: what is wrong with a definition or derivation, located.
  init(_ study: StudyFile, _ cohort: Cohort) throws(SiblingError) {
    let clients = cohort.clients
    let accepted = (0..<clients.count).map { clients.isAccepted($0) }
    table = try clients.table.joined(with: cohort.sites)
    rules = [
      Attrition.Rule("Accepted on to the caseload", included: accepted),
      Attrition.Rule(
        "First accepted episode of a person", included: Self.firstEpisodes(clients, accepted)),
    ]
    if let weeks = study.node["data"]?["follow-up"]?.text.flatMap({ Int32($0) }) {
      rules.append(
        Attrition.Rule(
          "Accepted at least \(weeks) weeks before the data were cut",
          included: (0..<clients.count).map { row in
            clients.accepted[row] != missingDay && clients.dataCut[row] != missingDay
              && clients.dataCut[row] - clients.accepted[row] >= 7 * weeks
          }))
    }
    let derivations =
      study.node["data"]?.options([.derive]).repeated(.derive) ?? []
    let source = try DataSource(table: table, derivations: derivations, filter: nil)
    table = source.table
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
      table = try table.adding(Column(name: name, values: column.values.gathered(rows)))
    }
    return table
  }
}

extension Column.Values {
  /// The values of some rows, missing where the row is −1.
  func gathered(_ rows: [Int]) -> Column.Values {
    switch self {
    case .integers(let values): .integers(rows.map { $0 < 0 ? .min : values[$0] })
    case .doubles(let values): .doubles(rows.map { $0 < 0 ? .nan : values[$0] })
    case .text(let factor):
      .text(Factor(codes: rows.map { $0 < 0 ? -1 : factor.codes[$0] }, levels: factor.levels))
    case .booleans(let values): .booleans(rows.map { $0 < 0 ? -1 : values[$0] })
    case .dates(let values): .dates(rows.map { $0 < 0 ? .min : values[$0] })
    }
  }
}
