internal import Glibc
public import Statistics
internal import Synchronization

/// Files that appear whole or not at all.
public enum AtomicFile {
  private static let counter = Atomic<Int>(0)

  /// Writes bytes to a path by way of a temporary file in the same folder.
  ///
  /// The temporary file is flushed to the disk and then takes the name, so that a reader sees the
  /// old file or the new one; an old file's permissions are kept. A path that names a device or a
  /// pipe is written directly; a symbolic link keeps pointing to the file that it names. An
  /// interrupt takes effect once the file is whole.
  /// - Throws: `writeFailure`; the temporary file is then gone and the path is as it was.
  public static func write(_ bytes: [UInt8], to path: String) throws(SiblingError) {
    var status = stat()
    var target = path
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR { throw failure(path, EISDIR) }
      if status.st_mode & S_IFMT != S_IFREG { return try writeDirectly(bytes, path) }
      if let resolved = realpath(path, nil) {
        target = String(cString: resolved)
        free(resolved)
      }
    }
    let isNew = status.st_mode == 0
    if !isNew, access(target, W_OK) != 0 { throw failure(path, errno) }
    let permissions = isNew ? nil : status.st_mode & 0o777
    try WholeWriting.perform { () throws(SiblingError) in
      try replace(target, with: bytes, permissions: permissions, path)
    }
  }

  private static func replace(
    _ target: String, with bytes: [UInt8], permissions: mode_t?, _ path: String
  ) throws(SiblingError) {
    let (descriptor, temporary) = try openTemporary(beside: target, path)
    var number = put(bytes, descriptor)
    // A file that was private stays private.
    if let permissions, number == 0, fchmod(descriptor, permissions) != 0 { number = errno }
    if number == 0, fsync(descriptor) != 0 { number = errno }
    if close(descriptor) != 0, number == 0 { number = errno }
    if number == 0, rename(temporary, target) != 0 { number = errno }
    if number != 0 {
      unlink(temporary)
      throw failure(path, number)
    }
    syncFolder(of: target)
  }

  /// Writes text to a path as UTF-8.
  ///
  /// - Throws: `writeFailure`.
  public static func write(_ text: String, to path: String) throws(SiblingError) {
    try write(Array(text.utf8), to: path)
  }

  /// Creates a folder and those above it; one that is there already is left alone.
  ///
  /// - Throws: `writeFailure`, also when something else has the name.
  public static func createFolder(_ path: String) throws(SiblingError) {
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR else { throw failure(path, ENOTDIR) }
      return
    }
    let parent = folder(of: path)
    if parent != path, parent != "." { try createFolder(parent) }
    if mkdir(path, 0o777) != 0, errno != EEXIST { throw failure(path, errno) }
  }

  private static func openTemporary(
    beside target: String, _ path: String
  ) throws(SiblingError) -> (Int32, String) {
    let name = target.split(separator: "/").last.map(String.init) ?? "file"
    while true {
      let number = counter.wrappingAdd(1, ordering: .relaxed).newValue
      // Names have at most 255 bytes; the prefix only tells people what the file is.
      let prefix = String(name.prefix(40))
      let temporary = folder(of: target) + "/.\(prefix).\(getpid())-\(number).tmp"
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (descriptor, temporary) }
      if errno != EEXIST, errno != EINTR { throw failure(path, errno) }
    }
  }

  private static func writeDirectly(_ bytes: [UInt8], _ path: String) throws(SiblingError) {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, errno) }
    var number = put(bytes, descriptor)
    if close(descriptor) != 0, number == 0 { number = errno }
    if number != 0 { throw failure(path, number) }
  }

  /// Writes all bytes; returns 0 or the error number.
  private static func put(_ bytes: [UInt8], _ descriptor: Int32) -> Int32 {
    bytes.withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count {
        let count = Glibc.write(
          descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
        if count < 0 {
          if errno == EINTR { continue }
          return errno
        }
        written += count
      }
      return 0
    }
  }

  /// Makes the new name itself durable, where the file system can.
  private static func syncFolder(of path: String) {
    let descriptor = open(folder(of: path), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static func folder(of path: String) -> String {
    var bytes = Array(path.utf8)
    while bytes.count > 1, bytes.last == 0x2F { bytes.removeLast() }
    guard let slash = bytes.lastIndex(of: 0x2F) else { return "." }
    return slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
  }

  private static func failure(_ path: String, _ number: Int32) -> SiblingError {
    let help: String? =
      switch number {
      case ENOENT: "its folder does not exist: create it, or check the path"
      case EACCES, EPERM, EROFS: "choose a place that you may write to"
      case ENOSPC, EDQUOT: "make room on the disk, or choose another"
      case EISDIR: "give the name of a file, not of a folder"
      case ENOTDIR: "a file has the name of a folder that is needed"
      default: nil
      }
    return SiblingError(
      .writeFailure, "the file cannot be written: \(String(cString: strerror(number)))",
      help: help, location: .init(file: path))
  }
}
