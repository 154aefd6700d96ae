public import Statistics

extension Table {
  /// The table with columns under other names, from the name they have to the name they get.
  ///
  /// They keep their places in the file.
  /// - Throws: `unknownColumn` for a name that is not there, `duplicateColumn` where two columns
  ///   would have one name.
  public func renaming(_ names: [String: String]) throws(SiblingError) -> Table {
    for name in names.keys.sorted() { _ = try column(name) }
    var seen: Set<String> = []
    var renamed: [Column] = []
    for column in columns {
      let name = names[column.name] ?? column.name
      guard seen.insert(name).inserted else {
        throw SiblingError(
          .duplicateColumn, "two columns would be called '\(name)'",
          help:
            "the file has a column of that name and another is mapped to it; derive or drop one",
          location: headerLocation(column.name), column: name)
      }
      renamed.append(Column(name: name, values: column.values))
    }
    var table = Table(trusted: renamed, rowCount: rowCount, like: self)
    var source = self.source
    if let places = source?.places {
      source?.places?.fields = places.fields.map { names[$0] ?? $0 }
    }
    table.source = source
    table.inferenceHints = [:]
    for (name, hint) in inferenceHints { table.inferenceHints[names[name] ?? name] = hint }
    return table
  }
}
