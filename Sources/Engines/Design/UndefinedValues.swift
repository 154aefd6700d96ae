internal import Statistics
internal import Tables

/// What a formula computes that has no value in some rows though nothing is missing there, such as the logarithm of
/// a negative number.
///
/// In memory the first such row is an error; left out as if they missed something, they would change an estimate
/// without a word.
struct UndefinedValues {
  /// What is computed, as R writes it, with the rows that it has no value in.
  private let values: [(label: String, condition: RowExpression)]

  /// What the parts of a formula compute.
  init(_ formula: SymbolicFormula) {
    var seen: Set<RowExpression> = []
    values = ([formula.response, formula.event].compactMap { $0 } + formula.arms).compactMap {
      guard let condition = $0.number?.undefined, seen.insert(condition).inserted else {
        return nil
      }
      return ($0.label, condition)
    }
  }

  /// A count of rows for each.
  var sums: [NamedExpression] {
    values.enumerated().map { NamedExpression("undefined\($0.offset)", $0.element.condition) }
  }

  /// Refuses the first that has no value somewhere.
  ///
  /// - Throws: `badValue`.
  func check(_ counts: [Double], mayCount: Bool) throws(SiblingError) {
    for (value, count) in zip(values, counts) where count > 0 {
      let rows = Int(count.rounded())
      throw SiblingError(
        .badValue,
        "`\(value.label)` cannot be computed in \(mayCount ? rows == 1 ? "1 row" : "\(rows) rows" : "some rows")",
        help:
          "logarithms of 0 and of negative numbers, roots of negative numbers and quotients by 0 have no value;"
          + " leave such rows out, or make them missing: ifelse(x > 0, log(x), NA)")
    }
  }
}

extension RowExpression {
  /// 1 in rows where the expression takes the logarithm or root of what has none, or divides by 0; nil where it
  /// can't.
  var undefined: RowExpression? {
    let inside = parts.map(\.undefined)
    switch self {
    case .function(.logarithm, let a):
      return Self.any([.comparison(.atMost, a, .constant(0))] + inside)
    case .function(.squareRoot, let a):
      return Self.any([.comparison(.less, a, .constant(0))] + inside)
    case .arithmetic(.divide, let a, let b):
      if case .constant(let value) = b, value != 0 { return inside[0] }
      return Self.any(
        [
          .both(
            .comparison(.equal, b, .constant(0)), .comparison(.equal, .isMissing(a), .constant(0)))
        ]
          + inside)
    case .chosen(let condition, _, _):
      guard inside.contains(where: { $0 != nil }) else { return nil }
      // Only the branch that is taken is computed.
      let taken = RowExpression.chosen(
        condition, then: inside[1] ?? .constant(0), otherwise: inside[2] ?? .constant(0))
      return Self.any([inside[1] == nil && inside[2] == nil ? nil : taken, inside[0]])
    default: return Self.any(inside)
    }
  }

  /// Whether one of some conditions holds, with missing ones not holding; nil without any.
  private static func any(_ conditions: [RowExpression?]) -> RowExpression? {
    let given = conditions.compactMap { $0 }
    guard let first = given.first else { return nil }
    return given.dropFirst().reduce(first) { .either($0, $1) }
  }
}
