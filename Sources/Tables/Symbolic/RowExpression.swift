/// A number computed from one row of data, as a tree: what a database can be asked to compute.
///
/// The same tree is interpreted over a table in memory and written as SQL. Truth values are 1 and 0,
/// dates days since 1970-01-01. A missing value makes whatever is computed from it missing, except in
/// ``isMissing(_:)``, ``isAbsent(_:)``, ``both(_:_:)`` and ``either(_:_:)``.
public indirect enum RowExpression: Sendable, Hashable {
  /// A column's number; truth values as 1 and 0, dates as days.
  case column(String)
  /// Whether a column of text, or of anything else in its written form, has this value.
  case level(String, of: String)
  /// A value that an earlier layer of the query gave this name.
  case name(String)
  /// The same number in every row.
  case constant(Double)
  /// No value.
  case missing
  /// Two numbers combined.
  case arithmetic(Arithmetic, RowExpression, RowExpression)
  /// A function of one number.
  case function(Function, RowExpression)
  /// The number held between −bound and bound.
  case clamped(RowExpression, bound: Double)
  /// Two numbers compared: 1 or 0.
  case comparison(Comparison, RowExpression, RowExpression)
  /// The second where the first is not 0, else the third.
  case chosen(RowExpression, then: RowExpression, otherwise: RowExpression)
  /// 1 where the value is missing, else 0.
  case isMissing(RowExpression)
  /// 1 where a column has no value, whatever its type, else 0.
  case isAbsent(String)
  /// Whether neither is 0; 0 when one is, whatever the other.
  case both(RowExpression, RowExpression)
  /// Whether one is not 0; 1 when one is, whatever the other.
  case either(RowExpression, RowExpression)

  /// The operations on two numbers.
  public enum Arithmetic: String, Sendable, Hashable, CaseIterable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
  }

  /// The functions of one number.
  ///
  /// A logarithm or root of what has none is missing.
  public enum Function: String, Sendable, Hashable, CaseIterable {
    case exponential
    case logarithm
    case squareRoot
    case floor
  }

  /// The comparisons.
  public enum Comparison: String, Sendable, Hashable, CaseIterable {
    case equal = "="
    case unequal = "<>"
    case less = "<"
    case atMost = "<="
    case greater = ">"
    case atLeast = ">="
  }
}

extension RowExpression {
  /// The sum.
  public static func + (a: Self, b: Self) -> Self { .arithmetic(.add, a, b) }
  /// The difference.
  public static func - (a: Self, b: Self) -> Self { .arithmetic(.subtract, a, b) }
  /// The product; a factor of 1 is left out.
  public static func * (a: Self, b: Self) -> Self {
    if a == .constant(1) { return b }
    if b == .constant(1) { return a }
    return .arithmetic(.multiply, a, b)
  }
  /// The quotient; missing where the divisor is 0.
  public static func / (a: Self, b: Self) -> Self { .arithmetic(.divide, a, b) }
  /// The number with the other sign.
  public static prefix func - (a: Self) -> Self { .constant(0) - a }

  /// 1 where the value is 0, 0 where it is not.
  public var negated: Self { .comparison(.equal, self, .constant(0)) }

  /// The sum of terms, with constants 0 left out; 0 when there are none.
  public static func sum(_ terms: [Self]) -> Self {
    let kept = terms.filter { $0 != .constant(0) }
    guard let first = kept.first else { return .constant(0) }
    return kept.dropFirst().reduce(first) { $0 + $1 }
  }

  /// Whether all hold; nil when there is nothing to hold.
  public static func all(_ conditions: [Self]) -> Self? {
    guard let first = conditions.first else { return nil }
    return conditions.dropFirst().reduce(first) { .both($0, $1) }
  }

  /// What the expression is made of.
  public var parts: [Self] {
    switch self {
    case .column, .level, .name, .constant, .missing, .isAbsent: []
    case .arithmetic(_, let a, let b), .comparison(_, let a, let b), .both(let a, let b),
      .either(let a, let b):
      [a, b]
    case .function(_, let a), .clamped(let a, _), .isMissing(let a): [a]
    case .chosen(let a, let b, let c): [a, b, c]
    }
  }

  /// The columns that the expression reads, in order of first appearance.
  public var columnNames: [String] {
    var seen: Set<String> = []
    var names: [String] = []
    func visit(_ expression: Self) {
      switch expression {
      case .column(let name), .level(_, let name), .isAbsent(let name):
        if seen.insert(name).inserted { names.append(name) }
      default: for part in expression.parts { visit(part) }
      }
    }
    visit(self)
    return names
  }

  /// The expression with columns replaced by what they are computed from.
  public func replacingColumns(_ definitions: [String: Self]) -> Self {
    if definitions.isEmpty { return self }
    return replacing { leaf in
      switch leaf {
      case .column(let name): definitions[name]
      case .isAbsent(let name): definitions[name].map { .isMissing($0) }
      default: nil
      }
    }
  }

  /// The expression with leaves replaced; nil leaves one as it is.
  public func replacing(_ leaf: (Self) -> Self?) -> Self {
    func inside(_ a: Self) -> Self { a.replacing(leaf) }
    switch self {
    case .column, .isAbsent, .level, .name, .constant, .missing: return leaf(self) ?? self
    case .arithmetic(let sign, let a, let b): return .arithmetic(sign, inside(a), inside(b))
    case .function(let function, let a): return .function(function, inside(a))
    case .clamped(let a, let bound): return .clamped(inside(a), bound: bound)
    case .comparison(let sign, let a, let b): return .comparison(sign, inside(a), inside(b))
    case .chosen(let a, let b, let c):
      return .chosen(inside(a), then: inside(b), otherwise: inside(c))
    case .isMissing(let a): return .isMissing(inside(a))
    case .both(let a, let b): return .both(inside(a), inside(b))
    case .either(let a, let b): return .either(inside(a), inside(b))
    }
  }
}
