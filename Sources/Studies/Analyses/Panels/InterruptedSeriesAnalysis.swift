internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// `its`: interrupted time series by segmented regression.
struct InterruptedSeriesAnalysis: VerbAnalysis {
  var model: InterruptedTimeSeries
  var settings: CommonSettings
  var outcome: String
  var time: String
  /// The column that tells the treated series from its comparison.
  var comparison: String?
  var exposure: String?
  var covariates: String?
  /// Times after the interruption at which effects are printed.
  var at: [Double]
  var isExponentiated: Bool
  /// Whether the points are printed instead of estimates.
  var printsPaths: Bool

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    settings = try CommonSettings(options)
    outcome = try options.required(.outcome)
    time = try options.required(.time)
    comparison = options.text(.comparisonSeries)
    exposure = options.text(.exposure)
    covariates = options.text(.covariates)
    at = try options.numbers(.effectTimes)
    isExponentiated = try options.flag(.exponentiatedSeries)
    printsPaths = try options.flag(.paths)
    let isCount = try options.choice(.seriesFamily) == "poisson"
    if exposure != nil, !isCount {
      throw options.wrong(.exposure, "is for --family poisson")
    }
    if isExponentiated, !isCount {
      throw options.wrong(.exponentiatedSeries, "is for --family poisson")
    }
    if !settings.clusters.isEmpty {
      throw options.wrong(
        .cluster, "does not apply to one series or two; with many units use did")
    }
    let starts = try options.numbers(.interruption)
    guard !starts.isEmpty else {
      _ = try options.required(.interruption)
      throw options.wrong(.interruption, "takes numbers separated by commas")
    }
    model = InterruptedTimeSeries(
      interruptions: starts, excluded: try options.numbers(.excludePeriods),
      errors: try Self.errors(options, isCount: isCount), season: try Self.season(options),
      isCount: isCount, level: settings.level)
  }

  private static func errors(
    _ options: OptionValues, isCount: Bool
  ) throws(SiblingError) -> InterruptedTimeSeries.Errors {
    let lag = try options.integer(.seriesLag, in: 0...100_000)
    let name = try options.choice(.seriesMethod)
    if lag != nil, name != "newey-west" {
      throw options.wrong(.seriesLag, "is for --method newey-west")
    }
    if isCount, name == "prais-winsten" || name == "cochrane-orcutt" {
      throw options.wrong(.seriesMethod, "for counts is ols or newey-west")
    }
    return switch name {
    case "ols": .independent
    case "prais-winsten": .praisWinsten
    case "cochrane-orcutt": .cochraneOrcutt
    default: .neweyWest(lag: lag)
    }
  }

  private static func season(
    _ options: OptionValues
  ) throws(SiblingError) -> InterruptedTimeSeries.Season? {
    let harmonics = try options.integer(.harmonics, in: 1...1000)
    guard let length = try options.integer(.season, in: 2...366) else {
      if harmonics != nil { throw options.wrong(.harmonics, "needs --season") }
      return nil
    }
    guard let harmonics else { return .indicators(of: length) }
    guard harmonics <= length / 2 else {
      throw options.wrong(.harmonics, "can be at most half the season's length")
    }
    return .harmonics(harmonics, of: length)
  }

  /// Fits the model.
  ///
  /// - Throws: what is wrong with the columns, the series or the model, located.
  func fit(
    _ table: Table
  ) throws(SiblingError) -> (result: InterruptedTimeSeriesResult, notes: [String]) {
    let column = try table.column(time)
    if case .dates = column.values {
      throw table.wrongType(column, wanted: "a number of the period (1, 2, 3, …)")
    }
    var plain = settings
    var coded = table
    if let comparison {
      coded = try Treatment.coded(table, column: comparison, level: settings.treated)
      plain.treated = nil
    }
    let right = covariates.map { $0.contains("~") ? $0.drop { $0 != "~" }.dropFirst() : $0[...] }
    let bound = try BoundFormula(
      "`\(comparison ?? outcome)` ~ \(right.map(String.init) ?? "1")", to: coded, settings: plain,
      alsoComplete: [outcome, time] + (exposure.map { [$0] } ?? []))
    return try bound.locating { () throws(SiblingError) in
      let times = try bound.frame.numbers(of: time)
      try PanelRows.requirePeriods(model.excluded, among: times)
      let divisor: [Double]? =
        if let exposure { try bound.frame.numbers(of: exposure) } else { nil }
      let result = try model.fit(
        time: times, outcome: try bound.frame.numbers(of: outcome),
        treated: comparison == nil ? nil : try Treatment.flags(bound.frame),
        covariates: covariates == nil ? nil : bound.frame.design, exposure: divisor,
        weights: bound.weights)
      return (result, bound.notes + result.notes)
    }
  }

  /// The rows of the verb: coefficients and effects, or the points with `--paths`.
  ///
  /// - Throws: what is wrong with the columns, the series or the model, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let (result, found) = try fit(table)
    let notes = found + told(result)
    guard !printsPaths else {
      let points = result.points
      var output = AnalysisOutput(
        columns: [
          .numbers("time", points.map(\.time)),
          .integers("treated", points.map { $0.isTreated ? 1 : 0 }),
          .numbers("observed", points.map(\.outcome)),
          .numbers("fitted", points.map(\.fitted)),
          .numbers("counterfactual", points.map(\.counterfactual)),
          .integers("excluded", points.map { $0.isExcluded ? 1 : 0 }),
        ], notes: notes)
      output.hasRowsOfPeople = true
      return output
    }
    var rows = result.table.rows
    for index in result.interruptions.indices {
      for k in at {
        if let effect = result.effect(after: k, ofInterruption: index) { rows.append(effect) }
      }
    }
    let estimates = EstimateTable(rows: rows, observations: result.table.observations)
    let last = result.points.map(\.time).max() ?? 0
    let beyond = at.filter { k in result.interruptions.contains { $0 + k > last } }
    let extrapolated =
      beyond.isEmpty
      ? []
      : [
        "effects at \(beyond.map { NumberText.shortest($0) }.joined(separator: ", ")) lie beyond the"
          + " series: they suppose that both trends go on in straight lines"
      ]
    return AnalysisOutput(
      columns: estimates.columns(exponentiate: isExponentiated), notes: notes + extrapolated,
      observations: result.table.observations)
  }

  /// The conventions and what the residuals say.
  private func told(_ result: InterruptedTimeSeriesResult) -> [String] {
    var notes: [String] = []
    if let row = result.table.rows.first {
      var rule = ""
      if case .neweyWest(let lag) = model.errors, lag == nil {
        rule = "; the lag is 4(T/100)^(2/9) rounded down"
      }
      notes.append(
        "standard errors: \(row.convention)\(rule); time starts at 0 in the first period, slope in"
          + " the interruption's, so that level is the change there")
    }
    if model.isCount, !isExponentiated {
      notes.append("estimates are logarithms of rates and rate ratios")
    }
    if let rho = result.autocorrelation {
      notes.append("autocorrelation of errors: \(NumberText.significant(rho, digits: 6))")
    }
    var serial =
      "Durbin–Watson \(NumberText.significant(result.durbinWatson, digits: 5)) (2 without"
      + " autocorrelation)"
    if let test = result.breuschGodfrey {
      serial +=
        "; Breusch–Godfrey to lag \(test.order): chi-squared"
        + " \(NumberText.significant(test.statistic, digits: 6)), p"
        + " \(NumberText.significant(test.pValue, digits: 4))"
    }
    notes.append(serial + ", of the least squares residuals")
    return notes
  }
}
