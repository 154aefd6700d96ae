internal import Matching
internal import Reporting
internal import Statistics
internal import Tables

/// The effects of a study on its matched or weighted design.
struct EffectsPhase {
  let study: StudyFile
  let phase: DesignPhase
  let table: Table
  let gate: String

  /// Fills the estimates, bounds and sensitivity tables.
  ///
  /// - Throws: what is wrong with an outcome, located.
  func run(_ tables: inout StudyTables) throws(SiblingError) {
    try study.cached("effects", gate: gate, &tables) {
      (tables: inout StudyTables) throws(SiblingError) in
      try estimate(&tables)
    }
  }

  private func estimate(_ tables: inout StudyTables) throws(SiblingError) {
    for node in study.node["effects"]?.elements ?? [] {
      let outcome = node["outcome"]?.text ?? ""
      let sample = try phase.sample(for: outcome, in: table)
      try unadjusted(outcome, node, sample, &tables)
      for name in estimators(node) {
        let analysis = try analysis(node, outcome: outcome, estimator: name)
        let (effect, _) = try analysis.estimate(on: sample)
        try append(
          EffectRow(analysis: "matched", estimator: name, outcome: outcome, effect: effect),
          &tables)
        try subgroups(analysis, sample, &tables)
      }
      try bounds(outcome, node, &tables)
    }
    try alternatives(&tables)
  }

  /// Refuses an estimator that makes its own comparison in the place that the report leads with: the
  /// headline speaks of the people of the design.
  ///
  /// - Throws: `invalidOption`, located.
  static func check(_ study: StudyFile) throws(SiblingError) {
    if let effects = study.node["effects"], study.node["matching"] == nil {
      throw SiblingError(
        .missingKey, "'effects' are estimated on a matched or weighted design, and there is none",
        help: "add a 'matching' section, or call the verb 'effect' in 'analyses'",
        location: effects.location)
    }
    for node in study.node["effects"]?.elements ?? [] {
      guard let first = node.texts("estimators").first,
        EffectMethod(rawValue: first)?.ownDesign != nil
      else { continue }
      throw SiblingError(
        .invalidOption,
        "\(first) compares everybody by its own models, so it can't lead the report of a design",
        help: "put gcomp or difference first and \(first) after it",
        location: node["estimators"]?.location, column: "estimators")
    }
  }

  /// The effect within the levels of a declared column, and the test that they agree.
  private func subgroups(
    _ analysis: EffectAnalysis, _ sample: MatchedSample, _ tables: inout StudyTables
  ) throws(SiblingError) {
    guard let column = analysis.subgroup else { return }
    let result = try sample.bound.locating { () throws(SiblingError) in
      try analysis.subgroupEffects(on: sample, by: column, analysis: "subgroups")
    }
    // Whoever is missing or withheld among the groups could be had by subtracting the others.
    let fewest = study.disclosureProfile.minimumCount ?? 0
    let levels = Set(try sample.bound.frame.factor(of: column).codes).count
    let shown = result.rows.filter { $0.subgroup != nil }
    guard
      fewest == 0
        || shown.count == levels
          && shown.allSatisfy({
            ($0.treated ?? 0) >= fewest && ($0.comparison ?? 0) >= fewest
          })
    else { return }
    // The first row is everybody, who stand in the table already.
    for row in result.rows.dropFirst() { try append(row, &tables) }
  }

  /// The estimators of an effect; the first is the one that the report leads with.
  func estimators(_ node: StudyNode) -> [String] {
    let given = node.texts("estimators")
    return given.isEmpty ? ["gcomp", "difference"] : given
  }

  func analysis(
    _ node: StudyNode?, outcome: String, estimator: String, design: MatchDesign? = nil
  ) throws(SiblingError) -> EffectAnalysis {
    // The estimators of one effect share its settings; each takes those that it has a use for.
    let own = EffectMethod(rawValue: estimator)
    let keys =
      OptionKey.effectSettings.filter { key in
        own?.takes(key) ?? true || !EffectMethod.tuning.contains(key)
      } + [.cluster]
    var options = node.map { study.options($0, keys) } ?? OptionValues()
    // Whole sites were treated, so people of one site are no independent evidence.
    if !options.isGiven(.cluster), study.node["assignment"]?["level"]?.text == "site",
      let site = study.node["assignment"]?["site"]?.text
    {
      options.set(.cluster, to: site)
    }
    options.set(.effectMethod, to: estimator)
    options.set(.outcome, to: outcome)
    options.set(.level, to: "\(study.level)")
    if let level = study.node["treatment"]?["treated"]?.text { options.set(.treated, to: level) }
    var analysis = try EffectAnalysis(formula: phase.design.formula, options: options)
    analysis.design = design ?? phase.design
    return analysis
  }

  /// The sample without matching or weighting.
  static func everybody(_ sample: MatchedSample) -> MatchedSample {
    var everybody = sample
    everybody.match = nil
    everybody.weighting = nil
    everybody.weights =
      sample.bound.weights ?? [Double](repeating: 1, count: sample.treated.count)
    return everybody
  }

  /// The difference of raw means, for comparison only.
  private func unadjusted(
    _ outcome: String, _ node: StudyNode, _ sample: MatchedSample, _ tables: inout StudyTables
  ) throws(SiblingError) {
    var analysis = try analysis(node, outcome: outcome, estimator: "difference")
    analysis.outcomeModel = nil
    analysis.standardError = nil
    let (effect, _) = try analysis.estimate(on: Self.everybody(sample))
    try append(
      EffectRow(
        analysis: "unadjusted", estimator: "difference", outcome: outcome, effect: effect),
      &tables)
  }

