/// The numerals of a text: what must be traced to where it comes from.
///
/// A digit within a name, such as CR2 or `sustained_13`, is no numeral; nor is one of an address, a
/// DOI or the name of a file.
public enum Numerals {
  /// A numeral and the bytes that it takes.
  public struct Token: Sendable, Equatable {
    /// The digits with their commas, point and exponent, but without sign and unit.
    public let text: String
    /// The bytes of the text in UTF-8.
    public let range: Range<Int>
  }

  /// Whether a byte is an ASCII digit.
  static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
  }

  /// The numerals of plain text, in order.
  public static func tokens(_ text: String) -> [Token] {
    guard text.utf8.contains(where: isDigit) else { return [] }
    return tokens(Array(text.utf8))
  }

  /// The numerals of plain text in UTF-8, in order.
  public static func tokens(_ bytes: [UInt8]) -> [Token] {
    var found: [Token] = []
    var index = 0
    while index < bytes.count {
      let isStart = index == 0 || !isNameByte(bytes[index - 1])
      if isStart, let end = endOfAddress(bytes, index) {
        index = end
        continue
      }
      guard isDigit(bytes[index]) else {
        index += 1
        continue
      }
      if index > 0, isNameByte(bytes[index - 1]) {
        while index < bytes.count, isNameByte(bytes[index]) { index += 1 }
        continue
      }
      let end = endOfNumber(bytes, index)
      if end < bytes.count, bytes[end] == 95 {
        index = end
        while index < bytes.count, isNameByte(bytes[index]) { index += 1 }
        continue
      }
      found.append(
        Token(text: String(decoding: bytes[index..<end], as: UTF8.self), range: index..<end))
      index = end
    }
    return found
  }

  private static func endOfNumber(_ bytes: [UInt8], _ start: Int) -> Int {
    func digit(_ place: Int) -> Bool { place < bytes.count && isDigit(bytes[place]) }
    var end = start
    while digit(end) { end += 1 }
    while end < bytes.count {
      let byte = bytes[end]
      if byte == 44, digit(end + 1), digit(end + 2), digit(end + 3), !digit(end + 4) {
        end += 4
      } else if byte == 46, digit(end + 1) {
        end += 2
        while digit(end) { end += 1 }
      } else {
        break
      }
    }
    guard end < bytes.count, bytes[end] == 101 else { return end }
    let sign = end + 1 < bytes.count && (bytes[end + 1] == 45 || bytes[end + 1] == 43) ? 1 : 0
    guard digit(end + 1 + sign) else { return end }
    end += 1 + sign
    while digit(end) { end += 1 }
    return end
  }

  private static let addressStarts = ["doi:", "http://", "https://"].map { Array($0.utf8) }
  private static let fileEnds = [".csv", ".md", ".svg", ".json", ".yaml", ".yml", ".png", ".html"]
    .map { Array($0.utf8) }

  /// The end of the address, DOI or file name that starts at a byte; nil when there is none.
  private static func endOfAddress(_ bytes: [UInt8], _ start: Int) -> Int? {
    func has(_ prefix: [UInt8]) -> Bool {
      start + prefix.count <= bytes.count
        && prefix.indices.allSatisfy { bytes[start + $0] == prefix[$0] }
    }
    if addressStarts.contains(where: has) {
      return bytes[start...].firstIndex { $0 == 32 || $0 == 10 || $0 == 124 } ?? bytes.count
    }
    guard isNameByte(bytes[start]) else { return nil }
    var end = start
    while end < bytes.count, isNameByte(bytes[end]) || [45, 46, 47].contains(bytes[end]) {
      end += 1
    }
    while end > start, bytes[end - 1] == 46 { end -= 1 }
    let word = bytes[start..<end]
    return fileEnds.contains { word.count > $0.count && word.suffix($0.count).elementsEqual($0) }
      ? end : nil
  }
}
