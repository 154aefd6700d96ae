internal import Statistics
internal import Tables

/// `regress`: least squares and generalised linear models.
struct RegressAnalysis: VerbAnalysis {
  var formula: String
  var settings: CommonSettings
  var family: Family
  var link: Link
  var absorb: [String]
  var covariance: CovarianceChoice
  /// Which absorbed effects the small-sample factor counts.
  var counting: EffectsCounting
  /// The columns of series and their periods, for Newey–West covariance.
  var unit: String?
  var time: String?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption` for values or combinations that make no sense.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    self.formula = try VerbFormula.needed(formula, like: "outcome ~ covariates")
    settings = try CommonSettings(options)
    family = Family(name: try options.choice(.family)) ?? .gaussian
    link = family.canonicalLink
    if options.isGiven(.link) {
      let name = try options.choice(.link)
      guard let given = Link(name: name), family.links.contains(given) else {
        throw options.wrong(
          .link,
          "for this family is one of: " + family.links.map(\.rawValue).joined(separator: ", "))
      }
      link = given
    }
    absorb = options.texts(.absorb)
    covariance = try CovarianceChoice(options, clusters: settings.clusters)
    counting = try covariance.counting(options)
    unit = options.text(.seriesUnit)
    time = options.text(.seriesTime)
    if !covariance.isSeries {
      for key in [OptionKey.seriesUnit, .seriesTime] where options.isGiven(key) {
        throw options.wrong(key, "is for --vcov NW:LAG")
      }
    }
    if !absorb.isEmpty, !canAbsorb {
      throw options.wrong(.absorb, "is for gaussian models and poisson ones with a log link")
    }
  }

  /// Whether effects can be absorbed: least squares, and Poisson regression of logarithms.
  private var canAbsorb: Bool {
    (family == .gaussian && link == .identity) || (family == .poisson && link == .log)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the model, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let bound = try BoundFormula(
      formula, to: table, settings: settings,
      alsoComplete: absorb + [unit, time].compactMap { $0 })
    return try bound.locating { () throws(SiblingError) in
      guard let response = bound.frame.response else {
        throw SiblingError(
          .formulaSyntax, "the formula needs an outcome on its left side",
          help: "for example y ~ a + b")
      }
      let estimates = try estimates(bound, response: response)
      var notes = bound.notes + estimates.notes + StandardErrorNotes.told(estimates, isPanel: false)
      if absorb.count + bound.frame.absorbed.count > 2 {
        notes.append(Self.countingNote)
      }
      return AnalysisOutput(
        columns: estimates.columns(), notes: notes, observations: estimates.observations)
    }
  }

  /// What is said where K is a count that may be too high.
  static let countingNote =
    "with three absorbed columns or more K counts each column's levels less one, which is too many"
    + " where one column's levels follow from others'"

  private func estimates(
    _ bound: BoundFormula, response: [Double]
  ) throws(SiblingError) -> EstimateTable {
    let frame = bound.frame
    var effects = frame.absorbed
    for column in absorb { effects.append(try frame.factor(of: column)) }
    let estimator = covariance.estimator(
      bound.clusters,
      unit: try unit.map { column throws(SiblingError) in try frame.factor(of: column) },
      time: try time.map { column throws(SiblingError) in try frame.numbers(of: column) })
    if !effects.isEmpty {
      guard canAbsorb else {
        throw SiblingError(
          .invalidOption,
          "absorbed effects are for gaussian models and poisson ones with a log link")
      }
      return try AbsorbedRegression.estimates(
        bound, response: response, effects: effects, isPoisson: family == .poisson,
        counting: counting, covariance: estimator, level: settings.level)
    }
    if counting != .notNested {
      throw SiblingError(
        .invalidOption, "there are no absorbed effects to count", help: "leave out --small-sample",
        column: OptionKey.smallSample.name)
    }
    if family == .gaussian, link == .identity, frame.offset == nil {
      return try LeastSquares().fit(frame.design, response: response, weights: bound.weights)
        .estimates(covariance: estimator, level: settings.level)
    }
    return try GeneralizedLinearModel(family: family, link: link)
      .fit(frame.design, response: response, weights: bound.weights, offset: frame.offset)
      .estimates(covariance: estimator, level: settings.level)
  }
}
