/// Text whose numbers can only come from released cells.
///
/// Write it as a string literal. Literal text is Markdown; an interpolated string is plain text and
/// is escaped; an interpolated `ReleasedCell` needs a `NumberStyle` and becomes a claim, which
/// `claims.csv` traces to its file, row and column. There is no interpolation of a bare number.
///
/// ```swift
/// let line: Prose = "Between \(low, .dollars()) and \(high, .dollars()) more a year."
/// ```
public struct Prose: Sendable, Equatable, ExpressibleByStringInterpolation {
  enum Piece: Sendable, Equatable {
    case markdown(String)
    case plain(String)
    case number(ReleasedCell, String)
  }

  var pieces: [Piece]

  /// Prose from Markdown without numbers of its own.
  public init(stringLiteral value: String) { pieces = [.markdown(value)] }

  /// Prose from an interpolated literal.
  public init(stringInterpolation: StringInterpolation) { pieces = stringInterpolation.pieces }

  /// Prose from plain text, which is escaped in Markdown.
  public init(plain text: String) { pieces = [.plain(text)] }

  /// Prose from Markdown that is used as it is.
  public init(markdown text: String) { pieces = [.markdown(text)] }

  /// Nothing.
  public static let empty = Prose(plain: "")

  /// Prose and what follows it, with nothing between them.
  public static func + (left: Prose, right: Prose) -> Prose {
    var prose = left
    prose.pieces += right.pieces
    return prose
  }

  /// The pieces of an interpolated literal.
  public struct StringInterpolation: StringInterpolationProtocol {
    var pieces: [Piece] = []

    /// An interpolation with room for its pieces.
    public init(literalCapacity: Int, interpolationCount: Int) {
      pieces.reserveCapacity(2 * interpolationCount + 1)
    }

    /// Literal Markdown.
    public mutating func appendLiteral(_ literal: String) {
      if !literal.isEmpty { pieces.append(.markdown(literal)) }
    }

    /// Plain text: a name, a label, a path.
    public mutating func appendInterpolation(_ text: String) { pieces.append(.plain(text)) }

    /// Markdown made elsewhere.
    public mutating func appendInterpolation(markdown text: String) {
      pieces.append(.markdown(text))
    }

    /// A released cell in a style.
    public mutating func appendInterpolation(_ cell: ReleasedCell, _ style: NumberStyle) {
      pieces.append(.number(cell, style.text(cell.cell)))
    }

    /// Prose within prose.
    public mutating func appendInterpolation(_ prose: Prose) { pieces += prose.pieces }
  }

  /// The text without Markdown's escapes, for charts and alternative texts.
  public var plainText: String { pieces.map { Prose.plainText($0) }.joined() }

  /// The text as Markdown.
  public var markdown: String {
    pieces.map { piece in
      switch piece {
      case .markdown(let text): text
      case .plain(let text): Markdown.escaped(text)
      case .number(_, let text): Markdown.escaped(text)
      }
    }.joined()
  }

  private static func plainText(_ piece: Piece) -> String {
    switch piece {
    case .markdown(let text): text.replacing("**", with: "").replacing("`", with: "")
    case .plain(let text), .number(_, let text): text
    }
  }
}

extension Prose {
  /// A number in a report and the cell that it comes from.
  struct Claim: Sendable, Equatable {
    var sentence: String
    var text: String
    var cell: ReleasedCell
  }

  /// The claims, each with the sentence that makes it.
  var claims: [Claim] {
    let bytes = Array(plainText.utf8)
    var offset = 0
    var claims: [Claim] = []
    for piece in pieces {
      if case .number(let cell, let text) = piece {
        claims.append(
          Claim(sentence: Prose.sentence(of: bytes, around: offset), text: text, cell: cell))
      }
      offset += Prose.plainText(piece).utf8.count
    }
    return claims
  }

  /// The sentence around a byte: from the last full stop, question or exclamation mark that a
  /// space and a capital follow, to the next.
  private static func sentence(of bytes: [UInt8], around offset: Int) -> String {
    func endsSentence(_ index: Int) -> Bool {
      guard [46, 33, 63].contains(bytes[index]) else { return false }
      if index + 1 == bytes.count { return true }
      guard bytes[index + 1] == 32, index + 2 < bytes.count else { return false }
      return (65...90).contains(bytes[index + 2])
    }
    var start = min(offset, bytes.count)
    while start > 0, !endsSentence(start - 1) { start -= 1 }
    var end = min(offset, bytes.count)
    while end < bytes.count, !endsSentence(end) { end += 1 }
    end = min(end + 1, bytes.count)
    var slice = bytes[start..<end]
    while slice.first == 32 { slice.removeFirst() }
    return String(decoding: slice, as: UTF8.self)
  }
}

/// Small Markdown helpers.
enum Markdown {
  /// Plain text with the characters escaped that Markdown would read.
  static func escaped(_ text: String) -> String {
    var output = ""
    output.reserveCapacity(text.count)
    for character in text {
      if "\\`*_[]<>|#$".contains(character) { output.append("\\") }
      output.append(character)
    }
    return output
  }
}
