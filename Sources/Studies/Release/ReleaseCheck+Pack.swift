internal import Reporting
public import Statistics

extension ReleaseCheck {
  /// Files that help the checker and tell too much for a release: which cell went by which rule.
  private static let apart: Set<String> = ["disclosure_log.csv", "results.json"]

  /// Packs the report for an output checker.
  ///
  /// Only files that a run writes go in; the log goes into a folder of its own.
  /// - Returns: how many files are to be released.
  /// - Throws: `disclosure` when the check failed; `writeFailure` when the folder can't be written.
  public func pack(into output: String) throws(SiblingError) -> Int {
    guard !hasFailed else {
      throw SiblingError(.disclosure, "what the check found must not be released")
    }
    let published = try PublishedFolder(folder)
    var files: [(path: String, bytes: [UInt8])] = []
    var apart: [(path: String, bytes: [UInt8])] = []
    for file in published.report.files {
      if file == "results.json" { continue }
      let isKnown = published.hashes[file] != nil || Self.isWritten(file)
      guard isKnown else { continue }
      let entry = (path: file, bytes: try published.report.bytes(file))
      if Self.apart.contains(file) { apart.append(entry) } else { files.append(entry) }
    }
    var remarks: [String: [String]] = [:]
    for finding in findings where finding.status == .review {
      let place = finding.column.isEmpty ? "" : "\(finding.column): "
      remarks[finding.file, default: []].append("\(finding.check): \(place)\(finding.finding)")
    }
    return try ReleasePack.write(
      files, apart: apart, tables: published.tables,
      version: published.report.manifest["version"]?.text ?? "",
      command: published.report.manifest["command"]?.text ?? "", profile: published.profile,
      remarks: remarks, to: output)
  }
}
