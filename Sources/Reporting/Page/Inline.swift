/// What stands within a line of prose: the small part of Markdown that the house writes.
///
/// Bold (`**`), italics (`*`), code and links. Whatever else Markdown knows (images, HTML,
/// underscores) stays text, so that no literal can bring markup into the page.
indirect enum Inline: Equatable {
  case text(String)
  case strong([Inline])
  case emphasis([Inline])
  case code(String)
  /// The words and where they lead.
  case link([Inline], String)

  /// Reads prose; interpolated text and numbers are text whatever they hold.
  static func read(_ prose: Prose) -> [Inline] {
    var units: [Unit] = []
    for piece in prose.pieces {
      switch piece {
      case .markdown(let text), .told(let text, .markdown):
        units += text.map { Unit(character: $0, isMarkup: true) }
      case .plain(let text), .number(_, let text), .told(let text, _):
        units += text.map { Unit(character: $0, isMarkup: false) }
      }
    }
    return Reader(units: units).nodes(0..<units.count)
  }

  /// Reads a line of Markdown that this room has written.
  static func read(markdown: String) -> [Inline] { read(Prose(markdown: markdown)) }

  /// The text alone.
  static func plainText(_ nodes: [Inline]) -> String {
    nodes.map { node in
      switch node {
      case .text(let text), .code(let text): text
      case .strong(let inner), .emphasis(let inner), .link(let inner, _): plainText(inner)
      }
    }.joined()
  }

  /// A character, and whether it may be markup.
  private struct Unit {
    var character: Character
    var isMarkup: Bool
  }

  private struct Reader {
    let units: [Unit]

    func nodes(_ range: Range<Int>) -> [Inline] {
      var nodes: [Inline] = []
      var text = ""
      var place = range.lowerBound
      func flush() {
        if !text.isEmpty { nodes.append(.text(text)) }
        text = ""
      }
      while place < range.upperBound {
        if isEscape(place, range) {
          text.append(units[place + 1].character)
          place += 2
        } else if let (node, next) = node(at: place, range) {
          flush()
          nodes.append(node)
          place = next
        } else {
          text.append(units[place].character)
          place += 1
        }
      }
      flush()
      return nodes
    }

    /// The markup that begins at a place and where it ends; nil when none does.
    private func node(at place: Int, _ range: Range<Int>) -> (Inline, Int)? {
      if isMark("`", place, range) {
        guard let end = closing("`", after: place + 1, range) else { return nil }
        let text = String(units[(place + 1)..<end].map(\.character))
        return (.code(text), end + 1)
      }
      if isDouble(place, range) {
        guard let end = closing("**", after: place + 2, range) else { return nil }
        return (.strong(nodes((place + 2)..<end)), end + 2)
      }
      if isMark("*", place, range) {
        guard let end = closing("*", after: place + 1, range) else { return nil }
        return (.emphasis(nodes((place + 1)..<end)), end + 1)
      }
      if isMark("[", place, range) { return link(at: place, range) }
      return nil
    }

    private func link(at place: Int, _ range: Range<Int>) -> (Inline, Int)? {
      guard let middle = closing("]", after: place + 1, range),
        isMark("(", middle + 1, range), let end = closing(")", after: middle + 2, range)
      else { return nil }
      let target = Inline.plainText(nodes((middle + 2)..<end))
      let words = nodes((place + 1)..<middle)
      guard Inline.isSafe(target) else { return (.text(Inline.plainText(words)), end + 1) }
      return (.link(words, target), end + 1)
    }

    /// Where the mark that ends a span stands; code and escaped characters are passed over.
    private func closing(_ mark: String, after start: Int, _ range: Range<Int>) -> Int? {
      let isStar = mark.hasPrefix("*")
      if isStar, start < range.upperBound, units[start].character.isWhitespace { return nil }
      var place = start
      while place < range.upperBound {
        if mark != "`", isEscape(place, range) {
          place += 2
          continue
        }
        if mark != "`", isMark("`", place, range),
          let end = closing("`", after: place + 1, range)
        {
          place = end + 1
          continue
        }
        let isDouble = isDouble(place, range)
        let found =
          mark == "**"
          ? isDouble
          : mark == "*" ? isMark("*", place, range) && !isDouble : isMark(mark, place, range)
        if found, place > start, !(isStar && units[place - 1].character.isWhitespace) {
          return place
        }
        place += isDouble ? 2 : 1
      }
      return nil
    }

    private func isMark(_ mark: String, _ place: Int, _ range: Range<Int>) -> Bool {
      range.contains(place) && units[place].isMarkup && String(units[place].character) == mark
    }

    private func isDouble(_ place: Int, _ range: Range<Int>) -> Bool {
      isMark("*", place, range) && isMark("*", place + 1, range)
    }

    private func isEscape(_ place: Int, _ range: Range<Int>) -> Bool {
      guard isMark("\\", place, range), range.contains(place + 1) else { return false }
      let next = units[place + 1].character
      return units[place + 1].isMarkup && next.isASCII && (next.isPunctuation || next.isSymbol)
    }
  }

  /// Whether a link leads to a file of the folder, to a place of the page or to the web.
  static func isSafe(_ target: String) -> Bool {
    guard !target.isEmpty, !target.contains(where: \.isWhitespace) else { return false }
    guard let colon = target.firstIndex(of: ":") else { return true }
    let scheme = target[..<colon]
    return scheme.contains("/") || ["https", "http"].contains(scheme.lowercased())
  }
}
