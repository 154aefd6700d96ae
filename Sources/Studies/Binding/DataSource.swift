internal import Statistics
internal import Tables

/// A data file, with its derived columns, filtered: the table that an analysis reads.
struct DataSource {
  /// The table.
  var table: Table
  /// What the reader must know: rows filtered out, encodings guessed.
  var notes: [String]

  /// Reads the data of a request.
  ///
  /// - Throws: whatever is wrong with the file, a derivation or the filter, located.
  init(
    path: String, options: OptionValues, joins: [JoinRequest] = []
  ) throws(SiblingError) {
    let joins = try joins + JoinRequest.all(options)
    var reader = try Self.reader(options)
    // Declarations hold for all files; each must name a column of one of them.
    let isCohort = OptionKey.cohortFiles.contains { options.isGiven($0) }
    reader.toleratesAbsentColumns = isCohort || !joins.isEmpty
    var table = try TableFile.read(path: path, reader: reader)
    var notes = table.notes
    for join in joins {
      let joined = try join.apply(to: table, reader)
      notes += joined.notes
      table = joined.table
    }
    if !isCohort {
      try Self.requireColumns(of: reader, in: [table], besides: joins.flatMap(\.otherKeys))
    }
    table.notes = notes
    try self.init(
      table: table, derivations: options.repeated(.derive), filter: options.text(.filter))
  }

  /// A table with derived columns added in order and rows filtered.
  ///
  /// - Throws: as `init(path:options:)`.
  init(table: Table, derivations: [String], filter: String?) throws(SiblingError) {
    var table = table
    var notes = table.notes
    for text in derivations {
      table = try Derivation(parsing: text).apply(to: table)
    }
    if let filter {
      let rows = try Expression(parsing: filter).filter(on: table)
      table = table.rememberingCodes()
      let dropped = table.rowCount - rows.count
      notes.append("--where keeps \(rows.count) of \(table.rowCount) rows (\(dropped) left out)")
      table = table.selecting(rows: rows)
    }
    self.table = table
    self.notes = notes
  }

  /// Refuses declarations for columns that none of the tables has.
  ///
  /// - Throws: `unknownColumn` with the name that may have been meant.
  static func requireColumns(
    of reader: CSVReader, in tables: [Table], besides others: [String] = []
  ) throws(SiblingError) {
    let declared = Set(reader.types.keys).union(reader.dateFormats.keys).subtracting(others)
    let names = tables.flatMap(\.names)
    guard let absent = declared.subtracting(names).min() else { return }
    throw SiblingError(
      .unknownColumn, "no file has a column '\(absent)', for which a type is declared",
      suggestion: nearestName(to: absent, among: names),
      location: tables.first?.headerLocation(absent), column: absent)
  }

  /// A reader with the declared types, formats and words.
  ///
  /// - Throws: `invalidOption` for an unknown type.
  static func reader(_ options: OptionValues) throws(SiblingError) -> CSVReader {
    var reader = CSVReader()
    switch try options.choice(.separator) {
    case "comma": reader.separator = UInt8(ascii: ",")
    case "semicolon": reader.separator = UInt8(ascii: ";")
    case "tab": reader.separator = UInt8(ascii: "\t")
    default: reader.separator = nil
    }
    reader.missingWords += options.texts(.missingWords)
    for pair in try options.pairs(.types) {
      guard let type = ColumnType(rawValue: pair.value) else {
        let names = ColumnType.allCases.map(\.rawValue)
        throw options.wrong(
          .types, "takes: " + names.joined(separator: ", "),
          suggestion: nearestName(to: pair.value, among: names))
      }
      reader.types[pair.name] = type
    }
    for pair in try options.pairs(.dateFormat) { reader.dateFormats[pair.name] = pair.value }
    return reader
  }
}
