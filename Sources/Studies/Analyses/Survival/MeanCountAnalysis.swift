internal import Cohorts
internal import Statistics
internal import Survival
internal import Tables

/// `mcc`: the mean cumulative count of recurrent events by arm.
struct MeanCountAnalysis: VerbAnalysis {
  var formula: String
  var settings: CommonSettings
  var estimator: MeanCumulativeCount
  var id: String?
  var counted: String?
  var times: [Double]
  var weekly: WeeklyColumns?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    self.formula = try VerbFormula.needed(formula, like: "Surv(start, stop, event) ~ arm")
    settings = try CommonSettings(options)
    estimator = MeanCumulativeCount(
      interval: MeanCumulativeCount.Interval(rawValue: try options.choice(.countInterval)) ?? .log,
      level: settings.level)
    id = options.text(.spellPerson)
    counted = options.text(.countedEvent)
    times = try options.numbers(.times)
    weekly = try WeeklyColumns(options)
    if weekly != nil {
      for key in [OptionKey.spellPerson, .countedEvent] where options.isGiven(key) {
        throw options.wrong(key, "does not apply to --weekly, which counts job starts")
      }
    }
  }

  /// Estimates the counts.
  ///
  /// - Throws: what is wrong with the data, located.
  func fit(_ table: Table) throws(SiblingError) -> (fit: MeanCumulativeCountFit, notes: [String]) {
    if let weekly { return try fit(table, weekly) }
    let bound = try BoundFormula(
      formula, to: table, settings: settings, alsoComplete: id.map { [$0] } ?? [], causes: true,
      purpose: .arms)
    return try bound.locating { () throws(SiblingError) in
      let response = try CompetingBinding.response(bound.frame)
      let (levels, codes) = (response.causes.levels, response.causes.codes)
      let event = counted ?? levels[0]
      guard let code = levels.firstIndex(of: event) else {
        throw SiblingError(
          .unknownLevel, "no row ends with the event '\(event)'",
          help: "events are: " + levels.joined(separator: ", "), column: "cause")
      }
      let times = try SurvivalTimes(
        start: response.times.start, time: response.times.time,
        event: codes.map { $0 >= 0 && Int($0) != code }, collapseTies: false)
      let people: Factor
      if let id {
        people = try bound.frame.factor(of: id)
      } else {
        people = Factor(
          codes: codes.indices.map { Int32($0) }, levels: codes.indices.map { "\($0 + 1)" })
      }
      let fit = try estimator.fit(
        times, counted: codes.map { Int($0) == code }, person: people, by: bound.frame.groups,
        weights: bound.weights, cluster: try bound.singleCluster())
      var notes = bound.notes + response.notes
      if levels.count > 1 {
        let others = levels.filter { $0 != event }.joined(separator: ", ")
        notes.append("counted: \(event); follow-up ends with: \(others)")
      }
      if id == nil { notes.append("without --id each row is a person") }
      return (fit, notes + fit.notes)
    }
  }

  /// Counts the job starts that weekly columns show.
  private func fit(
    _ table: Table, _ columns: WeeklyColumns
  ) throws(SiblingError) -> (fit: MeanCumulativeCountFit, notes: [String]) {
    let bound = try BoundFormula(formula, to: table, settings: settings, purpose: .arms)
    guard bound.frame.survival == nil, bound.frame.response == nil else {
      throw SiblingError(
        .formulaSyntax, "with --weekly the formula has a right side only",
        help: "for example ~ arm, or ~ 1")
    }
    let starts = WeeklyStarts(
      try WeeklyHistory(table: table, columns: columns), people: bound.frame.rows)
    var place = [Int](repeating: 0, count: table.rowCount)
    for (index, row) in bound.frame.rows.enumerated() { place[row] = index }
    let places = starts.person.map { place[Int($0)] }
    let count = bound.frame.rows.count
    let fit = try estimator.fit(
      SurvivalTimes(time: starts.week, event: starts.kind.map { $0 == .exit }),
      counted: starts.kind.map { $0 == .start },
      person: Factor(codes: places.map { Int32($0) }, levels: (0..<count).map { "\($0)" }),
      by: bound.frame.groups?.selecting(places),
      weights: bound.weights.map { weights in places.map { weights[$0] } },
      cluster: try bound.singleCluster()?.selecting(places))
    var notes = bound.notes + ["counted: starts of jobs; follow-up ends with \(columns.exited)"]
    if starts.unknownWeeks > 0 {
      notes.append(
        "\(starts.unknownWeeks) weeks under observation have no record: no job starts in or just"
          + " after them")
    }
    return (fit, notes + fit.notes)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let (fit, notes) = try fit(table)
    var rows = CurveRows()
    for curve in times.isEmpty ? fit.curves : fit.at(times: times) { rows.append(curve, label: "") }
    var output = AnalysisOutput(columns: rows.columns(label: nil), notes: notes)
    // One person may have had all the events of a step.
    output.hasRowsOfPeople = true
    return output
  }
}
