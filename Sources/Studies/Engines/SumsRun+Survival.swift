internal import DifferenceInDifferences
internal import Engines
internal import Matching
internal import Reporting
internal import Statistics
internal import Survival
internal import Tables

// The survival sections of a study from sums.

extension SumsRun {
  /// Curves, restricted means and hazard ratios of one section.
  mutating func survival(
    _ node: StudyNode, _ tables: inout StudyTables, _ gate: String
  ) throws(SiblingError) {
    let name = node["name"]?.text ?? "survival"
    let formula = node["formula"]?.text ?? ""
    guard node["sample"]?.text != "matched" else {
      leftOut.append(
        LeftOut(section: "Curves of \(name)", reason: "the matched sample is rows in memory"))
      return
    }
    func options(_ keys: [OptionKey]) -> OptionValues {
      var options = study.options(node, keys + OptionKey.timeZero)
      if let site = study.siteColumn { options.set(.cluster, to: site) }
      return options
    }
    let curves = try KaplanMeierAnalysis(formula: formula, options: options([.confidence]))
    var curveRows: SumsRows?
    if let output = try attempt("Curves of \(name)", node, curves) {
      tell(output.notes, name, &tables)
      if let siteCount { tell([SurvivalPhase.siteNote(siteCount)], name, &tables) }
      let rows = SumsRows(output)
      try fillCurves(rows, name, &tables)
      curveRows = rows
    }
    let counts = curveRows.map { Self.armCounts($0) }
    let means = try RestrictedMeanAnalysis(formula: formula, options: options([.tau]))
    if let output = try attempt("Restricted means of \(name)", node, means) {
      tell(output.notes, name, &tables)
      let rows = SumsRows(output)
      let tau = rows.count > 0 ? rows.number("tau", 0) : nil
      try fillMeans(
        rows, name, curveRows.map { Self.armCounts($0, until: tau ?? .infinity) }, &tables, gate)
    }
    if node[OptionKey.times.name] != nil {
      try milestones(
        name, node, MilestonesAnalysis(formula: formula, options: options([.times, .confidence])),
        counts, &tables, gate)
    }
    for key in ["causes", "models"] where node[key] != nil {
      leftOut.append(
        LeftOut(section: "'\(key)' of \(name)", reason: "it needs every row in memory"))
    }
    guard counts?.arms == 2 else { return }
    leftOut.append(
      LeftOut(
        section: "Whether hazards of \(name) are proportional",
        reason: "the test is made of rows in memory"))
    var models = [("cox", formula)]
    if let adjust = node["adjust"]?.text {
      models.append(("cox, adjusted", "\(formula) + \(adjust.drop { $0 == "~" || $0 == " " })"))
    }
    for (estimator, text) in models {
      let cox = try CoxAnalysis(formula: text, options: options([.ties]))
      let rows = data
      let title = "The hazard ratio of \(name) (\(estimator))"
      let found = try attempt(title, node, needsRows: cox.needsRows) { () throws(SiblingError) in
        try cox.fit(on: rows)
      }
      guard let found, let estimate = found.fit.estimates(level: study.level).rows.first else {
        continue
      }
      tell(found.notes, name, &tables)
      var row = EffectRow(
        analysis: name, estimand: "hazard ratio", estimator: estimator, outcome: name,
        estimate: SurvivalPhase.exponentiated(estimate), scale: "ratio")
      counts?.fill(&row)
      row.clusters = found.fit.clusters
      try tables.estimates.append(row.cells(level: study.level, gate: gate))
    }
  }

  private func tell(_ notes: [String], _ name: String, _ tables: inout StudyTables) {
    for note in notes {
      let shown = StudyNotes.shown(note, study)
      if !tables.survivalNotes[name, default: []].contains(shown) {
        tables.survivalNotes[name, default: []].append(shown)
      }
    }
  }

