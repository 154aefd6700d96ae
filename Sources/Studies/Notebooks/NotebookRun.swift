internal import Glibc
public import Statistics
internal import Tables

/// A notebook whose commands are run again, in a temporary folder that mirrors the project.
///
/// What the commands print, the values in prose and the pictures are compared with what stands in the
/// notebook, and can be written into it.
public struct NotebookRun {
  /// The file as the user named it.
  public let path: String
  /// What differs from what stands in the notebook, in its order.
  public private(set) var differences: [Difference] = []
  /// The notebook with what was printed now.
  public private(set) var text = ""
  /// How many blocks of commands and how many values in prose it holds.
  public var counts: (blocks: Int, values: Int, pictures: Int) {
    (notebook.blocks, notebook.values, pictures.count)
  }

  private let notebook: Notebook
  private let root: String
  private var pictures: [(path: String, bytes: [UInt8], isNew: Bool)] = []

  /// Something that differs.
  public struct Difference: Sendable, Equatable {
    /// The line of the notebook.
    public let line: Int
    /// What differs: a command, a value or a picture.
    public let what: String
    /// What stands there.
    public let expected: String
    /// What comes out now.
    public let found: String
  }

  /// Opens a notebook.
  ///
  /// - Parameters:
  ///   - path: the Markdown file.
  ///   - root: the folder in which its commands start; unless given, the nearest one above the
  ///     notebook that holds a folder `Data`, or else the notebook's own.
  /// - Throws: `unreadableFile`, `badEncoding`, `badValue` for a mark that is not understood.
  public init(path: String, root: String? = nil) throws(SiblingError) {
    self.path = path
    guard let bytes = readBytes(path) else {
      throw SiblingError(
        .unreadableFile, "can't read the notebook: \(String(cString: strerror(errno)))",
        location: .init(file: path))
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw SiblingError(
        .badEncoding, "the notebook is not UTF-8 text", location: .init(file: path))
    }
    notebook = try Notebook(parsing: text, path: path)
    self.root = root ?? Self.root(of: path)
    guard notebook.blocks > 0 else {
      throw SiblingError(
        .noRows, "the notebook holds no command",
        help: "commands stand in ```console blocks, each line beginning with '$ '",
        location: .init(file: path))
    }
  }

  /// Runs every command and compares.
  ///
  /// - Throws: `badValue`, located, for a command or value that can't be had; `writeFailure`.
  public mutating func run() throws(SiblingError) {
    let program = Self.ownProgram
    let shell = try NotebookShell(mirroring: root, program: program)
    defer { shell.remove() }
    (differences, pictures, text) = ([], [], "")
    var agreement = TextAgreement(tolerance: 1e-9)
    var last: String?
    for part in notebook.parts {
      switch part {
      case .verbatim(let verbatim): text += verbatim
      case .tolerance(let value): agreement.tolerance = value
      case .commands(let block):
        var printed = ""
        for command in block.commands {
          printed += try locating(block.line) { () throws(SiblingError) in
            try shell.run(command).output
          }
        }
        compare(block, printed, agreement)
        text += "<!-- output -->\n```text\n" + printed + "```\n<!-- /output -->"
        last = block.commands.last
      case .value(let query, let old, let line):
        let new = try locating(line) { () throws(SiblingError) in
          try value(query, after: last, in: shell)
        }
        if old != new {
          differences.append(
            Difference(line: line, what: "value of \(query.column)", expected: old, found: new))
        }
        text += new
      case .picture(let source, let copy, let line):
        try picture(source, copy, line, in: shell)
      }
    }
  }

  /// Writes what was printed into the notebook, and the pictures beside it.
  ///
  /// - Throws: `writeFailure`; the notebook stays as it was then.
  public func promote() throws(SiblingError) {
    for picture in pictures where picture.isNew {
      if let slash = picture.path.lastIndex(of: "/") {
        try AtomicFile.createFolder(String(picture.path[..<slash]))
      }
      try AtomicFile.write(picture.bytes, to: picture.path)
    }
    try AtomicFile.write(text, to: path)
  }

  private mutating func compare(
    _ block: Notebook.Commands, _ printed: String, _ agreement: TextAgreement
  ) {
    let what = "output of '\(block.commands.joined(separator: "; "))'"
    guard let output = block.output else {
      differences.append(
        Difference(
          line: block.line, what: what, expected: "(no output stands below the command)",
          found: String(printed.prefix { $0 != "\n" })))
      return
    }
    guard let found = agreement.firstDifference(output, printed) else { return }
    // The output begins below its mark and its fence.
    differences.append(
      Difference(
        line: block.line + block.commandLines + 2 + found.line, what: what,
        expected: found.expected, found: found.found))
  }

  private func value(
    _ query: NotebookQuery, after command: String?, in shell: NotebookShell
  ) throws(SiblingError) -> String {
    if let file = query.file {
      guard let bytes = readBytes(shell.folder + "/" + file) else {
        throw SiblingError(
          .unreadableFile, "a value asks for '\(file)', which no command has written")
      }
      return try query.text(in: try WrittenRows(bytes: bytes, name: file))
    }
    guard let command else {
      throw SiblingError(.badValue, "no command stands above the value")
    }
    return try query.text(in: try shell.rows(command))
  }

  private mutating func picture(
    _ source: String, _ copy: String, _ line: Int, in shell: NotebookShell
  ) throws(SiblingError) {
    guard let new = readBytes(shell.folder + "/" + source) else {
      throw SiblingError(
        .unreadableFile, "no command has written the picture '\(source)'",
        location: .init(file: path, line: line))
    }
    let place = StudyFile.folder(of: path) + "/" + copy
    let old = readBytes(place)
    let found =
      old.map { String(decoding: $0, as: UTF8.self) }.map {
        PictureAgreement().firstDifference($0, String(decoding: new, as: UTF8.self))
      } ?? TextAgreement.Difference(line: 1, expected: "(no such file)", found: source)
    pictures.append((place, new, found != nil))
    guard let found else { return }
    differences.append(
      Difference(
        line: line, what: "picture \(copy), line \(found.line)", expected: found.expected,
        found: found.found))
  }

  /// Puts the notebook's line on an error without a place of its own in it.
  private func locating<Result>(
    _ line: Int, _ body: () throws(SiblingError) -> Result
  ) throws(SiblingError) -> Result {
    do throws(SiblingError) {
      return try body()
    } catch {
      var error = error
      if error.location?.file != path { error.location = .init(file: path, line: line) }
      throw error
    }
  }

  private static var ownProgram: String {
    guard let resolved = realpath("/proc/self/exe", nil) else { return "sibling" }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func root(of path: String) -> String {
    let own = StudyFile.folder(of: path)
    var folder = own
    for _ in 0..<8 {
      var status = stat()
      if stat(folder + "/Data", &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return folder }
      folder += "/.."
    }
    return own
  }
}
