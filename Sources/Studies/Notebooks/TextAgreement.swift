internal import Statistics

/// Compares printed texts word by word: words must be the same, numbers may differ a little.
///
/// Processor kernels may differ in the last digits of a number and so in the width of a column, so
/// that neither bytes nor blanks are compared. How long something took is no result.
struct TextAgreement {
  /// How far two numbers may differ, relative to the larger.
  var tolerance: Double

  /// A line of two texts that differs.
  struct Difference: Equatable {
    /// The number of the line in the old text, from 1.
    let line: Int
    let expected: String
    let found: String
  }

  /// The first line that differs, or nil when the texts agree.
  func firstDifference(_ expected: String, _ found: String) -> Difference? {
    let old = Self.lines(expected)
    let new = Self.lines(found)
    for index in 0..<max(old.count, new.count) {
      let left = index < old.count ? old[index] : nil
      let right = index < new.count ? new[index] : nil
      if let left, let right, agrees(left, right) { continue }
      return Difference(
        line: index + 1, expected: left.map(String.init) ?? "(nothing)",
        found: right.map(String.init) ?? "(nothing)")
    }
    return nil
  }

  /// Whether two lines have the same words, numbers within the tolerance.
  func agrees(_ left: some StringProtocol, _ right: some StringProtocol) -> Bool {
    let (a, b) = (Self.words(left), Self.words(right))
    return a.count == b.count && zip(a, b).allSatisfy { isSame($0, $1) }
  }

  private func isSame(_ left: String, _ right: String) -> Bool {
    if left == right { return true }
    guard let x = Double(left), let y = Double(right), x.isFinite, y.isFinite else { return false }
    return (x - y).magnitude <= tolerance * max(x.magnitude, y.magnitude)
  }

  private static func lines(_ text: String) -> [Substring] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  private static func words(_ line: some StringProtocol) -> [String] {
    var words = String(line).split { $0.isWhitespace || "|,:;()[]{}\"".contains($0) }
      .map(String.init)
    // `took 0.12 s`, `written in 0.12 s`, `0.12 s  estimating`: a time of its own in each run.
    if words.count > 2, words[1] == "s", Double(words[0]) != nil { words.removeFirst(2) }
    if words.count > 2, words.last == "s", Double(words[words.count - 2]) != nil {
      words.removeLast(2)
    }
    return words
  }
}
