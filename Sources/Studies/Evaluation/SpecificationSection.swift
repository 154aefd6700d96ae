internal import Matching
internal import Reporting
internal import Statistics
internal import Tables

/// The primary effect over every combination of declared choices.
enum SpecificationSection: EvaluationSection {
  static let showsEffects = true
  static let place = EvaluationPlace.afterEffects
  static let name = "specifications"

  static func check(_ study: StudyFile) throws(SiblingError) {
    guard let choices = try SpecificationChoices(study) else { return }
    do throws(SiblingError) {
      _ = try ResultTable.specifications(choices.columns)
    } catch {
      throw error.located(study.node[name]?.location)
    }
    for option in choices.choices.flatMap(\.options) {
      do throws(SiblingError) {
        if let text = option["formula"]?.text { _ = try Formula(parsing: text) }
        if let text = option["where"]?.text { _ = try Expression(parsing: text) }
      } catch {
        throw error.located((option["formula"] ?? option["where"] ?? option).location)
      }
    }
  }

  static func run(_ run: EvaluationRun, _ tables: inout StudyTables) throws(SiblingError) {
    guard let choices = try SpecificationChoices(run.study), let design = run.design,
      let table = run.table
    else { return }
    let runner = try SpecificationRunner(run, table, design)
    var plans: [SpecificationChoices.Plan] = []
    var outcomes: [Int: SpecificationRunner.Outcome] = [:]
    var places: [Int] = []
    for combination in 0..<choices.count {
      do throws(SiblingError) {
        plans.append(try choices.plan(combination, run))
        places.append(combination)
      } catch {
        try refuse(error, choices, combination)
        outcomes[combination] = .skipped(error)
      }
    }
    for (place, outcome) in zip(places, runner.estimates(plans)) {
      if case .skipped(let error) = outcome { try refuse(error, choices, place) }
      outcomes[place] = outcome
    }
    let made = Dictionary(uniqueKeysWithValues: zip(places, plans))
    var result = try ResultTable.specifications(choices.columns)
    for combination in 0..<choices.count {
      try result.append(
        cells(choices, combination, made[combination], outcomes[combination], run.study, runner))
    }
    tables.cohort += [result, try summary(choices, made, outcomes, result, run.study)]
  }

  /// Mistakes in the study file stop the run; what a combination can't do makes it one that is skipped.
  private static func refuse(
    _ error: SiblingError, _ choices: SpecificationChoices, _ combination: Int
  ) throws(SiblingError) {
    let mistakes: [SiblingError.Code] = [
      .unknownColumn, .formulaSyntax, .wrongType, .internalError,
    ]
    guard mistakes.contains(error.code) else { return }
    let nodes = zip(choices.choices, choices.options(combination)).map { $0.options[$1] }
    // The option that names the column is the one to be mended, not the data.
    let named = nodes.first { node in
      node.keys.contains { key in
        key.name != "name"
          && error.column.map { node[key.name]?.text?.contains($0) ?? false } ?? false
      }
    }
    throw named == nil && error.location != nil
      ? error : error.located((named ?? nodes.first { $0.keys.count > 1 })?.location)
  }

  private static func cells(
    _ choices: SpecificationChoices, _ combination: Int, _ plan: SpecificationChoices.Plan?,
    _ outcome: SpecificationRunner.Outcome?, _ study: StudyFile, _ runner: SpecificationRunner
  ) -> [String: Cell] {
    var cells: [String: Cell] = ["specification": Cell(combination + 1)]
    for (column, (choice, taken)) in zip(
      choices.columns, zip(choices.choices, choices.options(combination)))
    {
      cells[column.column] = .text(choice.names[taken])
    }
    cells["outcome"] = Cell(plan?.outcome)
    cells["estimand"] = Cell(plan?.design.estimand.rawValue)
    cells["same_question"] = Cell(plan?.isSameQuestion)
    cells["as_reported"] = Cell(plan?.isAsReported)
    guard case .estimated(let row, _)? = outcome else {
      cells["status"] = "skipped"
      if case .skipped(let error)? = outcome {
        cells["reason"] = .text(
          study.disclosure == "none" ? error.message : AnalysisOutput.masked(error.message))
      }
      return cells
    }
    let all = row.cells(level: study.level, gate: "")
    for name in [
      "estimator", "estimate", "std.error", "df", "p.value", "conf.low", "conf.high", "conf.level",
      "se_type", "n_clusters",
    ] {
      cells[name] = all[name]
    }
    for name in ["n_treated", "n_comparison", "events_treated", "events_comparison"] {
      cells["hidden_\(name)"] = all[name]
    }
    // Two combinations with nearly the same people would tell how many they differ by.
    if runner.leastPeople == nil {
      cells["n_treated"] = all["n_treated"]
      cells["n_comparison"] = all["n_comparison"]
    }
    cells["status"] = "estimated"
    return cells
  }

