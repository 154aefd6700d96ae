internal import Glibc
internal import Reporting

/// A number as a report writes it, held against the cell that it is said to show.
struct ClaimedText {
  /// The text: `−2.5 percentage points`, `$3,038`, `58%`, `< 0.001`, `[c]`.
  let text: String

  /// Whether the text is the cell: the number rounds to it, as it stands or in percent, less one in
  /// percent for ratios, with or without its sign where words say the direction.
  func shows(_ cell: String, isWithheld: Bool) -> Bool {
    if text == "[c]" { return cell.isEmpty && isWithheld }
    if text == "n/a" { return cell.isEmpty && !isWithheld }
    guard let value = Double(cell) else {
      if cell == "true" || cell == "false" { return text == (cell == "true" ? "yes" : "no") }
      return !cell.isEmpty && (cell == text || Self.contains(cell, text))
    }
    if text == cell { return true }
    if text.hasPrefix("< "), let bound = Double(text.dropFirst(2)) { return value < bound }
    guard let token = Numerals.tokens(text).first,
      let told = Double(token.text.replacing(",", with: ""))
    else { return text.contains("∞") && !value.isFinite }
    let before = text.utf8.prefix(token.range.lowerBound)
    let isNegative = String(before)?.contains("−") ?? false
    let isPositive = before.contains(43)
    for candidate in candidates(value) {
      guard Self.rounds(candidate.magnitude, to: told, written: token.text) else { continue }
      if isNegative, candidate >= 0 { continue }
      if isPositive, candidate <= 0 { continue }
      return true
    }
    return false
  }

  /// What the number may be written as.
  private func candidates(_ value: Double) -> [Double] {
    if text.hasSuffix("%") { return [100 * value, 100 * (value - 1)] }
    if text.contains("percentage point") { return [100 * value] }
    return [value, 100 * value, 100 * (value - 1)]
  }

  /// Whether a number rounds to the written one at its decimals, halves either way.
  static func rounds(_ value: Double, to told: Double, written: String) -> Bool {
    let mantissa = written.split(separator: "e")
    let places = mantissa[0].split(separator: ".").dropFirst().first?.utf8.count ?? 0
    let exponent = mantissa.count == 2 ? Int(mantissa[1]) ?? 0 : 0
    let half = 0.5 * pow(10, Double(exponent - places))
    if (value - told).magnitude <= half * (1 + 1e-9) + 1e-12 * told.magnitude { return true }
    // Significant digits of a large number end in noughts.
    guard places == 0, told >= 1000 else { return false }
    let noughts = written.utf8.reversed().prefix { $0 == 48 }.count
    return noughts > 0 && (value - told).magnitude <= 0.5 * pow(10, Double(noughts))
      && written.utf8.count - noughts >= 3
  }

  /// Whether a text holds a part that no digit touches.
  static func contains(_ text: String, _ part: String) -> Bool {
    !places(of: Array(part.utf8), in: Array(text.utf8)[...]).isEmpty
  }

  /// Where a part stands in a text with no digit of another number touching it.
  static func places(of part: [UInt8], in text: ArraySlice<UInt8>) -> [Int] {
    guard let first = part.first, let last = part.last, part.count <= text.count else { return [] }
    func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    func isLetter(_ byte: UInt8) -> Bool {
      (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
    }
    // Three digits after a comma belong to the number before it.
    func isGroup(_ start: Int) -> Bool {
      let digits = text[start...].prefix(4).prefix { isDigit($0) }
      return digits.count == 3
    }
    var found: [Int] = []
    for start in text.startIndex...(text.endIndex - part.count)
    where text[start] == first && text[start..<start + part.count].elementsEqual(part) {
      let end = start + part.count
      if isDigit(first), start > text.startIndex {
        let before = text[start - 1]
        // A digit of a name or of another number.
        if isDigit(before) || isLetter(before) { continue }
        let follows = start > text.startIndex + 1 && isDigit(text[start - 2])
        if follows, before == 46 || (before == 44 && isGroup(start)) { continue }
      }
      if isDigit(last), end < text.endIndex {
        if isDigit(text[end]) { continue }
        if text[end] == 46, end + 1 < text.endIndex, isDigit(text[end + 1]) { continue }
        if text[end] == 44, isGroup(end + 1) { continue }
      }
      found.append(start)
    }
    return found
  }
}
