internal import Glibc
internal import Reporting

/// The hash of the running program, so that no other build's results are taken for its own.
enum ProgramHash {
  /// The hash; reading the whole program is spared while the file is the same to the file system,
  /// down to its change time, which nobody can set.
  static func of(_ folder: CacheFolder) -> String {
    let path = "/proc/self/exe"
    var status = stat()
    guard stat(path, &status) == 0 else { return "unknown \(getpid())" }
    let state =
      "\(status.st_dev) \(status.st_ino) \(status.st_size) \(status.st_ctim.tv_sec)"
      + " \(status.st_ctim.tv_nsec)\n"
    let file = "program"
    if case .sound(let bytes) = folder.read(file) {
      let known = String(decoding: bytes, as: UTF8.self)
      if known.hasPrefix(state) { return String(known.dropFirst(state.count)) }
    }
    // A program that can't be read is no key: nothing is found again.
    guard let bytes = readBytes(path) else { return "unknown \(getpid())" }
    let hash = SHA256.hexadecimal(bytes)
    try? folder.write(Array((state + hash).utf8), file)
    return hash
  }
}
