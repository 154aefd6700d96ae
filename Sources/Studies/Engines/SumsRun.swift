internal import Engines
internal import Reporting
internal import Statistics
internal import Tables

/// A study by sums: who is in it, what the gate may know, and every analysis, without a row leaving the engine.
///
/// Analyses are decoded as the phases of a study by rows decode them and run through `EngineAnalysis`; their
/// rows go into the same tables. What has no way from sums is left out, and the report says why.
struct SumsRun {
  let study: StudyFile
  /// Everybody in the source.
  let everybody: EngineData
  /// The rows that every inclusion rule keeps.
  private(set) var data: EngineData
  /// 1 for the treated, 0 for the others, missing without an arm; nil where nobody is treated.
  let treated: RowExpression?
  /// What the engine was asked, for the manifest.
  let input: Manifest.Input
  /// The columns that the design may not see.
  let hidden: HiddenColumns
  /// What was left out, with the reason in words that can follow "because".
  var leftOut: [LeftOut] = []
  /// The outcome columns that inclusion rules choose by.
  private(set) var chosenBy: [String] = []
  /// The rows that are kept but for rules that ask whether an outcome is known.
  private(set) var eligible: EngineData
  /// The design in words; nil without one.
  var designWords: String?
  /// Whose effect the design is for; nil without one.
  var estimand: String?
  /// What must be said of the design.
  var notes: [String] = []
  /// The sites among the rows that are kept, where whole sites were assigned.
  var siteCount: Int?
  /// Differences judged by few sites, by outcome.
  var fewSites: [String: FewSitesEffect] = [:]

  /// A part of a study that has no way from sums.
  struct LeftOut: Sendable, Equatable {
    var section: String
    var reason: String
  }

  /// Connects, finds the arms and applies the inclusion rules, every one counted by arm.
  ///
  /// - Throws: what is wrong with the source, a derivation or a rule, located; the engine's failures.
  init(_ study: StudyFile, _ engine: StudyEngine, _ tables: inout StudyTables) throws(SiblingError)
  {
    self.study = study
    let (data, input) = try engine.sums()
    (everybody, self.data, eligible, self.input) = (data, data, data, input)
    hidden = HiddenColumns(study, names: data.names, made: [])
    treated = try engine.locating(engine.source ?? "") { () throws(SiblingError) in
      try Self.treated(study, data)
    }
    study.tell("inclusion rules")
    try engine.locating(engine.source ?? "") { () throws(SiblingError) in
      try attrition(&tables)
      try requireDistinctIdentifiers()
    }
  }

  /// Refuses data that are no panel and have several rows of a person, or one without an identifier.
  private func requireDistinctIdentifiers() throws(SiblingError) {
    guard let node = study.node["data"]?["id"], let id = node.text else { return }
    let factor: SymbolicFactor
    do throws(SiblingError) { factor = try data.factor(id) } catch {
      throw error.located(node.location)
    }
    let isPanel =
      study.node["event-study"] != nil
      || study.node["difference-in-differences"]?.elements.contains { $0["unit"] != nil } == true
    guard !isPanel else { return }
    study.tell("one row a person")
    // People's cells stay in the engine.
    try data.engine.createTemporary(
      "people",
      .cells(AggregateQuery(data.source, keep: data.keep, keys: [factor.key("person")])))
    defer { data.engine.dropTemporary("people") }
    let cells = try data.engine.aggregate(
      AggregateQuery(
        .temporary("people"),
        sums: [
          NamedExpression("repeated", .comparison(.greater, .column("n"), .constant(1))),
          NamedExpression("absent", .isAbsent("person")),
        ]))
    guard cells.sums[1][0] == 0 else {
      throw SiblingError(
        .missingValue, "rows have no identifier in '\(id)'",
        help: "choose rows with a rule under 'attrition'", location: node.location, column: id)
    }
    guard cells.sums[0][0] == 0 else {
      throw SiblingError(
        .duplicateKey, "several rows have the same '\(id)'",
        help: "one row a person is expected; choose rows with a rule under 'attrition'",
        location: node.location, column: id)
    }
  }

