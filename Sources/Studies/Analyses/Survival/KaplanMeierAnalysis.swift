internal import Statistics
internal import Survival
internal import Tables

/// `km`: survival curves by arm.
struct KaplanMeierAnalysis: VerbAnalysis {
  var formula: String
  var settings: CommonSettings
  var estimator: KaplanMeier
  var times: [Double]
  var quantiles: [Double]
  var eventsOnly: Bool
  var timeZero: TimeZero

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    self.formula = try VerbFormula.needed(formula, like: "Surv(time, event) ~ arm")
    settings = try CommonSettings(options)
    estimator = KaplanMeier(
      interval: CurveInterval(rawValue: try options.choice(.confidence)) ?? .log,
      level: settings.level, robust: try options.flag(.robust) ? true : nil,
      estimator: CurveEstimator(rawValue: try options.choice(.curveEstimator)) ?? .kaplanMeier,
      cumulativeHazard: try options.flag(.cumulativeHazard))
    times = try options.numbers(.times)
    quantiles = try options.numbers(.quantiles)
    eventsOnly = try options.flag(.eventsOnly)
    if !times.isEmpty, !quantiles.isEmpty {
      throw options.wrong(.quantiles, "can't be combined with --times")
    }
    if estimator.cumulativeHazard {
      if !quantiles.isEmpty {
        throw options.wrong(.quantiles, "can't be combined with --cumulative-hazard")
      }
      if options.isGiven(.curveEstimator), estimator.estimator == .kaplanMeier {
        throw options.wrong(
          .curveEstimator, "must be nelson-aalen or fleming-harrington for a cumulative hazard")
      }
    }
    timeZero = try TimeZero(options)
  }

  /// Estimates the curves.
  ///
  /// - Throws: what is wrong with the data, located.
  func fit(_ table: Table) throws(SiblingError) -> (fit: KaplanMeierFit, notes: [String]) {
    try timeZero.withArms(formula, table, settings) { (sample) throws(SiblingError) in
      let fit = try estimator.fit(
        sample.times, by: sample.groups, weights: sample.weights, cluster: sample.cluster)
      return (fit, sample.notes + fit.notes)
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let (fit, notes) = try fit(table)
    return try output(fit, notes: notes)
  }

  /// The rows of a fit.
  ///
  /// - Throws: `invalidOption` for shares that are none.
  func output(_ fit: KaplanMeierFit, notes: [String]) throws(SiblingError) -> AnalysisOutput {
    if !quantiles.isEmpty {
      let rows = try fit.quantiles(quantiles)
      var output = AnalysisOutput(
        columns: [
          .texts("arm", rows.map(\.arm)), .numbers("quantile", rows.map(\.quantile)),
          .numbers("time", rows.map(\.time)), .numbers("conf.low", rows.map(\.low)),
          .numbers("conf.high", rows.map(\.high)),
        ], notes: notes, observations: fit.observations)
      // A quantile and its limits are times of some person: enough must have left before the first
      // of them, and enough stay after the last.
      let around = rows.map { row in
        Self.around(
          row.low.isNaN ? row.time : row.low, row.high.isNaN ? row.time : row.high,
          in: fit.curves.first { $0.arm == row.arm })
      }
      output.people["before"] = around.map(\.before)
      output.people["after"] = around.map(\.after)
      output.timesOfPeople = ["time"]
      return output
    }
    let curves = times.isEmpty ? fit.curves : fit.at(times: times)
    var columns = Self.columns(curves, eventsOnly: eventsOnly)
    if fit.cumulativeHazard { columns[5].name = "cumulative.hazard" }
    return AnalysisOutput(columns: columns, notes: notes)
  }

  /// Events up to a time and people at risk after another, at least one of each.
  ///
  /// Nobody is as few as one. Where there is no such time (NaN) nobody stays after it.
  private static func around(
    _ first: Double, _ last: Double, in curve: Curve?
  ) -> (before: Int, after: Int) {
    guard let curve, !first.isNaN, !last.isNaN else { return (1, 1) }
    let places = curve.times.indices
    let before = places.filter { curve.times[$0] <= first }.reduce(0) { $0 + curve.events[$1] }
    let after = places.first { curve.times[$0] > last }.map { curve.atRisk[$0] } ?? 0
    return (Int(max(1, min(before, 1e15))), Int(max(1, min(after, 1e15))))
  }

  /// The curve columns of the contract.
  static func columns(_ curves: [Curve], eventsOnly: Bool) -> [Column] {
    var arms: [String?] = []
    var numbers = [[Double?]](repeating: [], count: 8)
    for curve in curves {
      for k in curve.times.indices where !eventsOnly || curve.events[k] > 0 {
        arms.append(curve.arm)
        let row = [
          curve.times[k], curve.atRisk[k], curve.events[k], curve.censored[k], curve.estimate[k],
          curve.standardError[k], curve.low[k], curve.high[k],
        ]
        for (place, value) in row.enumerated() { numbers[place].append(value) }
      }
    }
    let names = [
      "time", "n_risk", "n_event", "n_censor", "survival", "std.error", "conf.low", "conf.high",
    ]
    return [.texts("arm", arms)] + zip(names, numbers).map { .numbers($0, $1) }
  }
}

/// Survival responses of a frame, as the Survival room takes them.
enum SurvivalBinding {
  /// The times of a bound `Surv(…)`.
  ///
  /// - Throws: `formulaSyntax` when the left side is not `Surv(…)`; what is wrong with the times.
  ///
  /// Times that differ by no more than rounding are ties unless `collapseTies` is off.
  static func times(
    _ frame: ModelFrame, collapseTies: Bool = true
  ) throws(SiblingError) -> (times: SurvivalTimes, notes: [String]) {
    guard let response = frame.survival else {
      throw SiblingError(
        .formulaSyntax, "the left side of the formula must be Surv(time, event)",
        help: "for example Surv(weeks, ended) ~ arm")
    }
    guard response.latest == nil else {
      throw SiblingError(
        .formulaSyntax, "this verb takes times, not intervals",
        help: "'turnbull' reads Surv(low, high, type = \"interval2\")")
    }
    let times = try SurvivalTimes(
      start: response.start, time: response.time, event: response.event,
      collapseTies: collapseTies)
    return (times, times.notes)
  }
}
