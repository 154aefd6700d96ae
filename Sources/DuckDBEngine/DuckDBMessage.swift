internal import Statistics

/// DuckDB's messages as ours.
enum DuckDBMessage {
  /// The error that a complaint of the command is.
  static func error(_ complaint: String) -> SiblingError {
    let text = firstLines(complaint)
    var error = SiblingError(.engineFailed, "DuckDB: \(text)")
    error.suggestion = suggestion(complaint)
    if text.contains("No space left") || text.contains("max_temp_directory_size")
      || text.contains("temp directory")
    {
      error.help = "free some disk, or set TMPDIR to a folder with more room"
    } else if text.hasPrefix("Out of Memory") {
      error.help = "set SIBLING_DUCKDB_MEMORY to more than the 800MB of the start, such as 4GB"
    } else if text.contains("Extension") || text.contains("extension") {
      error.help = "install the extension with the duckdb command: INSTALL excel"
    }
    return error
  }

  /// The message without the statement and what points into it.
  static func firstLines(_ complaint: String) -> String {
    var lines: [Substring] = []
    for line in complaint.split(separator: "\n", omittingEmptySubsequences: true) {
      if line.hasPrefix("LINE ") || line.hasPrefix("Did you mean") || lines.count == 3 { break }
      // A message about a file of text quotes the row, over several lines where a quote never ends; that
      // is nobody's business.
      if line.hasPrefix("Original Line") { break }
      lines.append(line)
    }
    let text = lines.joined(separator: " ")
    return text.count > 400 ? String(text.prefix(400)) + "…" : text
  }

  /// The name after "Did you mean".
  private static func suggestion(_ complaint: String) -> String? {
    guard let range = complaint.firstRange(of: "Did you mean \"") else { return nil }
    let name = complaint[range.upperBound...].prefix { $0 != "\"" }
    return name.isEmpty ? nil : String(name)
  }
}
