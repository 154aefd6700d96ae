internal import Statistics

/// Compares two SVG pictures by their structure: the same elements with the same attributes and texts
/// in the same order; numbers within a distance that nobody can see.
struct PictureAgreement {
  /// How far two coordinates may be apart, in pixels.
  var distance = 0.5

  /// What differs first, or nil when the pictures agree.
  func firstDifference(_ expected: String, _ found: String) -> TextAgreement.Difference? {
    let old = Self.pieces(expected)
    let new = Self.pieces(found)
    for index in 0..<max(old.count, new.count) {
      let left = index < old.count ? old[index].text : "(nothing)"
      let right = index < new.count ? new[index].text : "(nothing)"
      if agrees(left, right) { continue }
      return TextAgreement.Difference(
        line: index < old.count ? old[index].line : old.last?.line ?? 1, expected: left,
        found: right)
    }
    return nil
  }

  private func agrees(_ left: String, _ right: String) -> Bool {
    if left == right { return true }
    // A text shows a number as it is; only tags have coordinates.
    guard left.hasPrefix("<"), right.hasPrefix("<") else { return false }
    let (a, b) = (Self.words(left), Self.words(right))
    return a.count == b.count
      && zip(a, b).allSatisfy { one, other in
        if one == other { return true }
        guard let x = Double(one), let y = Double(other) else { return false }
        return (x - y).magnitude <= distance
      }
  }

  /// Tags and the texts between them, each with its line.
  private static func pieces(_ svg: String) -> [(text: String, line: Int)] {
    var pieces: [(text: String, line: Int)] = []
    var current = ""
    var line = 1
    func keep() {
      let text = current.trimmed
      if !text.isEmpty { pieces.append((text, line)) }
      current = ""
    }
    for character in svg {
      if character == "<" { keep() }
      current.append(character)
      if character == ">" { keep() }
      if character == "\n" { line += 1 }
    }
    keep()
    return pieces
  }

  private static func words(_ tag: String) -> [Substring] {
    tag.split { $0.isWhitespace || "\",=<>/".contains($0) }
  }
}
