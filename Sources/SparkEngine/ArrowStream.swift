internal import Engines
internal import Statistics

/// Reads Arrow's stream format (arrow.apache.org/docs/format/Columnar.html): a schema, then batches of columns.
///
/// Whole and floating numbers, decimals, truth values and days become numbers, NaN where missing; text stays text.
/// Neither dictionaries nor compression nor nested columns, which Spark Connect does not send.
enum ArrowStream {
  /// The columns of each batch.
  ///
  /// - Throws: `engineFailed` for bytes that are no such stream, or columns of another type.
  static func batches(_ bytes: ArraySlice<UInt8>) throws(SiblingError) -> [[EngineValues]] {
    let result = bytes.withUnsafeBytes { raw in
      Result { () throws(SiblingError) in try read(raw) }
    }
    return try result.get()
  }

  /// The types of column.
  enum Kind: Equatable {
    case null
    case integer(bits: Int, signed: Bool)
    case float(bits: Int)
    case boolean
    case text(large: Bool)
    case days
    case decimal(scale: Int)
  }

  private static func read(_ raw: UnsafeRawBufferPointer) throws(SiblingError) -> [[EngineValues]] {
    var place = 0
    var kinds: [Kind]?
    var batches: [[EngineValues]] = []
    while raw.count - place >= 4 {
      var length = try FlatTable.load(raw, place, as: UInt32.self)
      place += 4
      // Before the length stands a mark, which streams of old versions lack.
      if length == .max {
        length = try FlatTable.load(raw, place, as: UInt32.self)
        place += 4
      }
      if length == 0 { break }
      let head = try part(raw, place, Int(length))
      place += Int(length)
      let message = try FlatTable.root(head)
      let bodyLength: Int64 = try message.number(3, default: 0)
      let body = try part(raw, place, Int(exactly: bodyLength) ?? -1)
      place += body.count
      guard let header = try message.table(2) else { throw Garbled.error("a batch") }
      let type: UInt8 = try message.number(1, default: 0)
      switch type {
      case 1: kinds = try schema(header)
      case 3:
        guard let kinds else { throw Garbled.error("a batch") }
        batches.append(try ArrowBatch(header, body, kinds).columns())
      default: throw Garbled.error("a batch")
      }
    }
    return batches
  }

  private static func part(
    _ raw: UnsafeRawBufferPointer, _ start: Int, _ count: Int
  ) throws(SiblingError) -> UnsafeRawBufferPointer {
    guard start >= 0, count >= 0, start <= raw.count, count <= raw.count - start else {
      throw Garbled.error("a batch")
    }
    return UnsafeRawBufferPointer(rebasing: raw[start..<start + count])
  }

  private static func schema(_ schema: FlatTable) throws(SiblingError) -> [Kind] {
    var kinds: [Kind] = []
    for field in try schema.tables(1) {
      let type: UInt8 = try field.number(2, default: 0)
      guard let detail = try field.table(3), try field.table(4) == nil else {
        throw unsupported(Int(type))
      }
      kinds.append(try kind(type, detail))
    }
    return kinds
  }

  private static func kind(_ type: UInt8, _ detail: FlatTable) throws(SiblingError) -> Kind {
    switch type {
    case 1: return .null
    case 2:
      let bits: Int32 = try detail.number(0, default: 0)
      let signed: UInt8 = try detail.number(1, default: 0)
      if [8, 16, 32, 64].contains(bits) { return .integer(bits: Int(bits), signed: signed != 0) }
    case 3:
      let precision: Int16 = try detail.number(0, default: 0)
      if precision == 1 || precision == 2 { return .float(bits: precision == 1 ? 32 : 64) }
    case 5: return .text(large: false)
    case 20: return .text(large: true)
    case 6: return .boolean
    case 7:
      let scale: Int32 = try detail.number(1, default: 0)
      let bits: Int32 = try detail.number(2, default: 128)
      if bits == 128 { return .decimal(scale: Int(scale)) }
    case 8:
      let unit: Int16 = try detail.number(0, default: 1)
      if unit == 0 { return .days }
    default: break
    }
    throw unsupported(Int(type))
  }

  private static func unsupported(_ type: Int) -> SiblingError {
    SiblingError(
      .engineFailed,
      "Spark's answer has a column of a type that can't be read (Arrow's \(type))")
  }
}

/// One batch: its columns' places in the body, and the values there.
private struct ArrowBatch {
  private let count: Int
  private let body: UnsafeRawBufferPointer
  private let nodes: [(Int64, Int64)]
  private let buffers: [(Int64, Int64)]
  private let kinds: [ArrowStream.Kind]

  init(
    _ header: FlatTable, _ body: UnsafeRawBufferPointer, _ kinds: [ArrowStream.Kind]
  ) throws(SiblingError) {
    let length: Int64 = try header.number(0, default: 0)
    guard let count = Int(exactly: length), count >= 0, count <= Int(Int32.max) else {
      throw Garbled.error("a batch")
    }
    guard try header.table(3) == nil else {
      throw SiblingError(.engineFailed, "Spark's answer is compressed, which was not asked for")
    }
    self.count = count
    self.body = body
    self.kinds = kinds
    nodes = try header.pairs(1)
    buffers = try header.pairs(2)
    guard nodes.count == kinds.count else { throw Garbled.error("a batch") }
  }

