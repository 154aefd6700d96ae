internal import Reporting
internal import Statistics
internal import Survival
internal import Tables

// What is read off the curves at chosen times, and what speaks against reading them.

extension SurvivalPhase {
  /// Differences of survival at the declared times.
  func milestones(_ part: Part, _ tables: inout StudyTables) throws(SiblingError) {
    guard part.node[OptionKey.times.name] != nil else { return }
    guard !hasThresholds else {
      try note(
        [
          "differences at chosen times are not given under '\(study.disclosure)': beside the curves they would tell of few people"
        ], part, &tables)
      return
    }
    let analysis = try MilestonesAnalysis(
      formula: part.formula, options: options(part, [.times, .confidence]))
    let fit = try analysis.fit(part.data).fit
    let counts = try armCounts(part)
    for milestone in fit.milestones {
      guard let contrast = milestone.contrasts.first, milestone.contrasts.count == 1,
        contrast.difference.estimate.isFinite
      else { continue }
      var row = EffectRow(
        analysis: part.name, estimand: "survival difference", estimator: "kaplan-meier",
        outcome: part.name, estimate: contrast.difference, scale: "difference")
      row.estimate.term = "difference@\(Self.written(milestone.time))"
      counts.fill(&row)
      row.clusters = fit.clusters
      try append(row, &tables)
    }
    try note(fit.notes, part, &tables)
  }

  /// A time without a decimal point that it doesn't need.
  private static func written(_ time: Double) -> String {
    Int(exactly: time).map(String.init) ?? "\(time)"
  }

  /// Every guard's finding becomes a sentence of the report and a warning among the checks.
  func guards(_ part: Part, _ tables: inout StudyTables) throws(SiblingError) {
    let options = options(part, [])
    let times = try study.options(part.node, [.times]).numbers(.times)
    let found = try TimeZero(options).withArms(
      part.formula, part.data, try CommonSettings(options)
    ) { (sample) throws(SiblingError) in
      let guards = SurvivalGuards()
      var found: [GuardFinding] = []
      for time in times {
        found += try guards.immatureCohorts(sample.times, by: sample.groups, at: time)
      }
      guard let groups = sample.groups else { return found }
      found += try guards.crossingCurves(
        sample.times, by: groups, weights: sample.weights, cluster: sample.cluster)
      if let ends = try guards.informativeFollowUp(
        sample.times, by: groups, strata: sample.strata)
      {
        found.append(ends)
      }
      if let few = guards.fewEvents(sample.times.events, parameters: groups.levels.count - 1) {
        found.append(few)
      }
      return found
    }
    for finding in found {
      try note([finding.sentence], part, &tables)
    }
    for kind in GuardFinding.Kind.allCases where found.contains(where: { $0.kind == kind }) {
      try tables.diagnostics.append([
        "analysis": .text(part.name),
        "check": .text(kind.rawValue.split(separator: "-").joined(separator: " ")),
        "status": "WARN",
      ])
    }
  }

  func note(
    _ sentences: [String], _ part: Part, _ tables: inout StudyTables
  ) throws(SiblingError) {
    for sentence in sentences {
      let shown = study.disclosure == "none" ? sentence : AnalysisOutput.masked(sentence)
      if tables.survivalNotes[part.name, default: []].contains(shown) { continue }
      tables.survivalNotes[part.name, default: []].append(shown)
    }
  }

  /// How the arm's coefficient varies over time.
  func smooth(
    _ fit: CoxFit, _ part: Part, _ tables: inout StudyTables
  ) throws(SiblingError) {
    let result: SchoenfeldSmoothFit
    do throws(SiblingError) {
      result = try SchoenfeldSmooth().fit(fit)
    } catch {
      // Too few distinct event times bear no smooth; the test of proportional hazards stands.
      return
    }
    for curve in result.curves {
      for k in result.grid.indices {
        try tables.schoenfeld.append([
          "analysis": .text(part.name), "term": .text(curve.term),
          "time": .number(result.gridTimes[k]), "transformed": .number(result.grid[k]),
          "estimate": Cell(curve.estimate[k]), "conf.low": Cell(curve.low[k]),
          "conf.high": Cell(curve.high[k]), "coefficient": Cell(curve.coefficient),
          "near": Cell(result.near[k]), "n_event": Cell(fit.events),
        ])
      }
    }
  }
}
