public import Statistics

/// A column of a source whose rows are elsewhere.
public struct SymbolicColumn: Sendable, Hashable {
  /// The name.
  public let name: String
  /// The type.
  public let kind: Kind

  /// The types.
  public enum Kind: String, Sendable, Hashable {
    case integer
    case number
    case text
    case boolean
    case date
  }

  /// A column.
  public init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }
}

/// A categorical value of a row whose levels the data decide.
public enum SymbolicFactor: Sendable, Hashable {
  /// A column in its written form.
  case text(column: String)
  /// A number that stands for a category.
  case number(RowExpression)
  /// Named cases, of which the first that holds counts; missing where none does.
  case cases([Case])

  /// A level with the condition under which a row has it.
  public struct Case: Sendable, Hashable {
    /// The level.
    public let level: String
    /// 1 where the row has it.
    public let condition: RowExpression

    /// A case.
    public init(_ level: String, _ condition: RowExpression) {
      self.level = level
      self.condition = condition
    }
  }

  /// 1 where the row has no level.
  public var isMissing: RowExpression {
    switch self {
    case .text(let column): .isAbsent(column)
    case .number(let expression): .isMissing(expression)
    case .cases: .isMissing(index)
    }
  }

  /// The place of the row's case among those of `cases`, from 0; missing for other factors.
  public var index: RowExpression {
    guard case .cases(let cases) = self else { return .missing }
    // A condition that is missing does not hold.
    return cases.enumerated().reversed().reduce(RowExpression.missing) { rest, item in
      .chosen(
        .both(.isMissing(item.element.condition).negated, item.element.condition),
        then: .constant(Double(item.offset)), otherwise: rest)
    }
  }
}

/// Levels that the data have, in order, with the number that each is where it is one.
public struct SymbolicLevels: Sendable, Equatable {
  /// The names.
  public var names: [String]
  /// The numbers, for factors made of numbers.
  public var numbers: [Double]

  /// Levels of text.
  public init(_ names: [String]) {
    self.names = names
    numbers = []
  }

  /// Levels of numbers.
  public init(numbers: [Double]) {
    self.numbers = numbers
    names = numbers.map(numberText)
  }
}

/// What an expression is, before any row has been seen.
enum SymbolicValue: Sendable {
  case number(RowExpression)
  case truth(RowExpression)
  case date(RowExpression)
  case factor(SymbolicFactor)
  /// A constant text.
  case word(String)

  var typeName: String {
    switch self {
    case .number: "a number"
    case .truth: "true or false"
    case .date: "a date"
    case .factor, .word: "text"
    }
  }
}

extension Expression {
  /// The expression as a number of each row of a source, truth values 1 and 0, dates days.
  ///
  /// `definitions` are expressions for columns that the source does not have.
  /// - Throws: `unknownColumn`; `wrongType` for text; `unsupportedFormat` where a function can't be computed
  ///   from a row by an engine.
  public func symbolic(
    over columns: [SymbolicColumn], defining definitions: [String: SymbolicDefinition] = [:]
  ) throws(SiblingError) -> RowExpression {
    try SymbolicTranslator(columns, definitions, source).number(syntax)
  }
}

extension Derivation {
  /// What the new column is, symbolically.
  ///
  /// - Throws: as ``Expression/symbolic(over:defining:)``.
  public func symbolic(
    over columns: [SymbolicColumn], defining definitions: [String: SymbolicDefinition] = [:]
  ) throws(SiblingError) -> SymbolicDefinition {
    let translator = SymbolicTranslator(columns, definitions, expression.source)
    return SymbolicDefinition(try translator.value(expression.syntax))
  }
}

/// A derived column of a source whose rows are elsewhere.
public struct SymbolicDefinition: Sendable {
  let value: SymbolicValue

  init(_ value: SymbolicValue) { self.value = value }

  /// The number it is; nil for text.
  public var number: RowExpression? {
    switch value {
    case .number(let expression), .truth(let expression), .date(let expression): expression
    case .factor, .word: nil
    }
  }

  /// The factor it is; nil for numbers.
  public var factor: SymbolicFactor? {
    if case .factor(let factor) = value { return factor }
    return nil
  }
}