  func columns() throws(SiblingError) -> [EngineValues] {
    var columns: [EngineValues] = []
    var next = 0
    for (kind, node) in zip(kinds, nodes) {
      guard node.0 == Int64(count) else { throw Garbled.error("a batch") }
      if kind == .null {
        columns.append(.text([String?](repeating: nil, count: count)))
        continue
      }
      let valid = node.1 == 0 ? nil : try bits(next)
      switch kind {
      case .text(let large):
        columns.append(.text(try text(next + 1, large: large, valid)))
        next += 3
      default:
        columns.append(.numbers(try numbers(kind, next + 1, valid)))
        next += 2
      }
    }
    return columns
  }

  /// A buffer of the body of at least so many bytes.
  private func buffer(_ index: Int, _ least: Int) throws(SiblingError) -> UnsafeRawBufferPointer {
    guard index < buffers.count, let start = Int(exactly: buffers[index].0),
      let length = Int(exactly: buffers[index].1), start >= 0, length >= least, start <= body.count,
      length <= body.count - start
    else { throw Garbled.error("a batch") }
    return UnsafeRawBufferPointer(rebasing: body[start..<start + length])
  }

  /// A buffer with a bit for each row, the lowest first.
  private func bits(_ index: Int) throws(SiblingError) -> UnsafeRawBufferPointer {
    try buffer(index, (count + 7) / 8)
  }

  private static func bit(_ bits: UnsafeRawBufferPointer, _ row: Int) -> Bool {
    bits[row >> 3] & (1 << UInt8(row & 7)) != 0
  }

  private func numbers(
    _ kind: ArrowStream.Kind, _ index: Int, _ valid: UnsafeRawBufferPointer?
  ) throws(SiblingError) -> [Double] {
    var values: [Double]
    switch kind {
    case .float(bits: 64): values = try map(index, UInt64.self) { Double(bitPattern: $0) }
    case .float: values = try map(index, UInt32.self) { Double(Float(bitPattern: $0)) }
    case .integer(8, true): values = try map(index, Int8.self) { Double($0) }
    case .integer(8, _): values = try map(index, UInt8.self) { Double($0) }
    case .integer(16, true): values = try map(index, Int16.self) { Double($0) }
    case .integer(16, _): values = try map(index, UInt16.self) { Double($0) }
    case .integer(32, true), .days: values = try map(index, Int32.self) { Double($0) }
    case .integer(32, _): values = try map(index, UInt32.self) { Double($0) }
    case .integer(_, true): values = try map(index, Int64.self) { Double($0) }
    case .integer: values = try map(index, UInt64.self) { Double($0) }
    case .boolean:
      let bits = try bits(index)
      values = (0..<count).map { Self.bit(bits, $0) ? 1 : 0 }
    case .decimal(let scale):
      values = try decimals(index, scale)
    case .null, .text: values = []
    }
    if let valid {
      for row in 0..<count where !Self.bit(valid, row) { values[row] = .nan }
    }
    return values
  }

  private func map<Number: FixedWidthInteger>(
    _ index: Int, _ type: Number.Type, _ value: (Number) -> Double
  ) throws(SiblingError) -> [Double] {
    let size = MemoryLayout<Number>.size
    let bytes = try buffer(index, count * size)
    return (0..<count).map {
      value(Number(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * size, as: type)))
    }
  }

  /// 128-bit whole numbers, divided by a power of ten.
  private func decimals(_ index: Int, _ scale: Int) throws(SiblingError) -> [Double] {
    guard (-38...38).contains(scale) else { throw Garbled.error("a batch") }
    let bytes = try buffer(index, count * 16)
    var unit = 1.0
    for _ in 0..<abs(scale) { unit *= 10 }
    return (0..<count).map { row in
      let place = row * 16
      let low = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
      let high = Int64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: place + 8, as: Int64.self))
      // A number that fits 64 bits is divided once, so that 0.1 is the double nearest to it.
      let whole: Double =
        (high == 0 && low < 1 << 63) || (high == -1 && low >= 1 << 63)
        ? Double(Int64(bitPattern: low)) : Double(high) * 0x1p64 + Double(low)
      return scale >= 0 ? whole / unit : whole * unit
    }
  }

  private func text(
    _ index: Int, large: Bool, _ valid: UnsafeRawBufferPointer?
  ) throws(SiblingError) -> [String?] {
    guard count > 0 else { return [] }
    let size = large ? 8 : 4
    let offsets = try buffer(index, (count + 1) * size)
    let data = try buffer(index + 1, 0)
    func offset(_ row: Int) -> Int {
      large
        ? Int(Int64(littleEndian: offsets.loadUnaligned(fromByteOffset: row * 8, as: Int64.self)))
        : Int(Int32(littleEndian: offsets.loadUnaligned(fromByteOffset: row * 4, as: Int32.self)))
    }
    var values: [String?] = []
    values.reserveCapacity(count)
    var start = offset(0)
    for row in 0..<count {
      let end = offset(row + 1)
      guard start >= 0, start <= end, end <= data.count else { throw Garbled.error("a batch") }
      let isThere = valid.map { Self.bit($0, row) } ?? true
      values.append(isThere ? String(decoding: data[start..<end], as: UTF8.self) : nil)
      start = end
    }
    return values
  }
}
