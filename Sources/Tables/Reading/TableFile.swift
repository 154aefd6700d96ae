public import Statistics

/// Reads a data file of any kind that can be read: CSV text, Stata (.dta), SPSS (.sav, .zsav, .por).
public enum TableFile {
  /// Reads a file; `-` is standard input.
  ///
  /// The content decides what a file is. The reader's declared types, date formats and words for
  /// missing values hold for every kind; a separator has a meaning for text alone. Stata and SPSS
  /// files have rows but no lines, so that places in them name the file and messages the row.
  ///
  /// - Throws: what the readers throw, with file and, for text, line and column; `unsupportedFormat`
  ///   with advice on exporting for spreadsheets, SAS, R and columnar files; `invalidOption` for
  ///   a separator where there is none.
  public static func read(
    path: String, reader: CSVReader = CSVReader()
  ) throws(SiblingError) -> Table {
    try refuseName(path)
    return try read(ByteSource.open(path), name: path, reader: reader)
  }

  /// Reads bytes as though they were a file of that name.
  ///
  /// - Throws: as `read(path:reader:)`.
  public static func read(
    bytes: [UInt8], name: String, reader: CSVReader = CSVReader()
  ) throws(SiblingError) -> Table {
    try refuseName(name)
    return try read(ByteSource(bytes), name: name, reader: reader)
  }

  private static func read(
    _ source: ByteSource, name: String, reader: CSVReader
  ) throws(SiblingError) -> Table {
    guard let kind = StatisticalKind(source) else {
      try refuseFalseName(source, name)
      return try reader.read(text: source, name: name)
    }
    guard reader.separator == nil else {
      throw SiblingError(
        .invalidOption, "a separator is declared, and \(kind.name) files have none",
        help: "leave --separator out", location: SiblingError.Location(file: name),
        column: "separator")
    }
    let table = try StatisticalReader(kind: kind, options: reader).read(source, name: name)
    source.release()
    return table
  }

  private static func refuseName(_ path: String) throws(SiblingError) {
    guard !isStatistical(path) else { return }
    try CSVReader.refuseForeignName(path)
  }

  private static func isStatistical(_ path: String) -> Bool {
    let name = path.lowercased()
    return [".dta", ".sav", ".zsav", ".por"].contains { name.hasSuffix($0) }
  }

  /// A file named as Stata's or SPSS's that is not one.
  private static func refuseFalseName(
    _ source: ByteSource, _ name: String
  ) throws(SiblingError) {
    guard isStatistical(name) else { return }
    let file = SiblingError.Location(file: name)
    guard source.count > 0 else {
      throw SiblingError(
        .emptyFile, "the file is empty", help: "copy or export it again", location: file)
    }
    throw SiblingError(
      .unsupportedFormat, "the name says Stata or SPSS, and the content is something else",
      help: "if it is text, name it .csv; else copy or export it again", location: file)
  }
}
