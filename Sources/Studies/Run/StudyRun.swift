public import Statistics
internal import Tables

/// Runs a study from its file to its report.
public struct StudyRun {
  let file: StudyFile

  /// A run of a checked study file.
  public init(_ file: StudyFile) { self.file = file }

  /// Reads the data and checks the design without running an analysis.
  ///
  /// - Throws: what is wrong with the data, located.
  public func validate() throws(SiblingError) -> [String] { [] }

  /// Runs every analysis and writes the report.
  ///
  /// - Throws: what is wrong with the data, the design or the disk.
  public func run(
    into folder: String, progress: (String) -> Void
  ) throws(SiblingError) -> StudyResult {
    StudyResult(summary: [], isWithheld: false)
  }
}

/// What a run has to say when it is done.
public struct StudyResult: Sendable {
  /// Lines for the terminal.
  public let summary: [String]
  /// Whether the gate failed and effects were withheld.
  public let isWithheld: Bool
}
