internal import LinearAlgebra
internal import Matching
internal import Reporting
internal import Statistics
internal import Tables

/// What something unrecorded could do to a study's primary effect.
struct HiddenBiasPhase {
  let study: StudyFile
  let effects: EffectsPhase
  let node: StudyNode
  /// The primary effect's node and outcome.
  private let primary: StudyNode
  private let outcome: String

  /// The phase; nil when the study declares no such section.
  ///
  /// - Throws: `missingKey` when there is no effect to judge.
  init?(_ study: StudyFile, _ effects: EffectsPhase) throws(SiblingError) {
    guard let node = study.node["hidden-bias"] else { return nil }
    guard let primary = study.node["effects"]?.elements.first,
      let outcome = primary["outcome"]?.text
    else {
      throw SiblingError(
        .missingKey, "'hidden-bias' judges the first effect, and there is none",
        help: "add an 'effects' section", location: node.location)
    }
    (self.study, self.effects, self.node, self.primary) = (study, effects, node, primary)
    self.outcome = outcome
    sample = try effects.phase.sample(for: outcome, in: effects.table)
  }

  /// The design on the people whose outcome is known.
  private let sample: MatchedSample

  /// People behind every row, for disclosure control.
  private func people(_ informative: Int? = nil) -> [String: Cell] {
    let counts = sample.people(.adjusted)
    return [
      "n_treated": Cell(counts.treated), "n_comparison": Cell(counts.comparison),
      "informative": Cell(informative ?? counts.treated + counts.comparison),
    ]
  }

  private func append(
    _ analysis: String, _ item: String, _ cells: [String: Cell], informative: Int? = nil,
    outcome: String? = nil, _ tables: inout StudyTables
  ) throws(SiblingError) {
    var row = people(informative)
    row["analysis"] = .text(analysis)
    row["outcome"] = .text(outcome ?? self.outcome)
    row["item"] = .text(item)
    for (name, cell) in cells { row[name] = cell }
    try tables.hiddenBias.append(row)
  }

  /// Fills the tables of hidden bias.
  ///
  /// - Throws: what is wrong with the section or the data, located.
  func run(_ tables: inout StudyTables) throws(SiblingError) {
    try study.cached("hidden bias", own: [node, primary], gate: effects.gate, &tables) {
      (tables: inout StudyTables) throws(SiblingError) in
      try fill(&tables)
    }
  }

  private func fill(_ tables: inout StudyTables) throws(SiblingError) {
    if let section = node["rosenbaum"] { try rosenbaum(section, &tables) }
    if node["e-value"]?.text == "true" { try evalue(&tables) }
    if let section = node["robustness"] { try robustness(section, &tables) }
    if let section = node["manski"] { try manski(section, &tables) }
    if let section = node["negative-control"] { try negativeControls(section, &tables) }
  }

  private func rosenbaum(
    _ section: StudyNode, _ tables: inout StudyTables
  ) throws(SiblingError) {
    let configurations = try RosenbaumAnalysis.configurations(
      study.options(section, OptionKey.rosenbaumStudy), level: study.level)
    var results: [RosenbaumBoundsResult] = []
    for configuration in configurations {
      do throws(SiblingError) {
        results += try RosenbaumAnalysis.results(
          [configuration], outcome: outcome, sample: sample)
      } catch {
        // One analysis that does not suit the design must not cost the report.
        guard error.code == .badDesign || error.code == .invalidOption || error.code == .badValue
        else { throw error.location == nil ? error.located(section.location) : error }
        tables.hiddenBiasRemarks.append(
          "Rosenbaum's bounds (\(configuration.statistic.rawValue)) are not given: \(error.message)."
        )
      }
    }
    for result in results {
      for bound in result.bounds {
        try append(
          "rosenbaum", result.statistic.rawValue,
          [
            "setting": .number(bound.gamma), "p.lower": Cell(bound.pLower),
            "p.upper": Cell(bound.pUpper), "low": Cell(bound.estimateLow),
            "high": Cell(bound.estimateHigh), "conf.low": Cell(bound.intervalLow),
            "conf.high": Cell(bound.intervalHigh),
          ], informative: result.informativeSets, &tables)
      }
      if let value = result.sensitivityValue {
        try append(
          "sensitivity-value", result.statistic.rawValue, ["value": .number(value)],
          informative: result.informativeSets, &tables)
      }
    }
  }

