internal import Statistics
internal import Survival
internal import Tables

/// `logrank`: the log-rank family.
struct LogRankAnalysis: VerbAnalysis {
  var formula: String
  var settings: CommonSettings
  var test: LogRank
  var timeZero: TimeZero

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    self.formula = try VerbFormula.needed(formula, like: "Surv(time, event) ~ arm")
    settings = try CommonSettings(options)
    test = LogRank(
      rho: try options.number(.rho, in: 0...1e6) ?? 0,
      gamma: try options.number(.gamma, in: 0...1e6) ?? 0,
      robust: try options.flag(.robust) ? true : nil)
    timeZero = try TimeZero(options)
  }

  /// Compares the arms.
  ///
  /// - Throws: what is wrong with the data, located.
  func fit(_ table: Table) throws(SiblingError) -> (result: LogRankResult, notes: [String]) {
    try timeZero.withArms(formula, table, settings) { (sample) throws(SiblingError) in
      try compare(sample)
    }
  }

  /// Compares the arms of a sample.
  ///
  /// - Throws: `formulaSyntax` without arms; what is wrong with the data.
  func compare(
    _ sample: TimeZero.Sample
  ) throws(SiblingError) -> (result: LogRankResult, notes: [String]) {
    guard let groups = sample.groups else {
      throw SiblingError(
        .formulaSyntax, "the right side of the formula must name the arms to compare",
        help: "for example Surv(weeks, ended) ~ arm")
    }
    let result = try test.test(
      sample.times, by: groups, strata: sample.strata, weights: sample.weights,
      cluster: sample.cluster)
    var notes = sample.notes + result.notes
    if result.robust {
      let clusters = result.clusters.map { " by \($0) clusters" } ?? ""
      notes.append("the variance is robust\(clusters)")
    }
    if sample.strata == nil {
      notes += try SurvivalGuards().crossingCurves(
        sample.times, by: groups, weights: sample.weights, cluster: sample.cluster
      ).map(\.sentence)
    }
    return (result, notes)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let (result, notes) = try fit(table)
    return output(result, notes)
  }

  /// The rows of a result.
  func output(_ result: LogRankResult, _ notes: [String]) -> AnalysisOutput {
    let groups = result.groups
    var output = AnalysisOutput(
      columns: [
        .texts("group", groups.map(\.name)), .numbers("n", groups.map(\.count)),
        .numbers("observed", groups.map(\.observed)),
        .numbers("expected", groups.map(\.expected)),
        .numbers("statistic", groups.map { _ in result.statistic }),
        .numbers("df", groups.map { _ in result.degreesOfFreedom }),
        .numbers("p.value", groups.map { _ in result.pValue }),
      ], notes: notes)
    // Few events, or few without the event, are as telling as few people; of one group they could be
    // had from the others and the total.
    let fewest = groups.map { min($0.observed, $0.count - $0.observed) }.min() ?? 0
    output.people["fewest"] = groups.map { _ in Int(exactly: fewest.rounded()) ?? 0 }
    return output
  }
}
