internal import LinearAlgebra
public import Statistics

extension Formula {
  /// Binds the formula to a table: evaluates its parts, chooses the complete rows, builds the design.
  ///
  /// A row is used when nothing that the formula reads is missing in it, nor any of `alsoComplete`
  /// (weights, clusters, identifiers). Unused factor levels are dropped. Bases such as `poly` and
  /// `ns` are set on every row of the table that has their variable, as R does. A text outcome with
  /// two levels becomes 0 and 1, the second (or `treatedLevel`) being 1. Events are 0/1, true/false,
  /// a comparison, or exactly {1, 2}, where 2 is the event; with `causes` the event may be a
  /// cause: text or a factor whose first level is censored, or whole numbers where 0 is.
  /// - Throws: `unknownColumn`, `wrongType`, `badValue` for an infinite or impossible value,
  ///   `badInterval` for a row that ends no later than it starts, `missingValue` under the rule
  ///   `error`, `noRows` when no row is complete, `badDesign` for factors with one level or too many.
  /// - Complexity: O(rows × columns of the design), written once into one buffer.
  public func bind(
    to table: Table, missing: ModelFrame.MissingRule = .drop, alsoComplete: [String] = [],
    treatedLevel: String? = nil, causes: Bool = false, purpose: ModelFrame.Purpose = .design
  ) throws(SiblingError) -> ModelFrame {
    var binder = try Binder(self, table, treatedLevel, wantsCauses: causes)
    for name in alsoComplete { try binder.require(name) }
    try binder.chooseRows(missing)
    return try binder.frame(purpose)
  }
}

/// The steps from a formula and a table to a model frame.
struct Binder {
  /// A part of the formula over all rows.
  struct Part {
    var syntax: Syntax
    var values: FrameValues
  }

  let formula: Formula
  let table: Table
  let expansion: TermExpansion
  let treatedLevel: String?
  let wantsCauses: Bool
  var source: SyntaxSource { formula.source }

  private(set) var drafts: [DesignVariable.Draft?]
  private(set) var outcome: [Part] = []
  private(set) var strata: [Part] = []
  private(set) var offsets: [Part] = []
  private(set) var clusters: [Part] = []
  private(set) var absorbed: [Part] = []
  private var others: [Part] = []
  private(set) var rows: [Int] = []
  private(set) var dropped: [ModelFrame.MissingCount] = []
  var notes: [String] = []

  init(
    _ formula: Formula, _ table: Table, _ treatedLevel: String?, wantsCauses: Bool
  ) throws(SiblingError) {
    self.formula = formula
    self.table = table
    self.treatedLevel = treatedLevel
    self.wantsCauses = wantsCauses
    expansion = try formula.expansion(in: table.names)
    drafts = [DesignVariable.Draft?](repeating: nil, count: expansion.variables.count)
    switch formula.response {
    case .none: break
    case .value(let syntax): outcome = [try part(syntax)]
    case .survival(let start, let time, let event):
      for syntax in [start, time, event].compactMap({ $0 }) { outcome.append(try part(syntax)) }
    case .interval(let low, let high): outcome = [try part(low), try part(high)]
    }
    for variable in Set(expansion.terms.flatMap { $0 }).sorted() {
      let (label, syntax) = (
        expansion.variables[variable].label, expansion.variables[variable].syntax
      )
      drafts[variable] = try DesignVariable.draft(label, syntax, in: table, formula.source)
    }
    for syntax in expansion.strata { strata.append(try part(syntax)) }
    for syntax in expansion.offsets { offsets.append(try part(syntax)) }
    for syntax in expansion.clusters { clusters.append(try part(syntax)) }
    for name in formula.absorbed { absorbed.append(try part(Syntax(.name(name), at: 1))) }
  }

  private func part(_ syntax: Syntax) throws(SiblingError) -> Part {
    Part(syntax: syntax, values: try FrameValues(syntax, in: table, source))
  }

  /// Makes a column necessary on every row used.
  mutating func require(_ name: String) throws(SiblingError) {
    others.append(
      Part(syntax: Syntax(.name(name), at: 1), values: FrameValues(try table.column(name))))
  }

  /// Counts rows that miss a part of the outcome.
  mutating func noteDropped(_ name: String, _ count: Int) {
    dropped.append(ModelFrame.MissingCount(column: name, count: count))
  }

