internal import Reporting
internal import Statistics
internal import Survival
internal import Tables

extension SurvivalPhase {
  /// Parametric models and splines beside the curves.
  func models(_ part: Part, _ tables: inout StudyTables) throws(SiblingError) {
    guard part.node["models"]?.text == "true" else { return }
    let settings = try CommonSettings(options(part, []))
    let start = try TimeZero(options(part, [])).prepared(part.formula, part.data, settings)
    let arms = try BoundFormula(
      start.formula, to: start.table, settings: settings, purpose: .arms)
    let design = try BoundFormula(start.formula, to: start.table, settings: settings)
    let result = try design.locating { () throws(SiblingError) in
      let times = try SurvivalBinding.times(design.frame).times
      let last = times.time.indices.filter { times.event[$0] }.map { times.time[$0] }.max() ?? 1
      // A grid, not the times of events, which would tell of single people.
      let grid = (1...Self.gridPoints).map { last * Double($0) / Double(Self.gridPoints) }
      return try SurvivalModelComparison().compare(
        times, design.frame.design, arms: arms.frame.groups, weights: design.weights, at: grid)
    }
    let counts = try armCounts(part)
    for row in result.rows {
      try tables.modelComparison.append([
        "analysis": .text(part.name), "model": .text(row.model),
        "df": Cell(row.fit.degreesOfFreedom), "loglik": Cell(row.fit.logLikelihood),
        "aic": Cell(row.fit.akaike), "bic": Cell(row.fit.bayesian),
        "n_event": Cell(result.events),
      ])
      for (arm, values) in row.survival.enumerated() {
        let events = counts.events.indices.contains(arm) ? counts.events[arm] : 0
        for (time, value) in zip(result.times, values) {
          try tables.models.append([
            "analysis": .text(part.name), "arm": .text(result.arms[arm]),
            "model": .text(row.model), "time": .number(time), "survival": Cell(value),
            "n_event": Cell(events),
          ])
        }
      }
    }
    try note(result.notes, part, &tables)
  }

  private static let gridPoints = 50
}
