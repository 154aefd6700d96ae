internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// `honest-did`: intervals under bounds on violations of parallel trends.
struct HonestDifferencesAnalysis: VerbAnalysis {
  var source: SensitivitySource
  var sensitivity: TrendSensitivity

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    source = try SensitivitySource(options)
    let bounds = try options.numbers(.sensitivityBounds)
    guard !bounds.isEmpty, bounds.allSatisfy({ $0 >= 0 }) else {
      throw options.wrong(.sensitivityBounds, "takes numbers from zero up")
    }
    let target: TrendSensitivity.Target
    if options.text(.sensitivityTarget) == "average" {
      target = .average
    } else {
      guard let time = Int(options.text(.sensitivityTarget) ?? "") else {
        throw options.wrong(.sensitivityTarget, "takes an event time or average")
      }
      target = .eventTime(Double(time))
    }
    sensitivity = TrendSensitivity(
      kind: TrendSensitivity.Kind(rawValue: try options.choice(.sensitivityKind))
        ?? .relativeMagnitude,
      magnitudes: bounds, sign: TrendSensitivity.Sign(rawValue: try options.choice(.biasSign)),
      direction: TrendSensitivity.Direction(rawValue: try options.choice(.biasDirection)),
      target: target, level: source.settings.level)
  }

  /// The rows of the data.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    try output(try source.estimates(table))
  }

  /// The rows of estimates that were given in files.
  ///
  /// - Throws: what is wrong with the files, located.
  func runWithoutData() throws(SiblingError) -> AnalysisOutput {
    try output(try source.estimates())
  }

  private func output(_ found: SensitivitySource.Found) throws(SiblingError) -> AnalysisOutput {
    let result = try sensitivity.fit(found.estimates)
    let rows = result.rows
    let columns: [Column] = [
      .texts("kind", ["original"] + rows.map { _ in result.kind.rawValue }),
      .numbers("m", [nil] + rows.map(\.magnitude)),
      .numbers("conf.low", [result.original.low] + rows.map(\.interval?.low)),
      .numbers("conf.high", [result.original.high] + rows.map(\.interval?.high)),
    ]
    let breakdown = try sensitivity.breakdown(found.estimates)
    let notes = found.notes + notes(result, found.estimates, breakdown)
    var output = AnalysisOutput(columns: columns, notes: notes)
    if let observations = found.observations {
      output = AnalysisOutput(columns: columns, notes: notes, observations: observations)
    }
    output.labels = ["m"]
    return output
  }

  private func notes(
    _ result: TrendSensitivityResult, _ estimates: EventStudyEstimates,
    _ breakdown: TrendSensitivity.Breakdown
  ) -> [String] {
    func number(_ value: Double) -> String { NumberText.significant(value, digits: 7) }
    let target =
      switch sensitivity.target {
      case .average: "the mean effect after the reference"
      case .eventTime(let time): "the effect at event time \(number(time))"
      }
    var notes = [
      "\(target): \(number(result.estimate)), standard error \(number(result.standardError));"
        + " \(estimates.before) event times before the reference \(number(estimates.reference)),"
        + " \(estimates.after) after"
    ]
    switch breakdown {
    case .always: notes.append("the interval covers zero at m = 0 already")
    case .at(let m): notes.append("the interval covers zero from m = \(number(m)) on")
    case .notUpTo(let m): notes.append("the interval covers zero at no m up to \(number(m))")
    }
    for row in result.rows where row.interval == nil {
      notes.append(
        "m = \(number(row.magnitude)): the estimates reject what is assumed of the bias, whatever the"
          + " effect; there is no interval")
    }
    if let certificate = result.certificate {
      notes.append(
        "shortest intervals of fixed length; conditions of optimality hold to"
          + " \(NumberText.significant(certificate, digits: 2))")
    } else {
      notes.append(
        "conditional test with a least favourable first stage of a tenth of its size, limits bisected"
      )
    }
    return notes
  }
}
