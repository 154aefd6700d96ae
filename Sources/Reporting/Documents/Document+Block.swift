extension Document {
  /// A part of a document, as what it is: Markdown and the page are both made from it.
  enum Block: Sendable, Equatable {
    case heading(Int, Prose)
    case paragraph(Prose)
    case list([Prose], ordered: Bool)
    /// A box that stands out: its title and its paragraphs.
    case callout(Prose, [Prose])
    /// A table whose cells are prose; a row that is short ends in empty cells.
    case proseTable([Prose], [[Prose]])
    case dataTable(DataTable)
    case figure(ShownFigure)
    case code(String, language: String)
    case rule
  }

  /// A table of released rows as it is printed.
  struct DataTable: Sendable, Equatable {
    /// Its number in the document, from one.
    var number: Int
    var caption: Prose
    /// The CSV file of its numbers.
    var path: String
    var headings: [String]
    /// Whether a column holds numbers, which stand to the right.
    var isNumeric: [Bool]
    /// The cells as they are written, row by row.
    var rows: [[String]]
  }

  /// A figure with its number and its words.
  struct ShownFigure: Sendable, Equatable {
    /// Its number in the document, from one.
    var number: Int
    var figure: Figure
    /// What it shows, in words, on one line.
    var alternative: String
    var caption: Prose
  }
}

extension Document.Block {
  /// The block as Markdown; a table and a figure are two blocks of it.
  var markdown: [String] {
    switch self {
    case .heading(let level, let text):
      return [String(repeating: "#", count: level) + " " + text.markdown]
    case .paragraph(let text): return [text.markdown]
    case .list(let items, let isOrdered):
      let lines = items.enumerated().map { index, item in
        (isOrdered ? "\(index + 1). " : "- ") + item.markdown
      }
      return [lines.joined(separator: "\n")]
    case .callout(let title, let paragraphs):
      let texts = ["**\(title.markdown)**"] + paragraphs.map(\.markdown)
      let lines = texts.map { text in
        text.split(separator: "\n", omittingEmptySubsequences: false).map { "> " + $0 }
          .joined(separator: "\n")
      }
      return [lines.joined(separator: "\n>\n")]
    case .proseTable(let headings, let rows):
      var lines = [Self.line(headings.map(\.markdown)), Self.line(headings.map { _ in ":--" })]
      for row in rows {
        lines.append(
          Self.line(headings.indices.map { $0 < row.count ? row[$0].markdown : "" }))
      }
      return [lines.joined(separator: "\n")]
    case .dataTable(let table):
      var lines = [
        Self.line(table.headings.map(Markdown.escaped)),
        Self.line(table.isNumeric.map { $0 ? "--:" : ":--" }),
      ]
      lines += table.rows.map { Self.line($0.map(Markdown.escaped)) }
      return [
        "*Table \(table.number).* \(table.caption.markdown) Data: [\(table.path)](\(table.path)).",
        lines.joined(separator: "\n"),
      ]
    case .figure(let shown):
      let data = shown.figure.sources.map { "[\($0)](\($0))" }.joined(separator: ", ")
      return [
        "![\(Markdown.escaped(shown.alternative))](\(shown.figure.path))",
        "*Figure \(shown.number).* \(shown.caption.markdown) Data: \(data).",
      ]
    case .code(let text, let language):
      var fence = "```"
      while text.contains(fence) { fence += "`" }
      return ["\(fence)\(language)\n\(text)\n\(fence)"]
    case .rule: return ["---"]
    }
  }

  private static func line(_ cells: [String]) -> String {
    "| "
      + cells.map { $0.split(whereSeparator: \.isNewline).joined(separator: " ") }
      .joined(separator: " | ") + " |"
  }
}
