/// How wide text is set in Helvetica and the fonts made to its measure (Arial, Liberation Sans,
/// Nimbus Sans): advance widths in thousandths of the font size.
enum TextWidth {
  /// The width of a line of text in pixels.
  static func of(_ text: String, size: Double, bold: Bool = false) -> Double {
    let ascii = bold ? boldAdvances : regularAdvances
    var sum = 0
    for scalar in text.unicodeScalars {
      let code = Int(scalar.value)
      if code >= 32, code < 127 {
        sum += ascii[code - 32]
      } else {
        sum += advance(of: scalar, bold: bold)
      }
    }
    return Double(sum) * size / 1000
  }

  /// The text broken at spaces into lines no wider than `width`; a longer word is broken too.
  static func lines(
    _ text: String, width: Double, size: Double, bold: Bool = false
  ) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: \.isWhitespace) {
      for part in pieces(of: String(word), width: width, size: size, bold: bold) {
        let longer = line.isEmpty ? part : line + " " + part
        if of(longer, size: size, bold: bold) <= width || line.isEmpty {
          line = longer
        } else {
          lines.append(line)
          line = part
        }
      }
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }

  /// At most so many lines; what does not fit ends in an ellipsis.
  static func lines(
    _ text: String, width: Double, size: Double, bold: Bool = false, atMost limit: Int
  ) -> [String] {
    let all = lines(text, width: width, size: size, bold: bold)
    guard all.count > limit, limit > 0 else { return all }
    var last = all[limit - 1]
    while !last.isEmpty, of(last + "…", size: size, bold: bold) > width { last.removeLast() }
    return Array(all.prefix(limit - 1)) + [last + "…"]
  }

  /// A word in pieces that each fit; breaks after `_`, `-`, `.` and `/` where it can.
  private static func pieces(
    of word: String, width: Double, size: Double, bold: Bool
  ) -> [String] {
    if of(word, size: size, bold: bold) <= width { return [word] }
    var pieces: [String] = []
    var piece = ""
    for character in word {
      if !piece.isEmpty, of(piece + String(character), size: size, bold: bold) > width {
        if let cut = piece.lastIndex(where: { "_-./:".contains($0) }), cut > piece.startIndex {
          let next = piece.index(after: cut)
          pieces.append(String(piece[..<next]))
          piece = String(piece[next...])
        } else {
          pieces.append(piece)
          piece = ""
        }
      }
      piece.append(character)
    }
    if !piece.isEmpty { pieces.append(piece) }
    return pieces
  }

  private static func advance(of scalar: Unicode.Scalar, bold: Bool) -> Int {
    switch scalar {
    case "’", "‘": bold ? 278 : 222
    case "“", "”": bold ? 500 : 333
    case "…", "—": 1000
    case "−", "×", "±": 584
    case "·": 278
    case "\u{A0}", "\u{202F}": 278
    case "½", "¼", "¾": 834
    default:
      // Combining marks take no room, East Asian letters a full square, the rest about a digit.
      if scalar.properties.canonicalCombiningClass != .notReordered {
        0
      } else if scalar.value >= 0x2E80 {
        1000
      } else if scalar.value >= 0x2190, scalar.value < 0x2800 {
        1000
      } else {
        bold ? 611 : 580
      }
    }
  }

  private static let regularAdvances = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
  ]

  private static let boldAdvances = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667,
    611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556,
    278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
  ]
}
