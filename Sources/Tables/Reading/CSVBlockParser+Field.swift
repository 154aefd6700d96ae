internal import Statistics

/// A field as it stands in the bytes.
struct CSVField {
  /// The content between quotes, or all of it.
  var content: UnsafeBufferPointer<UInt8>
  /// Where the next separator or line end stands.
  var next: UnsafePointer<UInt8>
  var isQuoted = false
  /// Whether the content has doubled quotes.
  var hasDoubledQuotes = false

  /// The content with doubled quotes halved.
  var unescaped: [UInt8] {
    guard hasDoubledQuotes else { return Array(content) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(content.count)
    var position = 0
    while position < content.count {
      bytes.append(content[position])
      position += content[position] == 34 ? 2 : 1
    }
    return bytes
  }

  enum Outcome {
    case field(CSVField)
    /// Text follows the closing quote, here.
    case textAfterQuote(UnsafePointer<UInt8>)
    case unterminated
  }

  /// The field that starts at a place; a zero byte ends the file.
  @inline(__always)
  static func read(_ start: UnsafePointer<UInt8>, _ separator: UInt8) -> Outcome {
    var p = start
    if p.pointee == 34 { return quoted(start, separator) }
    while true {
      let byte = p.pointee
      if byte == separator || byte == 10 || byte == 13 || byte == 0 { break }
      p += 1
    }
    return .field(
      CSVField(content: UnsafeBufferPointer(start: start, count: p - start), next: p))
  }

  private static func quoted(_ start: UnsafePointer<UInt8>, _ separator: UInt8) -> Outcome {
    var p = start + 1
    var doubled = false
    while true {
      let byte = p.pointee
      if byte == 34 {
        guard p[1] == 34 else { break }
        doubled = true
        p += 1
      } else if byte == 0 {
        return .unterminated
      }
      p += 1
    }
    let content = UnsafeBufferPointer(start: start + 1, count: p - start - 1)
    p += 1
    let byte = p.pointee
    guard byte == separator || byte == 10 || byte == 13 || byte == 0 else {
      return .textAfterQuote(p)
    }
    return .field(
      CSVField(content: content, next: p, isQuoted: true, hasDoubledQuotes: doubled))
  }

  /// The content without blanks at its ends.
  static func trimmed(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    var (start, end) = (0, text.count)
    while start < end, text[start] == 32 || text[start] == 9 { start += 1 }
    while end > start, text[end - 1] == 32 || text[end - 1] == 9 { end -= 1 }
    return UnsafeBufferPointer(rebasing: text[start..<end])
  }
}

extension Cursor {
  /// Moves to the end of a field, counting the lines inside it.
  mutating func pass(_ field: CSVField) {
    if field.isQuoted {
      var p = position
      while p < field.next {
        if p.pointee == 10 || p.pointee == 13 && p[1] != 10 { line += 1 }
        p += 1
      }
    }
    position = field.next
  }
}

extension CSVBlockParser {
  /// Reads one field of any kind, changing what its column is thought to be where it must.
  func readField(
    _ cursor: inout Cursor, _ result: CSVBlockResult,
    _ kinds: UnsafeMutableBufferPointer<CellKind>, _ column: Int, _ row: Int
  ) -> CSVFailure? {
    let field: CSVField
    switch CSVField.read(cursor.position, separator) {
    case .field(let read): field = read
    case .unterminated: return failure(.unterminated, cursor, column)
    case .textAfterQuote: return failure(.textAfterQuote, cursor, column)
    }
    let kind = kinds[column]
    if kind.rawValue < CellKind.mixed.rawValue {
      let place = result.cells + column * result.capacity
      let trimmed = CSVField.trimmed(field.content)
      if missing.contains(trimmed) {
        place[row] =
          kind == .double ? Int(bitPattern: UInt(Double.nan.bitPattern)) : Int.min
      } else if kind == .text {
        place[row] = Int(result.code(field, column))
      } else if plans[column].declared != nil {
        guard let pattern = declaredCell(trimmed, column) else {
          var failure = failure(.badCell, cursor, column)
          let start = (field.content.baseAddress ?? cursor.position) - source.base
          failure.cell = start...start + field.content.count
          return failure
        }
        place[row] = pattern
      } else {
        store(trimmed, field, result, kinds, column, row)
      }
    }
    cursor.pass(field)
    return nil
  }

