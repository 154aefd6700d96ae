/// Pieces of the page, written so that an XML parser reads them too.
enum HTML {
  /// Text with the characters escaped that HTML would read, without those it forbids.
  static func escaped(_ text: String) -> String { Canvas.escaped(text) }

  /// Console text: as `escaped`, its lines kept.
  static func escapedLines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { escaped(String($0)) }
      .joined(separator: "\n")
  }

  /// Prose.
  static func text(_ prose: Prose) -> String { text(Inline.read(prose)) }

  /// What stands within a line.
  static func text(_ nodes: [Inline]) -> String {
    nodes.map { node in
      switch node {
      case .text(let text): escaped(text)
      case .code(let text): "<code>\(escaped(text))</code>"
      case .strong(let inner): "<strong>\(text(inner))</strong>"
      case .emphasis(let inner): "<em>\(text(inner))</em>"
      case .link(let words, let target): link(text(words), target)
      }
    }.joined()
  }

  /// A link; `words` are HTML.
  static func link(_ words: String, _ target: String) -> String {
    "<a href=\"\(escaped(target))\">\(words)</a>"
  }
}
