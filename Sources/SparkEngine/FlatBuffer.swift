internal import Statistics

/// Reads a table of a FlatBuffer (flatbuffers.dev/internals): each field's place stands in a table of its own.
///
/// Every access is checked, as the bytes come from elsewhere.
struct FlatTable {
  private let bytes: UnsafeRawBufferPointer
  private let place: Int
  private let fields: Int
  private let fieldBytes: Int

  /// The table at a place.
  ///
  /// - Throws: `engineFailed` for places outside the bytes.
  init(_ bytes: UnsafeRawBufferPointer, at place: Int) throws(SiblingError) {
    self.bytes = bytes
    self.place = place
    fields = place - Int(try Self.load(bytes, place, as: Int32.self))
    fieldBytes = Int(try Self.load(bytes, fields, as: UInt16.self))
  }

  /// The table that a buffer is about.
  static func root(_ bytes: UnsafeRawBufferPointer) throws(SiblingError) -> FlatTable {
    try FlatTable(bytes, at: Int(try load(bytes, 0, as: UInt32.self)))
  }

  static func load<Number: FixedWidthInteger>(
    _ bytes: UnsafeRawBufferPointer, _ place: Int, as type: Number.Type
  ) throws(SiblingError) -> Number {
    guard place >= 0, place <= bytes.count - MemoryLayout<Number>.size else {
      throw Garbled.error("a batch")
    }
    return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: type))
  }

  private func position(_ field: Int) throws(SiblingError) -> Int? {
    let entry = 4 + 2 * field
    guard entry + 2 <= fieldBytes else { return nil }
    let offset = Int(try Self.load(bytes, fields + entry, as: UInt16.self))
    return offset == 0 ? nil : place + offset
  }

  /// A number, or its default where it isn't given.
  func number<Number: FixedWidthInteger>(
    _ field: Int, default value: Number
  ) throws(SiblingError) -> Number {
    guard let position = try position(field) else { return value }
    return try Self.load(bytes, position, as: Number.self)
  }

  private func target(_ field: Int) throws(SiblingError) -> Int? {
    guard let position = try position(field) else { return nil }
    return position + Int(try Self.load(bytes, position, as: UInt32.self))
  }

  /// The table that a field points to.
  func table(_ field: Int) throws(SiblingError) -> FlatTable? {
    guard let target = try target(field) else { return nil }
    return try FlatTable(bytes, at: target)
  }

  /// The tables of a vector.
  func tables(_ field: Int) throws(SiblingError) -> [FlatTable] {
    guard let (start, count) = try vector(field, size: 4) else { return [] }
    var tables: [FlatTable] = []
    for index in 0..<count {
      let entry = start + 4 * index
      tables.append(
        try FlatTable(bytes, at: entry + Int(try Self.load(bytes, entry, as: UInt32.self))))
    }
    return tables
  }

  /// A vector of pairs of 64-bit numbers.
  func pairs(_ field: Int) throws(SiblingError) -> [(Int64, Int64)] {
    guard let (start, count) = try vector(field, size: 16) else { return [] }
    var pairs: [(Int64, Int64)] = []
    for index in 0..<count {
      let entry = start + 16 * index
      pairs.append(
        (
          try Self.load(bytes, entry, as: Int64.self),
          try Self.load(bytes, entry + 8, as: Int64.self)
        ))
    }
    return pairs
  }

  private func vector(_ field: Int, size: Int) throws(SiblingError) -> (start: Int, count: Int)? {
    guard let target = try target(field) else { return nil }
    let count = Int(try Self.load(bytes, target, as: UInt32.self))
    guard count <= (bytes.count - target - 4) / size else { throw Garbled.error("a batch") }
    return (target + 4, count)
  }
}