  /// The effect when unknown outcomes are read in the worst and the best way.
  private func bounds(
    _ outcome: String, _ node: StudyNode, _ tables: inout StudyTables
  ) throws(SiblingError) {
    guard
      let declared = study.node["outcomes"]?.elements.first(where: { $0["name"]?.text == outcome }),
      let low = declared["lower-bound"]?.text, let high = declared["upper-bound"]?.text
    else { return }
    // Everybody with covariates is compared, whether the outcome is known or not.
    let arms = try study.arms(table)
    let lowValues = try table.doubles(low)
    let highValues = try table.doubles(high)
    // The worst reading of the effect gives the treated their low and the others their high values.
    let readings = [("lower", true), ("upper", false)]
    for (name, treatedGetLow) in readings {
      let full = arms.codes.enumerated().map { row, arm in
        arm < 0 ? .nan : (arm == 0) == treatedGetLow ? lowValues[row] : highValues[row]
      }
      let column = "\(outcome) (\(name) reading)"
      let changed = try table.adding(Column(name: column, values: .doubles(full)))
      let analysis = try analysis(node, outcome: column, estimator: "difference")
      let (effect, _) = try analysis.estimate(changed)
      var row = EffectRow(
        analysis: "bounds", estimator: "difference", outcome: outcome, effect: effect)
      row.estimate.term = name
      try append(row, &tables)
    }
  }

  /// The primary effect under each alternative design.
  private func alternatives(_ tables: inout StudyTables) throws(SiblingError) {
    guard let primary = study.node["effects"]?.elements.first,
      let outcome = primary["outcome"]?.text, let estimator = estimators(primary).first
    else { return }
    var sample = try phase.sample(for: outcome, in: table)
    let isRandomised = study.node["assignment"]?["mechanism"]?.text == "randomised"
    if isRandomised { sample = Self.everybody(sample) }
    let base = try analysis(primary, outcome: outcome, estimator: estimator)
    let baseline = try leading(base, on: sample, outcome: outcome)
    let keys = [OptionKey.balanceMethod] + OptionKey.matchDesign + OptionKey.weighting
    for node in study.node["matching"]?["alternatives"]?.elements ?? [] {
      let options = study.options(node, keys)
      let design = try MatchDesign(
        formula: phase.design.formula, options: options,
        method: MatchDesign.method(named: try options.choice(.balanceMethod)) ?? .nearest)
      let changed = try analysis(
        primary, outcome: outcome, estimator: estimator, design: design)
      let other = try phase.applied(design, to: table, knowing: outcome)
      let effect = try leading(changed, on: other, outcome: outcome)
      try tables.sensitivity.append([
        "analysis": .text(outcome), "changed": Cell(node["name"]?.text),
        "baseline": .text(isRandomised ? "groups as randomised" : phase.design.words),
        "estimate": Cell(effect.estimate.estimate),
        "conf.low": Cell(effect.estimate.interval?.low),
        "conf.high": Cell(effect.estimate.interval?.high),
        "verdict": .text(Self.verdict(effect.estimate, against: baseline.estimate)),
        "n_treated": Cell(effect.treated), "n_comparison": Cell(effect.comparison),
      ])
    }
  }

  /// The effect that leads a report of this design: judged by its sites where they are few.
  func leading(
    _ analysis: EffectAnalysis, on sample: MatchedSample, outcome: String
  ) throws(SiblingError) -> EffectRow {
    if let site = study.siteColumn, study.node["assignment"]?["mechanism"]?.text != "randomised",
      let few = try FewSitesEffect(
        sample, outcome: table.doubles(outcome), sites: table.factor(site)), few.isFew,
      let row = try few.row(
        outcome: outcome, estimand: analysis.design.estimand.rawValue, level: study.level,
        seed: study.seed)
    {
      return row
    }
    return EffectRow(
      analysis: "matched", estimator: analysis.method.rawValue, outcome: outcome,
      effect: try analysis.estimate(on: sample).0)
  }

  /// Whether a changed choice changes the conclusion.
  static func verdict(_ changed: Estimate, against baseline: Estimate) -> String {
    func reading(_ estimate: Estimate) -> Int {
      guard let interval = estimate.interval else { return 0 }
      return interval.low > 0 ? 1 : interval.high < 0 ? -1 : 0
    }
    switch (reading(baseline), reading(changed)) {
    case (let a, let b) where a == b: return "same conclusion"
    case (_, 0): return "becomes inconclusive"
    case (0, _): return "becomes conclusive"
    default: return "opposite conclusion"
    }
  }

  private func append(_ row: EffectRow, _ tables: inout StudyTables) throws(SiblingError) {
    try tables.estimates.append(row.cells(level: study.level, gate: gate))
  }
}

extension EffectRow {
  /// The row as the report's estimates table takes it.
  func cells(level: Double, gate: String) -> [String: Cell] {
    [
      "analysis": .text(analysis), "estimand": .text(estimand), "estimator": .text(estimator),
      "outcome": .text(outcome), "subgroup": Cell(subgroup), "term": .text(estimate.term),
      "estimate": Cell(estimate.estimate), "std.error": Cell(estimate.standardError),
      "statistic": Cell(estimate.statistic),
      // Of a joint test they count restrictions and not people.
      "df": estimate.term == "interaction" ? .missing : Cell(estimate.degreesOfFreedom),
      "p.value": Cell(estimate.pValue), "conf.low": Cell(estimate.interval?.low),
      "conf.high": Cell(estimate.interval?.high), "conf.level": .number(level),
      "scale": .text(scale), "n_treated": Cell(treated), "n_comparison": Cell(comparison),
      "events_treated": Cell(treatedEvents), "events_comparison": Cell(comparisonEvents),
      "se_type": .text(estimate.convention), "n_clusters": Cell(clusters), "gate": .text(gate),
    ]
  }
}
