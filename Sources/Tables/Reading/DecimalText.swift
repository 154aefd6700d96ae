internal import Glibc

/// The number grammar: `[+-]? (digits [. digits*] | . digits) ([eE] [+-]? digits)?`.
///
/// So `nan`, `inf`, hexadecimal and digit grouping are not numbers. Conversion is correctly rounded.
enum DecimalText {
  enum Number {
    case none
    /// An integer within range; `padded` when it has a needless leading zero, as identifiers do.
    case integer(Int, padded: Bool)
    case double(Double)
  }

  /// Powers of ten that a double holds exactly, 10⁰ to 10²².
  nonisolated(unsafe) static let powers: UnsafePointer<Double> = {
    let table = UnsafeMutablePointer<Double>.allocate(capacity: 23)
    var power = 1.0
    for exponent in 0...22 {
      table[exponent] = power
      power *= 10
    }
    return UnsafePointer(table)
  }()

  /// Powers of ten that 64 bits hold, 10⁰ to 10¹⁹.
  static let integerPowers: [UInt64] = (0..<20).map { exponent in
    (0..<exponent).reduce(UInt64(1)) { power, _ in power &* 10 }
  }

  /// The number that exactly these bytes spell.
  static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Number {
    let end = text.count
    var position = 0
    guard end > 0 else { return .none }
    let negative = text[0] == 0x2D
    if negative || text[0] == 0x2B { position = 1 }
    var mantissa: UInt64 = 0
    var significant = 0
    var exponent = 0
    let integerStart = position
    func digit() -> UInt64? {
      guard position < end else { return nil }
      let value = text[position] &- 48
      return value < 10 ? UInt64(value) : nil
    }
    while let value = digit() {
      if significant < 19 {
        mantissa = mantissa &* 10 &+ value
        if mantissa > 0 { significant += 1 }
      } else {
        significant += 1
        exponent += 1
      }
      position += 1
    }
    let integerDigits = position - integerStart
    if position == end, integerDigits > 0 {
      return integer(text, mantissa, significant, negative, integerStart)
    }
    var digits = integerDigits
    if position < end, text[position] == 0x2E {
      position += 1
      while let value = digit() {
        if significant < 19 {
          mantissa = mantissa &* 10 &+ value
          if mantissa > 0 { significant += 1 }
          exponent -= 1
        } else {
          significant += 1
        }
        digits += 1
        position += 1
      }
    }
    guard digits > 0 else { return .none }
    if position < end {
      guard text[position] | 0x20 == 0x65 else { return .none }
      position += 1
      guard let written = exponentValue(text, position) else { return .none }
      exponent += written
    }
    let magnitude =
      significant <= 19 ? decimal(mantissa, exponent) ?? library(text) : library(text)
    guard magnitude.isFinite else { return .none }
    return .double(negative ? -magnitude.magnitude : magnitude)
  }

  private static func integer(
    _ text: UnsafeBufferPointer<UInt8>, _ mantissa: UInt64, _ significant: Int, _ negative: Bool,
    _ start: Int
  ) -> Number {
    if significant <= 19, mantissa <= UInt64(Int.max) {
      let value = Int(mantissa)
      let padded = text.count - start > 1 && text[start] == 48
      return .integer(negative ? -value : value, padded: padded)
    }
    let value = library(text)
    return value.isFinite ? .double(value) : .none
  }

  /// The exponent that ends the text, held within bounds that saturate a double.
  private static func exponentValue(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
    var position = start
    guard position < text.count else { return nil }
    let negative = text[position] == 0x2D
    if negative || text[position] == 0x2B { position += 1 }
    guard position < text.count else { return nil }
    var value = 0
    while position < text.count {
      let digit = text[position] &- 48
      guard digit < 10 else { return nil }
      value = min(100_000, value * 10 + Int(digit))
      position += 1
    }
    return negative ? -value : value
  }

  /// The double nearest to mantissa × 10^exponent, where exact arithmetic in 128 bits can tell.
  ///
  /// Up to 2⁵³ and 10²² both factors are doubles, and one rounding is the right one (W. D. Clinger,
  /// "How to read floating point numbers accurately", 1990, doi:10.1145/93542.93557). Beyond, up to
  /// 10¹⁹, the product or quotient is formed in 128 bits with a sticky bit for what falls off.
  static func decimal(_ mantissa: UInt64, _ exponent: Int) -> Double? {
    if mantissa == 0 { return 0 }
    if mantissa <= 1 << 53, exponent >= -22, exponent <= 22 {
      return exponent < 0
        ? Double(mantissa) / powers[-exponent] : Double(mantissa) * powers[exponent]
    }
    guard exponent >= -19, exponent <= 19 else { return nil }
    return exponent < 0
      ? quotient(mantissa, integerPowers[-exponent]) : product(mantissa, integerPowers[exponent])
  }

  private static func quotient(_ numerator: UInt64, _ denominator: UInt64) -> Double {
    let shift = numerator.leadingZeroBitCount
    let divisorShift = denominator.leadingZeroBitCount
    let scaled = numerator << UInt64(shift)
    let divisor = denominator << UInt64(divisorShift)
    // scaled / divisor lies between 1/2 and 2, so that the quotient has 63 or 64 bits: eleven or
    // more below the 53 that are kept, the lowest of which may carry the remainder.
    let (quotient, remainder) = divisor.dividingFullWidth((scaled >> 1, scaled << 63))
    let sticky = quotient | (remainder == 0 ? 0 : 1)
    return Double(sticky) * powerOfTwo(divisorShift - shift - 63)
  }

  private static func product(_ left: UInt64, _ right: UInt64) -> Double {
    let (high, low) = left.multipliedFullWidth(by: right)
    if high == 0 { return Double(low) }
    let shift = UInt64(high.leadingZeroBitCount)
    let top = shift == 0 ? high : high << shift | low >> (64 - shift)
    let sticky = top | (low << shift == 0 ? 0 : 1)
    return Double(sticky) * powerOfTwo(64 - Int(shift))
  }

  private static func powerOfTwo(_ exponent: Int) -> Double {
    Double(bitPattern: UInt64(truncatingIfNeeded: 1023 + exponent) << 52)
  }

  /// The C library's conversion of a text that the grammar has accepted.
  private static func library(_ text: UnsafeBufferPointer<UInt8>) -> Double {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: text.count + 1) { buffer in
      for (index, byte) in text.enumerated() { buffer[index] = CChar(bitPattern: byte) }
      buffer[text.count] = 0
      return buffer.baseAddress.map { strtod($0, nil) } ?? .nan
    }
  }
}
