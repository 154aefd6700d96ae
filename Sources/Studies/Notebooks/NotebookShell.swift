internal import Glibc
internal import Statistics
internal import Tables

/// The temporary folder in which a notebook's commands run, one after the other.
///
/// It mirrors the project: folders are real and files are links, so that what a command writes stays
/// there, and what it reads is the project's.
struct NotebookShell {
  /// The temporary folder.
  let folder: String
  /// The program that stands for the word `sibling`.
  let program: String
  /// The most files that are mirrored.
  static let most = 20_000
  /// The programs that a notebook may call.
  static let allowed = ["sibling", "cat", "ls"]

  /// Makes the folder.
  ///
  /// - Throws: `writeFailure` when the disk refuses, `badValue` when the project has too many files.
  init(mirroring root: String, program: String) throws(SiblingError) {
    self.program = program
    let place = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array((place + "/sibling-notebook-XXXXXX").utf8CString)
    guard let made = mkdtemp(&template) else {
      throw SiblingError(
        .writeFailure, "can't make a temporary folder: \(String(cString: strerror(errno)))",
        location: .init(file: place))
    }
    folder = String(cString: made)
    var count = 0
    do throws(SiblingError) {
      try Self.mirror(Self.absolute(root), to: folder, &count)
    } catch {
      remove()
      throw error
    }
  }

  /// Removes the folder and what is in it.
  func remove() { _ = try? ChildProcess("/bin/rm", ["-rf", "--", folder]) }

  /// Runs a command line; its output, what it said, and its status when it is not 0.
  ///
  /// - Throws: `badValue` for a program that a notebook may not call, `writeFailure`.
  func run(_ line: String) throws(SiblingError) -> (output: String, status: Int32) {
    let (words, variables) = try parse(line)
    let run = try start(words, variables)
    var text = String(decoding: run.output, as: UTF8.self)
    if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
    text += String(decoding: run.errors, as: UTF8.self)
    if run.status != 0 { text += "(exit status \(run.status))\n" }
    return (text, run.status)
  }

  /// The rows that a command prints as CSV, whatever format it asks for.
  ///
  /// - Throws: as `run(_:)`; `badValue` when it prints no CSV.
  func rows(_ line: String) throws(SiblingError) -> WrittenRows {
    var (words, variables) = try parse(line)
    if let place = words.firstIndex(of: "--format"), place + 1 < words.count {
      words.removeSubrange(place...(place + 1))
    }
    words.removeAll { $0.hasPrefix("--format=") }
    let run = try start(words + ["--format", "csv"], variables)
    guard run.status == 0 else {
      throw SiblingError(
        .badValue, "a value can't be had: the command above it prints no CSV",
        help: "name the file that holds it: FILE | COLUMN where …")
    }
    return try WrittenRows(bytes: run.output, name: line)
  }

  private func start(
    _ words: [String], _ variables: [String: String]
  ) throws(SiblingError) -> ChildProcess {
    let name = words.first == "sibling" ? program : words.first ?? ""
    return try ChildProcess(
      name, Array(words.dropFirst()), in: folder,
      environment: variables.merging(["NO_COLOR": "1"]) { given, _ in given })
  }

  private func parse(
    _ line: String
  ) throws(SiblingError) -> (words: [String], variables: [String: String]) {
    var words = Self.split(line)
    var variables: [String: String] = [:]
    while let first = words.first, let equals = first.firstIndex(of: "="),
      first[..<equals].allSatisfy({ $0.isUppercase || $0 == "_" || $0.isNumber })
    {
      variables[String(first[..<equals])] = String(first[first.index(after: equals)...])
      words.removeFirst()
    }
    guard let name = words.first, Self.allowed.contains(name) else {
      throw SiblingError(
        .badValue, "a notebook may not call '\(words.first ?? "")'",
        help: "it may call: " + Self.allowed.joined(separator: ", ") + "; pipes are not understood")
    }
    return (words, variables)
  }

  /// Words as a shell splits them, with single and double quotes.
  static func split(_ line: String) -> [String] {
    var words: [String] = []
    var word = ""
    var quote: Character?
    var isStarted = false
    for character in line {
      if let open = quote {
        if character == open { quote = nil } else { word.append(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        isStarted = true
      } else if character.isWhitespace {
        if isStarted || !word.isEmpty { words.append(word) }
        (word, isStarted) = ("", false)
      } else {
        word.append(character)
      }
    }
    if isStarted || !word.isEmpty { words.append(word) }
    return words
  }

  private static func absolute(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func mirror(
    _ source: String, to target: String, _ count: inout Int
  ) throws(SiblingError) {
    for name in names(in: source) where !name.hasPrefix(".") {
      count += 1
      guard count <= most else {
        throw SiblingError(
          .badValue, "there are more than \(most) files below '\(source)'",
          help: "name the folder that the commands start in with --root")
      }
      let (from, to) = (source + "/" + name, target + "/" + name)
      var status = stat()
      guard stat(from, &status) == 0 else { continue }
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      let made = isFolder ? mkdir(to, 0o755) : symlink(from, to)
      guard made == 0 else {
        throw SiblingError(
          .writeFailure, "can't fill a temporary folder: \(String(cString: strerror(errno)))",
          location: .init(file: to))
      }
      if isFolder { try mirror(from, to: to, &count) }
    }
  }

  private static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
