/// A text cut into words and numerals, to compare two of them apart from the last digits.
struct NumeralText {
  /// What a text may hold.
  enum Kind {
    /// Prose: numerals may differ by one in their last printed digit.
    case words
    /// SVG or HTML: within tags numerals are coordinates, which may differ by half a pixel.
    case markup
  }

  /// A numeral with its printed decimals, or what stands between two.
  private enum Piece: Equatable {
    case words(Substring.UTF8View.SubSequence)
    case numeral(Double, decimals: Int, isCoordinate: Bool)

    static func == (a: Piece, b: Piece) -> Bool {
      switch (a, b) {
      case (.words(let a), .words(let b)): a.elementsEqual(b)
      case (.numeral(let a, let m, let isCoordinate), .numeral(let b, let n, _)):
        // 2.5 and 2.50 would be different texts of one number: the words are not the same then.
        isCoordinate
          ? (a - b).magnitude <= NumeralText.pixels
          : m == n && (a - b).magnitude <= NumeralText.unit(a, b, decimals: m)
      default: false
      }
    }
  }

  /// How far coordinates of one figure may be apart, in pixels.
  static let pixels = 0.5

  private let pieces: [Piece]

  /// Cuts a text.
  init(_ text: Substring, _ kind: Kind = .words) { pieces = Self.cut(text.utf8[...], kind) }

  /// Whether two texts have the same words, and numerals no further apart than their kind allows.
  static func agree(_ a: Substring, _ b: Substring, _ kind: Kind = .words) -> Bool {
    a == b || NumeralText(a, kind).pieces == NumeralText(b, kind).pieces
  }

  /// One in the last printed digit, or 1e-9 of the number when that is more.
  private static func unit(_ a: Double, _ b: Double, decimals: Int) -> Double {
    var unit = 1.0
    for _ in 0..<min(decimals, 15) { unit /= 10 }
    return max(unit * 1.000_001, NumberAgreement.relative * max(a.magnitude, b.magnitude))
  }

  private static func cut(_ bytes: Substring.UTF8View, _ kind: Kind) -> [Piece] {
    var pieces: [Piece] = []
    var start = bytes.startIndex
    var at = start
    var isTag = false
    var before: UInt8 = 32
    while at < bytes.endIndex {
      let byte = bytes[at]
      let isWord = !isTag && (isLetter(before) || before == UInt8(ascii: "_")) || before == 0x23
      guard isDigit(byte), !isWord else {
        if kind == .markup {
          if byte == UInt8(ascii: "<") { isTag = true }
          if byte == UInt8(ascii: ">") { isTag = false }
        }
        // The digits of a name such as HC1 or of a colour are part of the word.
        let keepsWord = isDigit(byte) && isWord || before == 0x23 && isLetter(byte)
        before = keepsWord ? before : byte
        at = bytes.index(after: at)
        continue
      }
      let (number, decimals, end) = numeral(bytes[at...])
      pieces.append(.words(bytes[start..<at]))
      pieces.append(.numeral(number, decimals: decimals, isCoordinate: isTag))
      before = 32
      at = end
      start = end
    }
    pieces.append(.words(bytes[start...]))
    return pieces
  }

  /// Reads digits with commas between thousands, decimals and an exponent.
  private static func numeral(
    _ bytes: Substring.UTF8View
  ) -> (number: Double, decimals: Int, end: Substring.UTF8View.Index) {
    var text = ""
    var decimals = 0
    var at = bytes.startIndex
    var hasPoint = false
    func byte(_ offset: Int) -> UInt8 {
      guard let index = bytes.index(at, offsetBy: offset, limitedBy: bytes.endIndex),
        index < bytes.endIndex
      else { return 0 }
      return bytes[index]
    }
    while at < bytes.endIndex {
      let next = bytes[at]
      if isDigit(next) {
        text.unicodeScalars.append(Unicode.Scalar(next))
        if hasPoint { decimals += 1 }
      } else if next == UInt8(ascii: "."), !hasPoint, isDigit(byte(1)) {
        hasPoint = true
        text += "."
      } else if next == UInt8(ascii: ","), !hasPoint, isDigit(byte(1)), isDigit(byte(2)),
        isDigit(byte(3)), !isDigit(byte(4))
      {
        // A comma between thousands is no part of the number.
      } else {
        break
      }
      at = bytes.index(after: at)
    }
    if at < bytes.endIndex, bytes[at] | 0x20 == UInt8(ascii: "e"),
      isDigit(byte(1)) || byte(1) == UInt8(ascii: "-") && isDigit(byte(2))
    {
      var exponent = "e"
      at = bytes.index(after: at)
      if bytes[at] == UInt8(ascii: "-") {
        exponent += "-"
        at = bytes.index(after: at)
      }
      while at < bytes.endIndex, isDigit(bytes[at]) {
        exponent.unicodeScalars.append(Unicode.Scalar(bytes[at]))
        at = bytes.index(after: at)
      }
      return ((Double(text + exponent) ?? 0), 15, at)
    }
    return (Double(text) ?? 0, decimals, at)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}

/// When two numbers of two runs are the same apart from the last digits.
enum NumberAgreement {
  /// The greatest difference relative to the greater number.
  static let relative = 1e-9
  /// The greatest difference of numbers next to zero, relative to the greatest number of their
  /// column: what is zero but for rounding has no digits to agree on.
  static let floor = 1e-12

  /// Whether two numbers agree; `scale` is the greatest magnitude of their column.
  static func agree(_ a: Double, _ b: Double, scale: Double) -> Bool {
    if a == b || (a.isNaN && b.isNaN) { return true }
    let difference = (a - b).magnitude
    return difference <= relative * max(a.magnitude, b.magnitude) || difference <= floor * scale
  }
}
