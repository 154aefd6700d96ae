internal import Statistics
internal import Survival
internal import Tables

/// `finegray`: regression of one cause's subdistribution hazard.
struct FineGrayAnalysis: VerbAnalysis {
  var formula: String
  var settings: CommonSettings
  var regression: FineGray
  var cause: String?
  var exponentiate: Bool
  /// Values at which incidences are predicted, and when.
  var profiles: [(label: String, values: [(column: String, text: String)])]
  var times: [Double]

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    self.formula = try VerbFormula.needed(formula, like: "Surv(time, cause) ~ arm")
    settings = try CommonSettings(options)
    regression = FineGray(
      censoring: FineGray.Censoring(rawValue: try options.choice(.censoringRule)) ?? .cmprsk,
      robust: try options.flag(.robust) ? true : nil)
    cause = options.text(.cause)
    exponentiate = try options.flag(.ratios)
    times = try options.numbers(.predictionTimes)
    profiles = []
    for text in options.repeated(.profile) {
      var single = OptionValues()
      single.set(.profile, OptionValues.Entry([text], location: options.location(.profile)))
      profiles.append((text, try single.pairs(.profile).map { ($0.name, $0.value) }))
    }
    if profiles.isEmpty != times.isEmpty {
      throw options.wrong(
        profiles.isEmpty ? .predictionTimes : .profile, "needs both --at and --times")
    }
    if !profiles.isEmpty, exponentiate {
      throw options.wrong(.ratios, "does not apply to predictions")
    }
  }

  /// Fits the model.
  ///
  /// - Throws: what is wrong with the data, located.
  func fit(
    _ table: Table
  ) throws(SiblingError) -> (fit: FineGrayFit, bound: BoundFormula, notes: [String]) {
    let bound = try BoundFormula(formula, to: table, settings: settings, causes: true)
    return try bound.locating { () throws(SiblingError) in
      guard bound.frame.offset == nil else {
        throw SiblingError(.formulaSyntax, "finegray takes no offset()")
      }
      let response = try CompetingBinding.response(bound.frame)
      let chosen = cause ?? response.causes.levels[0]
      let fit = try regression.fit(
        response.times, causes: response.causes, cause: chosen, bound.frame.design,
        strata: bound.frame.strata, weights: bound.weights, cluster: try bound.singleCluster())
      var notes = bound.notes + response.notes
      if cause == nil, response.causes.levels.count > 1 {
        notes.append("the cause modelled is \(chosen); --cause chooses another")
      }
      return (fit, bound, notes + fit.notes)
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let (fit, bound, notes) = try fit(table)
    if !profiles.isEmpty { return try predictions(fit, bound, notes) }
    var columns = fit.estimates(level: settings.level).columns(exponentiate: exponentiate)
    // As for cox: std.error is that of independent rows; the robust one stands beside it.
    columns[2] = .numbers("std.error", fit.standardErrors.map { $0.isFinite ? $0 : nil })
    let robust = fit.robustStandardErrors
    columns.insert(
      .numbers(
        "robust.se",
        fit.names.indices.map { index in
          robust.flatMap { $0[index].isFinite ? $0[index] : nil }
        }), at: 3)
    var output = AnalysisOutput(
      columns: columns, notes: notes, observations: fit.observations, events: fit.events)
    output.people["competing"] = fit.names.map { _ in fit.competingEvents }
    return output
  }

  /// Predicted incidences, profile after profile.
  private func predictions(
    _ fit: FineGrayFit, _ bound: BoundFormula, _ notes: [String]
  ) throws(SiblingError) -> AnalysisOutput {
    guard bound.frame.strata == nil else {
      throw SiblingError(
        .invalidOption, "--at does not go with strata(), which have baselines of their own",
        column: "at")
    }
    var labels: [String] = []
    var rows = [[Double?]](repeating: [], count: 5)
    let names = bound.frame.design.names
    for (label, values) in profiles {
      let row = try bound.frame.designRow(at: values)
      let covariates = fit.names.map { name in names.firstIndex(of: name).map { row[$0] } ?? .nan }
      let found = try fit.incidence(covariates, at: times, level: settings.level)
      for k in found.times.indices {
        labels.append(label)
        let line = [
          found.times[k], found.estimate[k], found.standardError[k], found.low[k], found.high[k],
        ]
        for (place, value) in line.enumerated() { rows[place].append(value) }
      }
    }
    let columns = ["time", "estimate", "std.error", "conf.low", "conf.high"]
    return AnalysisOutput(
      columns: [.texts("at", labels)] + zip(columns, rows).map { .numbers($0, $1) },
      notes: notes + ["intervals on the log-log scale of 1 − F"], observations: fit.observations,
      events: fit.events)
  }
}
