public import Statistics

/// A formula over a source whose rows are elsewhere: which rows are complete, what must be known of the data,
/// and then the columns of the design as expressions.
///
/// Terms are ordered, coded and named as ``Formula/bind(to:missing:alsoComplete:treatedLevel:causes:purpose:)``
/// orders, codes and names them.
public struct SymbolicFormula: Sendable {
  /// The formula.
  public let formula: Formula
  /// 1 where the row misses nothing that the formula reads; nil where it reads nothing.
  public let isComplete: RowExpression?
  /// The outcome; nil for survival and one-sided formulas.
  public let response: Part?
  /// Where a row comes under observation; nil unless the formula says so.
  public let start: RowExpression?
  /// The survival time.
  public let time: RowExpression?
  /// The event's code; nil where every row has the event.
  public let event: Part?
  /// The columns of `strata(…)`, with the names of their levels' columns.
  public let strata: [Part]
  /// The columns of `cluster(…)`.
  public let clusters: [Part]
  /// The fixed effects after `|`.
  public let absorbed: [Part]
  /// The sum of the `offset(…)` terms.
  public let offset: RowExpression?
  /// The variables of the terms, in order, as what they divide rows by.
  public let arms: [Part]

  /// What the formula reads in one place.
  public struct Part: Sendable, Hashable {
    /// As R writes it.
    public let label: String
    /// The number, with truth values as 1 and 0; nil for text.
    public let number: RowExpression?
    /// The category.
    public let factor: SymbolicFactor
    /// Whether it is true or false.
    public let isTruth: Bool
  }

  let expansion: TermExpansion
  let variables: [Variable?]

  struct Variable: Sendable {
    var label: String
    var syntax: Syntax
    var value: SymbolicValue
    /// Powers 1 to this of a raw polynomial.
    var degree: Int?
    var part: Part
    var reference: String?
  }

  /// A formula over columns.
  ///
  /// - Throws: `unknownColumn`, `wrongType`; `unsupportedFormat` for terms that an engine can't compute from a row,
  ///   such as `ns()` and orthogonal `poly()`.
  public init(
    _ formula: Formula, over columns: [SymbolicColumn],
    defining definitions: [String: SymbolicDefinition] = [:], alsoComplete: [String] = []
  ) throws(SiblingError) {
    self.formula = formula
    let translator = SymbolicTranslator(columns, definitions, formula.source)
    let names =
      columns.map(\.name)
      + definitions.keys.sorted().filter { name in
        !columns.contains { $0.name == name }
      }
    expansion = try formula.expansion(in: names)
    var missing: [RowExpression] = []
    func part(_ syntax: Syntax) throws(SiblingError) -> Part {
      missing.append(try translator.missing(syntax))
      return try translator.part(syntax)
    }
    var (response, event): (Part?, Part?)
    var (start, time): (RowExpression?, RowExpression?)
    switch formula.response {
    case .none: break
    case .value(let syntax): response = try part(syntax)
    case .survival(let first, let second, let third):
      if let first {
        _ = try part(first)
        start = try translator.number(first)
      }
      _ = try part(second)
      time = try translator.number(second)
      if let third { event = try part(third) }
    case .interval(let low, _):
      throw translator.unsupported("an interval-censored outcome", low)
    }
    (self.response, self.event, self.start, self.time) = (response, event, start, time)
    var variables = [Variable?](repeating: nil, count: expansion.variables.count)
    for index in Set(expansion.terms.flatMap { $0 }).sorted() {
      let variable = expansion.variables[index]
      let made = try translator.variable(variable.label, variable.syntax)
      missing.append(try translator.missing(made.syntax))
      variables[index] = made
    }
    self.variables = variables
    var (strata, clusters, absorbed): ([Part], [Part], [Part]) = ([], [], [])
    for syntax in expansion.strata { strata.append(try part(syntax)) }
    for syntax in expansion.clusters { clusters.append(try part(syntax)) }
    for name in formula.absorbed { absorbed.append(try part(Syntax(.name(name), at: 1))) }
    (self.strata, self.clusters, self.absorbed) = (strata, clusters, absorbed)
    var offsets: [RowExpression] = []
    for syntax in expansion.offsets {
      _ = try part(syntax)
      offsets.append(try translator.number(syntax))
    }
    offset = offsets.isEmpty ? nil : .sum(offsets)
    for name in alsoComplete { _ = try part(Syntax(.name(name), at: 1)) }
    arms = variables.compactMap { $0?.part }
    var seen: Set<RowExpression> = []
    isComplete = RowExpression.all(
      missing.filter { $0 != .constant(0) && seen.insert($0).inserted }.map(\.negated))
  }

  /// The factors among the terms whose levels must be known for a design.
  public var factors: [SymbolicFactor] {
    var seen: Set<SymbolicFactor> = []
    return variables.compactMap { $0 }.filter { $0.isFactor && $0.needsLevels }.map(\.part.factor)
      .filter { seen.insert($0).inserted }
  }
}

extension SymbolicFormula.Variable {
  var isFactor: Bool {
    switch value {
    case .factor, .truth, .word: true
    case .number, .date: false
    }
  }

  /// Truth values have both levels, whatever the data.
  var needsLevels: Bool {
    if case .truth = value { return false }
    return true
  }
}

extension SymbolicTranslator {
  func part(_ syntax: Syntax) throws(SiblingError) -> SymbolicFormula.Part {
    let value = try value(syntax)
    var number: RowExpression?
    var isTruth = false
    switch value {
    case .number(let expression), .date(let expression): number = expression
    case .truth(let expression):
      number = expression
      isTruth = true
    case .factor, .word: break
    }
    return SymbolicFormula.Part(
      label: syntax.text, number: number, factor: try factor(syntax), isTruth: isTruth)
  }

  func variable(
    _ label: String, _ syntax: Syntax
  ) throws(SiblingError) -> SymbolicFormula.Variable {
    if let request = try Basis.Request(syntax, source) {
      guard case .powers(let degree) = request.shape else {
        throw unsupported("`\(syntax.text)`", syntax)
      }
      return SymbolicFormula.Variable(
        label: label, syntax: request.inner, value: .number(try number(request.inner)),
        degree: degree, part: try part(request.inner))
    }
    if case .call("relevel", let arguments) = syntax.bare.kind {
      let given = Functions.matched("relevel", arguments)
      guard let inner = given["x"], let reference = given["ref"],
        case .text(let level) = reference.bare.kind
      else { throw unsupported("`\(syntax.text)`", syntax) }
      return SymbolicFormula.Variable(
        label: label, syntax: inner, value: .factor(try factor(inner)), part: try part(inner),
        reference: level)
    }
    return SymbolicFormula.Variable(
      label: label, syntax: syntax, value: try value(syntax), part: try part(syntax))
  }
}
