/// How a text file stores its characters.
enum TextEncoding: Sendable {
  case utf8
  case cp1252

  enum Validity: Equatable {
    case valid
    /// The first byte that does not belong.
    case invalid(Int)
    /// The file ends inside a character that begins here.
    case cut(Int)
  }

  /// Whether bytes from `start` are well-formed UTF-8 (Unicode 15, table 3-7).
  static func validate(_ source: ByteSource, from start: Int) -> Validity {
    let (base, end) = (source.base, source.count)
    var position = start
    while position < end {
      // Whole words of ASCII are passed over; the source is padded with zeros.
      let raw = UnsafeRawPointer(base + position)
      if raw.loadUnaligned(as: UInt64.self) & 0x8080_8080_8080_8080 == 0 {
        position += 8
        continue
      }
      let lead = base[position]
      if lead < 0x80 {
        position += 1
        continue
      }
      let length: Int
      switch lead {
      case 0xC2...0xDF: length = 2
      case 0xE0...0xEF: length = 3
      case 0xF0...0xF4: length = 4
      default: return .invalid(position)
      }
      for offset in 1..<length {
        guard position + offset < end else { return .cut(position) }
        let byte = base[position + offset]
        var low: UInt8 = 0x80
        var high: UInt8 = 0xBF
        if offset == 1 {
          if lead == 0xE0 { low = 0xA0 }
          if lead == 0xED { high = 0x9F }
          if lead == 0xF0 { low = 0x90 }
          if lead == 0xF4 { high = 0x8F }
        }
        guard byte >= low, byte <= high else { return .invalid(position) }
      }
      position += length
    }
    return .valid
  }

  /// The first byte that Windows code page 1252 leaves undefined.
  static func firstUndefinedInCP1252(_ source: ByteSource) -> Int? {
    (0..<source.count).first {
      let byte = source.base[$0]
      return byte >= 0x80 && byte < 0xA0 && windows[Int(byte) - 0x80] == 0
    }
  }

  /// Bytes of this encoding as UTF-8 bytes.
  func utf8(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    guard self == .cp1252 else { return Array(bytes) }
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count + 8)
    for byte in bytes {
      let scalar =
        byte >= 0x80 && byte < 0xA0 ? UInt32(Self.windows[Int(byte) - 0x80]) : UInt32(byte)
      if scalar < 0x80 {
        output.append(byte)
      } else if scalar < 0x800 {
        output.append(UInt8(0xC0 | scalar >> 6))
        output.append(UInt8(0x80 | scalar & 0x3F))
      } else {
        output.append(UInt8(0xE0 | scalar >> 12))
        output.append(UInt8(0x80 | scalar >> 6 & 0x3F))
        output.append(UInt8(0x80 | scalar & 0x3F))
      }
    }
    return output
  }

  /// Bytes of this encoding as a string.
  func string(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    self == .utf8
      ? String(decoding: bytes, as: UTF8.self) : String(decoding: utf8(bytes), as: UTF8.self)
  }

  /// Code points of 0x80–0x9F in code page 1252; 0 where it defines none.
  private static let windows: [UInt16] = [
    0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
    0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
  ]
}
