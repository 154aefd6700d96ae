internal import Tables

/// A query's layers as they are written: names that stand for nothing but a column or a constant are that, and each
/// subquery hands on only what is still needed.
///
/// An engine that works row by row pays for every column of every subquery.
struct LayerPlan {
  /// One subquery, with what it computes and what it hands on of the one before.
  struct Level {
    var values: [NamedExpression]
    var passed: Needs
  }

  /// What the query is grouped by or gives, and what it sums, with such names replaced.
  let columns: [GroupKey]
  let sums: [RowExpression]
  /// The subqueries, innermost first.
  let levels: [Level]

  init(_ layers: [[NamedExpression]], _ columns: [GroupKey], _ sums: [RowExpression]) {
    var known: [String: RowExpression] = [:]
    func plain(_ expression: RowExpression) -> RowExpression {
      expression.replacing { if case .name(let name) = $0 { known[name] } else { nil } }
    }
    var computed: [[NamedExpression]] = []
    for layer in layers {
      let values = layer.map { NamedExpression($0.name, plain($0.expression)) }
      computed.append(values.filter { !$0.expression.isRead })
      for value in values { known[value.name] = value.expression.isRead ? value.expression : nil }
    }
    self.columns = columns.map { key in
      guard case .number(let expression) = key.value else { return key }
      return GroupKey(key.name, .number(plain(expression)))
    }
    self.sums = sums.map(plain)
    var needs = Needs()
    for column in self.columns {
      switch column.value {
      case .text(let name): needs.add(text: name)
      case .number(let expression): needs.add(expression)
      }
    }
    for sum in self.sums { needs.add(sum) }
    var levels: [Level] = []
    for layer in computed.reversed() {
      let own = layer.filter { needs.names.contains($0.name) }
      guard !own.isEmpty else { continue }
      needs.names.subtract(own.map(\.name))
      levels.append(Level(values: own, passed: needs))
      for value in own { needs.add(value.expression) }
    }
    self.levels = levels.reversed()

  }

  /// What expressions read and use.
  struct Needs {
    private(set) var leaves: Set<RowExpression> = []
    private(set) var texts: Set<String> = []
    fileprivate(set) var names: Set<String> = []

    fileprivate mutating func add(text column: String) { texts.insert(column) }

    fileprivate mutating func add(_ expression: RowExpression) {
      switch expression {
      case .column, .level, .isAbsent: leaves.insert(expression)
      case .name(let name): names.insert(name)
      default: for part in expression.parts { add(part) }
      }
    }
  }
}

extension RowExpression {
  /// Whether it is read or written down, not computed.
  fileprivate var isRead: Bool {
    switch self {
    case .column, .level, .isAbsent, .constant, .missing: true
    default: false
    }
  }
}
