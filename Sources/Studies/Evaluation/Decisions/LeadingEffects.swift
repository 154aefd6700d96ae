internal import Matching
internal import Reporting
internal import Statistics
internal import Tables

/// The effects that lead the report, as the sections find them that weigh it.
struct LeadingEffects {
  let study: StudyFile
  let estimates: ResultTable

  /// The leading effects among what was estimated.
  init(_ study: StudyFile, _ tables: StudyTables) {
    self.study = study
    estimates = tables.estimates
  }

  /// Whether chance decided who was treated.
  var isRandomised: Bool { study.node["assignment"]?["mechanism"]?.text == "randomised" }

  /// The analysis that leads wherever people are compared; see `ReportContext.leadingAnalysis`.
  var analysis: String {
    if isRandomised { return "unadjusted" }
    return estimates.firstRow(where: ["analysis": "few-sites"]) != nil ? "few-sites" : "matched"
  }

  /// The row that leads for an outcome: that analysis's, or else the leading panel estimate's.
  func row(_ outcome: String) -> Int? {
    estimates.firstRow(where: ["analysis": .text(analysis), "outcome": .text(outcome)])
      ?? estimates.firstRow(
        where: ["analysis": "difference-in-differences", "outcome": .text(outcome)])
  }

  /// The difference of sites that leads for an outcome; nil where another analysis does.
  ///
  /// - Throws: what is wrong with the outcome or the sites.
  func fewSites(_ outcome: String, _ run: EvaluationRun) throws(SiblingError) -> FewSitesEffect? {
    guard analysis == "few-sites" else { return nil }
    if let known = run.fewSites[outcome] { return known }
    guard let design = run.design, let table = run.table, let site = study.siteColumn else {
      return nil
    }
    let few = try FewSitesEffect(
      design.sample(for: outcome, in: table), outcome: table.doubles(outcome),
      sites: table.factor(site))
    return few?.isFew == true ? few : nil
  }

  /// Each table row's influence on the leading estimate, and the unit that it is judged by.
  struct Influence {
    /// The influence on the scale of the standard error; 0 for rows outside the sample.
    var rows: [Double]
    /// Each row's cluster or matched set; −1 for rows that are units of their own.
    var units: [Int32]
    /// `sites`, `matched sets` or `people`.
    var name: String
  }

  /// The influence of rows on the effect that leads; nil where the analysis has none.
  ///
  /// - Throws: what is wrong with the outcome, located.
  func influence(_ outcome: String, _ run: EvaluationRun) throws(SiblingError) -> Influence? {
    guard let design = run.design, let table = run.table, analysis != "few-sites",
      let node = study.node["effects"]?.elements.first(where: { $0["outcome"]?.text == outcome })
    else { return nil }
    let phase = EffectsPhase(
      study: study, phase: design, table: table, gate: run.gate.verdict.rawValue)
    var sample = try design.sample(for: outcome, in: table)
    var estimator = phase.estimators(node).first ?? "gcomp"
    if isRandomised {
      sample = EffectsPhase.everybody(sample)
      estimator = "difference"
    }
    var analysis = try phase.analysis(node, outcome: outcome, estimator: estimator)
    if isRandomised { (analysis.outcomeModel, analysis.standardError) = (nil, nil) }
    // The bootstrap would only make the same standard error again.
    if analysis.standardError == .bootstrap { analysis.standardError = nil }
    guard let influence = try analysis.estimate(on: sample).effect.influence,
      influence.count == sample.rows.count
    else { return nil }
    var result = Influence(
      rows: [Double](repeating: 0, count: table.rowCount),
      units: [Int32](repeating: -1, count: table.rowCount), name: "people")
    for (place, row) in sample.rows.enumerated() { result.rows[row] = influence[place] }
    if let column = analysis.settings.clusters.first {
      let factor = try table.factor(column)
      for row in sample.rows { result.units[row] = factor.codes[row] }
      result.name = column == study.siteColumn ? "sites" : "clusters"
    } else if let sets = sample.match?.pairedSets {
      for (place, row) in sample.rows.enumerated() { result.units[row] = sets.codes[place] }
      result.name = "matched sets"
    }
    return result
  }
}

extension ResultTable {
  /// The counts behind a row of `estimates`, as the tables that are made of it hold them.
  func hiddenCounts(_ row: Int) -> [String: Cell] {
    var cells: [String: Cell] = [:]
    for name in ["n_treated", "n_comparison", "events_treated", "events_comparison"] {
      cells["hidden_\(name)"] = self[row, name]
    }
    return cells
  }

  /// The estimate of a row of `estimates` with its uncertainty.
  func estimateCells(_ row: Int) -> [String: Cell] {
    var cells: [String: Cell] = [:]
    for name in [
      "estimate", "std.error", "df", "p.value", "conf.low", "conf.high", "conf.level", "n_clusters",
    ] {
      cells[name] = self[row, name]
    }
    return cells
  }

  /// The fewest people behind any of the rows, as `hiddenCounts` names them; nil without counts.
  static func fewest(_ rows: [[String: Cell]]) -> Double? {
    rows.flatMap { row in
      row.filter { $0.key.hasPrefix("hidden_") }.compactMap(\.value.number)
    }.min()
  }
}
