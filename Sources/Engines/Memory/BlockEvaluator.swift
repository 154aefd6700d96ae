internal import Glibc
internal import Statistics
internal import Tables

/// Evaluates expressions over a range of rows of a table, a whole block at a time.
struct BlockEvaluator {
  let table: Table
  let rows: Range<Int>
  /// Values of layers that are known already.
  var names: [String: [Double]] = [:]

  init(_ table: Table, _ rows: Range<Int>) {
    self.table = table
    self.rows = rows
  }

  /// Computes the layers of a query, one after the other.
  mutating func add(_ layers: [[NamedExpression]]) {
    for layer in layers {
      let values = layer.map { ($0.name, evaluate($0.expression)) }
      for (name, column) in values { names[name] = column }
    }
  }

  /// The rows, counted from the start of the range, where a condition holds; all without one.
  func kept(_ condition: RowExpression?) -> [Int] {
    guard let condition else { return Array(0..<rows.count) }
    let test = evaluate(condition)
    return test.indices.filter { test[$0] != 0 && !test[$0].isNaN }
  }

  /// The values of an expression; NaN is missing.
  func evaluate(_ expression: RowExpression) -> [Double] {
    switch expression {
    case .column(let name): return column(name)
    case .level(let level, let name): return isLevel(level, name)
    case .name(let name): return names[name] ?? constant(.nan)
    case .constant(let value): return constant(value)
    case .missing: return constant(.nan)
    case .arithmetic(let sign, let a, let b): return arithmetic(sign, a, b)
    case .function(let function, let a):
      return map(evaluate(a)) { x in
        switch function {
        case .exponential: exp(x)
        case .logarithm: x > 0 ? log(x) : .nan
        case .squareRoot: x >= 0 ? x.squareRoot() : .nan
        case .floor: x.rounded(.down)
        }
      }
    case .clamped(let a, let bound):
      return map(evaluate(a)) { $0 > bound ? bound : $0 < -bound ? -bound : $0 }
    case .comparison(let sign, let a, let b): return comparison(sign, a, b)
    case .chosen(let condition, let a, let b):
      let (test, x, y) = (evaluate(condition), evaluate(a), evaluate(b))
      return test.indices.map { test[$0].isNaN ? .nan : test[$0] != 0 ? x[$0] : y[$0] }
    case .isMissing(let a): return map(evaluate(a)) { $0.isNaN ? 1 : 0 }
    case .isAbsent(let name):
      guard let column = table[name] else { return constant(1) }
      return rows.map { column.isMissing($0) ? 1 : 0 }
    case .both(let a, let b):
      return combine(evaluate(a), evaluate(b)) { x, y in
        x == 0 || y == 0 ? 0 : x.isNaN || y.isNaN ? .nan : 1
      }
    case .either(let a, let b):
      return combine(evaluate(a), evaluate(b)) { x, y in
        (x != 0 && !x.isNaN) || (y != 0 && !y.isNaN) ? 1 : x.isNaN || y.isNaN ? .nan : 0
      }
    }
  }

  private func arithmetic(
    _ sign: RowExpression.Arithmetic, _ a: RowExpression, _ b: RowExpression
  ) -> [Double] {
    let (x, y) = (evaluate(a), evaluate(b))
    switch sign {
    case .add: return combine(x, y) { $0 + $1 }
    case .subtract: return combine(x, y) { $0 - $1 }
    case .multiply: return combine(x, y) { $0 * $1 }
    // A quotient by zero is missing on every engine.
    case .divide: return combine(x, y) { $1 == 0 ? .nan : $0 / $1 }
    }
  }

  private func comparison(
    _ sign: RowExpression.Comparison, _ a: RowExpression, _ b: RowExpression
  ) -> [Double] {
    combine(evaluate(a), evaluate(b)) { x, y in
      if x.isNaN || y.isNaN { return .nan }
      let holds =
        switch sign {
        case .equal: x == y
        case .unequal: x != y
        case .less: x < y
        case .atMost: x <= y
        case .greater: x > y
        case .atLeast: x >= y
        }
      return holds ? 1 : 0
    }
  }

  @inline(__always)
  private func combine(
    _ x: [Double], _ y: [Double], _ operation: (Double, Double) -> Double
  ) -> [Double] {
    [Double](unsafeUninitializedCapacity: x.count) { output, initialized in
      for i in 0..<x.count { output[i] = operation(x[i], y[i]) }
      initialized = x.count
    }
  }

  @inline(__always)
  private func map(_ x: [Double], _ operation: (Double) -> Double) -> [Double] {
    [Double](unsafeUninitializedCapacity: x.count) { output, initialized in
      for i in 0..<x.count { output[i] = operation(x[i]) }
      initialized = x.count
    }
  }

  private func constant(_ value: Double) -> [Double] {
    [Double](repeating: value, count: rows.count)
  }

  private func column(_ name: String) -> [Double] {
    switch table[name]?.values {
    case .doubles(let values): return Array(values[rows])
    case .integers(let values): return rows.map { values[$0] == .min ? .nan : Double(values[$0]) }
    case .booleans(let values): return rows.map { values[$0] < 0 ? .nan : Double(values[$0]) }
    case .dates(let values): return rows.map { values[$0] == .min ? .nan : Double(values[$0]) }
    case .text, nil: return constant(.nan)
    }
  }

  private func isLevel(_ level: String, _ name: String) -> [Double] {
    guard let column = table[name] else { return constant(.nan) }
    guard case .text(let factor) = column.values else {
      let text = WrittenColumn(column)
      return rows.map { row in text[row].map { $0 == level ? 1 : 0 } ?? .nan }
    }
    let wanted = factor.levels.firstIndex(of: level).map { Int32($0) } ?? -2
    return rows.map { row in
      let code = factor.codes[row]
      return code < 0 ? .nan : code == wanted ? 1 : 0
    }
  }
}

/// A column in its written form.
struct WrittenColumn {
  let column: Column

  init(_ column: Column) { self.column = column }

  subscript(_ row: Int) -> String? {
    if column.isMissing(row) { return nil }
    switch column.values {
    case .integers(let values): return String(values[row])
    case .doubles(let values): return numberKeyText(values[row])
    case .text(let factor): return factor.levels[Int(factor.codes[row])]
    case .booleans(let values): return values[row] == 1 ? "TRUE" : "FALSE"
    case .dates(let values): return CivilDate(days: values[row]).isoText
    }
  }
}
