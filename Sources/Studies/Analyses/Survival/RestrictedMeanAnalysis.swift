internal import Statistics
internal import Survival
internal import Tables

/// `rmst`: restricted means by arm with their contrasts.
struct RestrictedMeanAnalysis: VerbAnalysis {
  var formula: String
  var settings: CommonSettings
  var estimator: RestrictedMean
  var timeZero: TimeZero
  /// The adjusted analysis, when covariates are named.
  var adjustment: RestrictedMeanAdjustment?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    self.formula = try VerbFormula.needed(formula, like: "Surv(time, event) ~ arm")
    settings = try CommonSettings(options)
    estimator = RestrictedMean(
      tau: try options.number(
        .tau, in: Double.leastNormalMagnitude...Double.greatestFiniteMagnitude),
      level: settings.level, robust: try options.flag(.robust) ? true : nil)
    timeZero = try TimeZero(options)
    adjustment = try RestrictedMeanAdjustment(options, estimator)
  }

  /// Estimates the means.
  ///
  /// - Throws: what is wrong with the data, located.
  func fit(
    _ table: Table
  ) throws(SiblingError) -> (fit: RestrictedMeanFit, eventsBefore: [Int], notes: [String]) {
    try timeZero.withArms(formula, table, settings) { (sample) throws(SiblingError) in
      try estimate(sample)
    }
  }

  /// Estimates the means of a sample, whose rows may be cells of people.
  ///
  /// - Throws: what is wrong with the data.
  func estimate(
    _ sample: TimeZero.Sample
  ) throws(SiblingError) -> (fit: RestrictedMeanFit, eventsBefore: [Int], notes: [String]) {
    let fit = try estimator.fit(
      sample.times, by: sample.groups, weights: sample.weights, cluster: sample.cluster)
    var notes = sample.notes + fit.notes
    if sample.times.events == 0 {
      notes.append("no row ends with the event: every mean is tau, and nothing can be compared")
    }
    notes += try SurvivalGuards().immatureCohorts(
      sample.times, by: sample.groups, at: fit.tau
    ).map(\.sentence)
    if let groups = sample.groups, groups.levels.count > 1 {
      let finding = try SurvivalGuards().informativeFollowUp(sample.times, by: groups)
      notes += [finding].compactMap(\.?.sentence)
    }
    // A mean up to an early horizon tells how many had the event before it.
    var before = [Int](repeating: 0, count: max(1, sample.groups?.levels.count ?? 1))
    for (row, time) in sample.times.time.enumerated()
    where sample.times.event[row] && time <= fit.tau {
      before[sample.groups.map { Int($0.codes[row]) } ?? 0] += sample.times.people?.counts[row] ?? 1
    }
    return (fit, before, notes)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    if let adjustment {
      let start = try timeZero.prepared(formula, table, settings)
      var output = try adjustment.run(start.table, formula: start.formula, settings: settings)
      output.notes += start.notes
      return output
    }
    let (fit, before, notes) = try fit(table)
    return output(fit, before, notes)
  }

  /// The rows of a fit.
  func output(_ fit: RestrictedMeanFit, _ before: [Int], _ notes: [String]) -> AnalysisOutput {
    var names = fit.arms.map(\.term)
    var rows = fit.arms
    let several = fit.contrasts.count > 1
    for contrast in fit.contrasts {
      for estimate in [contrast.difference, contrast.ratio, contrast.timeLostRatio] {
        names.append(
          several
            ? "\(estimate.term): \(contrast.arm) against \(contrast.reference)" : estimate.term)
        rows.append(estimate)
      }
    }
    // A mean is not tested against zero.
    let tests = rows.indices.map { $0 < fit.arms.count ? nil : rows[$0].pValue }
    var output = AnalysisOutput(
      columns: [
        .texts("arm", names), .numbers("tau", rows.map { _ in fit.tau }),
        .numbers("estimate", rows.map(\.estimate)),
        .numbers("std.error", rows.map(\.standardError)),
        .numbers("conf.low", rows.map(\.interval?.low)),
        .numbers("conf.high", rows.map(\.interval?.high)), .numbers("p.value", tests),
      ], notes: notes, observations: fit.observations)
    // Of one arm the mean could be had from the others and the contrasts, so the fewest stand for all.
    output.people["events"] = rows.map { _ in before.min() ?? 0 }
    return output
  }
}
