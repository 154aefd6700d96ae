/// A report as one page that needs nothing else: no scripts, no fonts, no pictures of its own folder.
///
/// It says what `report.md` says, with the summary as its first screen. The same documents give the
/// same bytes; an XML parser can read it. Only its links to `results/*.csv` lead out of it.
struct Page {
  private(set) var body = ""
  private var contents: [(id: String, title: String)] = []
  private var ids: Set<String> = []
  /// The level of the last heading, so that none is skipped.
  private var level = 1
  /// The text of the last heading, which names tables that have no caption.
  private var heading = ""
  private var named: [String: Int] = [:]
  /// What the ids of figures and tables begin with.
  private var prefix = ""

  /// The page of a report and its summary.
  static func html(report: Document, summary: Document?) -> String {
    var page = Page()
    let title = report.blocks.firstTitle ?? "Report"
    // Whoever reads the page need not be sent to report.md.
    let first = (summary?.blocks.withoutTitle ?? []).filter { !$0.leads(to: report.path) }
    if !first.isEmpty {
      page.prefix = "summary-"
      page.open("<section aria-labelledby=\"summary\">")
      page.add(heading: 2, "Summary", id: "summary")
      page.add(first)
      page.open("</section>")
    }
    let top = page.body
    page.body = ""
    page.prefix = ""
    page.contents = []
    // What the reader has just read in the summary isn't said again before the first section.
    let blocks = report.blocks.withoutTitle
    let start = blocks.firstIndex { if case .heading = $0 { true } else { false } } ?? blocks.count
    page.add(blocks[..<start].filter { !first.contains($0) })
    page.add(Array(blocks[start...]))
    return page.whole(title: title, top: top)
  }

  private func whole(title: String, top: String) -> String {
    let name = HTML.escaped(title)
    let entries = contents.map { "<li>\(HTML.link($0.title, "#" + $0.id))</li>\n" }.joined()
    let nav =
      entries.isEmpty
      ? ""
      : """
      <nav aria-labelledby="contents">
      <h2 id="contents">Contents</h2>
      <ul>
      \(entries)</ul>
      </nav>

      """
    return """
      <!DOCTYPE html>
      <html lang="en-GB">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <title>\(name)</title>
      <style>
      \(Page.style)
      </style>
      </head>
      <body>
      <a class="skip" href="#main">Skip to the report</a>
      <main id="main">
      <h1>\(name)</h1>
      \(top)\(nav)\(body)</main>
      </body>
      </html>

      """
  }

  private mutating func add(_ blocks: [Document.Block]) { for block in blocks { add(block) } }

  private mutating func open(_ line: String) { body += line + "\n" }

  private mutating func add(heading wanted: Int, _ text: Prose, id: String? = nil) {
    level = max(2, min(wanted, level + 1))
    heading = Inline.plainText(Inline.read(text))
    // Without its number a section keeps its address when another is put before it.
    let number = heading.prefix { $0.isASCII && $0.isNumber }
    let name = heading.dropFirst(number.count)
    let stem = !number.isEmpty && name.hasPrefix(". ") ? String(name.dropFirst(2)) : heading
    let id = unique(id ?? "section-" + DataPackage.identifier(stem))
    let words = HTML.text(text)
    if level == 2 { contents.append((id, words)) }
    open("<h\(level) id=\"\(id)\">\(words)</h\(level)>")
  }

  private mutating func unique(_ wanted: String) -> String {
    var id = wanted
    var count = 1
    while !ids.insert(id).inserted {
      count += 1
      id = "\(wanted)-\(count)"
    }
    return id
  }

  private mutating func add(_ block: Document.Block) {
    switch block {
    case .heading(let level, let text): add(heading: level, text)
    case .paragraph(let text): open("<p>\(HTML.text(text))</p>")
    case .list(let items, let isOrdered):
      let tag = isOrdered ? "ol" : "ul"
      open("<\(tag)>")
      for item in items { open("<li>\(HTML.text(item))</li>") }
      open("</\(tag)>")
    case .callout(let title, let paragraphs):
      let id = unique("\(prefix)callout")
      open("<section class=\"callout\" aria-labelledby=\"\(id)\">")
      open("<p class=\"lead\" id=\"\(id)\">\(HTML.text(title))</p>")
      for text in paragraphs { open("<p>\(HTML.text(text))</p>") }
      open("</section>")
    case .proseTable(let headings, let rows): add(headings: headings, rows: rows)
    case .dataTable(let table): add(table)
    case .figure(let shown): add(shown)
    case .code(let text, _):
      open("<pre tabindex=\"0\"><code>\(HTML.escapedLines(text))</code></pre>")
    case .rule: open("<hr/>")
    }
  }
}

extension Page {
  /// A table of prose: its first column names the rows; the heading above it is its caption, which
  /// is heard but not seen twice.
  private mutating func add(headings: [Prose], rows: [[Prose]]) {
    let count = (named[heading] ?? 0) + 1
    named[heading] = count
    let title = heading.isEmpty ? "Table" : heading
    let caption = HTML.escaped(count > 1 ? "\(title), table \(count)" : title)
    table(
      caption: caption, isHeard: true, id: unique("\(prefix)words"),
      headings: headings.map(HTML.text), isNumeric: headings.map { _ in false },
      rows: rows.map { row in
        headings.indices.map { $0 < row.count ? HTML.text(row[$0]) : "" }
      })
  }

