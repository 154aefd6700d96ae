internal import DifferenceInDifferences
internal import Reporting
internal import Statistics
internal import Tables

/// The panel analyses of a study: difference-in-differences and the event study.
struct PanelPhase {
  let study: StudyFile
  /// The rows; without outcomes until the gate has been asked.
  var table: Table
  private let differences: [DifferenceAnalysis]
  /// Whether anything is fitted with one set of unit and period effects.
  private let hasFixedEffects: Bool
  /// The checked panel, when the study has one.
  let panel: PanelDesign?
  /// What the reader must know of the design.
  var notes: [String] = []

  /// Decodes the sections and checks the panel; nil when the study has none.
  ///
  /// - Throws: what is wrong with the sections or the panel, located.
  init?(_ study: StudyFile, _ blind: BlindTable) throws(SiblingError) {
    guard study.node["difference-in-differences"] != nil || study.node["event-study"] != nil else {
      return nil
    }
    self.study = study
    table = blind.table
    for key in ["difference-in-differences", "event-study"] {
      for node in study.node[key]?.elements ?? [] { try blind.checkCovariates(node) }
    }
    var panel: PanelDesign?
    var differences: [DifferenceAnalysis] = []
    var hasFixedEffects = study.node["event-study"] != nil
    for node in study.node["difference-in-differences"]?.elements ?? [] {
      var options = study.options(node, OptionKey.did + [.cluster])
      // The report has one effect a method: cells are averaged unless another average is declared.
      let method = node[OptionKey.didMethod.name]?.text
      if !options.isGiven(.aggregate),
        PanelMethod.all.first(where: { $0.name == method })?.keys
          .contains(where: { $0.name == OptionKey.aggregate.name }) ?? false
      {
        options.set(.aggregate, to: "simple")
      }
      let analysis = try DifferenceAnalysis(formula: nil, options: options)
      differences.append(analysis)
      switch analysis.shape {
      case .wide: break
      case .fixedEffects(let columns), .groupTime(let columns), .other(_, let columns):
        panel = try BoundPanel(
          columns, covariates: analysis.covariates, table: try blind.recording(columns.outcome),
          settings: analysis.settings
        ).panel
      }
      if case .fixedEffects = analysis.shape { hasFixedEffects = true }
    }
    self.differences = differences
    self.hasFixedEffects = hasFixedEffects
    self.panel = panel
    if let panel, panel.cohorts.count > 1, hasFixedEffects {
      notes.append(capitalised(DifferenceAnalysis.staggered(panel.cohorts.count)) + ".")
    }
    notes += panel?.notes ?? []
  }

  /// What the gate needs to know of a panel.
  func addFacts(_ facts: inout DesignFacts) {
    guard let panel else { return }
    facts.isPanel = true
    facts.clusters = panel.units
    facts.treatedClusters = panel.treatedUnits
    // Several launches can be exchanged in more ways than one.
    if panel.cohorts.count > 1 { facts.attainablePValue = panel.attainablePValue }
    facts.isStaggeredTwoWay = panel.cohorts.count > 1 && hasFixedEffects
  }

  /// Fills the estimates, event-study and diagnostics tables.
  ///
  /// - Throws: what is wrong with the data, located.
  mutating func run(_ tables: inout StudyTables, gate: String) throws(SiblingError) {
    let few = try FewClustersPhase(study)
    for difference in differences {
      switch difference.shape {
      case .wide: try twoPeriods(difference, &tables, gate)
      case .fixedEffects(let columns): try fixedEffects(difference, columns, &tables, gate)
      case .groupTime(let columns): try groupTimes(difference, columns, &tables, gate)
      case .other(let method, let columns):
        try others(difference, method, columns, &tables, gate)
      }
    }
    if let node = study.node["event-study"] { try eventStudy(node, &tables) }
    if let analysis = differences.first(where: { $0.panelColumns != nil }),
      let columns = analysis.panelColumns
    {
      let data = try BoundPanel(
        columns, covariates: analysis.covariates, table: table, settings: analysis.settings)
      try few.panel(data, name: "twfe", outcome: columns.outcome, &tables)
    }
  }

  /// The coefficient of treatment with unit and period effects.
  private mutating func fixedEffects(
    _ analysis: DifferenceAnalysis, _ columns: PanelColumns, _ tables: inout StudyTables,
    _ gate: String
  ) throws(SiblingError) {
    let found = try analysis.fixedEffects(table, columns)
    var row = EffectRow(
      analysis: "difference-in-differences", estimand: "ATT", estimator: "twfe",
      outcome: columns.outcome, estimate: found.result.estimate, scale: "difference")
    row.treated = found.panel.treatedUnits
    row.comparison = found.panel.neverTreated
    row.clusters = found.table.clusters
    try exchange(&row, analysis, columns)
    try decompose(analysis, columns, &tables)
    try tables.estimates.append(row.cells(level: study.level, gate: gate))
  }