  mutating func chooseRows(_ rule: ModelFrame.MissingRule) throws(SiblingError) {
    guard table.rowCount > 0 else {
      throw SiblingError(.noRows, "the table has no rows", location: table.location(row: 0))
    }
    var complete = [Bool](repeating: true, count: table.rowCount)
    let terms = drafts.compactMap { $0 }.map { Part(syntax: $0.basisInput, values: $0.values) }
    var counted: [String: Int] = [:]
    // An interval misses something only when both ends are missing.
    var ends: [Part] = outcome
    if case .interval = formula.response {
      ends = []
      if let row = countUnknown(&complete), rule == .error {
        throw SiblingError(
          .missingValue, "neither end of the interval is known in this row",
          help: "fill one in, or leave such rows out with --missing drop",
          location: table.location(row: row), row: row)
      }
    }
    for part in ends + terms + strata + offsets + clusters + absorbed + others {
      let count = part.values.clearMissing(&complete)
      guard count > 0 else { continue }
      let names = part.syntax.columnNames
      let name = names.count == 1 ? names[0] : part.syntax.text
      if rule == .error {
        let row = part.values.firstMissing(Array(0..<table.rowCount)) ?? 0
        throw SiblingError(
          .missingValue, "column '\(name)' is missing in this row",
          help: "fill it in, or leave such rows out with --missing drop",
          location: table.location(row: row, of: part.syntax), row: row, column: name)
      }
      if let known = counted[name] {
        dropped[known].count = max(dropped[known].count, count)
      } else {
        counted[name] = dropped.count
        dropped.append(ModelFrame.MissingCount(column: name, count: count))
      }
    }
    rows = dropped.isEmpty ? Array(0..<table.rowCount) : complete.indices.filter { complete[$0] }
    if rows.isEmpty {
      let listed = dropped.sorted { $0.count > $1.count }.prefix(5)
        .map { "'\($0.column)' (\($0.count))" }.joined(separator: ", ")
      throw SiblingError(
        .noRows, "no row is complete: every one of the \(table.rowCount) misses something",
        help: "rows that miss a column: " + listed + "; leave such columns out",
        location: table.location(row: 0), column: dropped.max { $0.count < $1.count }?.column)
    }
  }

  mutating func frame(_ purpose: ModelFrame.Purpose) throws(SiblingError) -> ModelFrame {
    let (response, survival) = try outcomes()
    var offset: [Double]?
    for part in offsets {
      let values = try numbers(part)
      offset = offset.map { sum in zip(sum, values).map { $0 + $1 } } ?? values
    }
    var effects: [Factor] = []
    for part in absorbed { effects.append(try factor(part)) }
    var clusterFactors: [Factor] = []
    for part in clusters { clusterFactors.append(try factor(part)) }
    var variables = [DesignVariable?](repeating: nil, count: drafts.count)
    var layout = DesignLayout()
    var groups: Factor?
    if purpose == .arms {
      groups = try crossed(try arms())
    } else {
      for (index, draft) in drafts.enumerated() {
        guard let draft else { continue }
        variables[index] = try DesignVariable(draft, rows: rows, table: table, source)
      }
      layout = try DesignLayout(expansion, variables)
    }
    return ModelFrame(
      formula: formula, rows: rows,
      design: layout.design(variables, rows: rows, of: table.rowCount), response: response,
      survival: survival, strata: try crossed(strata), groups: groups, offset: offset,
      clusters: clusterFactors, absorbed: effects, dropped: dropped,
      droppedRows: table.rowCount - rows.count, notes: notes, table: table, layout: layout,
      variables: variables)
  }

  func numbers(_ part: Part) throws(SiblingError) -> [Double] {
    if case .factor = part.values {
      throw Evaluator(table: table, source: source).textWhereNumber(part.syntax)
    }
    try part.values.checkFinite(part.syntax, rows: rows, table: table)
    return try part.values.numbers(part.syntax.text, rows: rows, table: table)
  }

  func factor(_ part: Part) throws(SiblingError) -> Factor {
    try part.values.checkFinite(part.syntax, rows: rows, table: table)
    return try part.values.factor(part.syntax.text, rows: rows, table: table)
  }

  /// The variables of the terms, which cross into arms.
  private func arms() throws(SiblingError) -> [Part] {
    var parts: [Part] = []
    for draft in drafts {
      guard let draft else { continue }
      if draft.basis != nil {
        throw source.syntaxError(
          "`\(draft.label)` does not divide rows into arms", at: draft.syntax.position,
          help: "name a column with a few values, or cut one: factor(age > 50)")
      }
      parts.append(Part(syntax: draft.syntax, values: draft.values))
    }
    return parts
  }

  /// One level for each combination that occurs, such as `a=1, b=2`; the first column runs slowest.
  private func crossed(_ parts: [Part]) throws(SiblingError) -> Factor? {
    var result: Factor?
    for part in parts {
      var factor = try factor(part)
      if factor.levels.count * (result?.levels.count ?? 1) > 1_000_000 {
        throw SiblingError(
          .badDesign,
          "`\(part.syntax.text)` has \(factor.levels.count) values, too many to divide rows by",
          help: "name a column with a few values, or cut one: \(part.syntax.text) > …",
          column: part.syntax.columnNames.first)
      }
      let name = part.syntax.text
      factor.levels = factor.levels.map { name + "=" + $0 }
      result = result?.crossed(with: factor) ?? factor
    }
    return result
  }
}

extension DesignVariable.Draft {
  /// What is missing when the variable is: a basis misses what its inner expression misses.
  var basisInput: Syntax { basis?.inner ?? syntax }
}
