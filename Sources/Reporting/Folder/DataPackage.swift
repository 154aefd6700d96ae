/// The Frictionless description of a report's CSV files, with what each column is to disclosure
/// control and the sums that tie counts, so that the folder can be checked from its files alone.
enum DataPackage {
  static func json(name: String, resources: [(table: ResultTable, path: String, csv: [UInt8])])
    -> JSONValue
  {
    [
      "profile": "tabular-data-package",
      "name": .string(identifier(name)),
      "resources": .array(
        resources.map { resource in
          var members: [JSONValue.Member] = [
            .init("name", .string(identifier(resource.table.name))),
            .init("path", .string(resource.path)),
            .init("profile", "tabular-data-resource"),
            .init("description", .string(resource.table.summary)),
            .init("format", "csv"), .init("mediatype", "text/csv"), .init("encoding", "utf-8"),
            .init("bytes", .integer(resource.csv.count)),
            .init("hash", .string("sha256:" + SHA256.hexadecimal(resource.csv))),
            .init("schema", schema(resource.table)),
          ]
          let sums = sums(resource.table)
          if !sums.isEmpty { members.append(.init("sums", .array(sums))) }
          if let rounding = resource.table.curveRounding?.name {
            members.append(.init("rounding", .string(rounding)))
          }
          if resource.table.hasRowsOfPeople { members.append(.init("rows", "people")) }
          return .object(members)
        }),
    ]
  }

  private static func schema(_ table: ResultTable) -> JSONValue {
    var fields: [JSONValue] = []
    for column in table.columns {
      var members: [JSONValue.Member] = [
        .init("name", .string(column.name)), .init("type", .string(column.type.rawValue)),
      ]
      switch column.role {
      case .label: members.append(.init("role", "label"))
      case .count, .hiddenCount: members.append(.init("role", "count"))
      case .derived(let counts):
        members.append(.init("role", "derived"))
        members.append(.init("from", .array(counts.map { .string($0) })))
      default: break
      }
      if !column.meaning.isEmpty { members.append(.init("description", .string(column.meaning))) }
      fields.append(.object(members))
      if table.isSuppressed(anywhereIn: column.name) {
        fields.append([
          "name": .string(column.name + "_flag"), "type": "string",
          "description": "'suppressed' where disclosure control withheld the value",
        ])
      }
    }
    // No primary key: Frictionless wants its fields required, and a blank label is meant.
    return ["fields": .array(fields), "missingValues": [""]]
  }

  /// The sums whose columns are all written.
  private static func sums(_ table: ResultTable) -> [JSONValue] {
    func names(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }
    return table.sums.filter { sum in
      sum.columnNames.allSatisfy { table.position(of: $0) != nil }
    }.map { sum in
      switch sum {
      case .inRow(let whole, let parts): ["whole": .string(whole), "parts": names(parts)]
      case .overRows(let label, let total): ["label": .string(label), "total": .string(total)]
      case .partition(let count, let within):
        ["partition": .string(count), "within": names(within)]
      case .chain(let from, let to, let within):
        ["from": .string(from), "to": .string(to), "within": names(within)]
      }
    }
  }

  /// Lower-case letters, digits, full stops, hyphens and underscores, as the specification asks.
  static func identifier(_ name: String) -> String {
    let allowed = name.lowercased().utf8.map { byte -> UInt8 in
      let isAllowed =
        (97...122).contains(byte) || (48...57).contains(byte) || [45, 46, 95].contains(byte)
      return isAllowed ? byte : 45
    }
    return String(decoding: allowed, as: UTF8.self)
  }
}
