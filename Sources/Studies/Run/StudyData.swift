internal import Cohorts
internal import Reporting
internal import Statistics
internal import Tables

/// The data of a study: read, outcomes made, inclusion rules applied and counted.
struct StudyData {
  /// The rows that every rule keeps.
  var table: Table
  /// The records in the schema; nil for a study of one plain table.
  var cohort: Cohort?
  /// For each row its row among the cohort's clients; empty without a cohort.
  var clientRows: [Int] = []
  /// The bytes' hash and size of each input, by the name that the study file gives.
  var inputs: [Manifest.Input]
  /// Findings about the data's quality, in words without client data.
  var findings: [String]

  /// Rules that hold before the study's own, such as having been accepted.
  private var earlierRules: [Attrition.Rule] = []
  /// The columns that were made from jobs or from weekly histories.
  var made: [String] = []
  /// The columns that the design may not see.
  private(set) var hidden: HiddenColumns
  /// The rows that are kept but for rules that ask whether an outcome is known; nil where they are those of
  /// `table`.
  private(set) var eligible: Table?
  /// The columns of outcomes that inclusion rules choose by, in the order of the rules.
  private(set) var chosenBy: [String] = []
  /// How many people were followed to every horizon, by arm; nil where the data don't say.
  private(set) var followed: [KnownShare]?
  /// Who was followed to every horizon, and among which rows one may ask.
  var followUp: (isFull: [Bool], rows: [Int])?

  /// Reads the data, makes outcomes and applies the inclusion rules.
  ///
  /// Tables of the schema that have been read already are in `read`.
  /// - Throws: what is wrong with a file, an expression or a definition, located.
  static func read(
    _ study: StudyFile, _ tables: inout StudyTables, _ read: SchemaTables? = nil
  ) throws(SiblingError) -> StudyData {
    let node = study.node["data"]
    guard node?["tables"] == nil || node?["file"] == nil else {
      throw SiblingError(
        .badValue, "'data' names both a file and tables", help: "keep one of them",
        location: node?["file"]?.location)
    }
    var data: StudyData
    if node?["tables"] != nil {
      let records = try CohortTables(study, read)
      data = try StudyData(study, records.cohort)
      data.inputs = records.inputs
      // What was read as missing is counted, and may be few people.
      data.findings = (records.findings + data.findings).map {
        study.disclosure == "none" || $0.contains("Windows-1252") ? $0 : AnalysisOutput.masked($0)
      }
      let joins = try data.join(study)
      data.inputs += joins
    } else {
      data = try StudyData(study)
    }
    try data.finish(study, &tables)
    return data
  }

  /// The rows of one plain table.
  private init(_ study: StudyFile) throws(SiblingError) {
    let node = study.node["data"]
    hidden = HiddenColumns(study, names: [], made: [])
    if let engine = try StudyEngine(study), let name = engine.source {
      let id = node?["id"]?.text
      let found = try engine.rows(
        of: name, order: id.map { [$0] } ?? [], reading: node, isWhole: false)
      inputs = [found.input]
      findings = []
      table = found.table
      table.notes = found.notes
      try joinPlain(study)
      let derivations = node?.options([.derive]).repeated(.derive) ?? []
      table = try DataSource(table: table, derivations: derivations, filter: nil).table
      findings = table.notes.map { study.disclosure == "none" ? $0 : AnalysisOutput.masked($0) }
      if let weekly = node?["weekly"] { try addWeeklyOutcomes(weekly) }
      return
    }
    guard let name = node?["file"]?.text else {
      throw SiblingError(
        .missingKey, "'data' names neither a file nor tables",
        help: "add 'file: NAME', or 'tables: {clients: {file: NAME}}'", location: node?.location)
    }
    let keys: [OptionKey] = [.derive, .types, .dateFormat, .missingWords, .separator]
    let path = study.resolve(name)
    var joins: [JoinRequest] = []
    for join in node?["joins"]?.elements ?? [] { joins.append(try JoinRequest(join, in: study)) }
    let source = try DataSource(
      path: path, options: node?.options(keys) ?? OptionValues(), joins: joins)
    inputs = [try Self.input(name, path: path)]
    for join in node?["joins"]?.elements ?? [] {
      let file = join["file"]?.text ?? ""
      inputs.append(try Self.input(file, path: study.resolve(file)))
    }
    // What was read as missing or matched is counted, and may be few people.
    findings = source.table.notes.map {
      study.disclosure == "none" || $0.contains("Windows-1252") ? $0 : AnalysisOutput.masked($0)
    }
    table = source.table
    if let weekly = node?["weekly"] { try addWeeklyOutcomes(weekly) }
  }

