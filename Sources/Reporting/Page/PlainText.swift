/// A written report as plain text for a terminal: no marks, lines that fit, tables in columns.
public enum PlainText {
  /// Renders Markdown that this room has written, in lines of at most `width` characters; a word
  /// or a console line that is longer stays whole.
  public static func render(markdown: String, width: Int = 80) -> String {
    let lines = markdown.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    return blocks(lines, width).joined(separator: "\n\n") + "\n"
  }

  private enum Kind: Equatable {
    case blank
    case quote
    case table
    case item
    case other
  }

  private static func kind(_ line: String) -> Kind {
    if line.allSatisfy(\.isWhitespace) { return .blank }
    if line.hasPrefix(">") { return .quote }
    if line.hasPrefix("| ") { return .table }
    return mark(line) == nil ? .other : .item
  }

  /// What a line of a list begins with, such as `- ` or `12. `.
  private static func mark(_ line: String) -> String? {
    if line.hasPrefix("- ") { return "- " }
    let digits = line.prefix { $0.isASCII && $0.isNumber }
    return !digits.isEmpty && line.dropFirst(digits.count).hasPrefix(". ") ? digits + ". " : nil
  }

  private static func blocks(_ lines: [String], _ width: Int) -> [String] {
    var blocks: [String] = []
    var place = 0
    while place < lines.count {
      let line = lines[place]
      let fence = line.prefix { $0 == "`" }
      if fence.count >= 3 {
        let end = lines[(place + 1)...].firstIndex { $0 == fence } ?? lines.count
        let code = lines[min(place + 1, end)..<end]
        blocks.append(code.map { "    " + $0 }.joined(separator: "\n"))
        place = min(end + 1, lines.count)
        continue
      }
      let kind = kind(line)
      var end = place + 1
      while kind != .other, kind != .blank, end < lines.count, self.kind(lines[end]) == kind {
        end += 1
      }
      if let block = block(kind, Array(lines[place..<end]), width) { blocks.append(block) }
      place = end
    }
    return blocks
  }

  private static func block(_ kind: Kind, _ lines: [String], _ width: Int) -> String? {
    switch kind {
    case .blank: return nil
    case .quote:
      let inner = lines.map { $0.hasPrefix("> ") ? String($0.dropFirst(2)) : "" }
      return blocks(inner, width - 2).joined(separator: "\n\n")
        .split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.isEmpty ? "│" : "│ " + $0 }.joined(separator: "\n")
    case .item:
      return lines.map { line in
        let mark = mark(line) ?? ""
        let indent = String(repeating: " ", count: mark.count)
        let parts = wrapped(text(String(line.dropFirst(mark.count))), width - mark.count)
        return mark + parts.joined(separator: "\n" + indent)
      }.joined(separator: "\n")
    case .table: return table(lines, width)
    case .other:
      let line = lines.joined(separator: " ")
      if line == "---" { return String(repeating: "─", count: width) }
      let level = line.prefix { $0 == "#" }.count
      guard (1...6).contains(level), line.dropFirst(level).hasPrefix(" ") else {
        return wrapped(text(line), width).joined(separator: "\n")
      }
      let parts = wrapped(text(String(line.dropFirst(level + 1))), width)
      let longest = parts.map(\.count).max() ?? 0
      let under = level == 1 ? "=" : level == 2 ? "-" : ""
      let rule = under.isEmpty ? [] : [String(repeating: under, count: longest)]
      return (parts + rule).joined(separator: "\n")
    }
  }

  /// A line without marks; a picture is named, then told.
  private static func text(_ line: String) -> String {
    if line.hasPrefix("!["),
      case .link(let words, let path)? = Inline.read(
        markdown: String(line.dropFirst())
      ).first
    {
      return "[\(path)] \(Inline.plainText(words))"
    }
    return plain(Inline.read(markdown: line))
  }

  private static func plain(_ nodes: [Inline]) -> String {
    nodes.map { node in
      switch node {
      case .text(let text), .code(let text): return text
      case .strong(let inner), .emphasis(let inner): return plain(inner)
      case .link(let words, let target):
        let text = plain(words)
        return text == target ? text : "\(text) (\(target))"
      }
    }.joined()
  }

  private static func wrapped(_ text: String, _ width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return lines + (line.isEmpty && !lines.isEmpty ? [] : [line])
  }

  /// A table in columns; where they don't fit, a row becomes lines of `heading: cell`.
  private static func table(_ lines: [String], _ width: Int) -> String {
    let rows = lines.map { cells($0) }
    guard rows.count > 1 else { return rows.flatMap { $0 }.joined(separator: " ") }
    let headings = rows[0]
    let isNumeric = rows[1].map { $0.hasSuffix(":") && !$0.hasPrefix(":") }
    let body = rows.dropFirst(2).map { row in
      headings.indices.map { $0 < row.count ? row[$0] : "" }
    }
    let widths = headings.indices.map { column in
      ([headings] + body).map { $0[column].count }.max() ?? 0
    }
    guard widths.reduce(0, +) + 2 * (widths.count - 1) <= width else {
      return body.map { row in
        headings.indices.filter { !row[$0].isEmpty }.flatMap { column in
          wrapped(
            headings[column].isEmpty ? row[column] : "\(headings[column]): \(row[column])",
            width - 2
          ).enumerated().map { ($0.offset == 0 ? "" : "    ") + $0.element }
        }.enumerated().map { ($0.offset == 0 ? "" : "  ") + $0.element }.joined(separator: "\n")
      }.joined(separator: "\n\n")
    }
    func line(_ cells: [String]) -> String {
      var text = headings.indices.map { column in
        let room = String(repeating: " ", count: max(0, widths[column] - cells[column].count))
        return isNumeric.indices.contains(column) && isNumeric[column]
          ? room + cells[column] : cells[column] + room
      }.joined(separator: "  ")
      while text.last == " " { text.removeLast() }
      return text
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    return ([line(headings), rule] + body.map(line)).joined(separator: "\n")
  }

  /// The cells of a line, split at bars that are not escaped.
  private static func cells(_ line: String) -> [String] {
    var cells: [String] = []
    var cell = ""
    var isEscaped = false
    for character in line.dropFirst() {
      if character == "|", !isEscaped {
        cells.append(cell)
        cell = ""
      } else {
        cell.append(character)
      }
      isEscaped = character == "\\" && !isEscaped
    }
    return cells.map { cell in
      plain(Inline.read(markdown: String(cell.drop(while: \.isWhitespace)))).trimmed
    }
  }
}

extension String {
  /// The text without spaces at its end.
  fileprivate var trimmed: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
