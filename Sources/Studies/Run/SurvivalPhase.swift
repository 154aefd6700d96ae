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
      let part = Part(node: node, name: name, data: data, phase: isMatched ? phase : nil)
      try curves(part, &tables)
      try means(part, &tables)
      try milestones(part, &tables)
      try hazards(part, &tables)
      try incidence(part, &tables)
      try guards(part, &tables)
      try models(part, &tables)
    }
  }

  /// One analysis of the section: its keys, its rows, and its design when they are the matched ones.
  struct Part {
    let node: StudyNode
    let name: String
    let data: Table
    let phase: DesignPhase?

    var formula: String { node["formula"]?.text ?? "" }
  }

  /// The options of a part: the keys that all its analyses share, and those of one.
  func options(_ part: Part, _ keys: [OptionKey]) -> OptionValues {
    MatchedRows.options(study.options(part.node, keys + OptionKey.timeZero), part.phase)
  }

  private func curves(_ part: Part, _ tables: inout StudyTables) throws(SiblingError) {
    let (name, options) = (part.name, options(part, [.confidence]))
    let analysis = try KaplanMeierAnalysis(formula: part.formula, options: options)
    for curve in try analysis.fit(part.data).fit.curves {
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

  private func means(_ part: Part, _ tables: inout StudyTables) throws(SiblingError) {
    let name = part.name
    let analysis = try RestrictedMeanAnalysis(
      formula: part.formula, options: options(part, [.tau]))
    let fit = try analysis.fit(part.data).fit
    let counts = try armCounts(part)
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

  private func hazards(_ part: Part, _ tables: inout StudyTables) throws(SiblingError) {
    let (name, options) = (part.name, options(part, [.ties]))
    let counts = try armCounts(part)
    var models = [("cox", part.formula)]
    if let adjust = part.node["adjust"]?.text {
      let terms = adjust.drop { $0 == "~" || $0 == " " }
      models.append(("cox, adjusted", "\(part.formula) + \(terms)"))
    }
    for (estimator, text) in models {
      let fitted = try CoxAnalysis(formula: text, options: options).fit(part.data)
      guard let estimate = fitted.fit.estimates(level: study.level).rows.first else { continue }
      var row = EffectRow(
        analysis: name, estimand: "hazard ratio", estimator: estimator, outcome: name,
        estimate: Self.exponentiated(estimate), scale: "ratio")
      counts.fill(&row)
      row.clusters = fitted.fit.clusters
      try append(row, &tables)
      guard estimator == "cox" else { continue }
      try smooth(fitted.fit, part, &tables)
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

  func armCounts(_ part: Part) throws(SiblingError) -> ArmCounts {
    let options = options(part, [])
    return try TimeZero(options).withArms(
      part.formula, part.data, try CommonSettings(options)
    ) { (sample) throws(SiblingError) in
      var counts = ArmCounts()
      for (row, code) in (sample.groups?.codes ?? []).enumerated() {
        let event = sample.times.event[row] ? 1 : 0
        if code == 0 {
          counts.comparison += 1
          counts.comparisonEvents += event
        } else {
          counts.treated += 1
          counts.treatedEvents += event
        }
      }
      return counts
    }
  }

  func append(_ row: EffectRow, _ tables: inout StudyTables) throws(SiblingError) {
    try tables.estimates.append(row.cells(level: study.level, gate: gate))
  }
}