  private func evalue(_ tables: inout StudyTables) throws(SiblingError) {
    var analysis = try effects.analysis(
      primary, outcome: outcome, estimator: effects.estimators(primary)[0])
    let values = try sample.bound.locating { () throws(SiblingError) in
      try OutcomeColumn.values(outcome, sample.bound)
    }
    let used = values.indices.filter { sample.weights[$0] > 0 }.map { values[$0] }
    let isBinary = used.allSatisfy { $0 == 0 || $0 == 1 }
    analysis.scale = isBinary ? .ratio : .difference
    let leading = study.node["assignment"]?["mechanism"]?.text == "randomised"
    let estimate = try analysis.estimate(on: leading ? EffectsPhase.everybody(sample) : sample)
      .effect.estimate
    let value: EValue
    if isBinary {
      value = try EValue.riskRatio(estimate.estimate, interval: estimate.interval)
    } else {
      let mean = used.reduce(0, +) / Double(used.count)
      let squares = used.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let deviation = (squares / Double(used.count - 1)).squareRoot()
      value = try EValue.standardizedDifference(
        estimate.estimate / deviation,
        standardError: estimate.standardError.map { $0 / deviation }, level: study.level)
    }
    try append(
      "e-value", isBinary ? "risk ratio" : "standardised difference",
      [
        "estimate": Cell(estimate.estimate), "conf.low": Cell(estimate.interval?.low),
        "conf.high": Cell(estimate.interval?.high), "value": .number(value.point),
        "value_limit": Cell(value.limit),
      ], &tables)
  }

  /// The linear regression of the outcome on treatment and covariates in the adjusted sample.
  private func robustness(
    _ section: StudyNode, _ tables: inout StudyTables
  ) throws(SiblingError) {
    guard !sample.hasUnequalWeights else {
      tables.hiddenBiasRemarks.append(
        "A robustness value is not given: the design weights people unequally, and the value of a"
          + " weighted regression would overstate how much an omitted variable must explain.")
      return
    }
    let options = study.options(section, OptionKey.robustnessStudy)
    let question = try RobustnessQuestion(options, level: study.level)
    let frame = sample.bound.frame
    let treatment = study.node["treatment"]?["column"]?.text ?? "treatment"
    let design = frame.design
    let withTreatment = DesignMatrix(
      matrix: Matrix(
        columns: (0..<design.columns).map { design.matrix.column($0) }
          + [sample.treated.map { $0 ? 1 : 0 }]), names: design.names + [treatment],
      assignment: design.assignment + [design.terms.count], terms: design.terms + [treatment])
    var finding: RobustnessFinding
    do throws(SiblingError) {
      let response = try OutcomeColumn.values(outcome, sample.bound)
      finding = try RobustnessFinding(
        design: withTreatment, column: design.columns, response: response,
        weights: sample.weights, benchmarks: [], multiples: question.multiples)
      // The design has balanced the recorded covariates, but nothing that is omitted: how strong a
      // covariate is must be read before adjustment, or every benchmark would look harmless.
      finding.benchmarks = try RobustnessFinding(
        design: withTreatment, column: design.columns, response: response,
        weights: sample.bound.weights, benchmarks: options.texts(.benchmark),
        multiples: question.multiples
      ).benchmarks
    } catch {
      throw error.location == nil ? error.located(section.location) : error
    }
    for row in try question.rows(finding.bias, finding.benchmarks) {
      var cells: [String: Cell] = [
        "setting": Cell(row.multiple), "estimate": Cell(row.estimate?.estimate),
        "conf.low": Cell(row.estimate?.interval?.low),
        "conf.high": Cell(row.estimate?.interval?.high),
        "p.upper": Cell(row.estimate?.pValue),
        "r2_treatment": Cell(row.strength?.treatmentShare),
        "r2_outcome": Cell(row.strength?.outcomeShare),
      ]
      guard row.name == "none" else {
        try append("benchmark", row.name, cells, &tables)
        continue
      }
      cells["value"] = .number(try finding.bias.robustnessValue(share: question.share))
      cells["value_limit"] = .number(
        try finding.bias.robustnessValue(share: question.share, alpha: question.alpha))
      try append("robustness", "linear regression", cells, &tables)
    }
    try contour(finding, question, &tables)
  }

