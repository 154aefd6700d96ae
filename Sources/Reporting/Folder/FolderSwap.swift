internal import Glibc
public import Statistics
internal import Tables

/// Writes files to a temporary folder and puts it in another's place.
///
/// Results go through `ReportFolder`; besides it only simulated data, which are about nobody, are
/// written this way. A test holds that.
public enum FolderSwap {
  /// Replaces a folder by one with the given files, or leaves everything as it was.
  ///
  /// A folder that exists is replaced only when it is empty or holds the mark of what is written,
  /// a file such as `manifest.json`: anything else is not ours to delete.
  /// - Throws: `writeFailure`.
  public static func replace(
    _ path: String, with files: [(path: String, bytes: [UInt8])], mark: String = "manifest.json",
    kind: String = "a report"
  ) throws(SiblingError) {
    var target = path
    while target.count > 1, target.hasSuffix("/") { target.removeLast() }
    if exists(target) {
      let isOurs = exists(target + "/" + mark)
      guard isOurs || entries(of: target)?.isEmpty == true else {
        throw SiblingError(
          .writeFailure, "'\(target)' exists and is not \(kind), so it was left alone",
          help: "name another folder with --output, or empty this one",
          location: SiblingError.Location(file: target))
      }
    } else {
      try makeFolders(parent(of: target))
    }
    try WholeWriting.perform { () throws(SiblingError) in
      try write(files, to: target)
    }
  }

  private static func write(
    _ files: [(path: String, bytes: [UInt8])], to target: String
  ) throws(SiblingError) {
    let stem = "\(parent(of: target))/.\(target.split(separator: "/").last ?? "report")"
    let temporary = "\(stem).\(getpid()).new"
    remove(temporary)
    do throws(SiblingError) {
      for file in files {
        let full = temporary + "/" + file.path
        try makeFolders(parent(of: full))
        try write(file.bytes, to: full)
      }
      try put(temporary, inPlaceOf: target, aside: "\(stem).\(getpid()).old")
    } catch {
      remove(temporary)
      throw error
    }
  }

  private static func put(
    _ temporary: String, inPlaceOf target: String, aside: String
  ) throws(SiblingError) {
    remove(aside)
    let hadOne = exists(target)
    if hadOne, rename(target, aside) != 0 { throw failure("moving aside", target) }
    if rename(temporary, target) != 0 {
      let error = failure("renaming", target)
      if hadOne { _ = rename(aside, target) }
      throw error
    }
    if hadOne { remove(aside) }
  }

  private static func write(_ bytes: [UInt8], to path: String) throws(SiblingError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("opening", path) }
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + done }, bytes.count - done)
      }
      if count < 0 {
        if errno == EINTR { continue }
        let error = failure("writing", path)
        _ = close(descriptor)
        throw error
      }
      done += count
    }
    guard fsync(descriptor) == 0 || errno == EINVAL, close(descriptor) == 0 else {
      throw failure("closing", path)
    }
  }

  private static func makeFolders(_ path: String) throws(SiblingError) {
    if path.isEmpty || path == "." || exists(path) { return }
    try makeFolders(parent(of: path))
    if mkdir(path, 0o755) != 0, errno != EEXIST { throw failure("making", path) }
  }

  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  private static func entries(of path: String) -> [String]? {
    guard let folder = opendir(path) else { return nil }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Removes a file or a folder with what is in it; a symbolic link goes, what it points to stays.
  private static func remove(_ path: String) {
    if unlink(path) == 0 { return }
    for name in entries(of: path) ?? [] { remove(path + "/" + name) }
    _ = rmdir(path)
  }

  private static func failure(_ verb: String, _ path: String) -> SiblingError {
    let reason = String(cString: strerror(errno))
    return SiblingError(
      .writeFailure, "\(verb) '\(path)' failed: \(reason)",
      location: SiblingError.Location(file: path))
  }
}
