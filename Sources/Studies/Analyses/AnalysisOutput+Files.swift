public import Statistics
internal import Tables

extension AnalysisOutput {
  /// A table that a verb writes to a file of its own beside its rows.
  struct SideFile: Sendable {
    /// Where.
    var path: String
    /// What.
    var columns: [Column]
  }

  /// Writes the tables that go to files of their own, as CSV, each whole or not at all.
  ///
  /// - Throws: `writeFailure`.
  public func writeFiles() throws(SiblingError) {
    for file in files {
      let text = try TableWriter(.csv, numbers: .shortest).text(file.columns)
      try AtomicFile.write(text, to: file.path)
    }
  }
}
