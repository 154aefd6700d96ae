internal import Glibc
internal import Reporting
internal import Statistics
internal import Tables

/// A report folder that was written earlier, read back: its manifest, its tables as text, its documents.
struct WrittenReport {
  /// The folder.
  let folder: String
  /// `manifest.json`; JSON is YAML, so that it reads like a study file.
  let manifest: StudyNode
  /// The files below the folder by their path, such as `results/estimates.csv`, in order.
  let files: [String]

  /// Opens a folder.
  ///
  /// - Throws: `unreadableFile` when it is not a report.
  init(_ folder: String) throws(SiblingError) {
    var trimmed = folder
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    self.folder = trimmed
    let path = trimmed + "/manifest.json"
    guard let bytes = readBytes(path) else {
      throw SiblingError(
        .unreadableFile, "'\(trimmed)' is no report: there is no manifest.json in it",
        help: "name a folder that 'sibling run' wrote", location: .init(file: path))
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw SiblingError(
        .badEncoding, "the manifest is not UTF-8 text", location: .init(file: path))
    }
    manifest = try StudyNode(parsing: text, file: path)
    files = Self.list(trimmed, below: "").sorted()
  }

  /// The bytes of a file of the report.
  ///
  /// - Throws: `unreadableFile`.
  func bytes(_ file: String) throws(SiblingError) -> [UInt8] {
    guard let bytes = readBytes(folder + "/" + file) else {
      throw SiblingError(
        .unreadableFile, "can't read '\(file)': \(String(cString: strerror(errno)))",
        location: .init(file: folder + "/" + file))
    }
    return bytes
  }

  /// The text of a file of the report.
  ///
  /// - Throws: `unreadableFile`, `badEncoding`.
  func text(_ file: String) throws(SiblingError) -> String {
    guard let text = String(validating: try bytes(file), as: UTF8.self) else {
      throw SiblingError(
        .badEncoding, "'\(file)' is not UTF-8 text", location: .init(file: folder + "/" + file))
    }
    return text
  }

  /// A CSV file of the report, every cell as its text; an empty cell is empty.
  ///
  /// - Throws: what is wrong with the file, located.
  func rows(_ file: String) throws(SiblingError) -> WrittenRows {
    try WrittenRows(bytes: try bytes(file), name: folder + "/" + file)
  }

  private static func list(_ folder: String, below prefix: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var found: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      let path = folder + "/" + name
      var status = stat()
      guard lstat(path, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        found += list(path, below: prefix + name + "/")
      } else {
        found.append(prefix + name)
      }
    }
    return found
  }
}

/// The rows of a CSV file as texts.
struct WrittenRows {
  /// The header.
  let columns: [String]
  /// A row's cells, in the header's order.
  let rows: [[String]]
  private let index: [String: Int]

  init(bytes: [UInt8], name: String) throws(SiblingError) {
    // Only the header of a table without rows is there: the reader would refuse it.
    let header = bytes.prefix { $0 != 10 }
    let columns = String(decoding: header, as: UTF8.self).split(
      separator: ",", omittingEmptySubsequences: false
    ).map(String.init)
    var reader = CSVReader()
    reader.separator = 44
    reader.missingWords = []
    reader.types = Dictionary(
      columns.map { ($0, ColumnType.text) }, uniquingKeysWith: { a, _ in a })
    if bytes.count <= header.count + 1 {
      self.columns = columns
      rows = []
    } else {
      let table = try reader.read(bytes: bytes, name: name)
      self.columns = table.names
      let texts = table.columns.map { $0.asStrings.map { $0 ?? "" } }
      rows = (0..<table.rowCount).map { row in texts.map { $0[row] } }
    }
    index = Dictionary(
      self.columns.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { a, _ in a })
  }

  /// The cell of a row (from zero) and a column; empty where there is none.
  subscript(row: Int, column: String) -> String {
    guard let position = index[column], rows.indices.contains(row) else { return "" }
    return rows[row][position]
  }

  /// What some columns say of a row, as `name=value; name=value`, without those that are empty.
  func key(ofRow row: Int, by columns: [String]) -> String {
    columns.compactMap { column in
      let cell = self[row, column]
      return cell.isEmpty ? nil : "\(column)=\(cell)"
    }.joined(separator: "; ")
  }

  /// Whether there is a column of a name.
  func has(_ column: String) -> Bool { index[column] != nil }
}
