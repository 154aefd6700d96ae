internal import Glibc
internal import Reporting
internal import Statistics
internal import Tables

/// A folder that keeps results between runs, readable by its owner only: they are not released.
///
/// Every file begins with a mark and the SHA-256 of what follows, so that a damaged one is noticed and
/// counts as not there.
struct CacheFolder {
  /// The folder.
  let path: String

  private static let mark = "sibling cache 1\n"

  /// Opens a folder, or makes it.
  ///
  /// - Parameters:
  ///   - folder: the folder.
  ///   - output: the report's folder, which the cache may not stand in.
  /// - Throws: `badValue` for a folder that is open to others, or that stands in the report's;
  ///   `writeFailure` when it can't be made.
  init(_ folder: String, output: String? = nil) throws(SiblingError) {
    var path = folder
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
    guard !path.isEmpty else {
      throw SiblingError(.usage, "--cache takes the name of a folder")
    }
    if let output, Self.isBelow(path, output) {
      throw SiblingError(
        .badValue, "the cache would stand in the report's folder, which may be given away",
        help: "it holds numbers that disclosure control has not seen: name a folder elsewhere",
        location: .init(file: path))
    }
    if mkdir(path, 0o700) == 0 { return }
    var status = stat()
    guard errno == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw SiblingError(
        .writeFailure, "the cache's folder can't be made: \(String(cString: strerror(errno)))",
        location: .init(file: path))
    }
    guard status.st_mode & 0o077 == 0, status.st_uid == geteuid() else {
      throw SiblingError(
        .badValue, "the cache's folder is open to others, and it holds undisclosed numbers",
        help: "chmod 700 '\(path)', if nothing else is in it", location: .init(file: path))
    }
  }

  /// What a file holds.
  enum Contents {
    case absent
    case damaged
    case sound(ArraySlice<UInt8>)
  }

  /// The contents of a file.
  func read(_ name: String) -> Contents {
    guard let bytes = readBytes(path + "/" + name) else { return .absent }
    let head = Self.mark.utf8.count
    guard bytes.count > head + 64, bytes.starts(with: Self.mark.utf8) else { return .damaged }
    let hash = String(decoding: bytes[head..<head + 64], as: UTF8.self)
    let rest = bytes[(head + 64)...]
    return rest.withUnsafeBytes { SHA256.hexadecimal($0) } == hash ? .sound(rest) : .damaged
  }

  /// Writes a file, which appears whole or not at all.
  ///
  /// - Throws: `writeFailure`.
  func write(_ content: [UInt8], _ name: String) throws(SiblingError) {
    let target = path + "/" + name
    let temporary = "\(target).\(getpid())"
    let bytes = Array(Self.mark.utf8) + Array(SHA256.hexadecimal(content).utf8) + content
    unlink(temporary)
    try WholeWriting.perform { () throws(SiblingError) in
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw failure(target) }
      var done = 0
      while done < bytes.count {
        let count = bytes.withUnsafeBytes {
          Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done)
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
          let error = failure(target)
          close(descriptor)
          unlink(temporary)
          throw error
        }
        done += count
      }
      guard close(descriptor) == 0, rename(temporary, target) == 0 else {
        let error = failure(target)
        unlink(temporary)
        throw error
      }
    }
  }

  private func failure(_ target: String) -> SiblingError {
    SiblingError(
      .writeFailure, "the cache can't be written: \(String(cString: strerror(errno)))",
      location: .init(file: target))
  }

  /// Whether a path is a folder or stands below it, links resolved.
  private static func isBelow(_ path: String, _ folder: String) -> Bool {
    let a = resolved(path)
    let b = resolved(folder)
    return a == b || a.hasPrefix(b + "/")
  }

  /// The absolute path without links of what exists of it, and the rest as given.
  private static func resolved(_ path: String) -> String {
    var rest: [Substring] = []
    var head = path[...]
    while true {
      if let real = realpath(head.isEmpty ? "/" : String(head), nil) {
        defer { free(real) }
        let base = String(cString: real)
        let tail = rest.reversed().joined(separator: "/")
        return tail.isEmpty ? base : base == "/" ? "/" + tail : base + "/" + tail
      }
      while head.count > 1, head.hasSuffix("/") { head.removeLast() }
      guard let slash = head.lastIndex(of: "/") else {
        rest.append(head)
        head = "."
        if rest.count > 200 { return path }
        continue
      }
      rest.append(head[head.index(after: slash)...])
      head = head[..<slash]
    }
  }
}
