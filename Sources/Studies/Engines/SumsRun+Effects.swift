internal import DifferenceInDifferences
internal import Engines
internal import Matching
internal import Reporting
internal import Statistics
internal import Survival
internal import Tables

// Effects, curves and panels from sums, into the tables that the phases by rows fill.

extension SumsRun {
  /// Every analysis that may show an effect; only after the gate.
  ///
  /// - Throws: what is wrong with the data or a model, located; the engine's failures.
  mutating func effects(_ tables: inout StudyTables, gate: String) throws(SiblingError) {
    try weightedEffects(&tables, gate)
    try panels(&tables, gate)
    for node in study.node["survival"]?.elements ?? [] { try survival(node, &tables, gate) }
    for node in study.node["analyses"]?.elements ?? [] { try further(node, &tables, gate) }
    try countKnown(&tables)
    leaveOutTheRest()
  }

  /// Counts whose outcomes are known, by arm, among the rows that are kept.
  private func countKnown(_ tables: inout StudyTables) throws(SiblingError) {
    guard treated != nil else { return }
    var counts = ResultTable.outcomesKnown
    for (outcome, arms) in try known(data) {
      for arm in arms {
        try counts.append([
          "outcome": .text(outcome), "arm": .text(arm.arm), "n": Cell(arm.all),
          "unknown": arm.unknown > 0 ? Cell(arm.unknown) : .missing,
          "share_unknown": Cell(Double(arm.unknown) / Double(arm.all)),
        ])
      }
    }
    tables.cohort.append(counts)
  }

  /// Sections that have no way from sums at all.
  private mutating func leaveOutTheRest() {
    let names = [
      ("hidden-bias", "What something unrecorded could do"),
      ("states", "Where people are over time"),
      ("few-clusters", "Settings for few sites"), ("funnel", "From referral to a job"),
      ("creaming", "Whether easier clients were taken on"),
      ("equity", "Access and outcomes by profile"),
      ("payment-threshold", "Whether jobs end just after what is paid"),
      ("missing-evidence", "What unknown outcomes could change"),
      ("imputation", "Effects with missing values imputed"),
      ("planning", "What the design could find"), ("specifications", "Other specifications"),
      ("dose-response", "Dose and response across sites"),
      ("incentives", "What the rules of payment may have done"),
    ]
    for (key, section) in names where study.node[key] != nil {
      leftOut.append(LeftOut(section: section, reason: "it needs every row in memory"))
    }
    if designWords != nil {
      leftOut.append(
        LeftOut(
          section: "Balance by site, and the figure of overlap",
          reason: "they are made of rows in memory"))
    }
    if study.node["survival"] != nil {
      leftOut.append(
        LeftOut(section: "Whether curves cross", reason: "it is tested on rows in memory"))
    }
    if study.node["effects"] != nil || study.node["matching"] != nil {
      leftOut.append(
        LeftOut(
          section: "Other estimators, for a comparison of methods",
          reason: "they are made of rows in memory"))
    }
    if !fewSites.isEmpty {
      leftOut.append(
        LeftOut(
          section: "Other methods for few sites beside exchanging them",
          reason: "they are made of rows in memory"))
    }
    if study.node["matching"]?["alternatives"] != nil {
      leftOut.append(
        LeftOut(section: "Other designs", reason: "they are compared on rows in memory"))
    }
    let outcomes = study.node["outcomes"]?.elements ?? []
    if outcomes.contains(where: { $0["lower-bound"] != nil }) {
      leftOut.append(
        LeftOut(section: "Bounds of unknown outcomes", reason: "they are made of rows in memory"))
    }
  }

