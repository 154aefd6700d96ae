internal import Statistics
internal import Survival
internal import Tables

/// `states`: the share in each state over time by arm, and the time spent in each.
struct StateAnalysis: VerbAnalysis {
  var source: StateSource
  var estimator: StateOccupancy
  var times: [Double]

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    let text = try VerbFormula.needed(formula, like: "Surv(start, stop, state) ~ arm")
    let settings = try CommonSettings(options)
    source = try StateSource(formula: text, settings: settings, options: options)
    estimator = StateOccupancy(
      interval: CurveInterval(rawValue: try options.choice(.confidence)) ?? .log,
      level: settings.level, tau: try options.number(.horizon))
    times = try options.numbers(.stateTimes)
    if !times.isEmpty, estimator.tau != nil {
      throw options.wrong(.stateTimes, "can't be combined with --tau")
    }
  }

  /// Estimates the shares and times.
  ///
  /// - Throws: what is wrong with the data, located.
  func fit(_ table: Table) throws(SiblingError) -> (fit: StateOccupancyFit, notes: [String]) {
    let bound = try source.bind(table)
    do {
      let fit = try estimator.fit(
        bound.spells, by: bound.arms, weights: bound.weights, cluster: bound.cluster)
      return (fit, bound.notes + fit.notes)
    } catch {
      throw table.locating(error, rows: bound.rows)
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let (fit, notes) = try fit(table)
    guard let tau = estimator.tau else {
      var rows = CurveRows()
      for curve in times.isEmpty ? fit.curves : fit.at(times: times) {
        rows.append(curve.curve, label: curve.state)
      }
      var output = AnalysisOutput(columns: rows.columns(label: "state"), notes: notes)
      // A move of one person can be had from the shares of the others.
      output.hasRowsOfPeople = true
      return output
    }
    let several = Set(fit.differences.map(\.arm)).count > 1
    let rows = fit.times + fit.differences
    let labels =
      fit.times.map(\.arm)
      + fit.differences.map { several ? "difference: \($0.arm)" : "difference" }
    let estimates = rows.map(\.estimate)
    // A time is not tested against zero.
    let tests = rows.indices.map { $0 < fit.times.count ? nil : estimates[$0].pValue }
    var output = AnalysisOutput(
      columns: [
        .texts("arm", labels), .texts("state", rows.map(\.state)),
        .numbers("tau", rows.map { _ in tau }), .numbers("estimate", estimates.map(\.estimate)),
        .numbers("std.error", estimates.map(\.standardError)),
        .numbers("conf.low", estimates.map(\.interval?.low)),
        .numbers("conf.high", estimates.map(\.interval?.high)), .numbers("p.value", tests),
      ], notes: notes, observations: fit.people)
    output.people["in_state"] = Self.everInState(fit, until: tau)
    return output
  }

  /// For each row of times and differences the fewest people who were in any state of its arms.
  ///
  /// The times of an arm add up to the horizon, so that one alone can't be withheld.
  static func everInState(_ fit: StateOccupancyFit, until tau: Double) -> [Int] {
    let counts = fit.curves.map { state in
      let moves = zip(state.curve.times, state.curve.events).filter { $0.0 <= tau }.map(\.1)
      let sum = moves.reduce(state.curve.atRisk.first ?? 0, +)
      return Int(exactly: sum.rounded()) ?? 0
    }
    let size = fit.states.count
    let fewest = stride(from: 0, to: counts.count, by: size).map { first in
      counts[first..<(first + size)].min() ?? 0
    }
    return fit.times.indices.map { fewest[$0 / size] }
      + fit.differences.indices.map { min(fewest[0], fewest[$0 / size + 1]) }
  }
}
