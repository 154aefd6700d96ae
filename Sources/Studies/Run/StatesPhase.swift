internal import Reporting
internal import Statistics
internal import Survival
internal import Tables

/// The states of a study: the share in each over time, and the time spent in each.
struct StatesPhase {
  let study: StudyFile
  let table: Table
  let gate: String

  /// Fills the table of states, and estimates rows of the time in each state.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ tables: inout StudyTables) throws(SiblingError) {
    guard study.node["states"] != nil else { return }
    try study.cached("states", gate: gate, &tables) {
      (tables: inout StudyTables) throws(SiblingError) in
      try fill(&tables)
    }
  }

  private func fill(_ tables: inout StudyTables) throws(SiblingError) {
    for node in study.node["states"]?.elements ?? [] {
      let name = node["name"]?.text ?? "states"
      do throws(SiblingError) {
        let fit = try Self.analysis(study, node).fit(table).fit
        try curves(fit, name, &tables)
        try times(fit, name, try study.options(node, [.horizon]).number(.horizon) ?? 0, &tables)
      } catch {
        throw error.location == nil ? error.located(node.location) : error
      }
    }
  }

  /// Decodes every analysis, without data.
  ///
  /// - Throws: `badValue` for two analyses of one name; what is wrong with the options, located.
  static func check(_ study: StudyFile) throws(SiblingError) {
    var seen: [String] = []
    for node in study.node["states"]?.elements ?? [] {
      let name = node["name"]?.text ?? ""
      guard !seen.contains(name) else {
        throw SiblingError(
          .badValue, "two analyses of states are called '\(name)'",
          location: node["name"]?.location)
      }
      seen.append(name)
      do throws(SiblingError) {
        _ = try analysis(study, node)
      } catch {
        throw error.located(node.location)
      }
    }
  }

  private static func analysis(
    _ study: StudyFile, _ node: StudyNode
  ) throws(SiblingError) -> StateAnalysis {
    var options = study.options(node, OptionKey.stateStudy + Verb.studyKeys)
    if let site = study.siteColumn, !options.isGiven(.cluster) { options.set(.cluster, to: site) }
    return try StateAnalysis(formula: node["formula"]?.text, options: options)
  }

  private func curves(
    _ fit: StateOccupancyFit, _ name: String, _ tables: inout StudyTables
  ) throws(SiblingError) {
    // The rows of one time stand together, a row a state.
    for arm in Self.arms(fit) {
      let curves = fit.curves.filter { $0.curve.arm == arm }
      guard let first = curves.first else { continue }
      let starts = curves.map { curve in curve.curve.atRisk.first ?? 0 }
      for (state, curve) in curves.enumerated() {
        try append(
          curve, name, 0, starts[state], curve.initial.estimate, curve.initial.error, nil, &tables)
      }
      for k in first.curve.times.indices where first.curve.times[k] > 0 {
        for curve in curves where curve.curve.times.indices.contains(k) {
          let part = curve.curve
          // Nobody is observed in a state that ends observation: there who came so far is counted.
          let entered = part.events[0...k].reduce(0, +)
          let isEnd = part.atRisk.allSatisfy { $0 == 0 }
          try append(
            curve, name, part.times[k], isEnd ? entered : part.atRisk[k], part.estimate[k],
            part.standardError[k], (part.low[k], part.high[k]), &tables)
        }
      }
    }
  }

  private func append(
    _ curve: OccupancyCurve, _ name: String, _ time: Double, _ count: Double, _ share: Double,
    _ error: Double, _ limits: (low: Double, high: Double)?, _ tables: inout StudyTables
  ) throws(SiblingError) {
    try tables.states.append([
      "analysis": .text(name), "arm": .text(curve.curve.arm), "state": .text(curve.state),
      "time": .number(time), "estimate": Cell(share), "std.error": Cell(error),
      "conf.low": Cell(limits?.low ?? share), "conf.high": Cell(limits?.high ?? share),
      "n_risk": .number(count),
    ])
  }

  private func times(
    _ fit: StateOccupancyFit, _ name: String, _ tau: Double, _ tables: inout StudyTables
  ) throws(SiblingError) {
    let people = Self.people(fit)
    let arms = Self.arms(fit)
    // Times up to an early horizon tell how many were in a state by then.
    let fewest = StateAnalysis.everInState(fit, until: tau)
    for (index, time) in fit.times.enumerated() {
      var row = EffectRow(
        analysis: name, estimand: "mean time in state", estimator: "aalen-johansen",
        outcome: time.state, estimate: time.estimate, scale: "time")
      row.estimate.term = time.arm
      row.estimate.pValue = nil
      row.estimate.statistic = nil
      if time.arm == arms.first {
        row.comparison = people[time.arm]
        row.comparisonEvents = fewest[index]
      } else {
        row.treated = people[time.arm]
        row.treatedEvents = fewest[index]
      }
      try tables.estimates.append(row.cells(level: study.level, gate: gate))
    }
    guard arms.count == 2 else { return }
    for (index, time) in fit.differences.enumerated() {
      var row = EffectRow(
        analysis: name, estimand: "difference of mean time in state", estimator: "aalen-johansen",
        outcome: time.state, estimate: time.estimate, scale: "difference")
      row.estimate.term = "difference"
      (row.comparison, row.treated) = (people[arms[0]], people[arms[1]])
      let least = fewest[fit.times.count + index]
      (row.comparisonEvents, row.treatedEvents) = (least, least)
      row.clusters = fit.clusters
      try tables.estimates.append(row.cells(level: study.level, gate: gate))
    }
  }

  private static func arms(_ fit: StateOccupancyFit) -> [String] {
    var arms: [String] = []
    for curve in fit.curves where !arms.contains(curve.curve.arm) { arms.append(curve.curve.arm) }
    return arms
  }

  /// People observed at the start, by arm.
  private static func people(_ fit: StateOccupancyFit) -> [String: Int] {
    var counts: [String: Double] = [:]
    for curve in fit.curves { counts[curve.curve.arm, default: 0] += curve.curve.atRisk.first ?? 0 }
    return counts.mapValues { Int($0.rounded()) }
  }
}
