internal import Statistics
internal import Survival
internal import Tables

/// `turnbull`: survival from times that are known to intervals.
struct TurnbullAnalysis: VerbAnalysis {
  var formula: String
  var settings: CommonSettings
  var times: [Double]
  var wantsBounds: Bool
  var interval: CurveInterval

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    self.formula = try VerbFormula.needed(
      formula, like: "Surv(low, high, type = \"interval2\") ~ arm")
    settings = try CommonSettings(options)
    times = try options.numbers(.intervalTimes)
    wantsBounds = try options.flag(.bounds)
    interval = CurveInterval(rawValue: try options.choice(.confidence)) ?? .log
    if wantsBounds, times.isEmpty { throw options.wrong(.bounds, "needs --times") }
    if let time = times.first(where: { $0 < 0 }) {
      throw options.wrong(.intervalTimes, "takes times from zero up; \(time) is below")
    }
    if !wantsBounds, options.isGiven(.confidence) {
      throw options.wrong(.confidence, "goes with --bounds: the estimate itself has no interval")
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let bound = try BoundFormula(formula, to: table, settings: settings, purpose: .arms)
    return try bound.locating { () throws(SiblingError) in
      let cluster = try bound.singleCluster()
      guard let response = bound.frame.survival, let latest = response.latest else {
        throw SiblingError(
          .formulaSyntax, "the left side must be Surv(low, high, type = \"interval2\")",
          help: "equal ends are an exact time, a missing high is a row without the event")
      }
      let intervals = try IntervalTimes(low: response.time, high: latest)
      let note =
        "\(intervals.exact) times are exact, \(intervals.censored) rows are without the event and"
        + " \(intervals.count - intervals.exact - intervals.censored) are known to intervals"
      if wantsBounds {
        var output = AnalysisOutput(
          columns: try bounds(intervals, bound, cluster), notes: bound.notes + [note],
          observations: intervals.count)
        output.hasRowsOfPeople = true
        return output
      }
      let fit = try Turnbull().fit(intervals, by: bound.frame.groups, weights: bound.weights)
      var notes = bound.notes + [note]
      if cluster != nil {
        notes.append("--cluster plays no part: this estimate has no standard errors")
      }
      for arm in fit.arms {
        notes.append(
          "\(arm.name): the log-likelihood \(arm.logLikelihood) is within"
            + " \(arm.gap * Double(arm.count)) of its maximum")
      }
      var output = AnalysisOutput(
        columns: times.isEmpty ? Self.masses(fit) : readings(fit), notes: notes,
        observations: fit.observations)
      // An interval's mass may be that of one person.
      output.hasRowsOfPeople = true
      return output
    }
  }

  private func bounds(
    _ intervals: IntervalTimes, _ bound: BoundFormula, _ cluster: Factor?
  ) throws(SiblingError) -> [Column] {
    let rows = try IntervalBounds(
      times: times, curve: KaplanMeier(interval: interval, level: settings.level)
    ).fit(intervals, by: bound.frame.groups, weights: bound.weights, cluster: cluster)
    return [
      .texts("arm", rows.map(\.term)), .numbers("time", rows.map(\.time)),
      .numbers("earliest", rows.map(\.earliest)), .numbers("latest", rows.map(\.latest)),
      .numbers("low", rows.map(\.low)), .numbers("high", rows.map(\.high)),
      .numbers("conf.low", rows.map(\.lowerLimit)),
      .numbers("conf.high", rows.map(\.upperLimit)),
    ]
  }

  private func readings(_ fit: TurnbullFit) -> [Column] {
    var arms: [String?] = []
    var (at, low, high): ([Double], [Double], [Double]) = ([], [], [])
    for arm in fit.arms {
      for time in times.sorted() {
        let range = arm.survival(at: time)
        arms.append(arm.name)
        at.append(time)
        low.append(range.lowerBound)
        high.append(range.upperBound)
      }
    }
    return [
      .texts("arm", arms), .numbers("time", at), .numbers("survival.low", low),
      .numbers("survival.high", high),
    ]
  }

  /// One row an interval with mass; an end that is not known is missing.
  private static func masses(_ fit: TurnbullFit) -> [Column] {
    func finite(_ values: [Double]) -> [Double?] { values.map { $0.isFinite ? $0 : nil } }
    return [
      .texts("arm", fit.arms.flatMap { arm in arm.low.map { _ in arm.name } }),
      .numbers("low", finite(fit.arms.flatMap(\.low))),
      .numbers("high", finite(fit.arms.flatMap(\.high))),
      .numbers("mass", fit.arms.flatMap(\.mass)),
      .numbers("survival", fit.arms.flatMap(\.survival)),
    ]
  }
}
