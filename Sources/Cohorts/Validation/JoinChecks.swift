internal import Statistics
internal import Tables

/// Checks of keys, and of what the tables say about each other's sites and contracts.
struct JoinChecks {
  let tables: [String: CheckedTable]

  func findings() -> [Finding] {
    var found: [Finding?] = []
    for schema in Schema.tables {
      guard let table = tables[schema.name] else { continue }
      if let classes = KeyClasses(table, schema.key) {
        let names = schema.key.filter { table.table[$0] != nil }
        found.append(
          Finding(
            .duplicateKey, schema.name, schema.key[0], other: names.joined(separator: ", "),
            classes.repeated()))
      }
      if schema.name != "sites", schema.field("site_id") != nil { found.append(sites(table)) }
      if ["tariffs", "payer_shares"].contains(schema.name) {
        found.append(contracts(table, ["contract_id", "version"]))
      } else if ["targets", "payer_caps", "claims"].contains(schema.name) {
        found.append(contracts(table, ["contract_id"]))
      }
    }
    found.append(arms())
    return found.compactMap { $0 }
  }

  private func sites(_ table: CheckedTable) -> Finding? {
    guard let known = tables["sites"]?.factor("site_id"), let own = table.factor("site_id") else {
      return nil
    }
    let places = own.places(in: known)
    return Finding(
      .unknownSite, table.name, "site_id",
      RowList(
        own.codes.indices.lazy.filter { own.codes[$0] >= 0 && places[Int(own.codes[$0])] < 0 }
      ))
  }

  private func contracts(_ table: CheckedTable, _ names: [String]) -> Finding? {
    guard let contracts = tables["contracts"],
      names.allSatisfy({ contracts.table[$0] != nil && table.table[$0] != nil })
    else { return nil }
    func keys(_ table: CheckedTable) -> [String?] {
      let columns = names.compactMap { table.table[$0] }
      return (0..<table.count).map { row in
        let parts = columns.compactMap { $0.text(row) }
        return parts.count == columns.count ? parts.joined(separator: "\u{1F}") : nil
      }
    }
    let known = Set(keys(contracts).compactMap { $0 })
    let own = keys(table)
    return Finding(
      .unknownContract, table.name, "contract_id",
      RowList(own.indices.lazy.filter { row in own[row].map { !known.contains($0) } ?? false }))
  }

  /// A client's own arm against the site's, or against the site's other clients.
  private func arms() -> Finding? {
    let names = SiteArm.allCases.map(\.rawValue)
    guard let clients = tables["clients"], let own = clients.codes("arm", among: names),
      let site = clients.factor("site_id")
    else { return nil }
    if let sites = tables["sites"], let known = sites.factor("site_id"),
      let arm = sites.codes("arm", among: names)
    {
      var ofSite = [Int8](repeating: -1, count: known.levels.count)
      for (row, code) in known.codes.enumerated() where code >= 0 { ofSite[Int(code)] = arm[row] }
      let codes = site.codes(in: known)
      return Finding(
        .armDiffersFromSite, "clients", "arm",
        RowList(
          own.indices.lazy.filter {
            codes[$0] >= 0 && own[$0] >= 0 && ofSite[Int(codes[$0])] >= 0
              && ofSite[Int(codes[$0])] != own[$0]
          }))
    }
    // The arm that fewer of the site's clients have is the odd one, the second where they tie.
    var counts = [[Int]](repeating: [0, 0], count: site.levels.count)
    for (row, code) in site.codes.enumerated() where code >= 0 && own[row] >= 0 {
      counts[Int(code)][Int(own[row])] += 1
    }
    return Finding(
      .armDiffersWithinSite, "clients", "arm",
      RowList(
        own.indices.lazy.filter { row in
          guard site.codes[row] >= 0, own[row] >= 0 else { return false }
          let count = counts[Int(site.codes[row])]
          return count[0] > 0 && count[1] > 0 && own[row] == (count[0] >= count[1] ? 1 : 0)
        }))
  }
}
