internal import Glibc
internal import Statistics

/// A temporary folder for a rerun's report, readable by its owner only, which goes when it is done with.
struct ScratchReport: ~Copyable {
  /// The report's folder; the run makes it.
  let path: String

  /// A folder that is not there yet, below `TMPDIR` or `/tmp`.
  init() {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    // Nobody can be ready with a folder of this name.
    let word = String(UInt64.random(in: .min ... .max), radix: 36)
    path = "\(folder.isEmpty ? "/tmp" : folder)/sibling-\(getpid())-\(word)"
    // A report in a folder for everybody must not be open to everybody.
    umask(0o077)
  }

  deinit { Self.remove(path) }

  private static func remove(_ path: String) {
    if unlink(path) == 0 { return }
    if let folder = opendir(path) {
      var names: [String] = []
      while let entry = readdir(folder) {
        names.append(
          withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
          })
      }
      closedir(folder)
      for name in names where name != "." && name != ".." { remove(path + "/" + name) }
    }
    _ = rmdir(path)
  }
}
