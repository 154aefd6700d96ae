internal import CReadStat
internal import Statistics

/// Reads files of Stata (.dta, all versions from 104) and SPSS (.sav, .zsav, .por) into typed columns.
///
/// Whole numbers become integers where the file stores or shows them so, days become dates, and
/// a variable whose values all have labels becomes text of these labels. Moments that all fall on
/// midnight become dates, others days since 1970 with a fraction. Missing values with a reason
/// (`.a` to `.z`, SPSS's user-missing codes) are missing, and counted by reason. Declared types, date
/// formats and words for missing values hold as for text files.
struct StatisticalReader {
  let kind: StatisticalKind
  let options: CSVReader

  /// The table of a file's bytes.
  ///
  /// - Throws: `emptyFile`, `truncatedFile`, `badEncoding`, `unsupportedFormat`, `badCell` and the
  ///   refusals of declared types, with the file and, in words, the row.
  func read(_ source: ByteSource, name: String) throws(SiblingError) -> Table {
    // Before version 118 Stata did not say how text is stored, and writers differ.
    let guesses = kind == .stata && isOldStata(source)
    do throws(SiblingError) {
      return try read(source, name: name, raw: guesses)
    } catch {
      guard guesses, error.code == .badEncoding else { throw error }
      return try read(source, name: name, raw: false)
    }
  }

  private func isOldStata(_ source: ByteSource) -> Bool {
    guard source.base[0] == UInt8(ascii: "<") else { return true }
    let head = String(decoding: source.bytes(0, min(source.count, 64)), as: UTF8.self)
    return head.contains("<release>117<")
  }

  private func read(
    _ source: ByteSource, name: String, raw: Bool
  ) throws(SiblingError) -> Table {
    try ReadStatSession.read(source, kind, raw: raw) { outcome, cells throws(SiblingError) in
      try check(outcome, cells, name)
      if kind == .stata { try checkEnd(source, cells, name) }
      var assembly = StatisticalAssembly(
        kind: kind, options: options, file: name, log: cells.log)
      if cells.log.isBeyondASCII, !raw {
        assembly.noteEncoding(isOldStata: kind == .stata && isOldStata(source))
      }
      return try assembly.table(&cells)
    }
  }

  /// Refuses what could not be read, or not to its end.
  private func check(
    _ outcome: readstat_error_t, _ cells: StatisticalCells, _ name: String
  ) throws(SiblingError) {
    let log = cells.log
    let file = SiblingError.Location(file: name)
    if log.isNotUTF8 {
      throw SiblingError(
        .badEncoding, "text in this \(kind.name) file is not stored as the file says",
        help: "save it again as Unicode where it was made", location: file)
    }
    switch outcome {
    case READSTAT_OK: break
    case READSTAT_ERROR_UNSUPPORTED_FILE_FORMAT_VERSION,
      READSTAT_ERROR_UNSUPPORTED_COMPRESSION:
      throw SiblingError(
        .unsupportedFormat, "this version of \(kind.name) files can't be read",
        help: "save it as an older version, or export it as CSV", location: file)
    case READSTAT_ERROR_UNSUPPORTED_CHARSET, READSTAT_ERROR_CONVERT,
      READSTAT_ERROR_CONVERT_BAD_STRING, READSTAT_ERROR_CONVERT_SHORT_STRING,
      READSTAT_ERROR_CONVERT_LONG_STRING:
      throw SiblingError(
        .badEncoding, "text in this \(kind.name) file is not stored as the file says",
        help: "save it again as Unicode where it was made", location: file)
    case READSTAT_ERROR_MALLOC where cells.rows == 0:
      throw SiblingError(
        .truncatedFile, "the \(kind.name) file is damaged: it announces more than it can hold",
        help: "copy or export it again", location: file)
    default:
      let place = cells.rows > 0 ? ", in or after row \(cells.rows)" : ""
      let reason = String(cString: readstat_error_message(outcome))
      throw SiblingError(
        .truncatedFile, "the \(kind.name) file is cut short or damaged\(place)",
        help: "copy or export it again (ReadStat says: \(reason))", location: file)
    }
    if let announced = log.announced, announced != cells.rows {
      throw SiblingError(
        .truncatedFile,
        "the \(kind.name) file announces \(announced) rows and holds \(cells.rows)",
        help: "it may have been cut short: copy or export it again", location: file)
    }
    guard !log.variables.isEmpty else {
      throw SiblingError(
        .emptyFile, "the \(kind.name) file has no variables", help: "export it again",
        location: file)
    }
  }

  /// Refuses a Stata file that lacks its end, where the labels of the values stand.
  ///
  /// The library reads on without labels then, and codes would pass for numbers.
  private func checkEnd(
    _ source: ByteSource, _ cells: StatisticalCells, _ name: String
  ) throws(SiblingError) {
    if source.base[0] == UInt8(ascii: "<") {
      let closing = Array("</stata_dta>".utf8)
      var end = source.count
      while end > 0, [0, 10, 13, 32].contains(source.base[end - 1]) { end -= 1 }
      if end >= closing.count, source.bytes(end - closing.count, end).elementsEqual(closing) {
        return
      }
    } else {
      // Before version 110 names were shorter and tables of labels had another form.
      guard source.base[0] >= 110, cells.rows > 0 else { return }
      let isBigEndian = source.base[1] == 1
      var position = cells.lastRowEnd
      while position + 40 <= source.count {
        let length = UnsafeRawPointer(source.base + position).loadUnaligned(as: UInt32.self)
        let bytes = Int(isBigEndian ? length.bigEndian : length.littleEndian)
        position += 40 + bytes
      }
      if position == source.count { return }
    }
    throw SiblingError(
      .truncatedFile, "the Stata file ends in the labels of its values",
      help: "it may have been cut short: copy or export it again",
      location: SiblingError.Location(file: name))
  }
}
