internal import Matching
internal import Statistics

/// The settings of designs that weight.
struct WeightingSettings: Sendable {
  /// Quantile above which weights are capped.
  var trim: Double?
  /// Whether weights are multiplied by the share of the group.
  var stabilizes: Bool
  /// What is balanced.
  var moments: BalancingMoments
  /// The standardised mean difference that may remain.
  var tolerance: Double
  /// The column of sites that share weights.
  var site: String?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`.
  init(_ options: OptionValues) throws(SiblingError) {
    trim = try options.number(.trim, in: 0.5...1)
    stabilizes = try options.flag(.stabilise)
    moments = BalancingMoments(
      order: try options.integer(.moments, in: 1...3) ?? 1,
      includesInteractions: try options.flag(.momentProducts))
    tolerance = try options.number(.tolerance, in: 0...1e6) ?? 0
    site = options.text(.siteWeights)
  }
}

extension MatchDesign.Method {
  /// Whether the method weights rows rather than matching them.
  var isWeighting: Bool {
    self == .inverseProbability || self == .entropy || self == .balancingScore
  }
}

extension MatchDesign {
  /// Refuses estimands that a weighting can't answer.
  ///
  /// - Throws: `invalidOption`.
  func checkWeighting(_ options: OptionValues) throws(SiblingError) {
    switch method {
    case .entropy where estimand == .ato || estimand == .atm:
      throw options.wrong(
        .estimand, "is ATT, ATC or ATE for entropy balancing; ATO and ATM need ipw")
    case .balancingScore where estimand == .atm:
      throw options.wrong(
        .estimand, "is ATT, ATC, ATE or ATO for a covariate balancing score; ATM needs ipw")
    default: break
    }
  }

  /// The weighting in one phrase, for reports.
  var weightingWords: String {
    var parts: [String] = []
    switch method {
    case .entropy: parts.append("entropy-balancing weights")
    case .balancingScore: parts.append("weights of a covariate balancing propensity score")
    default: parts.append("inverse-probability weights")
    }
    if weighting.moments.order > 1 { parts.append("moments up to \(weighting.moments.order)") }
    if weighting.moments.includesInteractions { parts.append("interactions") }
    if weighting.tolerance > 0 {
      parts.append("standardised differences up to \(weighting.tolerance) allowed")
    }
    if let site = weighting.site { parts.append("one weight for each \(site)") }
    if weighting.stabilizes { parts.append("stabilised") }
    if let trim = weighting.trim { parts.append("capped at the quantile \(trim)") }
    return parts.joined(separator: ", ")
  }
}