  /// People by arm, and those who had the event, up to a time if one is given.
  private static func armCounts(
    _ rows: SumsRows, until time: Double = .infinity
  ) -> SurvivalPhase.ArmCounts {
    var counts = SurvivalPhase.ArmCounts(sizes: [], events: [])
    var last: String?
    for row in rows.indices {
      let arm = rows.text("arm", row) ?? ""
      if arm != last {
        last = arm
        counts.sizes.append(Int(rows.number("n_risk", row) ?? 0))
        counts.events.append(0)
      }
      guard (rows.number("time", row) ?? 0) <= time else { continue }
      counts.events[counts.events.count - 1] += Int(rows.number("n_event", row) ?? 0)
    }
    return counts
  }

  /// Differences of survival at the declared times.
  private mutating func milestones(
    _ name: String, _ node: StudyNode, _ analysis: MilestonesAnalysis,
    _ counts: SurvivalPhase.ArmCounts?, _ tables: inout StudyTables, _ gate: String
  ) throws(SiblingError) {
    guard study.disclosureProfile.minimumCount == nil else {
      tell(
        [
          "differences at chosen times are not given under '\(study.disclosure)': beside the curves they would tell of few people"
        ], name, &tables)
      return
    }
    guard let output = try attempt("Milestones of \(name)", node, analysis) else { return }
    let rows = SumsRows(output)
    for row in rows.indices where counts?.arms == 2 {
      guard let term = rows.text("term", row), term.hasPrefix("difference@"),
        rows.number("estimate", row) != nil
      else { continue }
      var effect = EffectRow(
        analysis: name, estimand: "survival difference", estimator: "kaplan-meier", outcome: name,
        estimate: rows.estimate(row, level: study.level), scale: "difference")
      counts?.fill(&effect)
      try tables.estimates.append(effect.cells(level: study.level, gate: gate))
    }
    tell(output.notes, name, &tables)
  }

  /// The curves, everybody at risk at time zero first.
  private func fillCurves(
    _ rows: SumsRows, _ name: String, _ tables: inout StudyTables
  ) throws(SiblingError) {
    var last: String?
    for row in rows.indices {
      let arm = rows.text("arm", row) ?? ""
      if arm != last {
        last = arm
        try tables.survival.append([
          "analysis": .text(name), "arm": .text(arm), "time": 0,
          "n_risk": Cell(rows.number("n_risk", row)), "n_event": 0, "n_censor": 0, "survival": 1,
          "std.error": 0, "conf.low": 1, "conf.high": 1,
        ])
      }
      guard (rows.number("time", row) ?? 0) > 0 else { continue }
      var cells = rows.cells(row, of: tables.survival)
      cells["analysis"] = .text(name)
      try tables.survival.append(cells)
    }
  }

  /// The means of the arms, and their difference where there are two.
  private func fillMeans(
    _ rows: SumsRows, _ name: String, _ counts: SurvivalPhase.ArmCounts?,
    _ tables: inout StudyTables, _ gate: String
  ) throws(SiblingError) {
    let arms = counts?.arms ?? 0
    for row in rows.indices where row < arms || row == arms && arms == 2 {
      let isArm = row < arms
      var effect = EffectRow(
        analysis: name, estimand: isArm ? "restricted mean" : "restricted mean difference",
        estimator: "rmst", outcome: name, estimate: rows.estimate(row, level: study.level),
        scale: "time")
      if !isArm, let error = effect.estimate.standardError, error > 0 {
        effect.estimate.statistic = effect.estimate.estimate / error
      }
      if arms > 2, let counts {
        // One of three arms or more: its own people only.
        (effect.comparison, effect.comparisonEvents) = (counts.sizes[row], counts.events[row])
      } else {
        counts?.fill(&effect)
        if isArm, row == 0 { effect.treated = nil } else if isArm { effect.comparison = nil }
      }
      try tables.estimates.append(effect.cells(level: study.level, gate: gate))
    }
  }
}
