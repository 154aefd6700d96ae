public import Statistics

/// An expression over the columns of a table, in R's notation.
///
/// Numbers, text in quotes, column names (backticks around unusual ones), `+ - * / ^ %% %/%`,
/// comparisons, `& | !`, `%in% c("a", "b")`, and the elementwise functions `log`, `log2`, `log10`,
/// `log1p`, `exp`, `expm1`, `sqrt`, `abs`, `round`, `floor`, `ceiling`, `trunc`, `min`, `max`,
/// `pmin`, `pmax`, `ifelse`, `is.na`, `factor`, `as.numeric`, `as.integer`, `as.character`,
/// `recode(x, "old", "new", …, others)`, `cut(x, 16, 25)` (under 16, 16 to under 25, 25 and over),
/// `as.Date`, `year`, `quarter` (1 to 4), `month` and `days(from, to)`, with R's precedence. Dates
/// subtract to days. A missing value makes whatever is computed from it missing, except that
/// `FALSE & NA` is false and `TRUE | NA` true. Text compares by code point; dates compare with text
/// such as `"2024-01-31"`.
public struct Expression: Sendable, Equatable {
  /// The expression as it was written.
  public let text: String
  let syntax: Syntax
  let source: SyntaxSource

  /// An expression from its text.
  ///
  /// - Throws: `expressionSyntax` with the 1-based column in the text.
  public init(parsing text: String) throws(SiblingError) {
    let source = SyntaxSource(text: text, dialect: .expression)
    self.init(try SyntaxParser.expression(source), source)
  }

  init(_ syntax: Syntax, _ source: SyntaxSource) {
    text = source.text
    self.syntax = syntax
    self.source = source
  }

  /// The columns that the expression reads, in order of first appearance.
  public var columnNames: [String] { syntax.columnNames }

  /// The columns whose values the expression reads, in order of first appearance: one that is only asked
  /// whether it is missing, as in `is.na(x)`, is not among them.
  public var valueColumnNames: [String] {
    var seen: Set<String> = []
    return syntax.withoutMissingness.flatMap(\.columnNames).filter { seen.insert($0).inserted }
  }

  /// The value of the expression in each row of a table, as a column named by its text.
  ///
  /// A column's name alone gives that column as it is; anything computed from numbers is a column
  /// of doubles, and comparisons give booleans.
  /// - Throws: `unknownColumn`, `wrongType`, `badCell`, or `badValue` at the first row whose value
  ///   cannot be computed, such as the logarithm of a negative number.
  /// - Complexity: O(rows × operations), a whole column at a time.
  public func evaluate(on table: Table) throws(SiblingError) -> Column {
    let evaluator = Evaluator(table: table, source: source)
    if case .name(let name) = syntax.bare.kind {
      return try evaluator.column(name, at: syntax.position)
    }
    let result = try evaluator.evaluate(syntax).expanded(to: table.rowCount)
    if let row = result.firstInvalid { throw Self.failure(syntax, row: row, in: table) }
    switch result.values {
    case .numbers(let values): return Column(name: text, values: .doubles(values))
    case .logicals(let values): return Column(name: text, values: .booleans(values))
    case .text(let factor):
      return Column(
        name: text, values: .text(factor.droppingUnusedLevels().sortedByCodePoint()))
    case .dates(let values): return Column(name: text, values: .dates(values))
    }
  }

  /// The rows of a table, from zero and ascending, where the expression is true.
  ///
  /// - Throws: what ``evaluate(on:)`` throws, and `wrongType` when the expression does not give
  ///   truth values.
  public func filter(on table: Table) throws(SiblingError) -> [Int] {
    let column = try evaluate(on: table)
    guard case .booleans(let values) = column.values else {
      throw source.error(
        .wrongType, "`\(syntax.text)` gives \(column.typeName) values, not true or false",
        at: syntax.position, help: "compare it with something: \(syntax.text) != 0",
        column: columnNames.first)
    }
    return values.indices.filter { values[$0] == 1 }
  }

  /// The error for a row whose value could not be computed.
  static func failure(_ syntax: Syntax, row: Int, in table: Table) -> SiblingError {
    SiblingError(
      .badValue, "`\(syntax.text)` cannot be computed in this row",
      help:
        "logarithms and roots of negative numbers, and 0/0, have no value; leave such rows out, "
        + "or make them missing: ifelse(x > 0, log(x), NA)",
      location: table.location(row: row, of: syntax), row: row, column: syntax.columnNames.first)
  }
}

/// A new column computed from others: `name = expression`.
public struct Derivation: Sendable, Equatable {
  /// The new column's name.
  public let name: String
  /// What it is computed from.
  public let expression: Expression

  /// A derivation from its text, such as `logwage = log(wage)`.
  ///
  /// - Throws: `expressionSyntax` with the 1-based column in the text.
  public init(parsing text: String) throws(SiblingError) {
    let source = SyntaxSource(text: text, dialect: .expression)
    let (name, syntax) = try SyntaxParser.derivation(source)
    self.name = name
    expression = Expression(syntax, source)
  }

  /// The new column for each row of a table.
  ///
  /// - Throws: what ``Expression/evaluate(on:)`` throws.
  public func evaluate(on table: Table) throws(SiblingError) -> Column {
    Column(name: name, values: try expression.evaluate(on: table).values)
  }

  /// The table with the new column; a column of that name is replaced where it stands.
  ///
  /// - Throws: what ``Expression/evaluate(on:)`` throws.
  public func apply(to table: Table) throws(SiblingError) -> Table {
    try table.replacing(try evaluate(on: table))
  }
}
