internal import Statistics

/// A Markdown notebook: prose with blocks of commands whose outputs stand below them, and with values
/// and pictures that come from those commands.
///
/// What it knows beside Markdown, all of it invisible to a reader of the page:
///
/// - a `console` block whose lines begin with `$ `, followed by `<!-- output -->`, a `text` block and
///   `<!-- /output -->`;
/// - `<!-- value: QUERY -->TEXT<!-- /value -->` in prose; see `NotebookQuery`;
/// - `<!-- picture: FILE -> COPY -->`: the picture that a command writes to FILE is the notebook's COPY;
/// - `<!-- tolerance: 1e-6 -->`: how far numbers below may differ, relatively.
struct Notebook {
  /// The file as the user named it.
  let path: String
  /// The parts in order; verbatim parts and slots together are the file.
  let parts: [Part]

  /// A part of a notebook.
  enum Part {
    /// Text that stays as it is.
    case verbatim(String)
    /// Commands, with the output that stands below them; nil where none stands there yet.
    case commands(Commands)
    /// A value in prose, with its text.
    case value(NotebookQuery, text: String, line: Int)
    /// A picture that a command writes, and the notebook's copy of it.
    case picture(source: String, copy: String, line: Int)
    /// How far numbers may differ from here on.
    case tolerance(Double)
  }

  /// A block of commands.
  struct Commands {
    /// The commands, each a line as typed, continued lines joined.
    let commands: [String]
    /// The output that stands below; nil where none does.
    let output: String?
    /// The line of the block's first command, from 1.
    let line: Int
    /// How many lines the commands take.
    let commandLines: Int
  }

  /// Parses the text of a notebook.
  ///
  /// - Throws: `badValue`, located, for a mark that is not closed or not understood.
  init(parsing text: String, path: String) throws(SiblingError) {
    self.path = path
    var reader = NotebookReader(text, path: path)
    try reader.read()
    parts = reader.parts
  }

  /// The number of blocks of commands.
  var blocks: Int {
    parts.count { if case .commands = $0 { true } else { false } }
  }

  /// The number of values in prose.
  var values: Int {
    parts.count { if case .value = $0 { true } else { false } }
  }
}

/// Reads a notebook line by line.
struct NotebookReader {
  private let lines: [Substring]
  private let path: String
  private var next = 0
  private(set) var parts: [Notebook.Part] = []
  private var pending = ""

  init(_ text: String, path: String) {
    // The last line has no end of its own, so that joining gives the text back.
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    self.path = path
  }

  mutating func read() throws(SiblingError) {
    while next < lines.count {
      let line = lines[next]
      if line.hasPrefix("```") {
        try block()
      } else if let mark = Self.mark(line, "tolerance") {
        guard let value = Double(mark), value >= 0, value.isFinite else {
          throw problem("'tolerance' takes a number from 0", next)
        }
        take()
        add(.tolerance(value))
      } else if let mark = Self.mark(line, "picture") {
        let ends = mark.split(separator: ">", maxSplits: 1).map { $0.trimmed }
        guard ends.count == 2, ends[0].hasSuffix("-"), !ends[1].isEmpty else {
          throw problem("'picture' takes FILE -> COPY", next)
        }
        add(
          .picture(
            source: Substring(ends[0].dropLast()).trimmed, copy: ends[1], line: next + 1))
        take()
      } else {
        try prose(line)
      }
    }
    flush()
  }

  /// The text of a one-line mark: `<!-- name: text -->`.
  private static func mark(_ line: Substring, _ name: String) -> String? {
    let start = "<!-- \(name):"
    guard line.hasPrefix(start), line.hasSuffix("-->") else { return nil }
    return line.dropFirst(start.count).dropLast(3).trimmed
  }

  private func problem(_ message: String, _ line: Int) -> SiblingError {
    SiblingError(
      .badValue, message, help: "'sibling notebook --help' shows the marks of a notebook",
      location: SiblingError.Location(file: path, line: line + 1))
  }

  /// Keeps the current line and goes on.
  private mutating func take() {
    pending += lines[next]
    next += 1
    if next < lines.count { pending += "\n" }
  }

  private mutating func flush() {
    if !pending.isEmpty { parts.append(.verbatim(pending)) }
    pending = ""
  }

  private mutating func add(_ part: Notebook.Part) {
    flush()
    parts.append(part)
  }

  /// A fenced block: commands when it is a console's and begins with a prompt, else text.
  private mutating func block() throws(SiblingError) {
    let start = next
    let fence = String(lines[next].prefix { $0 == "`" })
    let isConsole = lines[next].dropFirst(fence.count).trimmed == "console"
    take()
    var body: [Substring] = []
    while next < lines.count, !lines[next].hasPrefix(fence) {
      body.append(lines[next])
      take()
    }
    guard next < lines.count else { throw problem("the block is not closed", start) }
    take()
    guard isConsole, body.first?.hasPrefix("$ ") == true else { return }
    var output: String?
    if next < lines.count, lines[next] == "<!-- output -->" {
      let open = next
      next += 1
      var old: [Substring] = []
      while next < lines.count, lines[next] != "<!-- /output -->" {
        old.append(lines[next])
        next += 1
      }
      guard next < lines.count else { throw problem("the output is not closed", open) }
      next += 1
      // The fences around it are written again.
      output = old.dropFirst().dropLast().map { $0 + "\n" }.joined()
    }
    add(
      .commands(
        Notebook.Commands(
          commands: Self.commands(body), output: output, line: start + 2,
          commandLines: body.count)))
    if next < lines.count { pending += "\n" }
  }

  private static func commands(_ body: [Substring]) -> [String] {
    var commands: [String] = []
    var isContinued = false
    for line in body {
      let text = line.hasSuffix("\\") ? line.dropLast() : line
      if isContinued, !commands.isEmpty {
        commands[commands.count - 1] += " " + text
      } else if text.hasPrefix("$ ") {
        commands.append(String(text.dropFirst(2)))
      } else {
        commands.append(String(text))
      }
      isContinued = line.hasSuffix("\\")
    }
    return commands
  }

  /// A line of prose, in which values may stand.
  private mutating func prose(_ line: Substring) throws(SiblingError) {
    let (open, close) = ("<!-- value:", "<!-- /value -->")
    var rest = line
    while let start = rest.firstRange(of: open) {
      guard let end = rest[start.upperBound...].firstRange(of: "-->"),
        let closing = rest[end.upperBound...].firstRange(of: close)
      else { throw problem("the value is not closed on its line", next) }
      let query = try NotebookQuery(
        rest[start.upperBound..<end.lowerBound].trimmed, file: path, line: next + 1)
      pending += rest[..<end.upperBound]
      add(
        .value(
          query, text: String(rest[end.upperBound..<closing.lowerBound]), line: next + 1))
      pending += close
      rest = rest[closing.upperBound...]
    }
    pending += rest
    next += 1
    if next < lines.count { pending += "\n" }
  }
}

extension StringProtocol {
  /// Without white space at both ends.
  var trimmed: String {
    var view = self[...]
    while view.first?.isWhitespace == true { view = view.dropFirst() }
    while view.last?.isWhitespace == true { view = view.dropLast() }
    return String(view)
  }
}
