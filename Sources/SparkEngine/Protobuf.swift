internal import Statistics

/// Writes the few shapes of protocol-buffer messages that Spark Connect is asked with
/// (protobuf.dev/programming-guides/encoding): a tag of field number and wire type, then the value.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  private mutating func varint(_ value: UInt64) {
    var left = value
    while left >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: left) | 0x80)
      left >>= 7
    }
    bytes.append(UInt8(left))
  }

  private mutating func tag(_ field: Int, _ wire: UInt64) { varint(UInt64(field) << 3 | wire) }

  /// A whole number, a truth value or an entry of an enumeration.
  mutating func number(_ field: Int, _ value: Int64) {
    tag(field, 0)
    varint(UInt64(bitPattern: value))
  }

  /// Text.
  mutating func text(_ field: Int, _ value: String) {
    tag(field, 2)
    varint(UInt64(value.utf8.count))
    bytes.append(contentsOf: value.utf8)
  }

  /// A message within; an empty one counts as there.
  mutating func message(_ field: Int, _ fill: (inout ProtobufWriter) -> Void = { _ in }) {
    var inner = ProtobufWriter()
    fill(&inner)
    tag(field, 2)
    varint(UInt64(inner.bytes.count))
    bytes.append(contentsOf: inner.bytes)
  }
}

/// Reads protocol-buffer messages field by field; unknown ones are the caller's to pass over.
struct ProtobufReader {
  private let bytes: ArraySlice<UInt8>
  private var place: Int

  /// A value as its wire type says.
  enum Value {
    case number(UInt64)
    case bytes(ArraySlice<UInt8>)
    /// Four or eight bytes of a fixed size, which Spark Connect uses nowhere that matters here.
    case fixed

    /// The text; nil where it isn't any.
    var text: String? {
      if case .bytes(let bytes) = self { return String(decoding: bytes, as: UTF8.self) }
      return nil
    }

    /// The message within; nil where it isn't any.
    var message: ProtobufReader? {
      if case .bytes(let bytes) = self { return ProtobufReader(bytes) }
      return nil
    }
  }

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    place = bytes.startIndex
  }

  /// The next field; nil at the end.
  ///
  /// - Throws: `engineFailed` for bytes that are no message.
  mutating func next() throws(SiblingError) -> (field: Int, value: Value)? {
    guard place < bytes.endIndex else { return nil }
    let tag = try varint()
    let field = Int(tag >> 3)
    switch tag & 7 {
    case 0: return (field, .number(try varint()))
    case 1: return (field, try fixed(8))
    case 5: return (field, try fixed(4))
    case 2:
      let count = try varint()
      guard count <= UInt64(bytes.endIndex - place) else { throw Garbled.error("a message") }
      defer { place += Int(count) }
      return (field, .bytes(bytes[place..<place + Int(count)]))
    default: throw Garbled.error("a message")
    }
  }

  /// Hands on every field.
  ///
  /// - Throws: `engineFailed` for bytes that are no message; what `body` throws.
  func fields(_ body: (Int, Value) throws(SiblingError) -> Void) throws(SiblingError) {
    var reader = self
    while let (field, value) = try reader.next() { try body(field, value) }
  }

  private mutating func varint() throws(SiblingError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard place < bytes.endIndex else { throw Garbled.error("a message") }
      let byte = bytes[place]
      place += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw Garbled.error("a message")
  }

  private mutating func fixed(_ count: Int) throws(SiblingError) -> Value {
    guard bytes.endIndex - place >= count else { throw Garbled.error("a message") }
    place += count
    return .fixed
  }
}

/// The error for bytes that are not what they should be.
enum Garbled {
  static func error(_ what: String) -> SiblingError {
    SiblingError(
      .engineFailed, "Spark's answer can't be read: \(what) is garbled",
      help: "is the address that of a Spark Connect server of 3.5 or later?")
  }
}