  /// The average of group-time effects, simple unless another is declared.
  private mutating func groupTimes(
    _ analysis: DifferenceAnalysis, _ columns: PanelColumns, _ tables: inout StudyTables,
    _ gate: String
  ) throws(SiblingError) {
    let found = try analysis.groupTimes(table, columns)
    let average = try found.result.aggregate(
      analysis.aggregation ?? .simple, balance: analysis.balance)
    guard let overall = average["overall"] else { return }
    var row = EffectRow(
      analysis: "difference-in-differences", estimand: "ATT", estimator: "callaway-santanna",
      outcome: columns.outcome, estimate: overall, scale: "difference")
    row.estimate.term = "ATT"
    row.treated = found.panel.treatedUnits
    row.comparison = found.panel.neverTreated
    row.clusters = average.clusters
    try exchange(&row, analysis, columns)
    try tables.estimates.append(row.cells(level: study.level, gate: gate))
    try cohorts(found, &tables)
    if found.result.preTest != nil {
      try trends(
        "callaway-santanna", "pre-trends of all cells (p)",
        FewUnitsTrends.pValue(found.result, found.panel), &tables)
    }
  }

  /// The overall effect by another estimator.
  private mutating func others(
    _ analysis: DifferenceAnalysis, _ method: String, _ columns: PanelColumns,
    _ tables: inout StudyTables, _ gate: String
  ) throws(SiblingError) {
    let found = try analysis.effects(table, columns)
    guard let overall = found["overall"] ?? found["ATT"] else { return }
    var row = EffectRow(
      analysis: "difference-in-differences", estimand: "ATT", estimator: method,
      outcome: columns.outcome, estimate: overall.estimate, scale: "difference")
    row.estimate.term = "ATT"
    row.treated = panel?.treatedUnits
    row.comparison = panel?.neverTreated
    row.clusters = found.clusters
    try exchange(&row, analysis, columns)
    try tables.estimates.append(row.cells(level: study.level, gate: gate))
  }

  /// Effects by period relative to the start, with the joint test of the leads.
  private func eventStudy(
    _ node: StudyNode, _ tables: inout StudyTables
  ) throws(SiblingError) {
    let analysis = try EventStudyAnalysis(
      formula: nil, options: study.options(node, OptionKey.eventStudy + [.cluster]))
    let (result, panel, _) = try analysis.fit(table)
    for row in result.rows {
      try tables.eventStudy.append([
        "analysis": "event-study", "rel_time": .number(row.eventTime),
        "estimate": Cell(row.estimate.estimate), "std.error": Cell(row.estimate.standardError),
        "conf.low": Cell(row.estimate.interval?.low),
        "conf.high": Cell(row.estimate.interval?.high), "reference": .flag(row.isReference),
        "n": Cell(row.rows),
      ])
    }
    if result.preTrend != nil {
      try trends(
        "event-study", "pre-trends (p)", FewUnitsTrends.pValue(result, panel), &tables)
    }
  }

  /// The row of a joint test of trends; without a p-value it was not made.
  private func trends(
    _ analysis: String, _ check: String, _ p: Double?, _ tables: inout StudyTables
  ) throws(SiblingError) {
    let status: Gate.Status = p.map { $0 >= 0.05 ? .pass : .warn } ?? .notEvaluated
    try tables.diagnostics.append([
      "analysis": .text(analysis), "check": .text(check), "value": Cell(p), "threshold": 0.05,
      "comparator": ">=", "status": .text(status.rawValue),
    ])
  }

  /// The two-period estimate, the plain one beside it, and the four means.
  private mutating func twoPeriods(
    _ analysis: DifferenceAnalysis, _ tables: inout StudyTables, _ gate: String
  ) throws(SiblingError) {
    guard case .wide(let before, let after, _, let estimator) = analysis.shape else { return }
    let (result, found) = try analysis.twoPeriods(table)
    notes += found
    for (name, estimate) in [(estimator, result.estimate), ("means", result.unadjusted)]
    where name == estimator || estimator != "means" {
      var row = EffectRow(
        analysis: "difference-in-differences", estimand: "ATT", estimator: name, outcome: after,
        estimate: estimate, scale: "difference")
      row.treated = result.cells.first { $0.treated }?.units
      row.comparison = result.cells.first { !$0.treated }?.units
      row.clusters = result.clusters
      try tables.estimates.append(row.cells(level: study.level, gate: gate))
    }
    var means = try ResultTable(
      name: "means", summary: "Mean outcomes by group before and after treatment.",
      columns: [
        .label("arm", "treated or comparison"), .label("period", "The column of the outcome"),
        .derived("mean", from: ["n"], "Mean outcome"),
        .derived("std.deviation", from: ["n"], "Standard deviation"), .count("n", "Units"),
      ])
    for cell in result.cells {
      try means.append([
        "arm": .text(cell.treated ? "treated" : "comparison"),
        "period": .text(cell.after ? after : before), "mean": Cell(cell.mean),
        "std.deviation": Cell(cell.standardDeviation), "n": Cell(cell.units),
      ])
    }
    tables.cells = means
  }
}
