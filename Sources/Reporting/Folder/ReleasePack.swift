public import Statistics

/// The folder that is handed to an output checker: files of a written report as they are, a record in
/// ACRO's form, and a SHA-256 of every file.
///
/// Only files that a run released before go in, byte for byte, so that nothing here makes anything
/// that can be shown.
public enum ReleasePack {
  /// Writes a pack: the files to be released by their paths, and apart from them those that only the
  /// checker may see; remarks say by file what needs to be looked at.
  ///
  /// - Returns: how many files are to be released.
  /// - Throws: `writeFailure` when the disk refuses or the folder holds anything else.
  public static func write(
    _ files: [(path: String, bytes: [UInt8])], apart: [(path: String, bytes: [UInt8])],
    tables: [PublishedTable], version: String, command: String, profile: DisclosureProfile?,
    remarks: [String: [String]], to folder: String
  ) throws(SiblingError) -> Int {
    let figures = files.map(\.path).filter { $0.hasPrefix("figures/") }
    let results = Set(tables.map(\.path))
    let documents = files.map(\.path).filter { !$0.hasPrefix("figures/") && !results.contains($0) }
    let record = CheckerRecord.json(
      version: version, command: command, profile: profile, tables: tables.map(\.table),
      figures: figures, documents: documents, remarks: remarks)
    var all = files + [(path: "results.json", bytes: Array((record.text + "\n").utf8))]
    all += all.map { file in
      (path: "checksums/\(file.path).txt", bytes: Array(SHA256.hexadecimal(file.bytes).utf8))
    }
    all += apart.map { (path: "not-for-release/\($0.path)", bytes: $0.bytes) }
    try FolderSwap.replace(
      folder, with: all, mark: "checksums/results.json.txt", kind: "a pack for an output checker")
    return files.count
  }
}
