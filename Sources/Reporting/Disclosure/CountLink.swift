/// What the counts of one result table have to do with those of others, so that disclosure control
/// can see what a reader gets by comparing tables.
///
/// A link names the quantity that a count is, the same name in every table: `people/{arm}` is the
/// number of people of an arm in the analysis. A column in braces stands for the row's cell. Links are taken at
/// their word only where the numbers bear them out: counts of one name that differ are not one
/// quantity, and a sum that does not add up is none.
public struct CountLink: Sendable, Equatable, Codable {
  /// What a link says.
  public enum Kind: Sendable, Equatable, Codable {
    /// The counts are the quantity. Where they differ, the difference is a group of its own, that
    /// must not be small.
    case same
    /// The counts are of some of the people of the quantity, so that the difference is a group of its
    /// own; equal counts are the same people.
    case within
    /// The counts are like those of the same name elsewhere; equal ones need not be the same.
    case near
    /// Counts that are equal to the quantity are the quantity; nothing is said of others.
    case equal
    /// A nought here is none's secret: nobody can have come before the first.
    case nought
    /// The counts add up to the quantity: over the columns, and over the rows that agree in these.
    case parts(within: [String])
  }

  /// The rows that a link is about.
  public enum Rows: Sendable, Equatable, Codable {
    /// All rows.
    case all
    /// The first of the rows that agree in these columns.
    case first(within: [String])
    /// The last of the rows that agree in these columns.
    case last(within: [String])
    /// Rows whose columns have these texts; a blank cell is the empty text.
    case having([String: String])
    /// Rows whose column does not have any of these texts.
    case lacking(String, [String])
  }

  /// The counts.
  public var columns: [String]
  /// What the link says of them.
  public var kind: Kind
  /// The name of the quantity, columns in braces.
  public var quantity: String
  /// The rows that the link is about.
  public var rows: Rows

  /// A link.
  public init(_ columns: [String], _ kind: Kind, _ quantity: String, rows: Rows = .all) {
    self.columns = columns
    self.kind = kind
    self.quantity = quantity
    self.rows = rows
  }

  var columnNames: [String] {
    var names = columns + CountLink.columns(in: quantity)
    if case .parts(let within) = kind { names += within }
    switch rows {
    case .all: break
    case .first(let within), .last(let within): names += within
    case .having(let texts): names += texts.keys.sorted()
    case .lacking(let column, _): names.append(column)
    }
    return names
  }

  private static func columns(in quantity: String) -> [String] {
    quantity.split(separator: "{").dropFirst().compactMap { piece in
      piece.firstIndex(of: "}").map { String(piece[..<$0]) }
    }
  }

  /// The name of the quantity in a row.
  func name(in table: ResultTable, row: Int) -> String {
    var name = ""
    var rest = Substring(quantity)
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      name += rest[..<open]
      let column = String(rest[rest.index(after: open)..<close])
      name += CountLink.plain(table[row, column].plainText)
      rest = rest[rest.index(after: close)...]
    }
    return name + rest
  }

  /// One word for an arm that tables call by several.
  private static func plain(_ word: String) -> String {
    let arm = word.hasPrefix("arm=") ? String(word.dropFirst(4)) : word
    switch arm {
    case "sib": return "treated"
    case "non_sib": return "comparison"
    default: return word
    }
  }

  /// The rows of a table that the link is about, in order.
  func rows(of table: ResultTable) -> [Int] {
    switch rows {
    case .all: return Array(table.rows.indices)
    case .having(let texts):
      return table.rows.indices.filter { row in
        texts.allSatisfy { table[row, $0.key].plainText == $0.value }
      }
    case .lacking(let column, let texts):
      return table.rows.indices.filter { !texts.contains(table[$0, column].plainText) }
    case .first(let within): return table.blocks(by: within).compactMap(\.first)
    case .last(let within): return table.blocks(by: within).compactMap(\.last)
    }
  }
}
