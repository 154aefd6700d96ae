internal import LinearAlgebra
internal import Matching
internal import Reporting
internal import Statistics
internal import Survival
internal import Tables

extension SurvivalEffectAnalysis {
  /// The effects on a sample that was matched or weighted before.
  ///
  /// `table` is the one that the sample was made from, or the same rows with more columns.
  /// - Throws: what is wrong with the follow-up, located.
  func estimate(
    on sample: MatchedSample, table: Table
  ) throws(SiblingError) -> (rows: [SurvivalEffectRow], notes: [String]) {
    let follow = try response.times(of: sample, in: table)
    let covariates = try censoringDesign(sample, table)
    return try sample.bound.locating { () throws(SiblingError) in
      let made = try maker.make(
        follow.times, treated: sample.treated, weights: sample.weights, covariates: covariates)
      let judged = try errors(of: made, on: sample, follow.times, covariates)
      var notes = follow.notes + made.notes + judged.notes
      notes += guards(sample, follow.times) + assumptions()
      var rows: [SurvivalEffectRow] = []
      for (index, contrast) in made.contrasts.enumerated() {
        let some = row(
          contrast, judged.errors[index], judged.words, judged.clusters, sample, follow.times,
          &notes)
        rows += some.map { row in
          var row = row
          row.delta = made.deltas[index]
          if row.delta != nil { row.row.estimator = "delta-adjusted" }
          return row
        }
      }
      if !maker.deltas.isEmpty { notes += try tippingPoints(sample, follow.times, made.tau) }
      return (rows, notes)
    }
  }

  /// The covariates of the model of censoring, on the sample's rows.
  private func censoringDesign(
    _ sample: MatchedSample, _ table: Table
  ) throws(SiblingError) -> DesignMatrix? {
    guard let censoring else { return nil }
    let named = try Formula(parsing: censoring).termColumns(in: table.names)
    let taken = response.columns + [sample.bound.frame.formula.responseColumn].compactMap { $0 }
    if let column = named.first(where: { taken.contains($0) }) {
      throw SiblingError(
        .badDesign, "'\(column)' can't be a covariate of the model of censoring",
        help: "there is a model for each arm already; name what was known before",
        column: "censoring")
    }
    return try sample.bind(
      censoring, in: table, what: "the model of censoring", option: .censoringModel
    ).frame.design
  }

  /// The kind of standard error for a sample.
  ///
  /// - Throws: `invalidOption` where the one asked for is none.
  func errorKind(_ sample: MatchedSample) throws(SiblingError) -> EffectAnalysis.StandardError {
    let isWeighted = sample.match == nil && sample.weighting != nil
    switch standardError {
    case nil: return isWeighted ? .stacked : .robust
    case .stacked where !isWeighted:
      throw SiblingError(
        .invalidOption, "m-estimation is for estimated weights (ipw, entropy, cbps)",
        help: "Leave --se out: matched samples are clustered by matched set.", column: "se")
    case .bootstrap where sample.match?.allowsReuse == true:
      throw SiblingError(
        .invalidOption,
        "matched sets that share units can't be resampled, and matching again in each resample is"
          + " not valid (Abadie and Imbens 2008, doi:10.3982/ECTA6474)",
        help: "Leave --bootstrap out: the standard error is by matched set and by unit.",
        column: "se")
    case let kind?: return kind
    }
  }

  /// The standard error of each contrast.
  private func errors(
    of made: SurvivalContrastMaker.Result, on sample: MatchedSample, _ times: SurvivalTimes,
    _ covariates: DesignMatrix?
  ) throws(SiblingError) -> (errors: [Double?], words: String, clusters: Int?, notes: [String]) {
    let kind = try errorKind(sample)
    let cluster = try sample.errorClusters(settings, design)
    if kind == .bootstrap { return try resampled(made, sample, times, cluster, covariates) }
    let equations = kind == .stacked ? try sample.weightEquations() : nil
    let error = InfluenceError(sample, cluster: cluster, equations: equations)
    var errors: [Double?] = []
    for contrast in made.contrasts { errors.append(try error.standardError(contrast.slope)) }
    return (errors, error.words, error.count, [error.note].compactMap { $0 })
  }

