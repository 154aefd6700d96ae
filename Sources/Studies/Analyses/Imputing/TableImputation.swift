internal import Statistics
internal import Tables

/// Multiple imputation of columns of a table: what the verb and a study's section have in common.
struct TableImputation: Sendable {
  var columns: [String]
  var predictors: [String]
  var site: String?
  var equations: ChainedEquations

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(_ options: OptionValues) throws(SiblingError) {
    columns = options.texts(.imputedColumns)
    predictors = options.texts(.imputationPredictors)
    site = options.text(.imputationSite)
    var methods: [String: ImputationMethod] = [:]
    for pair in try options.pairs(.imputationMethods) {
      guard let method = ImputationMethod(rawValue: pair.value) else {
        let names = ImputationMethod.allCases.map(\.rawValue)
        throw options.wrong(
          .imputationMethods, "takes: " + names.joined(separator: ", "),
          suggestion: nearestName(to: pair.value, among: names))
      }
      methods[pair.name] = method
    }
    equations = ChainedEquations(
      imputations: try options.integer(.imputationCount, in: 1...1000) ?? 20,
      iterations: try options.integer(.imputationRounds, in: 1...10_000) ?? 10,
      seed: try CommonSettings(options).seed, methods: methods, visitOrder: [],
      siteEffects: SiteEffects(rawValue: try options.choice(.siteEffects)) ?? .fixed,
      interaction: options.text(.imputationInteraction),
      donors: try options.integer(.imputationDonors, in: 1...10_000) ?? 5)
    for (index, name) in columns.enumerated() where columns[..<index].contains(name) {
      throw options.wrong(.imputedColumns, "takes each column once; '\(name)' stands twice")
    }
    if let site, columns.contains(site) {
      throw options.wrong(.imputationSite, "takes a column that is not imputed")
    }
  }

  /// A completed copy of the table's columns.
  struct Copies {
    /// For each imputation the columns that had gaps, filled.
    var columns: [[Column]]
    /// How many values each column lacked, in words.
    var gaps: [String] = []
    /// What was dropped or chosen, in words without numbers of people.
    var remarks: [String] = []
    /// Whether the imputed values have settled, in words.
    var convergence: [String] = []
    /// The imputed columns with how many values they lacked, and R-hat of what was filled in.
    var imputed: [(name: String, missing: Int, reduction: Double?)] = []
    /// The course of the imputed values.
    var traces: [ImputationTrace] = []
  }

  /// Completes the columns.
  ///
  /// - Throws: `unknownColumn`, `wrongType` for a date, `missingValue` for a predictor with gaps;
  ///   what `ChainedEquations` refuses, located.
  func run(_ table: Table) throws(SiblingError) -> Copies {
    let names = columns + predictors.filter { !columns.contains($0) && $0 != site }
    for name in equations.methods.keys.sorted() where !columns.contains(name) {
      throw SiblingError(
        .invalidOption, "'\(name)' has a method but is not among the columns to impute",
        suggestion: nearestName(to: name, among: columns), column: name)
    }
    let variables = try names.map { name throws(SiblingError) in
      try Self.variable(table, name)
    }
    var copies = Copies(columns: [])
    for variable in variables {
      let missing = variable.missingRows
      guard let row = missing.first else { continue }
      guard columns.contains(variable.name) else {
        throw table.locating(
          SiblingError(
            .missingValue, "the predictor '\(variable.name)' has \(missing.count) missing values",
            help: "impute it too: name it among the columns", row: row, column: variable.name))
      }
      let share = Double(missing.count) / Double(table.rowCount)
      copies.imputed.append((variable.name, missing.count, nil))
      copies.gaps.append(
        "'\(variable.name)': \(missing.count) of \(table.rowCount) missing"
          + " (\(NumberText.significant(100 * share, digits: 3))%)")
    }
    let data: ImputedData
    do throws(SiblingError) {
      data = try equations.impute(
        variables, site: try site.map { name throws(SiblingError) in try table.factor(name) })
    } catch {
      var said = error
      if said.column == nil, said.row != nil { said.column = site }
      if said.location == nil, said.row == nil, let column = said.column {
        said = said.located(table.headerLocation(column))
      }
      throw table.locating(said)
    }
    let incomplete = variables.indices.filter { !variables[$0].missingRows.isEmpty }
    for copy in data.completed {
      copies.columns.append(
        try incomplete.map { index throws(SiblingError) in
          Self.column(copy[index], like: try table.column(variables[index].name))
        })
    }
    for (index, column) in copies.imputed.enumerated() {
      copies.imputed[index].reduction =
        data.traces.first { $0.variable == column.name }?.scaleReduction
    }
    copies.traces = data.traces
    copies.remarks = data.notes
    copies.convergence = Self.convergence(data.traces, equations.iterations)
    return copies
  }

  private static func variable(
    _ table: Table, _ name: String
  ) throws(SiblingError) -> ImputationVariable {
    let column = try table.column(name)
    switch column.values {
    case .text(let factor): return ImputationVariable(name, .categories(factor))
    case .dates: throw table.wrongType(column, wanted: "a number or a text")
    case .integers, .doubles, .booleans:
      return ImputationVariable(name, .numbers(try table.doubles(name)))
    }
  }

  /// A completed column of the type that it had; whole numbers stay whole where all values are.
  private static func column(_ variable: ImputationVariable, like column: Column) -> Column {
    switch (variable.values, column.values) {
    case (.categories(let factor), _): return Column(name: column.name, values: .text(factor))
    case (.numbers(let values), .booleans):
      return Column(name: column.name, values: .booleans(values.map { $0 == 0 ? 0 : 1 }))
    case (.numbers(let values), .integers)
    where values.allSatisfy { $0 == $0.rounded() && $0.magnitude < 9e15 }:
      return Column(name: column.name, values: .integers(values.map { Int($0) }))
    case (.numbers(let values), _): return Column(name: column.name, values: .doubles(values))
    }
  }

  /// Whether the imputed values have settled, in words.
  private static func convergence(_ traces: [ImputationTrace], _ iterations: Int) -> [String] {
    guard !traces.isEmpty else { return [] }
    let known = traces.compactMap { trace in trace.scaleReduction.map { (trace.variable, $0) } }
    guard let worst = known.max(by: { $0.1 < $1.1 }) else {
      return [
        "\(iterations) iteration\(iterations == 1 ? " is" : "s are") too few, or copies too few, to"
          + " see whether the imputed values have settled"
      ]
    }
    var notes = [
      "R-hat of the imputed means over the second half of \(iterations) iterations is at most "
        + "\(NumberText.significant(worst.1, digits: 3)) ('\(worst.0)')"
        + (worst.1 > 1.2 ? ": give more iterations" : "")
        + (traces[0].means.count < 5 ? "; of so few copies it is a rough guide" : "")
    ]
    let drifting = traces.filter { ($0.drift ?? 0).magnitude > 4 }.map { "'\($0.variable)'" }
    if !drifting.isEmpty {
      notes.append(
        "imputed means of \(drifting.joined(separator: ", ")) drift from the first iterations to the"
          + " last: from the random start to the model's, or still moving; compare with more"
          + " iterations")
    }
    return notes
  }
}
