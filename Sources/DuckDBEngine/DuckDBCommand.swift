internal import Glibc
internal import Statistics

/// Where the `duckdb` command is.
enum DuckDBCommand {
  /// What the user can do when it is not there.
  static let advice =
    "pip install duckdb-cli (or see https://duckdb.org/install), or name the command in SIBLING_DUCKDB_COMMAND"

  /// The path of the program itself.
  ///
  /// - Throws: `engineMissing` with how to install it.
  static func find() throws(SiblingError) -> String {
    if let named = environment("SIBLING_DUCKDB_COMMAND") {
      guard let path = program(named) else {
        throw SiblingError(
          .engineMissing, "SIBLING_DUCKDB_COMMAND names no program that can be run",
          help: "check the path, or \(advice)")
      }
      return path
    }
    guard let path = program("duckdb") else {
      throw SiblingError(
        .engineMissing, "the duckdb command is not installed", help: advice)
    }
    return path
  }

  /// The value of an environment variable; nil when it is empty too.
  static func environment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }

  /// The version that a command says it has.
  static func version(_ path: String) -> String? {
    guard let child = try? ChildProcess(path, ["-version"]) else { return nil }
    defer { child.end() }
    var text: [UInt8] = []
    var waits = 0
    while waits < 100 {
      switch child.wait(sending: [], milliseconds: 100) {
      case .output(let bytes): text += bytes
      case .nothing: waits += 1
      case .ended:
        let line = String(decoding: text, as: UTF8.self).split(separator: "\n").first ?? ""
        return line.split(separator: " ").first.map(String.init)
      case .sent: break
      }
    }
    return nil
  }

  /// The file that a name or path leads to, past the script that a Python package puts before it: signals must
  /// reach the program.
  private static func program(_ name: String) -> String? {
    let places =
      name.contains("/")
      ? [name]
      : (environment("PATH") ?? "").split(separator: ":").map { "\($0)/\(name)" }
    guard let path = places.first(where: isProgram) else { return nil }
    return behindScript(path) ?? path
  }

  private static func isProgram(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && access(path, X_OK) == 0
  }

  private static func behindScript(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    let resolved = String(cString: real)
    let descriptor = open(resolved, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 512)
    let got = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    guard got > 2, bytes[0] == UInt8(ascii: "#"), bytes[1] == UInt8(ascii: "!") else { return nil }
    let folder = resolved.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
      .joined(separator: "/")
    for library in names(in: "\(folder)/lib") where library.hasPrefix("python") {
      for packages in ["site-packages", "dist-packages"] {
        let candidate = "\(folder)/lib/\(library)/\(packages)/duckdb_cli/duckdb"
        if isProgram(candidate) { return candidate }
      }
    }
    return nil
  }

  /// The names in a folder; none where it can't be read.
  static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
