public import Statistics

/// The columns of a design as expressions over rows that are elsewhere.
public struct SymbolicDesign: Sendable {
  /// The names, as R names them; `(Intercept)` first where there is one.
  public let names: [String]
  /// For each column the index of its term; −1 for the intercept.
  public let assignment: [Int]
  /// The terms.
  public let terms: [String]
  /// The columns.
  public let columns: [RowExpression]

  /// Columns with their names and terms.
  public init(
    names: [String], assignment: [Int], terms: [String], columns: [RowExpression]
  ) {
    (self.names, self.assignment, self.terms, self.columns) = (names, assignment, terms, columns)
  }

  /// A design without columns.
  public init(empty: Void) { self.init(names: [], assignment: [], terms: [], columns: []) }

  /// The design without its intercept.
  public func removingIntercept() -> SymbolicDesign {
    let kept = assignment.indices.filter { assignment[$0] >= 0 }
    return SymbolicDesign(
      names: kept.map { names[$0] }, assignment: kept.map { assignment[$0] }, terms: terms,
      columns: kept.map { columns[$0] })
  }
}

extension SymbolicFormula {
  /// The design, once the levels of `factors` among the complete rows are known.
  ///
  /// With `treated` that level stands last where it is one.
  /// - Throws: `badDesign` for factors with one level or too many, `unknownLevel` for a reference level that is
  ///   not there.
  public func design(
    _ levels: [SymbolicFactor: SymbolicLevels], treated: String? = nil
  ) throws(SiblingError) -> SymbolicDesign {
    var stored = [DesignVariable?](repeating: nil, count: variables.count)
    var known = [SymbolicLevels?](repeating: nil, count: variables.count)
    for (index, variable) in variables.enumerated() {
      guard let variable else { continue }
      let storage: DesignVariable.Storage
      if let degree = variable.degree {
        storage = .basis([], .powers(degree))
      } else if variable.isFactor {
        var found =
          variable.needsLevels
          ? levels[variable.part.factor] ?? SymbolicLevels([]) : SymbolicLevels(["FALSE", "TRUE"])
        if let reference = variable.reference {
          guard let place = found.names.firstIndex(of: reference) else {
            throw SiblingError(
              .unknownLevel, "`\(variable.syntax.text)` has no level \"\(reference)\"",
              suggestion: nearestName(to: reference, among: found.names),
              column: variable.syntax.columnNames.first)
          }
          found.move(place, to: 0)
        }
        if let treated, formula.isSurvival || !formula.hasResponse,
          let place = found.names.firstIndex(of: treated)
        {
          found.move(place, to: found.names.count - 1)
        }
        known[index] = found
        storage = .codes([], levels: found.names)
      } else {
        storage = .doubles([])
      }
      stored[index] = DesignVariable(
        label: variable.label, syntax: variable.syntax, storage: storage)
    }
    let layout = try DesignLayout(expansion, stored)
    var columns: [RowExpression] = []
    for column in layout.columns {
      var product = RowExpression.constant(1)
      for part in column.parts {
        guard let variable = variables[part.variable] else { continue }
        product = product * variable.column(part, known[part.variable])
      }
      columns.append(product)
    }
    return SymbolicDesign(
      names: layout.names, assignment: layout.columns.map(\.term), terms: layout.terms,
      columns: columns)
  }
}

extension SymbolicLevels {
  /// Moves a level to another place.
  mutating func move(_ place: Int, to target: Int) {
    let name = names.remove(at: place)
    names.insert(name, at: target)
    guard !numbers.isEmpty else { return }
    let number = numbers.remove(at: place)
    numbers.insert(number, at: target)
  }
}

extension SymbolicFactor {
  /// 1 where a row has the level at a place, 0 where it has another.
  public func indicator(_ place: Int, _ levels: SymbolicLevels) -> RowExpression {
    switch self {
    case .text(let column): .level(levels.names[place], of: column)
    case .number(let expression):
      .comparison(.equal, expression, .constant(levels.numbers[place]))
    case .cases(let cases):
      cases.indices.filter { cases[$0].level == levels.names[place] }
        .map { RowExpression.comparison(.equal, index, .constant(Double($0))) }
        .reduce(RowExpression.constant(0)) { $0 == .constant(0) ? $1 : .either($0, $1) }
    }
  }
}

extension SymbolicFormula.Variable {
  /// One of its columns in the design.
  fileprivate func column(_ part: DesignLayout.Part, _ levels: SymbolicLevels?) -> RowExpression {
    let place = part.isFull ? part.column : part.column + 1
    switch value {
    case .number(let expression), .date(let expression):
      guard degree != nil else { return expression }
      return (0..<part.column).reduce(expression) { product, _ in product * expression }
    case .truth(let test): return place == 1 ? test : test.negated
    case .factor, .word:
      return self.part.factor.indicator(place, levels ?? SymbolicLevels([]))
    }
  }
}
