internal import Tables

/// Writes one expression as SQL over the aliases of the innermost subquery.
///
/// Conditions are written as SQL's own three-valued truth where they stand inside others, so that a long
/// chain of them stays as long as it is.
struct ExpressionWriter {
  let dialect: any SQLDialect
  let leaves: Leaves
  /// Reads a leaf straight from the source, for conditions beside it.
  var readLeaf: ((RowExpression) -> String)?

  init(dialect: any SQLDialect, leaves: Leaves) {
    self.dialect = dialect
    self.leaves = leaves
  }

  private var one: String { dialect.literal(1) }
  private var zero: String { dialect.literal(0) }

  /// A key of a group, or a column of rows.
  func key(_ key: GroupKey) -> String {
    switch key.value {
    case .text(let column): leaves.alias(text: column) ?? "NULL"
    case .number(let expression): text(expression)
    }
  }

  /// The expression's number.
  func text(_ expression: RowExpression) -> String {
    switch expression {
    case .column, .level, .isAbsent:
      if let readLeaf { return readLeaf(expression) }
      return leaves.alias(expression) ?? "NULL"
    case .name(let name): return dialect.quoted("v_" + name)
    case .constant(let value): return dialect.literal(value)
    case .missing: return "CAST(NULL AS \(dialect.doubleType))"
    case .arithmetic(.divide, let a, let b):
      // A division by zero is an error on one engine and infinite or missing on others.
      return "(\(text(a)) / NULLIF(\(text(b)), \(zero)))"
    case .arithmetic(let sign, let a, let b): return "(\(text(a)) \(sign.rawValue) \(text(b)))"
    case .function(.exponential, .clamped(let a, let bound)):
      return "EXP(\(text(.clamped(a, bound: bound))))"
    case .function(let function, let a): return self.function(function, text(a))
    case .clamped(let a, let bound):
      let inner = text(a)
      let (low, high) = (dialect.literal(-bound), dialect.literal(bound))
      return
        "CASE WHEN \(inner) > \(high) THEN \(high) WHEN \(inner) < \(low) THEN \(low)"
        + " ELSE \(inner) END"
    case .chosen(let condition, let a, let b):
      let test = predicate(condition)
      let otherwise = condition.isNeverMissing ? "ELSE" : "WHEN NOT \(test) THEN"
      return "CASE WHEN \(test) THEN \(text(a)) \(otherwise) \(text(b)) END"
    case .comparison, .isMissing, .both, .either:
      let test = predicate(expression)
      let otherwise = expression.isNeverMissing ? "ELSE" : "WHEN NOT \(test) THEN"
      return "CASE WHEN \(test) THEN \(one) \(otherwise) \(zero) END"
    }
  }

  /// The expression as a truth value of SQL: unknown where it is missing.
  func predicate(_ expression: RowExpression) -> String {
    switch expression {
    case .comparison(.equal, let a, .constant(0)) where a.isTruth: "(NOT \(predicate(a)))"
    case .comparison(let sign, let a, let b): "(\(text(a)) \(sign.rawValue) \(text(b)))"
    case .both(let a, let b): "(\(predicate(a)) AND \(predicate(b)))"
    case .either(let a, let b): "(\(predicate(a)) OR \(predicate(b)))"
    case .isMissing(let a): "(\(text(a)) IS NULL)"
    default: "(\(text(expression)) <> \(zero))"
    }
  }

  private func function(_ function: RowExpression.Function, _ inner: String) -> String {
    switch function {
    case .exponential: dialect.exponential(inner)
    case .logarithm: "LN(CASE WHEN \(inner) > \(zero) THEN \(inner) END)"
    case .squareRoot: "SQRT(CASE WHEN \(inner) >= \(zero) THEN \(inner) END)"
    case .floor: "CAST(FLOOR(\(inner)) AS \(dialect.doubleType))"
    }
  }
}

extension RowExpression {
  /// Whether it is a condition: 1, 0 or missing.
  var isTruth: Bool {
    switch self {
    case .comparison, .isMissing, .isAbsent, .both, .either, .level: true
    default: false
    }
  }

  /// Whether it has a value in every row, as far as its form tells.
  var isNeverMissing: Bool {
    switch self {
    case .isMissing, .isAbsent, .constant: true
    case .both(let a, let b), .either(let a, let b): a.isNeverMissing && b.isNeverMissing
    case .comparison(_, let a, let b): a.isNeverMissing && b.isNeverMissing
    default: false
    }
  }
}
