internal import Statistics

extension CSVReader {
  static func unterminated(_ location: SiblingError.Location) -> SiblingError {
    SiblingError(
      .truncatedFile, "the quote that opens here is never closed",
      help: "close it; or the file was cut short: copy or export it again", location: location)
  }

  static func textAfterQuote(_ location: SiblingError.Location) -> SiblingError {
    SiblingError(
      .badQuote, "text follows the closing quote of this field",
      help: "double the quotes inside a quoted field: \"a \"\"b\"\" c\"", location: location)
  }

  /// The place of a byte, found by counting line ends before it.
  func place(_ offset: Int, _ source: ByteSource, _ file: String) -> SiblingError.Location {
    let base = source.base
    let hasMark = source.count >= 3 && source.bytes(0, 3).elementsEqual([0xEF, 0xBB, 0xBF])
    var (line, lineStart) = (1, hasMark ? 3 : 0)
    for position in 0..<offset
    where base[position] == 10 || base[position] == 13 && base[position + 1] != 10 {
      line += 1
      lineStart = position + 1
    }
    return .init(file: file, line: line, column: offset - lineStart + 1)
  }

  /// The error that a failure in the rows means.
  func located(
    _ failure: CSVFailure, _ source: ByteSource, _ layout: CSVLayout, _ file: String
  ) -> SiblingError {
    let location = place(failure.offset, source, file)
    switch failure.reason {
    case .unterminated: return Self.unterminated(location)
    case .textAfterQuote: return Self.textAfterQuote(location)
    case .badCell: return badCell(failure, source, layout, location)
    case .tooFew(let found):
      if failure.offset >= layout.end, layout.end == source.count {
        return SiblingError(
          .truncatedFile,
          "the file ends in the middle of a row: \(fields(found)), not \(layout.names.count)",
          help: "it may have been cut short: copy or export it again", location: location)
      }
      return SiblingError(
        .raggedRow, "the row has \(fields(found)), not \(layout.names.count)",
        help: "every row needs as many fields as the header; quote fields that span lines",
        location: location)
    case .tooMany:
      var found = layout.names.count
      var position = source.base + failure.offset
      count: while true {
        guard case .field(let field) = CSVField.read(position, layout.separator) else { break }
        found += 1
        guard field.next.pointee == layout.separator else { break count }
        position = field.next + 1
      }
      return SiblingError(
        .raggedRow, "the row has \(fields(found)), not \(layout.names.count)",
        help: "every row needs as many fields as the header; quote fields that hold a separator",
        location: location)
    }
  }

  private func fields(_ count: Int) -> String { count == 1 ? "1 field" : "\(count) fields" }

  private func badCell(
    _ failure: CSVFailure, _ source: ByteSource, _ layout: CSVLayout,
    _ location: SiblingError.Location
  ) -> SiblingError {
    let name = layout.names[failure.column]
    let wanted: String
    if let format = dateFormats[name] {
      wanted = "a date written \(format)"
    } else {
      switch types[name] {
      case .integer: wanted = "a whole number"
      case .number: wanted = "a number"
      case .boolean: wanted = "true or false"
      case .date: wanted = "a date written yyyy-mm-dd"
      case .text, nil: wanted = "text"
      }
    }
    let cell = failure.cell.map {
      layout.encoding.string(source.bytes($0.lowerBound, $0.upperBound))
    }
    return SiblingError(
      .badCell, "the cell in column '\(name)' is not \(wanted)",
      help: "correct it, or declare another type or another word for missing values",
      location: location, column: name, cell: cell)
  }
}
