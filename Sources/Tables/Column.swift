public import Statistics

/// A named column of a table.
public struct Column: Sendable, Equatable {
  /// The name as the header gives it.
  public var name: String
  /// The values with their type.
  public var values: Values

  /// A column from its name and values.
  public init(name: String, values: Values) {
    self.name = name
    self.values = values
  }

  /// Typed values; each type marks a missing entry in its own way.
  public enum Values: Sendable, Equatable {
    /// Whole numbers; `Int.min` is missing.
    case integers([Int])
    /// Doubles; NaN is missing.
    case doubles([Double])
    /// Text as codes of its levels in code-point order; code −1 is missing.
    case text(Factor)
    /// Truth values: 0, 1, and −1 for missing.
    case booleans([Int8])
    /// Days since 1970-01-01; `Int32.min` is missing.
    case dates([Int32])
  }

  /// The number of rows.
  public var count: Int {
    switch values {
    case .integers(let values): values.count
    case .doubles(let values): values.count
    case .text(let factor): factor.count
    case .booleans(let values): values.count
    case .dates(let values): values.count
    }
  }

  /// What the type is called in messages and schemas.
  public var typeName: String {
    switch values {
    case .integers: "integer"
    case .doubles: "number"
    case .text: "text"
    case .booleans: "boolean"
    case .dates: "date"
    }
  }

  /// Whether the entry in a row is missing.
  public func isMissing(_ row: Int) -> Bool {
    switch values {
    case .integers(let values): values[row] == Int.min
    case .doubles(let values): values[row].isNaN
    case .text(let factor): factor.codes[row] < 0
    case .booleans(let values): values[row] < 0
    case .dates(let values): values[row] == Int32.min
    }
  }
}
