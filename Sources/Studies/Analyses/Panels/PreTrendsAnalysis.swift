internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// `pretrends`: violations of parallel trends that a test of effects before treatment detects.
struct PreTrendsAnalysis: VerbAnalysis {
  var source: SensitivitySource
  var power: PreTrendPower

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    source = try SensitivitySource(options)
    let powers = try options.numbers(.preTrendPowers)
    guard !powers.isEmpty, powers.allSatisfy({ $0 > 0 && $0 < 1 }) else {
      throw options.wrong(.preTrendPowers, "takes numbers between zero and one")
    }
    power = PreTrendPower(powers: powers, level: source.settings.level)
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
    let rows = try power.fit(found.estimates).flatMap { result in
      result.effects.map { (result: result, effect: $0) }
    }
    let columns: [Column] = [
      .texts("test", rows.map { $0.result.test.rawValue }),
      .numbers("power", rows.map { $0.result.power }),
      .numbers("slope", rows.map { $0.result.slope }),
      .numbers("time", rows.map { $0.effect.eventTime }),
      .numbers("bias", rows.map { $0.effect.bias }),
      .numbers("bias.passing", rows.map { $0.effect.biasWhenPassing }),
    ]
    let estimates = found.estimates
    let shown = zip(estimates.eventTimes, estimates.estimates).filter {
      $0.0 > estimates.reference
    }.map { "e=\(NumberText.shortest($0.0)) \(NumberText.significant($0.1, digits: 5))" }
    let notes =
      found.notes + [
        "\(estimates.before) event times before the reference; the estimates after it, to compare"
          + " with the bias: \(shown.joined(separator: ", "))"
      ]
    var output = AnalysisOutput(columns: columns, notes: notes)
    if let observations = found.observations {
      output = AnalysisOutput(columns: columns, notes: notes, observations: observations)
    }
    output.labels = ["power"]
    return output
  }
}