  /// Stores a cell of a column whose type is inferred.
  private func store(
    _ text: UnsafeBufferPointer<UInt8>, _ field: CSVField, _ result: CSVBlockResult,
    _ kinds: UnsafeMutableBufferPointer<CellKind>, _ column: Int, _ row: Int
  ) {
    let place = result.cells + column * result.capacity
    let kind = kinds[column]
    let (found, pattern) = Self.classify(text)
    switch (kind, found) {
    case (.none, .text):
      kinds[column] = .text
      result.dictionaries[column] = ByteInterner()
      place[row] = Int(result.code(field, column))
    case (.none, .double), (.integer, .double):
      for earlier in 0..<row {
        let value = place[earlier] == Int.min ? Double.nan : Double(place[earlier])
        place[earlier] = Int(bitPattern: UInt(value.bitPattern))
      }
      kinds[column] = .double
      place[row] = pattern
    case (.double, .integer):
      place[row] = Int(bitPattern: UInt(Double(pattern).bitPattern))
    case (.none, _):
      kinds[column] = found
      place[row] = pattern
    default:
      if kind == found { place[row] = pattern } else { kinds[column] = .mixed }
    }
  }

  /// What an undeclared cell is, with its bits; text has none.
  static func classify(_ text: UnsafeBufferPointer<UInt8>) -> (CellKind, Int) {
    switch DecimalText.parse(text) {
    case .integer(let value, let padded): return padded ? (.text, 0) : (.integer, value)
    case .double(let value): return (.double, Int(bitPattern: UInt(value.bitPattern)))
    case .none: break
    }
    if text.count == 10, let days = CivilDate.isoDays(text) { return (.date, Int(days)) }
    if text.elementsEqual("true".utf8) || text.elementsEqual("TRUE".utf8) { return (.boolean, 1) }
    if text.elementsEqual("false".utf8) || text.elementsEqual("FALSE".utf8) {
      return (.boolean, 0)
    }
    return (.text, 0)
  }

  /// The bits of a cell whose column's type is declared, or nil when it is of another type.
  private func declaredCell(_ text: UnsafeBufferPointer<UInt8>, _ column: Int) -> Int? {
    switch plans[column].declared {
    case .integer:
      if case .integer(let value, _) = DecimalText.parse(text) { return value }
    case .number:
      switch DecimalText.parse(text) {
      case .integer(let value, _): return Int(bitPattern: UInt(Double(value).bitPattern))
      case .double(let value): return Int(bitPattern: UInt(value.bitPattern))
      case .none: return nil
      }
    case .boolean:
      let word = String(decoding: text, as: UTF8.self)
      if ["true", "TRUE", "True", "1"].contains(word) { return 1 }
      if ["false", "FALSE", "False", "0"].contains(word) { return 0 }
    case .date:
      if let format = plans[column].dateFormat { return format.days(text).map { Int($0) } }
      return CivilDate.isoDays(text).map { Int($0) }
    case .text, nil: return nil
    }
    return nil
  }
}

extension CSVBlockResult {
  /// The code of a text cell in the block's dictionary of a column.
  func code(_ field: CSVField, _ column: Int) -> Int32 {
    guard let dictionary = dictionaries[column] else { return -1 }
    if field.hasDoubledQuotes {
      return dictionary.code(dictionary.keep(field.unescaped))
    }
    return dictionary.code(field.content)
  }
}

/// The words that stand for a missing value.
struct MissingWords: Sendable {
  private let words: [[UInt8]]
  private let longest: Int
  private let hasEmpty: Bool
  /// Whether a word begins with this byte; most cells are told apart by it alone.
  private let begins: [Bool]
  /// Whether a word is itself a number, such as −9, so that numbers have to be looked at too.
  let hasNumbers: Bool

  init(_ words: [String]) {
    let bytes = words.map { Array($0.utf8) }
    self.words = bytes.filter { !$0.isEmpty }
    hasEmpty = bytes.contains { $0.isEmpty }
    longest = bytes.map(\.count).max() ?? 0
    var begins = [Bool](repeating: false, count: 256)
    for word in self.words { begins[Int(word[0])] = true }
    self.begins = begins
    hasNumbers = self.words.contains { word in
      word.withUnsafeBufferPointer { if case .none = DecimalText.parse($0) { false } else { true } }
    }
  }

  @inline(__always)
  func contains(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    if text.isEmpty { return hasEmpty }
    guard text.count <= longest, begins[Int(text[0])] else { return false }
    return words.contains { $0.elementsEqual(text) }
  }
}
