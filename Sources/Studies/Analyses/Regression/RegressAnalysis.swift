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
    if !absorb.isEmpty, family != .gaussian {
      throw options.wrong(.absorb, "is for gaussian models only in this version")
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the model, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let bound = try BoundFormula(formula, to: table, settings: settings, alsoComplete: absorb)
    return try bound.locating { () throws(SiblingError) in
      guard let response = bound.frame.response else {
        throw SiblingError(
          .formulaSyntax, "the formula needs an outcome on its left side",
          help: "for example y ~ a + b")
      }
      let estimates = try estimates(bound, response: response)
      return AnalysisOutput(
        columns: estimates.columns(), notes: bound.notes + estimates.notes,
        observations: estimates.observations)
    }
  }

  private func estimates(
    _ bound: BoundFormula, response: [Double]
  ) throws(SiblingError) -> EstimateTable {
    let frame = bound.frame
    var effects = frame.absorbed
    for column in absorb { effects.append(try frame.factor(of: column)) }
    if !effects.isEmpty {
      guard family == .gaussian else {
        throw SiblingError(.invalidOption, "absorbed effects are for gaussian models only")
      }
      return try AbsorbedRegression.estimates(
        bound, response: response, effects: effects, covariance: covariance,
        level: settings.level)
    }
    let estimator = covariance.estimator(bound.clusters)
    if family == .gaussian, link == .identity, frame.offset == nil {
      return try LeastSquares().fit(frame.design, response: response, weights: bound.weights)
        .estimates(covariance: estimator, level: settings.level)
    }
    return try GeneralizedLinearModel(family: family, link: link)
      .fit(frame.design, response: response, weights: bound.weights, offset: frame.offset)
      .estimates(covariance: estimator, level: settings.level)
  }
}

/// The covariance that `--vcov` and `--cluster` ask for.
enum CovarianceChoice: Sendable, Equatable {
  case classical
  case heteroskedastic(HeteroskedasticType)
  case cluster(ClusterType)

  /// Decodes `--vcov`, whose default depends on `--cluster`.
  ///
  /// - Throws: `invalidOption` when clusters are named for an estimator that ignores them, or
  ///   missing for one that needs them.
  init(_ options: OptionValues, clusters: [String]) throws(SiblingError) {
    guard options.isGiven(.covariance) else {
      self = clusters.isEmpty ? .classical : .cluster(.cr1)
      return
    }
    let name = try options.choice(.covariance)
    if let type = HeteroskedasticType(rawValue: name) {
      self = .heteroskedastic(type)
    } else if let type = ClusterType(rawValue: name) {
      self = .cluster(type)
    } else {
      self = .classical
    }
    if case .cluster = self {
      guard !clusters.isEmpty else {
        throw options.wrong(.covariance, "needs --cluster COLUMN")
      }
    } else if !clusters.isEmpty {
      throw options.wrong(.covariance, "ignores clusters; leave out --cluster or choose CR0 to CR3")
    }
  }

  /// The estimator with its clusters.
  func estimator(_ clusters: [Factor]) -> CovarianceEstimator {
    switch self {
    case .classical: clusters.isEmpty ? .classical : .cluster(.cr1, clusters)
    case .heteroskedastic(let type): .heteroskedastic(type)
    case .cluster(let type): .cluster(type, clusters)
    }
  }
}
