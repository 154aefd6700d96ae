/// The page's colours, by day and by night.
///
/// Text and links stand out from what is behind them at least 4.5 to 1, lines that mean something
/// 3 to 1 (WCAG 2.2, criteria 1.4.3 and 1.4.11); a test computes it.
struct PagePalette: Sendable {
  var paper: String
  /// What stands behind boxes, code and the heads of tables.
  var band: String
  var ink: String
  /// Captions and the like.
  var quiet: String
  var link: String
  /// Lines of tables and the edges of boxes.
  var line: String

  static let day = PagePalette(
    paper: "#FFFFFF", band: "#F3F5F6", ink: "#0B0C0C", quiet: "#505A5F", link: "#12436D",
    line: "#858C90")
  static let night = PagePalette(
    paper: "#14181B", band: "#20262A", ink: "#F1F3F4", quiet: "#B6BEC3", link: "#8FC2EE",
    line: "#7A8389")

  /// The colours as custom properties.
  var properties: String {
    "--paper:\(paper);--band:\(band);--ink:\(ink);--quiet:\(quiet);--link:\(link);--line:\(line)"
  }
}
