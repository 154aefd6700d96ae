internal import LinearAlgebra
internal import Matching
internal import Statistics
internal import Survival
internal import Tables

/// `adjusted-curve`: the survival that everybody would have with and without treatment.
struct AdjustedCurveAnalysis: VerbAnalysis {
  /// How curves are adjusted.
  enum Method: String, Sendable, CaseIterable {
    /// Kaplan–Meier under inverse-probability weights.
    case weighted = "iptw"
    /// The g-formula from a Cox model.
    case standardized = "cox"
    /// The augmented estimator.
    case doublyRobust = "doubly-robust"
  }

  var design: MatchDesign
  var settings: CommonSettings
  var response: SurvivalResponseText
  var method: Method
  /// The covariates of the Cox models; nil for those of the design's formula.
  var outcomeModel: String?
  var isProportional: Bool
  var times: [Double]
  var interval: CurveInterval

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options given: OptionValues) throws(SiblingError) {
    var options = given
    method = Method(rawValue: try options.choice(.curveMethod)) ?? .doublyRobust
    // The curves are those of the whole sample.
    options.set(.estimand, to: "ATE")
    design = try MatchDesign(
      formula: formula, options: options,
      method: method == .weighted ? .inverseProbability : .score)
    if method == .standardized { design.distance = "mahalanobis" }
    settings = try CommonSettings(options)
    outcomeModel = options.text(.curveModel)
    isProportional = try options.flag(.proportional)
    interval = CurveInterval(rawValue: try options.choice(.confidence)) ?? .log
    times = try options.numbers(.curveTimes)
    guard times.allSatisfy({ $0 > 0 }) else {
      throw options.wrong(.curveTimes, "takes positive numbers")
    }
    for (key, use) in [
      (OptionKey.curveModel, method != .weighted), (.proportional, method == .standardized),
      (.trim, method == .weighted), (.distance, method != .standardized),
    ] where options.isGiven(key) && !use {
      throw options.wrong(key, "does not apply to \(method.rawValue)")
    }
    response = try SurvivalResponseText(options)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the models, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let sample = try design.apply(
      to: table, settings: settings, alsoComplete: response.columns + settings.clusters)
    let result = try curves(on: sample, table: table)
    return AnalysisOutput(
      columns: KaplanMeierAnalysis.columns(result.curves, eventsOnly: false),
      notes: sample.notes + result.notes)
  }

  /// The curves of the comparisons and the treated, and at chosen times their difference.
  ///
  /// - Throws: what is wrong with the data or the models, located.
  func curves(
    on sample: MatchedSample, table: Table
  ) throws(SiblingError) -> (curves: [Curve], notes: [String]) {
    let follow = try response.times(of: sample, in: table)
    let covariates = try covariates(sample, table)
    return try sample.bound.locating { () throws(SiblingError) in
      let arms = Factor(
        codes: sample.treated.map { $0 ? 1 : 0 }, levels: ["comparison", "treated"])
      let crude = try KaplanMeier(level: settings.level).fit(follow.times, by: arms)
      let estimator = AdjustedCurves(
        times: times.isEmpty ? Self.grid(crude, rows: follow.times.count) : times)
      let fit = try fit(estimator, follow.times, sample, covariates)
      let cluster = try sample.errorClusters(settings, design)
      let error =
        method == .weighted
        ? InfluenceError(sample, cluster: cluster, equations: try sample.weightEquations())
        : InfluenceError(
          weights: sample.bound.weights ?? [Double](repeating: 1, count: sample.treated.count),
          cluster: cluster)
      var errors: [[Double]] = [[], [], []]
      for k in fit.times.indices {
        let slopes = fit.slopes(at: k)
        let difference = zip(slopes.treated, slopes.comparison).map { $0 - $1 }
        for (place, slope) in [slopes.comparison, slopes.treated, difference].enumerated() {
          // Before the first event nothing is uncertain.
          errors[place].append(try error.standardError(slope) ?? 0)
        }
      }
      let counted = crude.at(times: fit.times)
      var curves: [Curve] = []
      for (place, survival) in [fit.comparison, fit.treated].enumerated() {
        curves.append(curve(counted[place], survival, errors[place], error.words))
      }
      if !times.isEmpty { curves.append(difference(fit, errors[2], error.words)) }
      return (
        curves,
        follow.notes + fit.notes + [error.note].compactMap { $0 } + [
          Self.words(method), errorWords(error),
        ]
      )
    }
  }

  private func fit(
    _ estimator: AdjustedCurves, _ follow: SurvivalTimes, _ sample: MatchedSample,
    _ covariates: DesignMatrix
  ) throws(SiblingError) -> TreatmentCurves {
    switch method {
    case .weighted:
      return try estimator.weighted(follow, treatment: sample.treated, weights: sample.weights)
    case .standardized:
      return try estimator.standardized(
        follow, treatment: sample.treated, covariates: covariates, weights: sample.bound.weights,
        isProportional: isProportional)
    case .doublyRobust:
      return try estimator.doublyRobust(
        follow, treatment: sample.treated, covariates: covariates,
        probability: sample.probability ?? [], weights: sample.bound.weights)
    }
  }

  private func covariates(
    _ sample: MatchedSample, _ table: Table
  ) throws(SiblingError) -> DesignMatrix {
    guard let outcomeModel else { return sample.bound.frame.design }
    let text = outcomeModel.contains("~") ? outcomeModel : "~ \(outcomeModel)"
    let named = try Formula(parsing: text).termColumns(in: table.names)
    let taken = response.columns + [sample.bound.frame.formula.responseColumn].compactMap { $0 }
    if let column = named.first(where: { taken.contains($0) }) {
      throw SiblingError(
        .badDesign, "'\(column)' can't be a covariate of the Cox models",
        help: "name what was fixed before treatment", column: OptionKey.curveModel.name)
    }
    return try sample.bind(text, in: table, what: "the outcome model", option: .curveModel)
      .frame.design
  }

  /// The event times, or as many of them as large data allow, evenly chosen.
  private static func grid(_ crude: KaplanMeierFit, rows: Int) -> [Double] {
    var events: [Double] = []
    for curve in crude.curves {
      for k in curve.times.indices where curve.events[k] > 0 && curve.times[k] > 0 {
        events.append(curve.times[k])
      }
    }
    let distinct = Set(events).sorted()
    let most = min(100, max(10, 20_000_000 / max(1, rows)))
    guard distinct.count > most else { return distinct }
    return (1...most).map { distinct[$0 * distinct.count / most - 1] }
  }

  private func curve(
    _ counted: Curve, _ survival: [Double], _ errors: [Double], _ words: String
  ) -> Curve {
    var result = counted
    result.estimate = survival
    result.standardError = zip(survival, errors).map { $0.isFinite ? $1 : .nan }
    let reach = Normal.standard.upperQuantile((1 - settings.level) / 2)
    let limits = interval.limits(survival, result.standardError, reach: reach)
    (result.low, result.high) = (limits.low, limits.high)
    result.convention = "survival, \(interval.rawValue) interval, \(words)"
    return result
  }

  private func difference(_ fit: TreatmentCurves, _ errors: [Double], _ words: String) -> Curve {
    let values = zip(fit.treated, fit.comparison).map { $0 - $1 }
    let reach = Normal.standard.upperQuantile((1 - settings.level) / 2)
    let known = zip(values, errors).map { $0.isFinite ? $1 : .nan }
    let nothing = [Double](repeating: .nan, count: values.count)
    return Curve(
      arm: "difference", times: fit.times, atRisk: nothing, events: nothing, censored: nothing,
      estimate: values, standardError: known, low: zip(values, known).map { $0 - reach * $1 },
      high: zip(values, known).map { $0 + reach * $1 }, level: settings.level,
      convention: "difference of survival, \(words)")
  }

  private static func words(_ method: Method) -> String {
    switch method {
    case .weighted:
      "inverse-probability weighted curves are right if the model of treatment is, and censoring does"
        + " not depend on the covariates within an arm"
    case .standardized: "standardised curves are right if the Cox model is"
    case .doublyRobust:
      "doubly robust curves are right if the Cox models of the event are, or those of treatment and"
        + " censoring"
    }
  }

  private func errorWords(_ error: InfluenceError) -> String {
    switch method {
    case .weighted: "standard errors: \(error.words)"
    case .standardized:
      "standard errors: influence function, Cox model estimated"
        + (error.units == nil ? "" : ", by cluster")
    case .doublyRobust:
      "standard errors: efficient influence function, models taken as known"
        + (error.units == nil ? "" : ", by cluster")
    }
  }
}
