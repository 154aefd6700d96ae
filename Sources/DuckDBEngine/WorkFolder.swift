internal import Glibc

/// A folder for what does not fit into memory, readable by its owner alone and gone with the connection.
///
/// A lock on it ends with the process, however that ends; folders that nobody holds any more are removed by the next
/// connection.
final class WorkFolder {
  let path: String
  private var lock: Int32

  private static let prefix = "sibling-duckdb-"

  /// Makes a folder in another, by default where the system has temporary files.
  init(in place: String = DuckDBCommand.environment("TMPDIR") ?? "/tmp") {
    Self.sweep(place)
    let name = String(UInt64.random(in: .min ... .max), radix: 36)
    path = "\(place)/\(Self.prefix)\(name)"
    // It gets its name when it is locked, so that nobody takes it for one that was left behind.
    let unnamed = "\(place)/.sibling-\(name)"
    mkdir(unnamed, 0o700)
    lock = open("\(unnamed)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    if lock >= 0 { flock(lock, LOCK_EX | LOCK_NB) }
    rename(unnamed, path)
  }

  deinit { remove() }

  /// Removes the folder with its files.
  func remove() {
    guard lock >= 0 else { return }
    Self.remove(path)
    close(lock)
    lock = -1
  }

  private static func remove(_ path: String) {
    for name in DuckDBCommand.names(in: path) { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  /// Removes what programs that were killed have left.
  private static func sweep(_ place: String) {
    for name in DuckDBCommand.names(in: place) where name.hasPrefix(prefix) {
      let path = "\(place)/\(name)"
      let descriptor = open("\(path)/lock", O_RDWR | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { remove(path) }
      close(descriptor)
    }
  }
}
