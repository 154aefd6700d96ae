/// A text that a report quotes, with the place that it comes from.
public struct OriginText: Sendable, Equatable {
  /// The kinds of origin of a number, as `claims.csv` names them.
  public enum Kind: String, Sendable, CaseIterable {
    /// A cell of a result table.
    case cell
    /// A text of the study file.
    case study
    /// A value of the manifest.
    case manifest
    /// A constant of the method or the year of a source; the program holds it.
    case constant
    /// The number of a section, a table or a figure.
    case structure
    /// A number that a chart makes of its table, such as how many points lie above a line.
    case figure
  }

  /// What holds the text.
  public let kind: Kind
  /// The file.
  public let file: String
  /// The row of a table or the path of keys in a study file, such as `outcomes[0].label`.
  public let rowKey: String
  /// The column of a table; blank elsewhere.
  public let column: String
  /// The text.
  public let text: String

  /// A text with its place.
  public init(kind: Kind, file: String, rowKey: String, column: String = "", text: String) {
    self.kind = kind
    self.file = file
    self.rowKey = rowKey
    self.column = column
    self.text = text
  }
}

extension Prose {
  /// Whether a text has numerals.
  static func hasNumerals(_ text: String) -> Bool { !Numerals.tokens(text).isEmpty }

  /// The number of a table or a figure in its caption.
  static func structure(_ sentence: String, _ number: String) -> Claim {
    Claim(sentence: sentence, text: number, cell: nil, origin: .structure)
  }

  /// The claims of a column's heading as those of its table.
  func headingClaims(of sentence: String) -> [Claim] {
    claims(of: sentence).map { claim in
      guard case .text(let text, let range) = claim.origin else { return claim }
      var claim = claim
      claim.origin = .heading(text, range)
      return claim
    }
  }

  /// The claims as those of another sentence: what stands in a table is said by its caption.
  func claims(of sentence: String) -> [Claim] {
    claims.map { claim in
      var claim = claim
      claim.sentence = sentence
      return claim
    }
  }
}

extension Prose {
  /// A column's heading; one that says 95% says what level the table's rows have, where they tell.
  static func heading(_ text: String, of table: Released<ResultTable>) -> Prose {
    guard let part = text.firstRange(of: "95%"), table.value.position(of: "conf.level") != nil
    else {
      return Prose(plain: text)
    }
    let levels = table.value.cells("conf.level").map(\.number)
    guard let row = levels.firstIndex(where: { $0 != nil }), let share = levels[row],
      levels.allSatisfy({ $0 == nil || $0 == share }),
      let level = try? table.cell(row: row, "conf.level")
    else { return Prose(plain: text) }
    let (before, after) = (String(text[..<part.lowerBound]), String(text[part.upperBound...]))
    let places = (100 * share).rounded() == 100 * share ? 0 : 1
    return "\(before)\(level, .percent(places))\(after)"
  }
}
