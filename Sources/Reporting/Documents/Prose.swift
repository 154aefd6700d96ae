/// Text whose numbers can only come from released cells.
///
/// Write it as a string literal. Literal text is Markdown; an interpolated string is plain text and
/// is escaped; an interpolated `ReleasedCell` needs a `NumberStyle` and becomes a claim, which
/// `claims.csv` traces to its file, row and column. There is no interpolation of a bare number.
/// Numerals in literals are claims too, as constants of the method; those in plain text are traced
/// to the study file or to a text of a released table when the report is written.
///
/// ```swift
/// let line: Prose = "Between \(low, .dollars()) and \(high, .dollars()) more a year."
/// ```
public struct Prose: Sendable, Equatable, ExpressibleByStringInterpolation {
  enum Piece: Sendable, Equatable {
    case markdown(String)
    case plain(String)
    case number(ReleasedCell, String)
    /// Text whose numerals have an origin of their own.
    case told(String, Manner)
  }

  /// What the numerals of a text are.
  enum Manner: Sendable, Equatable {
    /// Markdown made elsewhere; its numerals are traced like those of plain text.
    case markdown
    /// Plain text that the program holds and no data change.
    case fixed
    /// A number of the document's own, such as that of a section.
    case structure
    /// Plain text of the study file or else of the program, such as a definition from its library.
    case label
  }

  var pieces: [Piece]

  /// Prose from Markdown without numbers of its own.
  public init(stringLiteral value: String) { pieces = [.markdown(value)] }

  /// Prose from an interpolated literal.
  public init(stringInterpolation: StringInterpolation) { pieces = stringInterpolation.pieces }

  /// Prose from plain text, which is escaped in Markdown.
  public init(plain text: String) { pieces = [.plain(text)] }

  /// Prose from Markdown that is used as it is.
  public init(markdown text: String) { pieces = [.told(text, .markdown)] }

  /// Prose from plain text that the program holds, such as the help of a verb: its numerals are
  /// constants of the method.
  public init(fixed text: String) { pieces = [.told(text, .fixed)] }

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
      pieces.append(.told(text, .markdown))
    }

    /// Plain text that the program holds and no data change.
    public mutating func appendInterpolation(fixed text: String) {
      pieces.append(.told(text, .fixed))
    }

    /// Plain text of the study file or else of the program, such as a definition from its library.
    public mutating func appendInterpolation(label text: String) {
      pieces.append(.told(text, .label))
    }

    /// A number of the document's own, such as that of a section.
    public mutating func appendInterpolation(structure text: String) {
      pieces.append(.told(text, .structure))
    }

    /// A released cell in a style.
    public mutating func appendInterpolation(_ cell: ReleasedCell, _ style: NumberStyle) {
      pieces.append(.number(cell, style.text(cell.cell)))
    }

    /// A number that a text cell holds, such as the 30 of `30:70`; withheld where the cell is.
    public mutating func appendInterpolation(_ cell: ReleasedCell, part: String) {
      let text = cell.cell.text == nil ? NumberStyle.integer.text(cell.cell) : part
      pieces.append(.number(cell, text))
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
      case .told(let text, .markdown): text
      case .told(let text, _): Markdown.escaped(text)
      }
    }.joined()
  }

  private static func plainText(_ piece: Piece) -> String {
    switch piece {
    case .markdown(let text), .told(let text, .markdown):
      text.replacing("**", with: "").replacing("`", with: "")
    case .plain(let text), .number(_, let text), .told(let text, _): text
    }
  }
}

extension Prose {
  /// A number in a report and where it comes from.
  struct Claim: Sendable, Equatable {
    var sentence: String
    var text: String
    /// The cell that it shows; nil where it shows none.
    var cell: ReleasedCell?
    /// Where it comes from.
    var origin: Origin = .cell
  }

  /// Where a number in a report comes from.
  enum Origin: Sendable, Equatable {
    /// A cell of a released table.
    case cell
    /// The program: a constant of the method, a year of a source.
    case constant
    /// The document: the number of a section, a table or a figure.
    case structure
    /// A text that is traced when the report is written; a number within it stands at this place.
    case text(String, Range<Int>)
    /// A text that names a column; what can't be traced in it is a constant.
    case heading(String, Range<Int>)
    /// A chart, whose numbers are those of its tables.
    case drawn([String])
  }

  /// The claims, each with the sentence that makes it.
  var claims: [Claim] {
    let pieces = joined
    let texts = pieces.map { Prose.plainText($0) }
    guard
      texts.contains(where: { $0.utf8.contains(where: Numerals.isDigit) })
        || pieces.contains(where: { if case .number = $0 { true } else { false } })
    else { return [] }
    let bytes = Array(texts.joined().utf8)
    var claims: [Claim] = []
    var offset = 0
    for (piece, text) in zip(pieces, texts) {
      let end = offset + text.utf8.count
      if case .number(let cell, _) = piece {
        claims.append(
          Claim(sentence: Prose.sentence(of: bytes, around: offset), text: text, cell: cell))
      }
      offset = end
    }
    // Numerals are looked for in the whole, so that the end of a DOI or of a name is not taken for one.
    let tokens = Numerals.tokens(bytes)
    offset = 0
    var next = 0
    for (piece, text) in zip(pieces, texts) {
      let end = offset + text.utf8.count
      while next < tokens.count, tokens[next].range.lowerBound < end {
        let token = tokens[next]
        next += 1
        let place = token.range.lowerBound - offset
        guard place >= 0,
          let origin = Prose.origin(piece, text, place..<place + token.text.utf8.count)
        else { continue }
        claims.append(
          Claim(
            sentence: Prose.sentence(of: bytes, around: token.range.lowerBound),
            text: token.text, cell: nil, origin: origin))
      }
      offset = end
    }
    return claims
  }

  /// The pieces, texts of one kind that touch joined.
  private var joined: [Piece] {
    var result: [Piece] = []
    for piece in pieces {
      switch (result.last, piece) {
      case (.plain(let before), .plain(let text)): result[result.count - 1] = .plain(before + text)
      case (.markdown(let before), .markdown(let text)):
        result[result.count - 1] = .markdown(before + text)
      default: result.append(piece)
      }
    }
    return result
  }

  private static func origin(_ piece: Piece, _ text: String, _ range: Range<Int>) -> Origin? {
    switch piece {
    case .number: nil
    case .markdown, .told(_, .fixed): .constant
    case .told(_, .structure): .structure
    case .plain, .told(_, .markdown): .text(text, range)
    case .told(_, .label): .heading(text, range)
    }
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
