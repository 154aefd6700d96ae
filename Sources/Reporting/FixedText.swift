import Glibc

/// Numbers as text with correct rounding and no locale.
enum FixedText {
  /// The shortest of fixed and exponent notation with this many significant digits.
  static func significant(_ value: Double, digits: Int = 12) -> String {
    if value == 0 { return "0" }
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-INF" : "INF" }
    return printed("%.*g", Int32(digits), value)
  }

  /// A fixed number of decimal places; a value that rounds to zero has no sign.
  static func decimals(_ value: Double, _ places: Int) -> String {
    if !value.isFinite { return significant(value) }
    let text = printed("%.*f", Int32(places), value)
    let isZero = text.utf8.allSatisfy { !($0 >= 49 && $0 <= 57) }
    return isZero && text.hasPrefix("-") ? String(text.dropFirst()) : text
  }

  /// Fixed decimals with commas between thousands.
  static func grouped(_ value: Double, _ places: Int = 0) -> String {
    let text = decimals(value, places)
    let sign = text.hasPrefix("-") ? "-" : ""
    let body = text.dropFirst(sign.count)
    let whole = body.prefix { $0 != "." }
    var digits: [Character] = []
    for (distance, digit) in whole.reversed().enumerated() {
      if distance > 0, distance % 3 == 0, digit.isNumber { digits.append(",") }
      digits.append(digit)
    }
    return sign + String(digits.reversed()) + body.dropFirst(whole.count)
  }

  private static func printed(_ format: String, _ precision: Int32, _ value: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 512)
    let length = withVaList([precision, value]) { vsnprintf(&buffer, buffer.count, format, $0) }
    return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