  /// The rows of a contrast: a milestone is shown as a difference of survival and of risk.
  private func row(
    _ contrast: SurvivalContrast, _ error: Double?, _ words: String, _ clusters: Int?,
    _ sample: MatchedSample, _ times: SurvivalTimes, _ notes: inout [String]
  ) -> [SurvivalEffectRow] {
    let isLog = contrast.scale.isLogarithm
    var estimate = Estimate(
      term: design.estimand.rawValue, estimate: contrast.estimate, standardError: error,
      level: settings.level,
      convention: isLog ? words + "; standard error on the log scale" : words)
    if isLog { estimate = MatchedEffect.Scale.ratio.shown(estimate) }
    var row = EffectRow(
      analysis: "survival-effect", estimand: design.estimand.rawValue,
      estimator: contrast.scale.estimator + (censoring == nil ? "" : ", ipcw"),
      outcome: response.label, estimate: estimate,
      scale: contrast.scale.rawValue)
    count(sample, times, upTo: contrast.time, &row)
    row.clusters = clusters
    func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
    var result = SurvivalEffectRow(
      row: row, time: contrast.time, treated: finite(contrast.treated),
      comparison: finite(contrast.comparison))
    if contrast.scale == .hazardRatio {
      result.strength = strength(estimate, row, &notes)
    }
    guard contrast.scale == .survivalDifference else { return [result] }
    var risk = result
    risk.row.scale = "risk-difference"
    risk.row.estimate = Estimate(
      term: estimate.term, estimate: -estimate.estimate, standardError: error,
      level: settings.level, convention: words)
    risk.treated = result.treated.map { 1 - $0 }
    risk.comparison = result.comparison.map { 1 - $0 }
    return [result, risk]
  }

  /// Rows with weight and their events up to a time.
  private func count(
    _ sample: MatchedSample, _ times: SurvivalTimes, upTo time: Double?, _ row: inout EffectRow
  ) {
    var (rows, events) = ([0, 0], [0, 0])
    for index in sample.weights.indices where sample.weights[index] > 0 {
      let arm = sample.treated[index] ? 1 : 0
      rows[arm] += 1
      if times.event[index], times.time[index] <= time ?? .infinity { events[arm] += 1 }
    }
    (row.comparison, row.treated) = (rows[0], rows[1])
    (row.comparisonEvents, row.treatedEvents) = (events[0], events[1])
  }

  /// The E-value of a hazard ratio, by the approximation for rare or for common events.
  private func strength(
    _ ratio: Estimate, _ row: EffectRow, _ notes: inout [String]
  ) -> EValue? {
    let shares = [(row.treatedEvents, row.treated), (row.comparisonEvents, row.comparison)].map {
      Double($0.0 ?? 0) / Double(max(1, $0.1 ?? 1))
    }
    let isRare = shares.allSatisfy { $0 < 0.15 }
    guard
      let value = try? EValue.hazardRatio(
        ratio.estimate, interval: ratio.interval, isRare: isRare)
    else { return nil }
    func short(_ value: Double) -> String { NumberText.significant(value, digits: 3) }
    notes.append(
      "E-value of the hazard ratio (\(isRare ? "rare" : "common") events): an unrecorded factor"
        + " would need risk ratios of at least \(short(value.point)) with both treatment and event"
        + " to explain it away"
        + (value.limit.map { ", \(short($0)) to move its interval to 1" } ?? ""))
    return value
  }

  private static let fewEvents = 10

  /// What the reader must know of the arms.
  private func guards(_ sample: MatchedSample, _ times: SurvivalTimes) -> [String] {
    var notes: [String] = []
    for (name, isTreated) in [("treated", true), ("comparisons", false)] {
      let events = sample.weights.indices.count {
        sample.weights[$0] > 0 && sample.treated[$0] == isTreated && times.event[$0]
      }
      if events < Self.fewEvents {
        notes.append(
          "only \(events) of the \(name) have the event: estimates are imprecise, and their normal"
            + " intervals unreliable")
      }
    }
    if sample.match == nil, let overlap = sample.overlap,
      overlap.treatedOutside + overlap.comparisonOutside > 0
    {
      notes.append(
        "\(overlap.treatedOutside) treated and \(overlap.comparisonOutside) comparison rows have a"
          + " probability of treatment outside the other group's range: for them the comparison rests"
          + " on the score's model alone")
    }
    return notes
  }
}

extension SurvivalContrast.Scale {
  /// The estimator behind a contrast.
  var estimator: String {
    switch self {
    case .hazardRatio: "cox"
    case .survivalDifference: "kaplan-meier"
    case .meanDifference, .meanRatio: "rmst"
    }
  }
}

extension SurvivalResponseText {
  /// What the outcome is called in a row: the column of the time.
  var label: String { String(formula.prefix { $0 != "~" }).trimmingSpaces }
}

extension String {
  /// The text without spaces at its ends.
  fileprivate var trimmingSpaces: String {
    var rest = Substring(self)
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    return String(rest)
  }
}
