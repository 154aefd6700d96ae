import Foundation

/// A folder that is gone when the last reference to it is.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("sibling-folder-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  /// A folder with files of the given names and texts.
  convenience init(_ files: [String: String]) throws {
    try self.init()
    for (name, text) in files { try write(name, text) }
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  var path: String { url.path }

  func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: url.appendingPathComponent(name))
  }

  /// The relative paths of all files, hidden ones too, sorted.
  func files(below folder: String = "") -> [String] {
    let root = url.appendingPathComponent(folder)
    guard let found = FileManager.default.enumerator(atPath: root.path) else { return [] }
    return found.compactMap { $0 as? String }.filter { path in
      var isFolder: ObjCBool = false
      let full = root.appendingPathComponent(path).path
      return FileManager.default.fileExists(atPath: full, isDirectory: &isFolder)
        && !isFolder.boolValue
    }.sorted()
  }

  func bytes(_ path: String) throws -> Data {
    try Data(contentsOf: url.appendingPathComponent(path))
  }

  func text(_ path: String) throws -> String {
    try String(contentsOf: url.appendingPathComponent(path), encoding: .utf8)
  }
}
