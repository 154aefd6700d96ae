internal import Tables

extension AggregateQuery {
  /// The same question without values that nothing uses, so that engines don't compute them.
  var pruned: AggregateQuery {
    var query = self
    query.layers = Self.used(
      layers, keys.compactMap(\.expression) + sums.map(\.expression))
    return query
  }

  /// The parts of layers that expressions need, in order.
  static func used(
    _ layers: [[NamedExpression]], _ expressions: [RowExpression]
  ) -> [[NamedExpression]] {
    var needed: Set<String> = []
    for expression in expressions { expression.addNames(to: &needed) }
    var result: [[NamedExpression]] = []
    for layer in layers.reversed() {
      let own = layer.filter { needed.contains($0.name) }
      guard !own.isEmpty else { continue }
      for value in own { needed.remove(value.name) }
      for value in own { value.expression.addNames(to: &needed) }
      result.append(own)
    }
    return result.reversed()
  }
}

extension RowQuery {
  /// The same rows without values that nothing uses.
  var pruned: RowQuery {
    var query = self
    query.layers = AggregateQuery.used(layers, columns.compactMap(\.expression))
    return query
  }
}

extension GroupKey {
  /// What is computed; nil for a column as it is.
  fileprivate var expression: RowExpression? {
    if case .number(let expression) = value { return expression }
    return nil
  }
}

extension RowExpression {
  /// Adds the names of earlier layers that the expression uses.
  fileprivate func addNames(to names: inout Set<String>) {
    if case .name(let name) = self { names.insert(name) }
    for part in parts { part.addNames(to: &names) }
  }
}