  /// Joins the files that `data: joins:` names to rows that an engine gave.
  private mutating func joinPlain(_ study: StudyFile) throws(SiblingError) {
    for node in study.node["data"]?["joins"]?.elements ?? [] {
      let request = try JoinRequest(node, in: study)
      let notes = table.notes
      let joined = try request.apply(to: table, DataSource.reader(OptionValues()))
      table = joined.table
      table.notes = notes + joined.notes
      let file = node["file"]?.text ?? ""
      inputs.append(try Self.input(file, path: study.resolve(file)))
    }
  }

  /// The clients of a cohort, with their sites and outcomes beside them.
  init(_ study: StudyFile, _ cohort: Cohort) throws(SiblingError) {
    let analysis = try AnalysisTable(study, cohort)
    self.cohort = cohort
    table = analysis.table
    clientRows = Array(0..<table.rowCount)
    earlierRules = analysis.rules
    findings = analysis.findings
    inputs = []
    made = analysis.made
    hidden = HiddenColumns(study, names: [], made: [])
    if let mature = analysis.mature {
      // The rules before the last say who was accepted, for the first time.
      let others = analysis.rules.dropLast()
      let rows = mature.indices.filter { row in others.allSatisfy { $0.included[row] } }
      followUp = (mature, rows)
    }
  }

  /// Joins the files that `data: joins:` names to the rows of a cohort.
  mutating func join(_ study: StudyFile) throws(SiblingError) -> [Manifest.Input] {
    var inputs: [Manifest.Input] = []
    for node in study.node["data"]?["joins"]?.elements ?? [] {
      let request = try JoinRequest(node, in: study)
      guard request.unmatched != .drop else {
        throw SiblingError(
          .badValue, "rows of a cohort can't be dropped by a join: the flow would not count them",
          help: "keep them, and leave them out with a rule under 'attrition'",
          location: node.location)
      }
      let joined = try request.apply(to: table, DataSource.reader(OptionValues()))
      guard joined.table.rowCount == table.rowCount else {
        throw SiblingError(
          .badValue, "a join may not multiply the clients of a cohort",
          help: "join a file of one row a key: cardinality many-to-one", location: node.location)
      }
      table = joined.table
      findings += joined.notes.map {
        study.disclosure == "none" ? $0 : AnalysisOutput.masked($0)
      }
      let file = node["file"]?.text ?? ""
      inputs.append(try Self.input(file, path: study.resolve(file)))
    }
    // Expressions may use what was joined, so they come after it.
    let derivations = study.node["data"]?.options([.derive]).repeated(.derive) ?? []
    table = try DataSource(table: table, derivations: derivations, filter: nil).table
    return inputs
  }

  /// Checks identifiers and outcomes, and applies the inclusion rules.
  ///
  /// - Throws: what is wrong with the data or a rule, located.
  mutating func finish(_ study: StudyFile, _ tables: inout StudyTables) throws(SiblingError) {
    hidden = HiddenColumns(study, names: table.names, made: made)
    if let (isFull, rows) = followUp {
      followed = KnownShare.counting(isFull, among: rows, arms: try study.arms(table))
    }
    try requireBinaryOutcomes(study)
    if cohort == nil { try requireDistinctIdentifiers(study) }
    try attrition(study, &tables)
  }

  /// An outcome declared binary has two values: 0 and 1, or two words.
  private func requireBinaryOutcomes(_ study: StudyFile) throws(SiblingError) {
    for node in study.node["outcomes"]?.elements ?? [] where node["kind"]?.text == "binary" {
      guard let name = node["name"]?.text, let column = table[name] else { continue }
      if case .text = column.values { continue }
      let values = try table.doubles(name)
      guard let row = values.firstIndex(where: { !$0.isNaN && $0 != 0 && $0 != 1 }) else {
        continue
      }
      throw SiblingError(
        .badValue, "the outcome '\(name)' is declared binary and has a value other than 0 and 1",
        help: "declare its kind as amount, weeks or number, or recode it under data: derive",
        location: table.location(row: row, column: name), column: name)
    }
  }

  /// Name, hash and size of an input file.
  static func input(_ name: String, path: String) throws(SiblingError) -> Manifest.Input {
    guard let bytes = readBytes(path) else {
      throw SiblingError(
        .unreadableFile, "can't read the file", location: SiblingError.Location(file: path))
    }
    return Manifest.Input(path: name, sha256: SHA256.hexadecimal(bytes), bytes: bytes.count)
  }