  private func contour(
    _ finding: RobustnessFinding, _ question: RobustnessQuestion, _ tables: inout StudyTables
  ) throws(SiblingError) {
    var grid = question
    grid.steps = 24
    grid.hypothesised = []
    for row in try grid.rows(finding.bias, finding.benchmarks) where row.name == "grid" {
      var cells = people()
      cells["outcome"] = .text(outcome)
      cells["r2_treatment"] = Cell(row.strength?.treatmentShare)
      cells["r2_outcome"] = Cell(row.strength?.outcomeShare)
      cells["estimate"] = Cell(row.estimate?.estimate)
      try tables.hiddenBiasContour.append(cells)
    }
  }

  private func manski(
    _ section: StudyNode, _ tables: inout StudyTables
  ) throws(SiblingError) {
    let bounds = try ManskiAnalysis.configuration(
      study.options(section, OptionKey.manskiStudy), level: study.level)
    try sample.bound.locating { () throws(SiblingError) in
      let values = try OutcomeColumn.values(outcome, sample.bound)
      var plain = bounds
      (plain.response, plain.selection) = (.none, .none)
      var list = [("no assumption", plain)]
      if let words = ManskiAnalysis.assumptions(bounds) { list.append((words, bounds)) }
      for (name, configuration) in list {
        let found = try configuration.bounds(
          outcome: values, treatment: sample.treated, weights: sample.bound.weights)
        let everybody = sample.people(.unadjusted)
        try append(
          "manski", "\(configuration.estimand.rawValue), \(name)",
          [
            "low": .number(found.low), "high": .number(found.high),
            "conf.low": .number(found.interval.low), "conf.high": .number(found.interval.high),
            "n_treated": Cell(everybody.treated), "n_comparison": Cell(everybody.comparison),
          ], informative: everybody.treated + everybody.comparison, &tables)
      }
    }
  }

  private func negativeControls(
    _ section: StudyNode, _ tables: inout StudyTables
  ) throws(SiblingError) {
    let names = section.elements.compactMap(\.text)
    var found: [EffectEstimate] = []
    for name in names {
      do throws(SiblingError) {
        let analysis = try effects.analysis(
          primary, outcome: name, estimator: effects.estimators(primary)[0])
        found.append(try analysis.estimate(effects.table).effect)
      } catch {
        throw error.location == nil ? error.located(section.location) : error
      }
    }
    let adjusted = HolmAdjustment.adjusted(found.map(\.estimate.pValue))
    for (place, effect) in found.enumerated() {
      try append(
        "negative-control", effect.method.rawValue,
        [
          "estimate": Cell(effect.estimate.estimate),
          "conf.low": Cell(effect.estimate.interval?.low),
          "conf.high": Cell(effect.estimate.interval?.high),
          "p.upper": Cell(effect.estimate.pValue),
          "p.holm": Cell(adjusted[place]), "n_treated": Cell(effect.treatedRows),
          "n_comparison": Cell(effect.comparisonRows),
        ], informative: effect.treatedRows + effect.comparisonRows, outcome: names[place], &tables)
    }
  }
}