  private mutating func add(_ table: Document.DataTable) {
    let file = HTML.link(HTML.escaped(table.path), table.path)
    self.table(
      caption: "<em>Table \(table.number).</em> \(HTML.text(table.caption)) Data: \(file).",
      id: unique("\(prefix)table-\(table.number)"), headings: table.headings.map(HTML.escaped),
      isNumeric: table.isNumeric, rows: table.rows.map { $0.map(HTML.escaped) })
  }

  /// A table; every text is HTML.
  ///
  /// A caption that is only heard isn't seen.
  private mutating func table(
    caption: String, isHeard: Bool = false, id: String, headings: [String], isNumeric: [Bool],
    rows: [[String]]
  ) {
    // A table that fits a printed page isn't torn.
    let kept = rows.count <= 20 ? " keep" : ""
    open("<div class=\"wide\(kept)\" role=\"group\" aria-labelledby=\"\(id)\" tabindex=\"0\">")
    open("<table>")
    open(
      "<caption id=\"\(id)\"><span\(isHeard ? " class=\"unseen\"" : "")>\(caption)</span></caption>"
    )
    let heads = zip(headings, isNumeric).map { text, isNumeric in
      let place = isNumeric ? " class=\"n\"" : ""
      return text.isEmpty ? "<td></td>" : "<th scope=\"col\"\(place)>\(text)</th>"
    }
    open("<thead>\n<tr>\(heads.joined())</tr>\n</thead>\n<tbody>")
    for row in rows {
      let cells = row.enumerated().map { index, text in
        if index == 0, !isNumeric[0], !text.isEmpty { return "<th scope=\"row\">\(text)</th>" }
        return isNumeric[index] ? "<td class=\"n\">\(text)</td>" : "<td>\(text)</td>"
      }
      open("<tr>\(cells.joined())</tr>")
    }
    open("</tbody>\n</table>\n</div>")
  }

  private mutating func add(_ shown: Document.ShownFigure) {
    let id = unique("\(prefix)figure-\(shown.number)")
    let data = shown.figure.sources.map { HTML.link(HTML.escaped($0), $0) }
      .joined(separator: ", ")
    open("<figure aria-labelledby=\"\(id)\">")
    open(
      "<div class=\"card\" role=\"group\" aria-labelledby=\"\(id)\" tabindex=\"0\">"
        + shown.figure.inline(id: id, description: shown.alternative) + "</div>")
    open(
      "<figcaption id=\"\(id)\"><em>Figure \(shown.number).</em> \(HTML.text(shown.caption)) "
        + "Data: \(data).</figcaption>")
    open("</figure>")
  }
}

extension [Document.Block] {
  /// The text of the title.
  fileprivate var firstTitle: String? {
    for case .heading(1, let text) in self { return Inline.plainText(Inline.read(text)) }
    return nil
  }

  /// The blocks without the title, which the page has once.
  fileprivate var withoutTitle: [Document.Block] {
    guard let first, case .heading(1, _) = first else { return self }
    return Array(dropFirst())
  }
}

extension Document.Block {
  /// Whether it is a paragraph with a link to a file.
  fileprivate func leads(to path: String) -> Bool {
    guard case .paragraph(let text) = self else { return false }
    return Inline.read(text).contains { node in
      if case .link(_, path) = node { true } else { false }
    }
  }
}