  /// What the reader must know of the whole: how it was made, and what estimators said.
  var findings: [String] {
    ["the study was made from sums by cell: no row of a person left the engine"]
      + notes.distinct
  }

  /// Ends the connection.
  func close() { data.engine.close() }

  private static func treated(
    _ study: StudyFile, _ data: EngineData
  ) throws(SiblingError) -> RowExpression? {
    guard let node = study.node["treatment"], let column = node["column"]?.text else { return nil }
    let factor = try data.factor(column)
    let levels = try data.levels(of: factor)
    let code = try StudyData.treatedCode(
      Factor(codes: [], levels: levels.names), node, try Table([]))
    return .chosen(
      factor.isMissing, then: .missing, otherwise: factor.indicator(Int(code), levels))
  }

  /// The arm of a row as a key of cells; none where nobody is treated.
  var armKeys: [GroupKey] { treated.map { [GroupKey("arm", .number($0))] } ?? [] }

  /// The arms of cells: their names with the cells that are theirs, as a study by rows has them.
  func arms(_ cells: Cells) -> [(name: String, cells: [Int])] {
    guard treated != nil else { return [("everybody", Array(0..<cells.count))] }
    let keys = cells.numbers(0)
    var arms = [("treated", 1.0), ("comparison", 0.0)].map { name, value in
      (name: name, cells: keys.indices.filter { keys[$0] == value })
    }
    let missing = keys.indices.filter { keys[$0].isNaN }
    if !missing.isEmpty { arms.append((name: "(missing)", cells: missing)) }
    return arms
  }

  /// Rules in order: one query counts, by arm, who is left after each.
  private mutating func attrition(_ tables: inout StudyTables) throws(SiblingError) {
    let steps = study.node["attrition"]?.elements ?? []
    var conditions: [NamedExpression] = []
    var completeness: Set<Int> = []
    for (index, step) in steps.enumerated() {
      do throws(SiblingError) {
        let expression = try Expression(parsing: step["keep"]?.text ?? "")
        chosenBy += hidden.telling(among: expression.valueColumnNames)
        let read = expression.valueColumnNames.filter { hidden[$0] == nil }
        if read.isEmpty, expression.columnNames.contains(where: { hidden[$0]?.tells == true }) {
          completeness.insert(index)
        }
        let condition = try expression.symbolic(
          over: data.columns, defining: data.definitions)
        conditions.append(
          NamedExpression("rule\(index)", .comparison(.unequal, condition, .constant(0))))
      } catch {
        throw error.located(step["keep"]?.location)
      }
    }
    chosenBy = chosenBy.distinct
    let violations = try binaryOutcomes()
    let passed = conditions.indices.map { index in
      NamedExpression(
        "kept\(index)",
        .all(conditions[...index].map { .name($0.name) }) ?? .constant(1))
    }
    let cells = try everybody.aggregate(
      layers: conditions.isEmpty ? [] : [conditions], keys: armKeys,
      sums: passed + violations.map(\.sum))
    for (place, violation) in violations.enumerated()
    where cells.sums[passed.count + place].contains(where: { $0 > 0 }) {
      throw SiblingError(
        .badValue,
        "the outcome '\(violation.name)' is declared binary and has a value other than 0 and 1",
        help: "declare its kind as amount, weeks or number, or recode it under data: derive",
        column: violation.name)
    }
    try fillAttrition(cells, steps, &tables)
    for (index, condition) in conditions.enumerated() {
      data.restrict(to: condition.expression)
      if !completeness.contains(index) { eligible.restrict(to: condition.expression) }
    }
    let left =
      passed.isEmpty ? cells.rowCount : Int((cells.sums[passed.count - 1].reduce(0, +)).rounded())
    guard left > 0 else {
      throw SiblingError(
        .noRows, "the inclusion rules leave no rows",
        help: "check the expressions under 'attrition'",
        location: study.node["attrition"]?.location)
    }
  }