  private mutating func weightedEffects(
    _ tables: inout StudyTables, _ gate: String
  ) throws(SiblingError) {
    guard let matching = study.node["matching"] else { return }
    let design = try MatchDesign(
      formula: matching["formula"]?.text,
      options: study.options(
        matching, [OptionKey.balanceMethod] + OptionKey.matchDesign + OptionKey.weighting),
      method: MatchDesign.method(named: matching["method"]?.text ?? "nearest") ?? .nearest)
    for node in study.node["effects"]?.elements ?? [] {
      let outcome = node["outcome"]?.text ?? ""
      var plain = try analysis(node, outcome: outcome, estimator: "difference", design)
      plain.design.method = .score
      plain.outcomeModel = nil
      plain.standardError = .robust
      plain.subgroup = nil
      let name = "The difference of \(outcome) as it is"
      if let output = try attempt(name, node, plain) {
        try append(output, "unadjusted", &tables, gate)
      }
      let given = node.texts("estimators")
      for estimator in given.isEmpty ? ["gcomp", "difference"] : given {
        var analysis = try analysis(node, outcome: outcome, estimator: estimator, design)
        if let column = analysis.subgroup {
          leftOut.append(
            LeftOut(
              section: "Effects on \(outcome) by \(column)",
              reason: "they are made of rows in memory"
            ))
          analysis.subgroup = nil
        }
        let name = "The effect on \(outcome) by \(estimator)"
        if let output = try attempt(name, node, analysis) {
          try append(output, "matched", &tables, gate)
        }
      }
      try fewSites(node, outcome, design, &tables, gate)
    }
  }

  /// The difference judged by its sites, where whole ones were assigned and they are few: it leads the report, as in
  /// a study by rows.
  private mutating func fewSites(
    _ node: StudyNode, _ outcome: String, _ design: MatchDesign, _ tables: inout StudyTables,
    _ gate: String
  ) throws(SiblingError) {
    guard siteCount != nil, let site = study.siteColumn else { return }
    var analysis = try analysis(node, outcome: outcome, estimator: "difference", design)
    analysis.settings.clusters = [site]
    analysis.subgroup = nil
    let section = "The difference of \(outcome) judged by sites"
    let (level, seed, estimand) = (study.level, study.seed, design.estimand.rawValue)
    let rows = data
    var isHeld = false
    let found = try attempt(section, node, needsRows: analysis.needsRows) {
      () throws(SiblingError) -> (effect: FewSitesEffect, row: EffectRow?)? in
      do throws(SiblingError) {
        guard let effect = try analysis.fewSites(on: rows), effect.isFew else { return nil }
        let row = try effect.row(outcome: outcome, estimand: estimand, level: level, seed: seed)
        return (effect, row)
      } catch {
        isHeld = error.code == .disclosure
        guard isHeld else { throw error }
        return nil
      }
    }
    if isHeld {
      leftOut.append(
        LeftOut(section: section, reason: "some site has fewer people than may be shown"))
    }
    guard let found = found ?? nil else { return }
    guard let row = found.row else {
      leftOut.append(
        LeftOut(
          section: section,
          reason: "exchanging sites gives it no bounded interval, and CR2 needs every row in memory"
        ))
      return
    }
    fewSites[outcome] = found.effect
    try tables.estimates.append(row.cells(level: level, gate: gate))
  }

  /// The analysis of one effect, as a study by rows decodes it.
  private func analysis(
    _ node: StudyNode, outcome: String, estimator: String, _ design: MatchDesign
  ) throws(SiblingError) -> EffectAnalysis {
    let own = EffectMethod(rawValue: estimator)
    let keys =
      OptionKey.effectSettings.filter { key in
        own?.takes(key) ?? true || !EffectMethod.tuning.contains(key)
      } + [.cluster]
    var options = study.options(node, keys)
    if !options.isGiven(.cluster), let site = study.siteColumn { options.set(.cluster, to: site) }
    options.set(.effectMethod, to: estimator)
    options.set(.outcome, to: outcome)
    var analysis = try EffectAnalysis(formula: design.formula, options: options)
    analysis.design = design
    return analysis
  }

  private mutating func append(
    _ output: AnalysisOutput, _ name: String, _ tables: inout StudyTables, _ gate: String
  ) throws(SiblingError) {
    // Effective sample sizes are those of the design, which are told with its balance.
    notes += output.notes.filter { !notes.contains($0) && !$0.hasPrefix("effective sample sizes") }
    let rows = SumsRows(output)
    for row in rows.indices {
      var cells = rows.cells(row, of: tables.estimates)
      cells["analysis"] = .text(name)
      cells["gate"] = .text(gate)
      try tables.estimates.append(cells)
    }
  }