  private static func summary(
    _ choices: SpecificationChoices, _ plans: [Int: SpecificationChoices.Plan],
    _ outcomes: [Int: SpecificationRunner.Outcome], _ result: ResultTable, _ study: StudyFile
  ) throws(SiblingError) -> ResultTable {
    let rows = result.rows.indices.filter { result[$0, "status"] == "estimated" }
    // Other outcomes and other people's effects are other questions: shown, not summed up.
    let same = rows.filter { result[$0, "same_question"] == true }
    let outcome = study.node["effects"]?.elements.first?["outcome"]?.text ?? ""
    let isRatio =
      plans.values.contains { $0.analysis.scale != .difference }
      && !rows.contains { result[$0, "se_type"].text?.hasPrefix("exchange") ?? false }
    let null = isRatio ? 1.0 : 0
    let points = same.map { row in
      SpecificationCurve.Point(
        estimate: result[row, "estimate"].number ?? .nan, low: result[row, "conf.low"].number,
        high: result[row, "conf.high"].number)
    }.filter { $0.estimate.isFinite }
    let declared = study.node["outcomes"]?.elements.first { $0["name"]?.text == outcome }
    let higherIsBetter = declared?["better"]?.text != "lower"
    let curve = SpecificationCurve(points, null: null)
    let joint = try joint(choices, same.map { outcomes[$0] }, study)
    var table = ResultTable.specificationSummary
    try table.append([
      "outcome": .text(outcome), "declared": Cell(choices.count), "estimated": Cell(rows.count),
      "skipped": Cell(choices.count - rows.count), "other_question": Cell(rows.count - same.count),
      "same_sign": Cell(curve?.sameSign),
      "favourable": Cell(higherIsBetter ? curve?.above : curve?.below),
      "unfavourable": Cell(higherIsBetter ? curve?.below : curve?.above),
      "estimate_low": Cell(curve?.lowest), "estimate_median": Cell(curve?.median),
      "estimate_high": Cell(curve?.highest), "p.median": Cell(joint?.test.medianPValue),
      "p.share": Cell(joint?.test.sharePValue), "exchanges": Cell(joint?.exchanges),
      "conf.level": .number(study.level),
      "hidden_n_fewest": Cell(
        same.flatMap { row in
          ["n_treated", "n_comparison", "events_treated", "events_comparison"].compactMap {
            result[row, "hidden_\($0)"].number
          }
        }.min()),
    ])
    return table
  }

  /// The joint test by exchanging treatment; nil unless asked for and possible for every combination.
  private static func joint(
    _ choices: SpecificationChoices, _ outcomes: [SpecificationRunner.Outcome?], _ study: StudyFile
  ) throws(SiblingError) -> (test: SpecificationCurve.Joint, exchanges: Int)? {
    guard let draws = choices.draws, !outcomes.isEmpty else { return nil }
    var samples: [FewClusterSample] = []
    for outcome in outcomes {
      guard case .estimated(_, let sample?)? = outcome else { return nil }
      samples.append(sample)
    }
    do throws(SiblingError) {
      let found = try JointExchange(draws: draws, limit: draws, seed: study.seed).test(samples)
      return SpecificationCurve.joint(
        estimates: found.estimates, statistics: found.statistics,
        exchangedEstimates: found.exchangedEstimates,
        exchangedStatistics: found.exchangedStatistics, isExact: found.isExact,
        alpha: 1 - study.level
      ).map { ($0, found.exchangedEstimates.count) }
    } catch {
      guard [.badDesign, .constantTreatment].contains(error.code) else { throw error }
      return nil
    }
  }
}
