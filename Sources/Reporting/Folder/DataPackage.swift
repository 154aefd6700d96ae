/// The Frictionless description of a report's CSV files.
enum DataPackage {
  static func json(name: String, resources: [(table: ResultTable, path: String, csv: [UInt8])])
    -> JSONValue
  {
    [
      "profile": "tabular-data-package",
      "name": .string(identifier(name)),
      "resources": .array(
        resources.map { resource in
          [
            "name": .string(identifier(resource.table.name)),
            "path": .string(resource.path),
            "profile": "tabular-data-resource",
            "description": .string(resource.table.summary),
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "bytes": .integer(resource.csv.count),
            "hash": .string("sha256:" + SHA256.hexadecimal(resource.csv)),
            "schema": schema(resource.table),
          ]
        }),
    ]
  }

  private static func schema(_ table: ResultTable) -> JSONValue {
    var fields: [JSONValue] = []
    for column in table.columns {
      var members: [JSONValue.Member] = [
        .init("name", .string(column.name)), .init("type", .string(column.type.rawValue)),
      ]
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
