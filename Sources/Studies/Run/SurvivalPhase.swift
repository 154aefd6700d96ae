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
      try study.cached("survival \(name)", own: [node], gate: gate, &tables) {
        (tables: inout StudyTables) throws(SiblingError) in
        try analyse(node, name, &tables)
      }
    }
  }

  private func analyse(
    _ node: StudyNode, _ name: String, _ tables: inout StudyTables
  ) throws(SiblingError) {
    let isMatched = node["sample"]?.text == "matched"
    let data = isMatched ? try MatchedRows.table(table, phase, for: "a survival analysis") : table
    let part = Part(node: node, name: name, data: data, phase: isMatched ? phase : nil)
    do throws(SiblingError) {
      try curves(part, &tables)
      try means(part, &tables)
      try milestones(part, &tables)
      try hazards(part, &tables)
      try incidence(part, &tables)
      try guards(part, &tables)
      try models(part, &tables)
    } catch {
      throw error.location == nil ? error.located(node.location) : error
    }
  }

  /// Decodes every analysis, without data.
  ///
  /// - Throws: `badValue` for two analyses of one name or a sample that isn't there; what is wrong
  ///   with the options, located.
  static func check(_ study: StudyFile) throws(SiblingError) {
    var seen: [String] = []
    for node in study.node["survival"]?.elements ?? [] {
      let name = node["name"]?.text ?? ""
      do throws(SiblingError) {
        guard !seen.contains(name) else {
          throw SiblingError(.badValue, "two survival analyses are called '\(name)'")
        }
        seen.append(name)
        guard node["sample"]?.text != "matched" || study.node["matching"] != nil else {
          throw SiblingError(
            .badValue, "a survival analysis asks for the matched sample, but nothing is matched",
            help: "add a 'matching' section or say 'sample: all'")
        }
        let formula = node["formula"]?.text
        let options = study.options(
          node, [.confidence, .tau, .ties] + OptionKey.timeZero)
        _ = try KaplanMeierAnalysis(formula: formula, options: options)
        _ = try RestrictedMeanAnalysis(formula: formula, options: options)
        _ = try CoxAnalysis(formula: formula, options: options)
        if node[OptionKey.times.name] != nil {
          _ = try MilestonesAnalysis(
            formula: formula, options: study.options(node, [.times, .confidence]))
        }
        if let formula { _ = try Formula(parsing: formula) }
      } catch {
        throw error.located(node.location)
      }
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
    var options = MatchedRows.options(
      study.options(part.node, keys + OptionKey.timeZero), part.phase)
    // Where whole sites were assigned, people of one site are not independent, matched or not.
    if let site = study.siteColumn { options.set(.cluster, to: site) }
    return options
  }

  /// Whether a profile withholds small counts.
  var hasThresholds: Bool { study.disclosureProfile.minimumCount != nil }

  private func curves(_ part: Part, _ tables: inout StudyTables) throws(SiblingError) {
    let (name, options) = (part.name, options(part, [.confidence]))
    let analysis = try KaplanMeierAnalysis(formula: part.formula, options: options)
    let (fit, notes) = try analysis.fit(part.data)
    try note(notes, part, &tables)
    if let site = study.siteColumn {
      let sites = Set(try part.data.factor(site).codes).count
      try note([Self.siteNote(sites)], part, &tables)
    }
    for curve in fit.curves {
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

  /// What to say of errors that are clustered by few sites.
  static func siteNote(_ sites: Int) -> String {
    "standard errors are clustered by site; with \(sites) sites they, and the normal intervals made of them, are still likely to be too small"
  }

  private func means(_ part: Part, _ tables: inout StudyTables) throws(SiblingError) {
    let name = part.name
    let analysis = try RestrictedMeanAnalysis(
      formula: part.formula, options: options(part, [.tau]))
    let (fit, _, notes) = try analysis.fit(part.data)
    try note(notes, part, &tables)
    let counts = try armCounts(part, until: fit.tau)
    for (index, arm) in fit.arms.enumerated() {
      var row = EffectRow(
        analysis: name, estimand: "restricted mean", estimator: "rmst", outcome: name,
        estimate: arm, scale: "time")
      row.estimate.pValue = nil
      row.estimate.statistic = nil
      if counts.arms > 2 {
        // One of three arms or more: its own people only.
        row.comparison = counts.sizes[index]
        row.comparisonEvents = counts.events[index]
      } else {
        counts.fill(&row)
        if index == 0 { row.treated = nil } else { row.comparison = nil }
      }
      try append(row, &tables)
    }
    guard let contrast = fit.contrasts.first, fit.contrasts.count == 1 else {
      if counts.arms > 2 {
        try note(
          [
            "with \(counts.arms) arms no contrasts are shown; call milestones, rmst or cox in 'analyses'"
          ],
          part, &tables)
      }
      return
    }
    var row = EffectRow(
      analysis: name, estimand: "restricted mean difference", estimator: "rmst", outcome: name,
      estimate: contrast.difference, scale: "time")
    counts.fill(&row)
    try append(row, &tables)
  }

  private func hazards(_ part: Part, _ tables: inout StudyTables) throws(SiblingError) {
    let (name, options) = (part.name, options(part, [.ties]))
    let counts = try armCounts(part)
    guard counts.arms == 2 else { return }
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
    var sizes: [Int]
    var events: [Int]

    var arms: Int { sizes.count }
    var comparisonEvents: Int { events.first ?? 0 }
    var treatedEvents: Int { events.count > 1 ? events[1] : 0 }

    func fill(_ row: inout EffectRow) {
      (row.comparison, row.comparisonEvents) = (sizes.first, events.first)
      guard sizes.count > 1 else { return }
      (row.treated, row.treatedEvents) = (sizes[1], events[1])
    }
  }

  /// People by arm, and those who had the event, up to a time if one is given.
  func armCounts(
    _ part: Part, until time: Double = .infinity
  ) throws(SiblingError) -> ArmCounts {
    let options = options(part, [])
    return try TimeZero(options).withArms(
      part.formula, part.data, try CommonSettings(options)
    ) { (sample) throws(SiblingError) in
      let arms = max(1, sample.groups?.levels.count ?? 1)
      var counts = ArmCounts(
        sizes: [Int](repeating: 0, count: arms), events: [Int](repeating: 0, count: arms))
      for row in sample.times.time.indices {
        let arm = sample.groups.map { Int($0.codes[row]) } ?? 0
        counts.sizes[arm] += 1
        if sample.times.event[row], sample.times.time[row] <= time { counts.events[arm] += 1 }
      }
      return counts
    }
  }

  func append(_ row: EffectRow, _ tables: inout StudyTables) throws(SiblingError) {
    try tables.estimates.append(row.cells(level: study.level, gate: gate))
  }
}
