/// The words of some texts, to find the columns that they name.
struct EngineWords {
  private let texts: [[Unicode.Scalar]]
  /// Whether a text has a dot that stands for all columns.
  let hasDot: Bool

  init(_ texts: [String]) {
    self.texts = texts.map { Array($0.unicodeScalars) }
    hasDot = self.texts.contains { text in
      text.indices.contains { place in
        text[place] == "." && !Self.isWord(text, place - 1) && !Self.isWord(text, place + 1)
          && text.contains("~")
      }
    }
  }

  /// The names that are meant: those that stand in a text, or all where a dot stands for them.
  func columns(among names: [String]) -> [String] { hasDot ? names : named(among: names) }

  /// The names that stand in a text as whole words, and those between two with a colon, in their order.
  func named(among names: [String]) -> [String] {
    var isNamed = names.map { name in ends(of: Array(name.unicodeScalars)).isEmpty == false }
    // emp1:emp52 names all from the first to the last.
    for (first, name) in names.enumerated() where isNamed[first] {
      for (text, end) in ends(of: Array(name.unicodeScalars))
      where end < texts[text].count && texts[text][end] == ":" {
        for (last, other) in names.enumerated() where last > first && isNamed[last] {
          let word = Array(other.unicodeScalars)
          guard texts[text][(end + 1)...].starts(with: word),
            !Self.isWord(texts[text], end + 1 + word.count)
          else { continue }
          for place in first...last { isNamed[place] = true }
        }
      }
    }
    return names.indices.filter { isNamed[$0] }.map { names[$0] }
  }

  /// Where a name ends as a whole word: the text, and the place behind the name.
  private func ends(of name: [Unicode.Scalar]) -> [(text: Int, end: Int)] {
    guard let head = name.first else { return [] }
    var found: [(text: Int, end: Int)] = []
    for (index, text) in texts.enumerated() where text.count >= name.count {
      for place in 0...(text.count - name.count)
      where text[place] == head && text[place..<place + name.count].elementsEqual(name) {
        if !Self.isWord(text, place - 1), !Self.isWord(text, place + name.count) {
          found.append((index, place + name.count))
        }
      }
    }
    return found
  }

  private static func isWord(_ text: [Unicode.Scalar], _ place: Int) -> Bool {
    guard text.indices.contains(place) else { return false }
    let scalar = text[place]
    return scalar == "_" || scalar == "." || scalar.properties.isAlphabetic
      || scalar.properties.numericType != nil
  }
}
