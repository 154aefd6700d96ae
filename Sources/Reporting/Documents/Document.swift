/// A document whose numbers can only come from released cells; it is read as Markdown and as a page.
public struct Document: Sendable {
  /// The file below the output directory, such as `report.md`.
  public let path: String
  private(set) var blocks: [Block] = []
  private(set) var claims: [Prose.Claim] = []
  private(set) var sources: [String] = []
  private(set) var figures: [Figure] = []
  private var tables = 0

  /// An empty document.
  public init(path: String) { self.path = path }

  /// Adds a heading; level 1 is the title.
  public mutating func heading(_ level: Int, _ text: Prose) {
    blocks.append(.heading(max(1, min(6, level)), text))
    claims += text.claims
  }

  /// Adds a paragraph.
  public mutating func paragraph(_ text: Prose) {
    blocks.append(.paragraph(text))
    claims += text.claims
  }

  /// Adds a list; an empty one adds nothing.
  public mutating func list(_ items: [Prose], ordered: Bool = false) {
    guard !items.isEmpty else { return }
    blocks.append(.list(items, ordered: ordered))
    for item in items { claims += item.claims }
  }

  /// Adds a box that stands out: a bold heading and its paragraphs.
  public mutating func callout(_ title: Prose, _ paragraphs: [Prose]) {
    blocks.append(.callout(title, paragraphs))
    for prose in [title] + paragraphs { claims += prose.claims }
  }

  /// Adds a table whose cells are prose: definitions, checklists, the target trial.
  public mutating func table(headings: [Prose], rows: [[Prose]]) {
    guard !headings.isEmpty else { return }
    blocks.append(.proseTable(headings, rows))
    for prose in headings + rows.flatMap({ $0 }) { claims += prose.claims }
  }

  /// Adds a figure with its caption, which names the CSV files that it was drawn from.
  ///
  /// The alternative text is the figure's own description unless another is given.
  public mutating func figure(_ figure: Figure, caption: Prose, alternative: Prose? = nil) {
    figures.append(figure)
    let text = alternative?.plainText ?? figure.summary
    let oneLine = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    blocks.append(
      .figure(
        ShownFigure(
          number: figures.count, figure: figure, alternative: oneLine, caption: caption)))
    claims += caption.claims + figure.claims + (alternative?.claims ?? figure.summaryClaims)
    claims.append(
      Prose.structure("Figure \(figures.count). \(caption.plainText)", "\(figures.count)"))
    sources += figure.sources
  }

  /// Adds a block of code or console text.
  public mutating func code(_ text: String, language: String = "") {
    blocks.append(.code(text, language: language))
  }

  /// Adds a line between parts.
  public mutating func rule() { blocks.append(.rule) }

  /// The document as Markdown.
  public var markdown: String {
    blocks.flatMap(\.markdown).joined(separator: "\n\n") + "\n"
  }
}

extension Document {
  /// A column of a printed table.
  public struct TableColumn: Sendable {
    /// What stands above it.
    public var heading: String
    enum Content: Sendable {
      case cell(String, NumberStyle)
      case interval(String, String, NumberStyle)
    }
    var content: Content
    /// What texts of the column are called in print, where they are called otherwise.
    var names: [String: String]

    /// A column of a result table, in a style; texts that have a name in `names` print as that.
    public init(
      _ column: String, _ heading: String, _ style: NumberStyle = .significant(4),
      names: [String: String] = [:]
    ) {
      self.heading = heading
      self.names = names
      content = .cell(column, style)
    }

    /// An interval made of two columns, `low to high`.
    public static func interval(
      _ heading: String, low: String = "conf.low", high: String = "conf.high", _ style: NumberStyle
    ) -> TableColumn {
      var column = TableColumn(low, heading, style)
      column.content = .interval(low, high, style)
      return column
    }
  }

  /// Adds a table of released rows: the chosen columns, `[c]` where a cell was withheld, and a
  /// caption that names the file.
  public mutating func table(
    _ released: Released<ResultTable>, caption: Prose, columns: [TableColumn]
  ) {
    let table = released.value
    guard !table.rows.isEmpty, !columns.isEmpty else { return }
    let isNumeric = columns.map { column -> Bool in
      switch column.content {
      case .cell(let name, _): table.cells(name).contains { $0.number != nil || $0 == .suppressed }
      case .interval: true
      }
    }
    let headings = columns.map { Prose.heading($0.heading, of: released) }
    tables += 1
    let sentence = "Table \(tables). " + caption.plainText
    claims.append(Prose.structure(sentence, "\(tables)"))
    for heading in headings { claims += heading.headingClaims(of: sentence) }
    var rows: [[String]] = []
    for row in table.rows.indices {
      var texts: [String] = []
      for column in columns {
        let names: [String]
        let style: NumberStyle
        switch column.content {
        case .cell(let name, let own): (names, style) = ([name], own)
        case .interval(let low, let high, let own): (names, style) = ([low, high], own)
        }
        var parts: [String] = []
        for name in names {
          guard let cell = try? released.cell(row: row, name) else { continue }
          let isBlank = cell.cell == .missing
          let written = isBlank ? "" : style.text(cell.cell)
          let text = cell.cell.text.flatMap { column.names[$0] } ?? written
          parts.append(text)
          if let name = cell.cell.text.flatMap({ column.names[$0] }) {
            claims += Prose(plain: name).headingClaims(of: sentence)
          } else if cell.cell != .missing, cell.cell.text.map(Prose.hasNumerals) ?? true {
            claims.append(Prose.Claim(sentence: sentence, text: text, cell: cell))
          }
        }
        let isEmpty = parts.allSatisfy(\.isEmpty)
        if parts == ["[c]", "[c]"] { parts = ["[c]"] }
        texts.append(isEmpty ? "" : parts.joined(separator: " to "))
      }
      rows.append(texts)
    }
    let rounding: Prose = table.roundingNote.map { " \($0)" } ?? ""
    blocks.append(
      .dataTable(
        DataTable(
          number: tables, caption: caption + rounding, path: table.path,
          headings: headings.map(\.plainText),
          isNumeric: isNumeric, rows: rows)))
    claims += caption.claims
    sources.append(table.path)
  }
}
