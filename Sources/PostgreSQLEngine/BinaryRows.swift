internal import Engines
internal import Statistics

/// Rows in the encoding of `COPY … (FORMAT BINARY)`, column by column.
///
/// The encoding (PostgreSQL manual, "COPY", Binary Format): a header of eleven bytes, flags and the length of an
/// extension; for each row the number of fields and for each field its length (−1 for no value) and bytes,
/// everything with the largest byte first; at the end −1 fields. Doubles come bit for bit.
struct BinaryRows {
  /// What a column holds.
  enum Kind {
    /// Doubles; NaN where there is no value.
    case number
    /// Whole numbers of 64 bits.
    case count
    case text
  }

  let kinds: [Kind]
  private(set) var rowCount = 0
  private var numbers: [[Double]]
  private var counts: [[Int]]
  private var texts: [[String?]]
  private var hasHeader = false

  init(_ kinds: [Kind]) {
    self.kinds = kinds
    numbers = kinds.map { _ in [] }
    counts = kinds.map { _ in [] }
    texts = kinds.map { _ in [] }
  }

  /// Adds the rows of one piece of the copy.
  ///
  /// - Throws: `engineFailed` when the bytes are none of these.
  mutating func add(_ piece: UnsafeRawBufferPointer) throws(SiblingError) {
    var at = 0
    if !hasHeader {
      guard piece.count >= 19 else { throw Self.malformed }
      at = 19 + Int(Self.word(piece, 15))
      hasHeader = true
    }
    while at < piece.count {
      guard at + 2 <= piece.count else { throw Self.malformed }
      let fields = Int16(bitPattern: UInt16(piece[at]) << 8 | UInt16(piece[at + 1]))
      at += 2
      if fields == -1 { return }
      guard Int(fields) == kinds.count else { throw Self.malformed }
      for column in kinds.indices { at = try addField(piece, at, column) }
      rowCount += 1
    }
  }

  @inline(__always)
  private mutating func addField(
    _ piece: UnsafeRawBufferPointer, _ at: Int, _ column: Int
  ) throws(SiblingError) -> Int {
    guard at + 4 <= piece.count else { throw Self.malformed }
    let length = Int(Self.word(piece, at))
    let start = at + 4
    guard length >= -1, start + max(length, 0) <= piece.count else { throw Self.malformed }
    switch kinds[column] {
    case .number:
      guard length == -1 || length == 8 else { throw Self.malformed }
      numbers[column].append(
        length < 0
          ? .nan
          : Double(
            bitPattern: UInt64(
              bigEndian: piece.loadUnaligned(fromByteOffset: start, as: UInt64.self))))
    case .count:
      guard length == 8 else { throw Self.malformed }
      counts[column].append(
        Int(bigEndian: piece.loadUnaligned(fromByteOffset: start, as: Int.self)))
    case .text:
      texts[column].append(
        length < 0 ? nil : String(decoding: piece[start..<start + length], as: UTF8.self))
    }
    return start + max(length, 0)
  }

  private static func word(_ piece: UnsafeRawBufferPointer, _ at: Int) -> Int32 {
    Int32(bigEndian: piece.loadUnaligned(fromByteOffset: at, as: Int32.self))
  }

  /// A column's values.
  func values(_ column: Int) -> EngineValues {
    switch kinds[column] {
    case .number: .numbers(numbers[column])
    case .count: .numbers(counts[column].map { Double($0) })
    case .text: .text(texts[column])
    }
  }

  /// A column of whole numbers.
  func counts(_ column: Int) -> [Int] { counts[column] }

  /// A column of doubles.
  func numbers(_ column: Int) -> [Double] { numbers[column] }

  /// Forgets the rows.
  mutating func removeAll() {
    rowCount = 0
    for column in kinds.indices {
      numbers[column].removeAll(keepingCapacity: true)
      texts[column].removeAll(keepingCapacity: true)
      counts[column].removeAll(keepingCapacity: true)
    }
  }

  private static var malformed: SiblingError {
    SiblingError(.engineFailed, "PostgreSQL's answer is not in the form that was asked for")
  }
}

extension BinaryRows.Kind {
  /// What a key or column of a query comes back as.
  init(_ key: GroupKey) {
    if case .text = key.value { self = .text } else { self = .number }
  }
}
