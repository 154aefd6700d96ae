internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// `synth`: synthetic controls and synthetic difference-in-differences.
struct SyntheticAnalysis: VerbAnalysis {
  /// Which comparison is made.
  enum Method: String, Sendable, Equatable {
    case syntheticControl = "synthetic-control"
    case syntheticDifferences = "sdid"
    case differences = "did"
  }

  var columns: PanelColumns
  var covariates: String?
  var method: Method
  var inference: SyntheticInference
  var solver: SyntheticSolver
  var settings: CommonSettings
  /// Whether every period has a row.
  var hasGaps: Bool
  /// The file of the weights.
  var weightsFile: String?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located, also for common options that have no meaning here.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    settings = try CommonSettings(options)
    columns = try PanelColumns(options)
    covariates = options.text(.covariates)
    method = Method(rawValue: try options.choice(.synthMethod)) ?? .syntheticControl
    solver = SyntheticSolver(rawValue: try options.choice(.synthSolver)) ?? .exact
    inference = SyntheticInference(
      method: SyntheticInference.Method(rawValue: try options.choice(.synthInference)) ?? .placebo,
      draws: try options.integer(.synthDraws, in: 2...1_000_000) ?? 500, seed: settings.seed,
      level: settings.level)
    hasGaps = try options.flag(.synthGaps)
    weightsFile = options.text(.weightsOut)
    if method == .differences, options.isGiven(.synthSolver) {
      throw options.wrong(.synthSolver, "does not apply to did: its weights are equal")
    }
    for key in [OptionKey.weights, .cluster] where options.isGiven(key) {
      throw options.wrong(key, "does not apply to synth: its units are compared whole")
    }
    if weightsFile != nil {
      if options.location(.weightsOut) != nil {
        throw options.wrong(.weightsOut, "is for the command line; a study writes its own tables")
      }
      if let profile = options.text(.disclosure), profile != "none" {
        throw options.wrong(
          .weightsOut, "can't be combined with a disclosure profile: weights name single units")
      }
      if weightsFile == options.text(.output) {
        throw options.wrong(.weightsOut, "and --output name the same file")
      }
    }
  }

  /// The comparison with the notes of binding.
  ///
  /// - Throws: what is wrong with the columns, the panel or the design, located.
  func fit(_ table: Table) throws(SiblingError) -> SyntheticResult {
    let data = try BoundPanel(columns, covariates: covariates, table: table, settings: settings)
    return try data.bound.locating { () throws(SiblingError) in
      var result: SyntheticResult
      switch method {
      case .syntheticControl:
        result = try SyntheticControl(inference: inference, solver: solver).fit(
          data.panel, outcome: data.outcome, covariates: data.covariates)
      case .syntheticDifferences, .differences:
        result = try SyntheticDifferenceInDifferences(
          weighting: method == .differences ? .uniform : .synthetic, inference: inference,
          solver: solver
        ).fit(data.panel, outcome: data.outcome, covariates: data.covariates)
      }
      result.notes = data.bound.notes + result.notes
      return result
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the columns, the panel or the design, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let result = try fit(table)
    var rows = [Row(result.estimate, people: result.parts.reduce(0) { $0 + $1.treatedRows })]
    rows += partRows(result)
    if let test = result.ratio {
      rows.append(
        Row(
          Self.plain("rmspe.ratio", test.ratio, pValue: test.pValue), people: rows[0].people))
    }
    if hasGaps { rows += gapRows(result) }
    var output = AnalysisOutput(
      columns: Self.columns(rows), notes: result.notes + attainable(result),
      observations: result.observations)
    output.people["treated"] = rows.map(\.people)
    let units = result.parts.map(\.units.count)
    output.people["smallest"] = rows.map { _ in units.min() ?? 0 }
    // Each treated unit of a synthetic control is a row.
    output.hasRowsOfPeople = rows.contains { $0.estimate.term.hasPrefix("unit=") }
    if let weightsFile {
      output.files.append(.init(path: weightsFile, columns: weights(result)))
    }
    return output
  }

  /// One row with the cell it stands for.
  private struct Row {
    var estimate: Estimate
    var group: Double?
    var time: Double?
    var people: Int

    init(_ estimate: Estimate, group: Double? = nil, time: Double? = nil, people: Int) {
      self.estimate = estimate
      self.group = group
      self.time = time
      self.people = people
    }
  }

  private static func plain(_ term: String, _ value: Double, pValue: Double? = nil) -> Estimate {
    Estimate(
      term: term, estimate: value, standardError: nil, statistic: nil, degreesOfFreedom: nil,
      pValue: pValue, interval: nil, convention: "")
  }

  private static func columns(_ rows: [Row]) -> [Column] {
    var columns = EstimateTable(rows: rows.map(\.estimate), observations: 0).columns()
    columns.insert(.numbers("group", rows.map(\.group)), at: 1)
    columns.insert(.numbers("time", rows.map(\.time)), at: 2)
    return columns
  }

  /// Cohorts where there are several; single treated units of a synthetic control.
  private func partRows(_ result: SyntheticResult) -> [Row] {
    let starts = Set(result.parts.map(\.start)).sorted()
    var rows: [Row] = []
    if starts.count > 1 {
      for start in starts {
        let parts = result.parts.filter { $0.start == start }
        let people = parts.reduce(0) { $0 + $1.treatedRows }
        let sum = parts.reduce(0) { $0 + Double($1.treatedRows) * $1.estimate }
        rows.append(
          Row(
            Self.plain("g=\(NumberText.shortest(start))", sum / Double(people)), group: start,
            people: people))
      }
    }
    if method == .syntheticControl, result.parts.count > 1 {
      for part in result.parts {
        rows.append(
          Row(
            Self.plain("unit=\(part.units.first ?? "")", part.estimate), group: part.start,
            people: 1))
      }
    }
    return rows
  }

  /// Treated less synthetic by cohort and period.
  private func gapRows(_ result: SyntheticResult) -> [Row] {
    var rows: [Row] = []
    for start in Set(result.parts.map(\.start)).sorted() {
      let parts = result.parts.filter { $0.start == start }
      let units = parts.reduce(0) { $0 + $1.units.count }
      for (index, period) in result.periods.enumerated() {
        let sum = parts.reduce(0) { $0 + Double($1.units.count) * $1.gaps[index] }
        rows.append(
          Row(
            Self.plain("t=\(NumberText.shortest(period))", sum / Double(units)), group: start,
            time: period, people: units))
      }
    }
    return rows
  }

  private func attainable(_ result: SyntheticResult) -> [String] {
    var notes: [String] = []
    if let test = result.ratio {
      notes.append(
        "rmspe.ratio: rank p-value among \(test.assignments) assignments"
          + (test.isExhaustive ? ", all there are" : ", drawn")
          + ", the actual one included")
    }
    if let p = result.attainablePValue {
      notes.append(
        "the smallest attainable p-value is \(NumberText.significant(p, digits: 3))"
          + (p > 1 - settings.level ? ": nothing can be rejected at this level" : ""))
    }
    return notes
  }

  /// The weights of donors, then of periods, for each treated unit or cohort.
  private func weights(_ result: SyntheticResult) -> [Column] {
    var kinds: [String] = []
    var treated: [String] = []
    var groups: [Double] = []
    var names: [String] = []
    var values: [Double] = []
    func add(_ kind: String, _ part: SyntheticResult.Part, _ name: String, _ value: Double) {
      kinds.append(kind)
      treated.append(
        method == .syntheticControl
          ? part.units.first ?? "" : "g=\(NumberText.shortest(part.start))")
      groups.append(part.start)
      names.append(name)
      values.append(value)
    }
    for part in result.parts {
      for (name, value) in zip(result.donors, part.unitWeights) { add("unit", part, name, value) }
      guard method != .syntheticControl else { continue }
      for (period, value) in zip(result.periods, part.periodWeights) {
        add("period", part, NumberText.shortest(period), value)
      }
    }
    return [
      .texts("weights", kinds), .texts("treated", treated), .numbers("group", groups),
      .texts("name", names), .numbers("weight", values),
    ]
  }
}
