internal import Reporting
internal import Statistics

/// Which number a value in a notebook's prose is: `[FILE |] COLUMN [where LABEL=TEXT; …] [as STYLE]`.
///
/// Without a file it is a cell of what the last command above prints as CSV. Styles: `text` (as in the
/// CSV, the default), `integer`, `N decimals`, `percent`, `N decimals percent`, `p`, each with `signed`
/// before it if a plus sign is wanted, and `magnitude` if none is.
struct NotebookQuery {
  /// The CSV file that a command wrote; nil for what the last command prints.
  let file: String?
  /// The column.
  let column: String
  /// What the labels of the row are.
  let labels: [(column: String, value: String)]
  /// How the number is written; nil for the text of the CSV.
  let style: NumberStyle?
  private let location: SiblingError.Location

  /// Parses a query that stands in a file and line.
  ///
  /// - Throws: `badValue`, located, when it is not understood.
  init(_ text: String, file notebook: String, line: Int) throws(SiblingError) {
    location = SiblingError.Location(file: notebook, line: line)
    var rest = Substring(text)
    if let bar = rest.firstIndex(of: "|") {
      file = rest[..<bar].trimmed
      rest = rest[rest.index(after: bar)...]
    } else {
      file = nil
    }
    var style: String?
    if let mark = rest.ranges(of: " as ").last {
      style = rest[mark.upperBound...].trimmed
      rest = rest[..<mark.lowerBound]
    }
    var labels: [(column: String, value: String)] = []
    if let mark = rest.firstRange(of: " where ") {
      for pair in rest[mark.upperBound...].split(separator: ";") {
        guard let equals = pair.firstIndex(of: "=") else {
          throw Self.problem("'where' takes LABEL=TEXT, separated by semicolons", location)
        }
        labels.append((pair[..<equals].trimmed, pair[pair.index(after: equals)...].trimmed))
      }
      rest = rest[..<mark.lowerBound]
    }
    column = rest.trimmed
    self.labels = labels
    guard !column.isEmpty else { throw Self.problem("a value names no column", location) }
    guard let name = style, name != "text" else {
      self.style = nil
      return
    }
    guard let known = Self.style(name) else {
      throw Self.problem("there is no style '\(name)' of a value", location)
    }
    self.style = known
  }

  /// The value's text among rows.
  ///
  /// - Throws: `badValue`, located, when no row or more than one row fits, or the cell is no number
  ///   that the style can write.
  func text(in rows: WrittenRows) throws(SiblingError) -> String {
    for name in [column] + labels.map(\.column) where !rows.has(name) {
      throw SiblingError(
        .unknownColumn, "a value asks for the column '\(name)', which is not there",
        suggestion: nearestName(to: name, among: rows.columns), location: location, column: name)
    }
    let found = rows.rows.indices.filter { row in
      labels.allSatisfy { rows[row, $0.column] == $0.value }
    }
    guard found.count == 1, let row = found.first else {
      throw Self.problem(
        found.isEmpty ? "no row fits the value" : "\(found.count) rows fit the value", location)
    }
    let cell = rows[row, column]
    guard let style else { return cell }
    guard let number = Double(cell) else {
      throw Self.problem("the value's cell is no number", location)
    }
    return style.text(number)
  }

  private static func problem(
    _ message: String, _ location: SiblingError.Location
  ) -> SiblingError {
    SiblingError(
      .badValue, message,
      help: "a value reads [FILE |] COLUMN [where LABEL=TEXT; …] [as STYLE]", location: location)
  }

  private static func style(_ name: String) -> NumberStyle? {
    var words = name.split(separator: " ").map(String.init)
    var (isSigned, isMagnitude) = (false, false)
    while let first = words.first, ["signed", "magnitude"].contains(first) {
      if first == "signed" { isSigned = true } else { isMagnitude = true }
      words.removeFirst()
    }
    var style: NumberStyle
    let places = words.first.flatMap { Int($0) } ?? 0
    switch words.drop(while: { Int($0) != nil }).joined(separator: " ") {
    case "integer" where words.count == 1: style = .integer
    case "decimals", "decimal": style = .decimals(places)
    case "percent", "decimals percent", "decimal percent": style = .percent(places)
    case "p" where words.count == 1: style = .pValue
    default: return nil
    }
    guard (0...12).contains(places) else { return nil }
    if isSigned { style = style.signed }
    if isMagnitude { style = style.magnitude }
    return style
  }
}
