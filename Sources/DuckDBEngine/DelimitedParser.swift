internal import Glibc

/// Reads comma-separated records from bytes that come piece by piece.
///
/// Lines end with LF or CRLF; fields may be quoted, with quotes inside doubled.
struct DelimitedParser {
  private enum State {
    case start
    case plain
    case quoted
    /// After a quote inside a quoted field: the end, or the first of two.
    case closing
  }

  private let separator: UInt8
  private var state = State.start
  private var record = DelimitedRecord()

  /// A parser for one separator.
  init(separator: UInt8 = UInt8(ascii: ",")) { self.separator = separator }

  /// Reads bytes; gives each record that is complete to `body`, which says whether to go on.
  ///
  /// - Returns: how many bytes were read.
  mutating func read(
    _ bytes: ArraySlice<UInt8>, _ body: (DelimitedRecord) -> Bool
  ) -> Int {
    var position = bytes.startIndex
    while position < bytes.endIndex {
      let byte = bytes[position]
      position += 1
      switch state {
      case .quoted:
        if byte == UInt8(ascii: "\"") { state = .closing } else { record.bytes.append(byte) }
      case .closing where byte == UInt8(ascii: "\""):
        record.bytes.append(byte)
        state = .quoted
      case .start where byte == UInt8(ascii: "\""):
        state = .quoted
      default:
        if byte == separator {
          endField()
        } else if byte == UInt8(ascii: "\n") {
          endField()
          let goesOn = body(record)
          record.clear()
          if !goesOn { return position - bytes.startIndex }
        } else if byte != UInt8(ascii: "\r") {
          record.bytes.append(byte)
          state = .plain
        }
      }
    }
    return position - bytes.startIndex
  }

  private mutating func endField() {
    record.ends.append(record.bytes.count)
    state = .start
  }
}

/// The fields of one record, without quotes.
struct DelimitedRecord {
  /// All fields, one after another.
  fileprivate(set) var bytes: [UInt8] = []
  /// Where each ends.
  fileprivate(set) var ends: [Int] = []

  /// The number of fields.
  var count: Int { ends.count }

  /// A field's bytes.
  subscript(_ field: Int) -> ArraySlice<UInt8> {
    bytes[(field == 0 ? 0 : ends[field - 1])..<ends[field]]
  }

  /// A field as text.
  func text(_ field: Int) -> String { String(decoding: self[field], as: UTF8.self) }

  /// A field as a number; NaN when it is empty.
  func number(_ field: Int) -> Double {
    let slice = self[field]
    if slice.isEmpty { return .nan }
    // strtod rounds correctly, and reads what DuckDB writes for infinities.
    return slice.withUnsafeBytes { raw in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: raw.count + 1) { text in
        for (index, byte) in raw.enumerated() { text[index] = CChar(bitPattern: byte) }
        text[raw.count] = 0
        guard let start = text.baseAddress else { return .nan }
        return strtod(start, nil)
      }
    }
  }

  fileprivate mutating func clear() {
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }
}
