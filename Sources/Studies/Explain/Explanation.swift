internal import Reporting
public import Statistics

/// What a key of the study file, an error code or a number of a report means.
public struct Explanation: Sendable, Equatable {
  /// A line: what it tells, and the text.
  public struct Line: Sendable, Equatable {
    /// What it tells.
    public let item: String
    /// The text.
    public let text: String
  }

  /// The lines, in order.
  public let lines: [Line]

  init(_ lines: [(String, String)]) {
    self.lines = lines.filter { !$0.1.isEmpty }.map { Line(item: $0.0, text: $0.1) }
  }

  /// The lines as rows: item, text.
  public var output: AnalysisOutput {
    AnalysisOutput(columns: [
      .texts("item", lines.map(\.item)), .texts("text", lines.map(\.text)),
    ])
  }

  /// The lines as text for people: the items in a column.
  public var text: String {
    let width = lines.map(\.item.count).max() ?? 0
    return lines.map { line in
      line.item.isEmpty
        ? "" : line.item + String(repeating: " ", count: width - line.item.count + 2) + line.text
    }.joined(separator: "\n") + "\n"
  }

  /// Explains a word; with a report, a number or a row key of it.
  ///
  /// - Throws: `unknownKey` with what may have been meant; what is wrong with the report.
  public static func of(_ word: String, report: String?) throws(SiblingError) -> Explanation {
    if let report {
      if let found = try ReportedNumbers(report).explain(word) { return found }
      guard lookUp(word) != nil else {
        throw SiblingError(
          .unknownKey, "the report shows no number '\(word)'",
          help: "give the number as the report writes it, or a row key of claims.csv",
          location: .init(file: report))
      }
    }
    if let found = lookUp(word) { return found }
    let isNumber = !Numerals.tokens(word).isEmpty || word.contains("=")
    let keys = KeyGuide.entries.map(\.path)
    let names = keys + keys.compactMap { $0.split(separator: ".").last.map(String.init) }
    throw SiblingError(
      .unknownKey, "there is no key and no error code '\(word)'",
      help: isNumber
        ? "to explain a number name its report: sibling explain '\(word)' --report DIR"
        : "keys are paths of the study file, such as matching.caliper; 'sibling schema' lists them",
      suggestion: nearestName(to: word, among: names + SiblingError.Code.allCases.map(\.rawValue)))
  }

  private static func lookUp(_ word: String) -> Explanation? {
    var lines: [(String, String)] = []
    if let code = SiblingError.Code(rawValue: word) {
      let words = ErrorGuide.words(code)
      lines += [
        ("error code", code.rawValue), ("means", words.meaning), ("what to do", words.advice),
        ("exit status", ErrorGuide.status(code)),
      ]
    }
    // A word may be both: `disclosure` is a code and a key.
    let entries = KeyGuide.find(word)
    guard !entries.isEmpty || !lines.isEmpty else { return nil }
    for entry in entries.prefix(8) {
      if !lines.isEmpty { lines.append(("", " ")) }
      lines += [
        ("key", entry.path), ("means", entry.help), ("takes", entry.takes),
        ("default", entry.defaultText ?? (entry.isRequired ? "must be given" : "none")),
        ("in the report", KeyGuide.section(entry.path) ?? ""),
      ]
    }
    if entries.count > 8 {
      lines.append(
        (
          "and",
          "\(entries.count - 8) more keys of this name; give a path such as \(entries[8].path)"
        ))
    }
    return Explanation(lines)
  }
}
