internal import Reporting
public import Statistics

/// A report that was written earlier, to be shown again or drawn for other programs.
public struct ReportView {
  private let report: WrittenReport

  /// The report in a folder.
  ///
  /// - Throws: `unreadableFile` when the folder is no report.
  public init(folder: String) throws(SiblingError) { report = try WrittenReport(folder) }

  /// How a report is shown.
  public enum Format: String, CaseIterable, Sendable {
    /// Plain text in lines of 80 characters.
    case text
    /// Markdown as it stands in the folder.
    case md
    /// The page, which is always the whole report.
    case html
  }

  /// The summary, or the whole report, in a format.
  ///
  /// - Throws: `unreadableFile` when the folder lacks the file.
  public func text(as format: Format, whole: Bool) throws(SiblingError) -> String {
    let file = whole ? "report.md" : "summary.md"
    switch format {
    case .text: return PlainText.render(markdown: try report.text(file))
    case .md: return try report.text(file)
    case .html:
      guard report.files.contains("report.html") else {
        throw SiblingError(
          .unreadableFile, "'\(report.folder)' has no report.html: an older version wrote it",
          help: "run the study again", location: .init(file: report.folder + "/report.html"))
      }
      return try report.text("report.html")
    }
  }

  /// Draws every figure as PNG beside its SVG, all of them or none.
  ///
  /// - Returns: how many there are.
  /// - Throws: `writeFailure`.
  public func draw(_ pictures: Pictures) throws(SiblingError) -> Int {
    var files: [(path: String, bytes: [UInt8])] = []
    for file in report.files { files.append((file, try report.bytes(file))) }
    return try ReportFolder.addPictures(to: report.folder, files: files) {
      svg throws(SiblingError) in
      try pictures.png(svg)
    }
  }
}
