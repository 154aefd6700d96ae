internal import Glibc

/// Decimal digits and where their point stands: 0.d₁d₂… × 10^point.
private struct Digits {
  var bytes: [UInt8]
  var point: Int
}

extension NumberText {
  static func appendShortest(_ value: Double, to bytes: inout [UInt8]) {
    if appendSpecial(value, to: &bytes) { return }
    if value.magnitude < 1e15, value == value.rounded(.towardZero) {
      return appendInteger(Int(value), to: &bytes)
    }
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    let magnitude = value.magnitude
    if let short = ofFifteenDigits(magnitude) {
      appendPlain(short.value, short.decimals, to: &bytes)
    } else if magnitude >= 1e-4, magnitude < 1e15 {
      // Here the standard library writes plain decimals too.
      bytes.append(contentsOf: magnitude.description.utf8)
    } else {
      layOut(digits(ofDescription: magnitude.description.utf8), to: &bytes)
    }
  }

  /// A magnitude as value / 10^decimals with at most 15 digits, the last of them not zero.
  ///
  /// Decimals of 15 digits lie further apart than doubles, so that one which reads back to the same
  /// double is the only one, and the shortest text is found by leaving out its trailing zeros.
  private static func ofFifteenDigits(_ magnitude: Double) -> (value: UInt64, decimals: Int)? {
    guard magnitude >= 1e-4, magnitude < 1e15 else { return nil }
    // 315653 / 2²⁰ is log₁₀ 2 from above; the shift rounds down.
    var decimals = 14 - (Int(magnitude.exponent) * 315_653) >> 20
    decimals = min(22, max(0, decimals))
    var scaled = (magnitude * DecimalText.powers[decimals]).rounded()
    if scaled >= 1e15, decimals > 0 {
      decimals -= 1
      scaled = (magnitude * DecimalText.powers[decimals]).rounded()
    }
    guard scaled < 1e15, scaled / DecimalText.powers[decimals] == magnitude else { return nil }
    var value = UInt64(scaled)
    for step in [8, 4, 2, 1] where decimals >= step {
      let (quotient, remainder) = value.quotientAndRemainder(
        dividingBy: DecimalText.integerPowers[step])
      if remainder == 0 {
        value = quotient
        decimals -= step
      }
    }
    return (value, decimals)
  }