  /// A cross-section has one row a person; a panel repeats its units and is checked later.
  private func requireDistinctIdentifiers(_ study: StudyFile) throws(SiblingError) {
    guard let node = study.node["data"]?["id"], let id = node.text else { return }
    let isPanel =
      study.node["event-study"] != nil
      || study.node["difference-in-differences"]?.elements.contains { $0["unit"] != nil } == true
    guard !isPanel else {
      _ = try table.column(id)
      return
    }
    let factor = try table.factor(id)
    var first = [Int](repeating: -1, count: factor.levels.count)
    for (row, code) in factor.codes.enumerated() {
      guard code >= 0 else {
        throw SiblingError(
          .missingValue, "a row has no identifier",
          location: table.location(row: row, column: id), column: id)
      }
      guard first[Int(code)] < 0 else {
        let earlier = table.location(row: first[Int(code)])?.line.map { " (line \($0))" } ?? ""
        throw SiblingError(
          .duplicateKey, "two rows have the same '\(id)'; the first stands earlier\(earlier)",
          help: "one row a person is expected; choose rows with a rule under 'attrition'",
          location: table.location(row: row, column: id), column: id,
          cell: factor.levels[Int(code)])
      }
      first[Int(code)] = row
    }
  }

  /// Applies the rules in order; every step is counted by arm, also where nobody is excluded.
  private mutating func attrition(
    _ study: StudyFile, _ tables: inout StudyTables
  ) throws(SiblingError) {
    var rules = earlierRules
    // Rules that ask whether an outcome is known, and nothing else of it.
    var completeness: Set<Int> = []
    for step in study.node["attrition"]?.elements ?? [] {
      var included = [Bool](repeating: false, count: table.rowCount)
      do {
        let expression = try Expression(parsing: step["keep"]?.text ?? "")
        for row in try expression.filter(on: table) { included[row] = true }
        chosenBy += hidden.telling(among: expression.valueColumnNames)
        let read = expression.valueColumnNames.filter { hidden[$0] == nil }
        if read.isEmpty, expression.columnNames.contains(where: { hidden[$0]?.tells == true }) {
          completeness.insert(rules.count)
        }
      } catch {
        throw error.located(step["keep"]?.location)
      }
      rules.append(Attrition.Rule(step["rule"]?.text ?? "", included: included))
    }
    chosenBy = chosenBy.distinct
    let attrition = try Attrition(arms: try study.arms(table), rules: rules)
    for step in attrition.steps {
      try tables.attrition.append([
        "step": .number(Double(step.step)), "rule": .text(step.rule), "arm": .text(step.arm),
        "n_before": Cell(step.before), "n_excluded": Cell(step.excluded),
        "n_after": Cell(step.after),
      ])
    }
    let kept = attrition.kept.indices.filter { attrition.kept[$0] }
    guard !kept.isEmpty else {
      throw SiblingError(
        .noRows, "the inclusion rules leave no rows",
        help: "check the expressions under 'attrition'", location: study.node["attrition"]?.location
      )
    }
    if !completeness.isEmpty {
      let others = rules.indices.filter { !completeness.contains($0) }.map { rules[$0] }
      let rows = (0..<table.rowCount).filter { row in others.allSatisfy { $0.included[row] } }
      if rows.count > kept.count { eligible = table.selecting(rows: rows) }
    }
    if !clientRows.isEmpty { clientRows = kept.map { clientRows[$0] } }
    if kept.count < table.rowCount { table = table.rememberingCodes().selecting(rows: kept) }
  }
}

extension StudyData {
  /// One row a client with everything that the study's analyses read: after the rules that a cohort brings
  /// and before the study's own.
  ///
  /// - Throws: what is wrong with a file, an expression or a definition, located.
  static func register(_ study: StudyFile) throws(SiblingError) -> Table {
    guard study.node["data"]?["tables"] != nil else {
      return try StudyData(study).table
    }
    let records = try CohortTables(study, nil)
    var data = try StudyData(study, records.cohort)
    _ = try data.join(study)
    let rules = data.earlierRules
    let rows = (0..<data.table.rowCount).filter { row in rules.allSatisfy { $0.included[row] } }
    guard rows.count < data.table.rowCount else { return data.table }
    return data.table.rememberingCodes().selecting(rows: rows)
  }
}
