internal import Cohorts
internal import Reporting
internal import Statistics
internal import Tables

/// The result tables on missing evidence, filled outcome by outcome.
struct EvidenceTables {
  var readings = ResultTable.missingEvidence
  var tipping = ResultTable.tippingPoint
  var attrition = ResultTable.attritionTests
  /// What the reader must know, by outcome.
  var notes: [String: [String]] = [:]
  let gate: String
  let level: Double

  init(gate: String, level: Double) {
    self.gate = gate
    self.level = level
  }

  /// Adds one outcome's rows; a note alone where every outcome is known.
  ///
  /// - Throws: what is wrong with the data, located.
  mutating func fill(
    _ name: String, formula: String, options: OptionValues, _ table: Table
  ) throws(SiblingError) {
    let analysis = try MissingEvidenceAnalysis(formula: formula, options: options)
    let bound = try analysis.source.bind(table)
    let evidence = bound.evidence
    guard evidence.isOpen else {
      notes[name] = []
      return
    }
    let result = try bound.formula.locating { () throws(SiblingError) in
      try analysis.readings.fit(evidence)
    }
    notes[name] = Self.lasting(result.notes)
    try fill(readings: result, name, people(evidence))
    guard !evidence.isComplete else { return }
    let tipping = try TippingPointAnalysis(formula: formula, options: options)
    let configuration = tipping.configuration(evidence)
    let surface = try bound.formula.locating { () throws(SiblingError) in
      try configuration.fit(evidence)
    }
    try fill(tipping: surface, configuration, name, people(evidence))
    var tests = try OutcomeAttritionAnalysis(formula: formula, options: options)
    if table["\(name)_reason"] != nil { tests.reason = "\(name)_reason" }
    try fill(attrition: try tests.fit(bound), name)
  }

  /// Notes without numbers of people.
  private static func lasting(_ notes: [String]) -> [String] {
    notes.filter { !$0.hasPrefix("lee:") && !$0.hasPrefix("ipcw:") }
  }

  private func people(_ evidence: OutcomeEvidence) -> [String: Cell] {
    let counts = evidence.counts
    var cells: [String: Cell] = [
      "n_treated": Cell(counts.treated), "n_comparison": Cell(counts.comparison),
      "unknown_treated": Cell(counts.unknownTreated),
      "unknown_comparison": Cell(counts.unknownComparison),
    ]
    for (name, count) in evidence.hiddenPeople { cells["hidden_\(name)"] = Cell(count) }
    return cells
  }

  private mutating func fill(
    readings result: MissingEvidence.Result, _ name: String, _ people: [String: Cell]
  ) throws(SiblingError) {
    for row in result.rows {
      let estimate = row.estimate
      var cells: [String: Cell] = [
        "outcome": .text(name), "reading": .text(row.reading.rawValue),
        "term": .text(estimate.term), "estimate": Cell(estimate.estimate),
        "std.error": Cell(estimate.standardError), "df": Cell(estimate.degreesOfFreedom),
        "p.value": Cell(estimate.pValue), "conf.low": Cell(estimate.interval?.low),
        "conf.high": Cell(estimate.interval?.high), "conf.level": .number(level),
        "low": Cell(row.low), "high": Cell(row.high), "known_treated": Cell(result.treatedMean),
        "known_comparison": Cell(result.comparisonMean), "se_type": .text(estimate.convention),
        "n_clusters": Cell(result.clusters), "gate": .text(gate),
      ]
      cells.merge(people) { first, _ in first }
      try readings.append(cells)
    }
  }

  private mutating func fill(
    tipping result: TippingPoint.Result, _ configuration: TippingPoint, _ name: String,
    _ people: [String: Cell]
  ) throws(SiblingError) {
    func cells(_ point: TippingPoint.Point?) -> [String: Cell] {
      guard let point else { return people }
      var cells = people
      cells["delta_treated"] = Cell(point.treatedShift)
      cells["delta_comparison"] = Cell(point.comparisonShift)
      cells["mean_treated"] = Cell(point.treatedMean)
      cells["mean_comparison"] = Cell(point.comparisonMean)
      cells["known_treated"] = Cell(result.treatedMean)
      cells["known_comparison"] = Cell(result.comparisonMean)
      cells["estimate"] = Cell(point.estimate.estimate)
      cells["std.error"] = Cell(point.estimate.standardError)
      cells["conf.low"] = Cell(point.estimate.interval?.low)
      cells["conf.high"] = Cell(point.estimate.interval?.high)
      cells["side"] = .text(point.side.rawValue)
      return cells
    }
    func add(_ kind: String, _ own: [String: Cell], _ point: TippingPoint.Point?)
      throws(SiblingError)
    {
      var row = cells(point)
      row["outcome"] = .text(name)
      row["kind"] = .text(kind)
      row.merge(own) { _, new in new }
      try tipping.append(row)
    }
    try add("at-random", [:], result.atRandom)
    for tip in result.tips {
      try add(
        "tip", ["line": .text(tip.line.rawValue), "event": .text(tip.event.rawValue)], tip.point)
    }
    // The grid in its order: the comparison's value moves fastest.
    let isBoth = result.counts.unknownTreated > 0 && result.counts.unknownComparison > 0
    for (index, point) in result.grid.enumerated() {
      let width = configuration.values.count
      let treated = isBoth ? index / width : index
      let comparison = isBoth ? index % width : index
      try add(
        "grid",
        [
          "treated": result.counts.unknownTreated > 0
            ? Cell(configuration.values[treated]) : .missing,
          "comparison": result.counts.unknownComparison > 0
            ? Cell(configuration.values[comparison]) : .missing,
        ], point)
    }
  }

  private mutating func fill(
    attrition result: OutcomeAttrition.Result, _ name: String
  ) throws(SiblingError) {
    func people(_ row: OutcomeAttrition.Row) -> [String: Cell] {
      func some(_ count: Int) -> Cell { count > 0 ? Cell(count) : .missing }
      return [
        "n_treated": some(row.treated), "n_comparison": some(row.comparison),
        "unknown_treated": row.treated > 0 ? Cell(row.unknownTreated) : .missing,
        "unknown_comparison": row.comparison > 0 ? Cell(row.unknownComparison) : .missing,
        "hidden_unknown_treated": some(row.unknownTreated),
        "hidden_unknown_comparison": some(row.unknownComparison),
      ]
    }
    for row in result.rows {
      var cells = people(row)
      cells["outcome"] = .text(name)
      cells["part"] = .text(row.part.rawValue)
      cells["term"] = .text(row.term)
      cells["estimate"] = Cell(row.estimate.estimate)
      cells["std.error"] = Cell(row.estimate.standardError)
      cells["statistic"] = Cell(row.estimate.statistic)
      cells["df"] = Cell(row.estimate.degreesOfFreedom)
      cells["df_num"] = Cell(row.restrictions)
      cells["p.value"] = Cell(row.estimate.pValue)
      cells["conf.low"] = Cell(row.estimate.interval?.low)
      cells["conf.high"] = Cell(row.estimate.interval?.high)
      try attrition.append(cells)
    }
    if let boundary = result.boundary, let rate = result[.rate, "differential"] {
      var cells = people(rate)
      cells["outcome"] = .text(name)
      cells["part"] = "boundary"
      cells["term"] = "What Works Clearinghouse"
      cells["estimate"] = Cell(boundary.differential / 100)
      cells["verdict"] = .text(boundary.verdict)
      try attrition.append(cells)
    }
  }
}
