/// A table of the schema: its columns, and which of them tell its rows apart.
public struct SchemaTable: Sendable, Equatable {
  /// The name: `clients`.
  public let name: String
  /// What a row is, in one plain sentence.
  public let summary: String
  /// The columns, in the order of a template.
  public let fields: [SchemaField]
  /// The columns that together tell rows apart.
  public let key: [String]

  /// The field of a name, or nil.
  public func field(_ name: String) -> SchemaField? { fields.first { $0.name == name } }

  /// The names of the fields.
  public var names: [String] { fields.map(\.name) }

  /// The names of the columns that may say why a value is missing.
  public var reasonNames: [String] { fields.compactMap(\.reasonName) }

  /// The header line of an empty file, without a line break.
  public var header: String { names.joined(separator: ",") }
}

/// The client-level schema: eleven tables, of which only the clients' is needed.
public enum Schema {
  /// The tables, in the order in which they are described and checked.
  public static let tables = [
    sites, sitePeriods, clients, jobs, contracts, tariffs, payerShares, payerCaps, targets,
    costs, claims,
  ]

  /// The table of a name, or nil.
  public static func table(_ name: String) -> SchemaTable? { tables.first { $0.name == name } }
}

/// The schema in words, for a terminal and for templates.
public struct SchemaDescription: Sendable {
  /// The tables that are described.
  public let tables: [SchemaTable]

  /// A description of some tables, of all of them unless given.
  public init(_ tables: [SchemaTable] = Schema.tables) { self.tables = tables }

  /// One block a table: what a row is, its key, and a line for each column.
  public var text: String {
    tables.map { table in
      let width = (table.names.map(\.count).max() ?? 0) + 2
      let lines = table.fields.map { field in
        let name = field.name + String(repeating: " ", count: width - field.name.count)
        return "  \(name)\(field.kindWords)\(field.isRequired ? "; required" : "")\n"
          + String(repeating: " ", count: width + 2) + field.help
      }
      return "\(table.name): \(table.summary)\n  key: \(table.key.joined(separator: ", "))\n"
        + lines.joined(separator: "\n") + "\n"
    }.joined(separator: "\n")
      + "\nA column <field>_reason may say why a value is missing: "
      + SchemaField.reasons.joined(separator: ", ") + ".\n"
  }

  /// The templates: for each table a file's name and its header line.
  public var templates: [(file: String, header: String)] {
    tables.map { ("\($0.name).csv", $0.header + "\n") }
  }
}