  private static func appendPlain(_ value: UInt64, _ decimals: Int, to bytes: inout [UInt8]) {
    guard decimals > 0 else { return appendDigits(value, width: 1, to: &bytes) }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 48) { buffer in
      var (rest, start, written) = (value, 48, 0)
      while rest > 0 || written <= decimals {
        if written == decimals {
          start -= 1
          buffer[start] = UInt8(ascii: ".")
        }
        start -= 1
        let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
        buffer[start] = 48 + UInt8(truncatingIfNeeded: digit)
        rest = quotient
        written += 1
      }
      bytes.append(contentsOf: buffer[start...])
    }
  }

  static func appendSignificant(_ value: Double, digits count: Int, to bytes: inout [UInt8]) {
    if appendSpecial(value, to: &bytes) { return }
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    let count = max(1, count)
    let magnitude = value.magnitude
    layOut(exactly(magnitude, count) ?? byPrintf(magnitude, count), to: &bytes)
  }

  static func appendFixed(_ value: Double, decimals: Int, to bytes: inout [UInt8]) {
    let decimals = max(0, decimals)
    guard value.isFinite else {
      _ = appendSpecial(value, to: &bytes)
      return
    }
    let magnitude = value.magnitude
    guard decimals <= 19, magnitude < 0x1p53,
      let scaled = scaled(magnitude, DecimalText.integerPowers[decimals])
    else { return appendFixedByPrintf(value, decimals, to: &bytes) }
    if value < 0, scaled > 0 { bytes.append(UInt8(ascii: "-")) }
    appendPoint(scaled, decimals, to: &bytes)
  }

  static func appendInteger(_ value: Int, to bytes: inout [UInt8]) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    appendDigits(UInt64(value.magnitude), width: 1, to: &bytes)
  }

  /// Zero, NaN and infinities.
  private static func appendSpecial(_ value: Double, to bytes: inout [UInt8]) -> Bool {
    if value == 0 {
      bytes.append(48)
    } else if value.isNaN {
      bytes.append(contentsOf: "NaN".utf8)
    } else if value.isInfinite {
      bytes.append(contentsOf: (value < 0 ? "-inf" : "inf").utf8)
    } else {
      return false
    }
    return true
  }

  /// The digits of a number, with zeros in front up to a width.
  private static func appendDigits(_ value: UInt64, width: Int, to bytes: inout [UInt8]) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { buffer in
      var (rest, start) = (value, 24)
      while rest > 0 || 24 - start < width, start > 0 {
        start -= 1
        let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
        buffer[start] = 48 + UInt8(truncatingIfNeeded: digit)
        rest = quotient
      }
      bytes.append(contentsOf: buffer[start...])
    }
  }

  private static func appendPoint(_ scaled: UInt128, _ decimals: Int, to bytes: inout [UInt8]) {
    let power = DecimalText.integerPowers[decimals]
    let (whole, part): (UInt64, UInt64)
    if let small = UInt64(exactly: scaled) {
      (whole, part) = small.quotientAndRemainder(dividingBy: power)
    } else {
      let (quotient, remainder) = scaled.quotientAndRemainder(dividingBy: UInt128(power))
      (whole, part) = (UInt64(truncatingIfNeeded: quotient), UInt64(truncatingIfNeeded: remainder))
    }
    appendDigits(whole, width: 1, to: &bytes)
    if decimals > 0 {
      bytes.append(UInt8(ascii: "."))
      appendDigits(part, width: decimals, to: &bytes)
    }
  }

  /// A magnitude below 2⁵³ times a power of ten, rounded half to even, in exact arithmetic.
  private static func scaled(_ magnitude: Double, _ power: UInt64) -> UInt128? {
    // value = mantissa × 2^-shift, and mantissa × power stays below 2¹¹⁷.
    let biased = Int(magnitude.exponentBitPattern)
    let mantissa =
      biased == 0
      ? magnitude.significandBitPattern : magnitude.significandBitPattern | 1 << 52
    let shift = 1075 - max(1, biased)
    let product = UInt128(mantissa) * UInt128(power)
    if shift < 0 { return nil }
    if shift == 0 { return product }
    if shift > 118 { return 0 }
    let half = UInt128(1) << UInt128(shift - 1)
    let quotient = product >> UInt128(shift)
    let remainder = product & (half << 1 &- 1)
    if remainder > half || remainder == half && quotient & 1 == 1 { return quotient + 1 }
    return quotient
  }

  /// The leading digits in exact arithmetic, where it suffices.
  private static func exactly(_ magnitude: Double, _ count: Int) -> Digits? {
    guard count <= 18, magnitude < 0x1p53, magnitude > 1e-18 else { return nil }
    var point = Int(floor(log10(magnitude))) + 1
    // The estimate of the point can be one off, and rounding can carry into another digit.
    for _ in 0..<3 {
      let decimals = count - point
      guard decimals >= 0, decimals <= 19,
        let scaled = scaled(magnitude, DecimalText.integerPowers[decimals]),
        let value = UInt64(exactly: scaled)
      else { return nil }
      if value >= DecimalText.integerPowers[count] {
        point += 1
      } else if value < DecimalText.integerPowers[count - 1] {
        point -= 1
      } else {
        var bytes: [UInt8] = []
        appendDigits(value, width: 1, to: &bytes)
        return Digits(bytes: bytes, point: point)
      }
    }
    return nil
  }

  private static func byPrintf(_ magnitude: Double, _ count: Int) -> Digits {
    digits(ofDescription: printf("%.*e", count - 1, magnitude))
  }

  private static func appendFixedByPrintf(
    _ value: Double, _ decimals: Int, to bytes: inout [UInt8]
  ) {
    let text = printf("%.*f", decimals, value)
    let isZero = text.allSatisfy { $0 == 48 || $0 == 0x2D || $0 == 0x2E }
    bytes.append(contentsOf: isZero && text.first == 0x2D ? text.dropFirst() : text[...])
  }

  private static func printf(_ format: String, _ precision: Int, _ value: Double) -> [UInt8] {
    withVaList([Int32(truncatingIfNeeded: precision), value]) { arguments in
      // The longest double has 309 digits before its point.
      var buffer = [CChar](repeating: 0, count: precision + 330)
      let length = vsnprintf(&buffer, buffer.count, format, arguments)
      return buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }
    }
  }

  /// The significant digits of a text such as `12.5` or `1.25e-07`.
  private static func digits(ofDescription text: some Sequence<UInt8>) -> Digits {
    var bytes: [UInt8] = []
    var (point, seenPoint, exponent, negative) = (0, false, 0, false)
    var inExponent = false
    for byte in text {
      switch byte {
      case UInt8(ascii: "."): seenPoint = true
      case UInt8(ascii: "e"): inExponent = true
      case UInt8(ascii: "-"): negative = true
      case UInt8(ascii: "+"): break
      default:
        if inExponent {
          exponent = exponent * 10 + Int(byte) - 48
        } else if bytes.isEmpty, byte == 48 {
          if seenPoint { point -= 1 }
        } else {
          bytes.append(byte)
          if !seenPoint { point += 1 }
        }
      }
    }
    return Digits(bytes: bytes, point: point + (negative ? -exponent : exponent))
  }

  private static func layOut(_ digits: Digits, to bytes: inout [UInt8]) {
    var digits = digits
    while digits.bytes.count > 1, digits.bytes.last == 48 { digits.bytes.removeLast() }
    let (count, point) = (digits.bytes.count, digits.point)
    if point > 15 || point < -3 {
      bytes.append(digits.bytes[0])
      if count > 1 {
        bytes.append(UInt8(ascii: "."))
        bytes.append(contentsOf: digits.bytes[1...])
      }
      bytes.append(UInt8(ascii: "e"))
      appendInteger(point - 1, to: &bytes)
    } else if point <= 0 {
      bytes.append(contentsOf: "0.".utf8)
      bytes.append(contentsOf: repeatElement(48, count: -point))
      bytes.append(contentsOf: digits.bytes)
    } else if point >= count {
      bytes.append(contentsOf: digits.bytes)
      bytes.append(contentsOf: repeatElement(48, count: point - count))
    } else {
      bytes.append(contentsOf: digits.bytes[..<point])
      bytes.append(UInt8(ascii: "."))
      bytes.append(contentsOf: digits.bytes[point...])
    }
  }
}