  private func fillAttrition(
    _ cells: Cells, _ steps: [StudyNode], _ tables: inout StudyTables
  ) throws(SiblingError) {
    let arms = arms(cells)
    var before = arms.map { arm in arm.cells.reduce(0) { $0 + cells.counts[$1] } }
    for (index, step) in steps.enumerated() {
      let after = arms.map { arm in
        arm.cells.reduce(0) { $0 + Int(cells.sums[index][$1].rounded()) }
      }
      var rows = arms.indices.map { (arms[$0].name, before[$0], after[$0]) }
      rows.append(("all", before.reduce(0, +), after.reduce(0, +)))
      for (arm, before, after) in rows {
        try tables.attrition.append([
          "step": .number(Double(index + 1)), "rule": .text(step["rule"]?.text ?? ""),
          "arm": .text(arm), "n_before": Cell(before), "n_excluded": Cell(before - after),
          "n_after": Cell(after),
        ])
      }
      before = after
    }
  }

  /// For each outcome that is declared binary and is a number, whether a row has another value.
  private func binaryOutcomes() throws(SiblingError) -> [(name: String, sum: NamedExpression)] {
    var found: [(name: String, sum: NamedExpression)] = []
    for node in study.node["outcomes"]?.elements ?? [] where node["kind"]?.text == "binary" {
      guard let name = node["name"]?.text, data.names.contains(name),
        let value = try? data.number(name)
      else { continue }
      let other = RowExpression.both(
        .comparison(.unequal, value, .constant(0)), .comparison(.unequal, value, .constant(1)))
      found.append(
        (name, NamedExpression("other\(found.count)", other)))
    }
    return found
  }

  /// Runs what may have no way from sums; where it has none, the section is left out with the reason.
  ///
  /// - Throws: what is wrong with the data or the model, at the section's place; the engine's failures.
  mutating func attempt(
    _ section: String, _ node: StudyNode?, _ analysis: any TableAnalysis, on rows: EngineData? = nil
  ) throws(SiblingError) -> AnalysisOutput? {
    guard let analysis = analysis as? any EngineAnalysis else {
      leftOut.append(LeftOut(section: section, reason: "it needs every row in memory"))
      return nil
    }
    let rows = rows ?? data
    return try attempt(section, node, needsRows: analysis.needsRows) {
      () throws(SiblingError) in
      try analysis.run(on: rows)
    }
  }

  /// Runs what may have no way from sums, as ``attempt(_:_:_:on:)``.
  mutating func attempt<Found>(
    _ section: String, _ node: StudyNode?, needsRows: String?,
    _ body: () throws(SiblingError) -> Found
  ) throws(SiblingError) -> Found? {
    study.tell(section)
    if let why = needsRows {
      let reason = why.hasSuffix("every row") ? why : "\(why) needs every row"
      leftOut.append(LeftOut(section: section, reason: "\(reason) in memory"))
      return nil
    }
    do throws(SiblingError) {
      return try body()
    } catch {
      // What an engine can't compute from a row, or only from rows, is no fault of the data.
      guard
        [.usage, .needsRows, .unsupportedFormat].contains(error.code) || error.isRowless
          || error.isHeld
      else {
        throw error.location == nil && !error.isOfEngine ? error.located(node?.location) : error
      }
      leftOut.append(LeftOut(section: section, reason: error.message))
      return nil
    }
  }
}

extension SiblingError {
  /// Whether rows were asked for where none may leave the engine.
  fileprivate var isRowless: Bool {
    code == .disclosure && message.hasPrefix("this needs single rows")
  }

  /// Whether an answer was held back for a cell of too few people.
  fileprivate var isHeld: Bool {
    code == .disclosure && message.hasPrefix("the query was held back")
  }

  /// Whether the engine failed, and nothing in the study file.
  fileprivate var isOfEngine: Bool {
    switch code {
    case .engineMissing, .engineRefused, .engineFailed, .engineLost, .engineTimeout, .interrupted,
      .disclosure:
      true
    default: false
    }
  }
}