  /// Difference-in-differences and the event study.
  private mutating func panels(
    _ tables: inout StudyTables, _ gate: String
  ) throws(SiblingError) {
    for node in study.node["difference-in-differences"]?.elements ?? [] {
      var options = study.options(node, OptionKey.did + [.cluster])
      let method = node[OptionKey.didMethod.name]?.text
      let averages =
        method == nil
        || PanelMethod.all.first { $0.name == method }?.keys.contains(.aggregate) ?? false
      if !options.isGiven(.aggregate), averages, node["pre"] == nil {
        options.set(.aggregate, to: "simple")
      }
      let analysis = try DifferenceAnalysis(formula: nil, options: options)
      let name = "Difference-in-differences (\(method ?? "group-time effects"))"
      let rows = data
      let found = try attempt(name, node, needsRows: analysis.needsRows) {
        () throws(SiblingError) in try analysis.fit(on: rows)
      }
      guard let found else { continue }
      try panel(found, analysis, node, name, &tables, gate)
    }
    for node in study.node["event-study"]?.elements ?? [] {
      let analysis = try EventStudyAnalysis(
        formula: nil, options: study.options(node, OptionKey.eventStudy + [.cluster]))
      guard let output = try attempt("The event study", node, analysis) else { continue }
      notes += output.notes
      let rows = SumsRows(output)
      for row in rows.indices {
        guard let time = Self.eventTime(rows.text("term", row) ?? "") else { continue }
        let estimate = rows.estimate(row, level: study.level)
        try tables.eventStudy.append([
          "analysis": "event-study", "rel_time": .number(time),
          "estimate": Cell(estimate.estimate), "std.error": Cell(estimate.standardError),
          "conf.low": Cell(estimate.interval?.low), "conf.high": Cell(estimate.interval?.high),
          "reference": .flag(estimate.standardError == nil && estimate.estimate == 0),
          "n": Cell(output.people["at_event_time"]?[row]),
        ])
      }
    }
  }

  /// The event time of a term such as `e=-3`, `e<=-4` or `e>=5`.
  private static func eventTime(_ term: String) -> Double? {
    guard term.hasPrefix("e"), let sign = term.lastIndex(of: "=") else { return nil }
    return Double(term[term.index(after: sign)...])
  }

  /// An analysis that the study calls by its verb.
  private mutating func further(
    _ node: StudyNode, _ tables: inout StudyTables, _ gate: String
  ) throws(SiblingError) {
    let name = node["name"]?.text ?? ""
    let section = capitalised(node["label"]?.text ?? name)
    guard node["sample"]?.text != "matched", node["table"] == nil else {
      leftOut.append(LeftOut(section: section, reason: "it is made of rows in memory"))
      return
    }
    var rows = data
    if let filter = node[OptionKey.filter.name] {
      do throws(SiblingError) { try rows.restrict(to: filter.text ?? "") } catch {
        throw error.located(filter.location)
      }
    }
    let analysis = try FurtherPhase.analysis(study, node, phase: nil)
    guard var output = try attempt(section, node, analysis, on: rows) else { return }
    for (index, column) in output.columns.enumerated() where column.name == "gate" {
      output.columns[index] = .texts("gate", (0..<column.count).map { _ in gate })
    }
    guard !output.hasRowsOfPeople || study.disclosure == "none" else {
      leftOut.append(LeftOut(section: section, reason: "its rows tell of single people"))
      return
    }
    tables.further.append(
      try output.resultTable(
        name: "analysis_\(name)", summary: node["label"]?.text ?? "Rows of one analysis."))
    tables.furtherNotes[name] = output.notes.map { StudyNotes.shown($0, study) }
  }
}

extension DifferenceAnalysis {
  /// What the report calls the estimator.
  var estimatorName: String {
    switch shape {
    case .wide(_, _, _, let estimator): estimator
    case .fixedEffects: "twfe"
    case .groupTime: "callaway-santanna"
    case .other(let method, _): method
    }
  }
}
