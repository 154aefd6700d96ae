internal import Matching
internal import Reporting
internal import Statistics
internal import Survival
internal import Tables

/// The survival analyses of a study: curves, restricted means, hazard ratios and their test.
struct SurvivalPhase {
  let study: StudyFile
  let table: Table
  /// The matched design, for analyses on the matched sample.
  let phase: DesignPhase?
  let gate: String

  /// Fills the survival table, and estimates and diagnostics rows.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ tables: inout StudyTables) throws(SiblingError) {
    for node in study.node["survival"]?.elements ?? [] {
      let name = node["name"]?.text ?? "survival"
      let isMatched = node["sample"]?.text == "matched"
      let data = isMatched ? try MatchedRows.table(table, phase, for: "a survival analysis") : table
      try curves(node, name, data, isMatched, &tables)
      try means(node, name, data, isMatched, &tables)
      try hazards(node, name, data, isMatched, &tables)
      try incidence(node, name, data, &tables)
    }
  }

  /// Cumulative incidence of competing ends at the declared times.
  private func incidence(
    _ node: StudyNode, _ name: String, _ data: Table, _ tables: inout StudyTables
  ) throws(SiblingError) {
    guard let causes = node["causes"], let column = causes["column"]?.text else { return }
    let wanted = try study.options(node, [.times]).numbers(.times)
    // The same left side with the column of causes in the event's place.
    let formula = node["formula"]?.text ?? ""
    guard let comma = formula.lastIndex(of: ","), let close = formula[comma...].firstIndex(of: ")")
    else {
      throw SiblingError(
        .badValue, "'causes' needs a formula such as Surv(time, event) ~ arm",
        location: node["formula"]?.location)
    }
    let text = "\(formula[...comma]) `\(column)`\(formula[close...])"
    let bound = try BoundFormula(
      text, to: data, settings: try CommonSettings(OptionValues()), causes: true, purpose: .arms)
    guard let response = bound.frame.survival, let factor = response.causes else { return }
    let times = try SurvivalBinding.times(bound.frame).times
    let labels = factor.levels.dropFirst().map { causes[$0]?.text ?? $0 }
    let ends = Factor(codes: factor.codes.map { $0 - 1 }, levels: Array(labels))
    let fit = try AalenJohansen(level: study.level).fit(times, causes: ends, by: bound.frame.groups)
    var table = try Self.incidenceTable()
    if let started = tables.incidence { table = started }
    for row in fit.at(times: wanted.isEmpty ? [response.time.max() ?? 0] : wanted) {
      var events = 0.0
      for k in row.curve.times.indices {
        events += row.curve.events[k]
        try table.append([
          "analysis": .text(name), "arm": .text(row.curve.arm), "cause": .text(row.cause),
          "time": .number(row.curve.times[k]), "estimate": Cell(row.curve.estimate[k]),
          "std.error": Cell(row.curve.standardError[k]), "conf.low": Cell(row.curve.low[k]),
          "conf.high": Cell(row.curve.high[k]), "n_event": .number(events),
        ])
      }
    }
    tables.incidence = table
  }

  /// The empty table of cumulative incidences.
  private static func incidenceTable() throws(SiblingError) -> ResultTable {
    try ResultTable(
      name: "cumulative_incidence",
      summary: "Share that has ended by each cause (Aalen–Johansen), competing ends counted.",
      columns: [
        .label("analysis", "The analysis of the study file"), .label("arm", "The arm"),
        .label("cause", "The cause"), .label("time", "Time since the start", type: .number),
        .derived("estimate", from: ["n_event"], "Share that has ended by the cause"),
        .derived("std.error", from: ["n_event"], "Its standard error"),
        .derived("conf.low", from: ["n_event"], "The lower confidence limit"),
        .derived("conf.high", from: ["n_event"], "The upper confidence limit"),
        .count("n_event", "Ends by the cause so far"),
      ])
  }

  private func curves(
    _ node: StudyNode, _ name: String, _ data: Table, _ isMatched: Bool,
    _ tables: inout StudyTables
  ) throws(SiblingError) {
    let options = MatchedRows.options(study.options(node, [.confidence]), isMatched ? phase : nil)
    let analysis = try KaplanMeierAnalysis(
      formula: node["formula"]?.text ?? "", options: options)
    for curve in try analysis.fit(data).fit.curves {
      // Everybody is at risk and surviving at time zero; charts and readers start there.
      try tables.survival.append([
        "analysis": .text(name), "arm": .text(curve.arm), "time": 0,
        "n_risk": Cell(curve.atRisk.first), "n_event": 0, "n_censor": 0, "survival": 1,
        "std.error": 0, "conf.low": 1, "conf.high": 1,
      ])
      for k in curve.times.indices where curve.times[k] > 0 {
        try tables.survival.append([
          "analysis": .text(name), "arm": .text(curve.arm), "time": .number(curve.times[k]),
          "n_risk": .number(curve.atRisk[k]), "n_event": .number(curve.events[k]),
          "n_censor": .number(curve.censored[k]), "survival": Cell(curve.estimate[k]),
          "std.error": Cell(curve.standardError[k]), "conf.low": Cell(curve.low[k]),
          "conf.high": Cell(curve.high[k]),
        ])
      }
    }
  }

  private func means(
    _ node: StudyNode, _ name: String, _ data: Table, _ isMatched: Bool,
    _ tables: inout StudyTables
  ) throws(SiblingError) {
    let options = MatchedRows.options(study.options(node, [.tau]), isMatched ? phase : nil)
    let analysis = try RestrictedMeanAnalysis(
      formula: node["formula"]?.text ?? "", options: options)
    let fit = try analysis.fit(data).fit
    let counts = try armCounts(node, data)
    for (index, arm) in fit.arms.enumerated() {
      var row = EffectRow(
        analysis: name, estimand: "restricted mean", estimator: "rmst", outcome: name,
        estimate: arm, scale: "time")
      row.estimate.pValue = nil
      row.estimate.statistic = nil
      if index == 0 { row.comparison = counts.comparison } else { row.treated = counts.treated }
      try append(row, &tables)
    }
    guard let contrast = fit.contrasts.first else { return }
    var row = EffectRow(
      analysis: name, estimand: "restricted mean difference", estimator: "rmst", outcome: name,
      estimate: contrast.difference, scale: "time")
    counts.fill(&row)
    try append(row, &tables)
  }

  private func hazards(
    _ node: StudyNode, _ name: String, _ data: Table, _ isMatched: Bool,
    _ tables: inout StudyTables
  ) throws(SiblingError) {
    let options = MatchedRows.options(study.options(node, [.ties]), isMatched ? phase : nil)
    let formula = node["formula"]?.text ?? ""
    let counts = try armCounts(node, data)
    var models = [("cox", formula)]
    if let adjust = node["adjust"]?.text {
      let terms = adjust.drop { $0 == "~" || $0 == " " }
      models.append(("cox, adjusted", "\(formula) + \(terms)"))
    }
    for (estimator, text) in models {
      let fitted = try CoxAnalysis(formula: text, options: options).fit(data)
      guard let estimate = fitted.fit.estimates(level: study.level).rows.first else { continue }
      var row = EffectRow(
        analysis: name, estimand: "hazard ratio", estimator: estimator, outcome: name,
        estimate: Self.exponentiated(estimate), scale: "ratio")
      counts.fill(&row)
      row.clusters = fitted.fit.clusters
      try append(row, &tables)
      guard estimator == "cox" else { continue }
      let test = try ProportionalHazardsTest().test(fitted.fit)
      if let global = test.rows.last {
        try tables.diagnostics.append([
          "analysis": .text(name), "check": "proportional hazards (p)",
          "value": Cell(global.test.pValue), "threshold": 0.05, "comparator": ">=",
          "status": .text(global.test.pValue >= 0.05 ? "PASS" : "WARN"),
        ])
      }
    }
  }

  /// A ratio with its limits; the standard error stays on the log scale.
  static func exponentiated(_ estimate: Estimate) -> Estimate {
    var ratio = estimate
    ratio.estimate = _exponential(estimate.estimate)
    if let interval = estimate.interval {
      ratio.interval = ConfidenceInterval(
        low: _exponential(interval.low), high: _exponential(interval.high), level: interval.level)
    }
    return ratio
  }

  /// People and events by arm.
  struct ArmCounts {
    var treated = 0
    var comparison = 0
    var treatedEvents = 0
    var comparisonEvents = 0

    func fill(_ row: inout EffectRow) {
      row.treated = treated
      row.comparison = comparison
      row.treatedEvents = treatedEvents
      row.comparisonEvents = comparisonEvents
    }
  }

  private func armCounts(
    _ node: StudyNode, _ data: Table
  ) throws(SiblingError) -> ArmCounts {
    let bound = try BoundFormula(
      node["formula"]?.text ?? "", to: data, settings: try CommonSettings(OptionValues()),
      purpose: .arms)
    var counts = ArmCounts()
    let events = bound.frame.survival?.event ?? []
    let codes = bound.frame.groups?.codes ?? []
    for (row, code) in codes.enumerated() {
      if code == 0 {
        counts.comparison += 1
        counts.comparisonEvents += events[row] ? 1 : 0
      } else {
        counts.treated += 1
        counts.treatedEvents += events[row] ? 1 : 0
      }
    }
    return counts
  }

  private func append(_ row: EffectRow, _ tables: inout StudyTables) throws(SiblingError) {
    try tables.estimates.append(row.cells(level: study.level, gate: gate))
  }
}
