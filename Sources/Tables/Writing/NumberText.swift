/// Numbers as text, without locale.
///
/// All functions round correctly: to nearest, ties to even, on the exact binary value, as C's printf
/// does. Zero never carries a sign. NaN and infinities have no text here; callers treat them as
/// missing, and get `NaN`, `inf`, `-inf` when they do not.
public enum NumberText {
  /// The shortest decimal that reads back to the same double, without a needless `.0`.
  ///
  /// Plain notation from 1e-4 up to 1e15, else an exponent as in `1.5e-7`.
  public static func shortest(_ value: Double) -> String {
    text { appendShortest(value, to: &$0) }
  }

  /// The decimal of at most so many significant digits, trailing zeros left out.
  public static func significant(_ value: Double, digits: Int) -> String {
    text { appendSignificant(value, digits: digits, to: &$0) }
  }

  /// The decimal with exactly so many digits after the point.
  public static func fixed(_ value: Double, decimals: Int) -> String {
    text { appendFixed(value, decimals: decimals, to: &$0) }
  }

  /// A whole number with commas between thousands, as in 1,234,567.
  public static func grouped(_ value: Int) -> String {
    group(String(value))
  }

  /// A number with commas between thousands and exactly so many digits after the point.
  public static func grouped(_ value: Double, decimals: Int) -> String {
    group(fixed(value, decimals: decimals))
  }

  private static func text(_ write: (inout [UInt8]) -> Void) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(24)
    write(&bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func group(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let start = bytes.first == 0x2D ? 1 : 0
    let end = bytes[start...].firstIndex { $0 < 48 || $0 > 57 } ?? bytes.count
    var output = Array(bytes[..<start])
    for position in start..<end {
      if position > start, (end - position) % 3 == 0 { output.append(UInt8(ascii: ",")) }
      output.append(bytes[position])
    }
    output += bytes[end...]
    return String(decoding: output, as: UTF8.self)
  }
}
