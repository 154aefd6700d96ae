internal import Statistics
public import Tables

/// A column that grows block by block.
public struct RowColumn {
  /// What its values are.
  public enum Kind {
    /// Any number.
    case number
    /// Whole numbers.
    case integer
    /// Truth values.
    case boolean
    /// Dates.
    case date
    /// Text.
    case text
    /// A place among names.
    case cases([String])

    /// The kind of a factor's own values, with the type of the source's column.
    public init(_ factor: SymbolicFactor, _ column: SymbolicColumn.Kind?) {
      switch factor {
      case .text: self = .text
      case .cases(let cases): self = .cases(cases.map(\.level))
      case .number:
        switch column {
        case .integer: self = .integer
        case .boolean: self = .boolean
        case .date: self = .date
        default: self = .number
        }
      }
    }
  }

  private let kind: Kind
  private var numbers: [Double] = []
  private var integers: [Int] = []
  private var small: [Int32] = []
  private var levels: [String: Int32] = [:]

  /// A column without values.
  public init(_ kind: Kind) {
    self.kind = kind
    if case .cases(let names) = kind {
      for name in names where levels[name] == nil { levels[name] = Int32(levels.count) }
    }
  }

  /// Adds the values of a block.
  public mutating func append(_ values: EngineValues) {
    switch (kind, values) {
    case (.number, .numbers(let values)): numbers += values
    case (.integer, .numbers(let values)):
      for value in values { integers.append(Int(exactly: value) ?? Int.min) }
    case (.boolean, .numbers(let values)), (.date, .numbers(let values)):
      for value in values { small.append(Int32(exactly: value) ?? Int32.min) }
    case (.cases(let names), .numbers(let values)):
      for value in values {
        small.append(Int(exactly: value).flatMap { levels[names[$0]] } ?? -1)
      }
    case (_, .text(let values)):
      for value in values { small.append(value.map { code($0) } ?? -1) }
    case (.text, .numbers(let values)):
      for value in values { small.append(value.isNaN ? -1 : code(numberKeyText(value))) }
    }
  }

  private mutating func code(_ text: String) -> Int32 {
    if let known = levels[text] { return known }
    let new = Int32(levels.count)
    levels[text] = new
    return new
  }

  /// The values; levels of text in order, those that no row has left out.
  public var values: Column.Values {
    switch kind {
    case .number: return .doubles(numbers)
    case .integer: return .integers(integers)
    case .boolean: return .booleans(small.map { $0 == Int32.min ? -1 : Int8($0 == 0 ? 0 : 1) })
    case .date: return .dates(small)
    case .text, .cases:
      var seen = [Bool](repeating: false, count: levels.count)
      for code in small where code >= 0 { seen[Int(code)] = true }
      let names = Factor(levels.filter { seen[Int($0.value)] }.map { Optional($0.key) }).levels
      var place = [Int32](repeating: -1, count: levels.count)
      for (index, name) in names.enumerated() { place[Int(levels[name] ?? 0)] = Int32(index) }
      return .text(Factor(codes: small.map { $0 < 0 ? -1 : place[Int($0)] }, levels: names))
    }
  }
}
