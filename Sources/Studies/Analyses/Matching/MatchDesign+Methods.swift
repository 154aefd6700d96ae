internal import Matching
internal import Statistics

extension MatchDesign {
  /// A method from its name.
  static func method(named name: String) -> Method? { Method(rawValue: name) }

  /// Whether the method compares scores at all.
  var needsScore: Bool {
    ![.coarsened, .exact, .cardinality, .entropy, .balancingScore].contains(method) && metric == nil
  }

  /// Refuses options that the method has no use for, and estimands that it can't answer.
  ///
  /// - Throws: `invalidOption`.
  func check(_ options: OptionValues) throws(SiblingError) {
    for key in OptionKey.matchDesign + OptionKey.weighting
    where options.isGiven(key) {
      if key == .estimand || method.keys.contains(key) { continue }
      throw options.wrong(key, "does not apply to \(method.name)")
    }
    try checkDistance(options)
    switch method {
    case .nearest where estimand != .att && estimand != .atc:
      throw options.wrong(
        .estimand,
        "is ATT or ATC for nearest-neighbour matching;"
          + " ATE needs strata or weighting, ATO and ATM need weighting")
    case .optimal: try checkOptimal(options)
    case .coarsened where prunesToPairs && estimand == .ate:
      throw options.wrong(.estimand, "is ATT or ATC with --k2k; for ATE keep whole strata")
    case .full, .quick, .subclass, .coarsened, .exact, .cardinality:
      guard estimand == .ato || estimand == .atm else { break }
      throw options.wrong(
        .estimand, "is ATT, ATC or ATE for \(method.name); ATO and ATM need weighting")
    default: try checkWeighting(options)
    }
  }

  /// The rules for cutting covariates.
  ///
  /// - Throws: `invalidOption` for a rule that is none.
  static func cutpoints(
    _ options: OptionValues
  ) throws(SiblingError) -> [(column: String, coarsening: Coarsening)] {
    var rules: [(column: String, coarsening: Coarsening)] = []
    for pair in try options.pairs(.cutpoints) {
      guard let coarsening = Coarsening(named: pair.value) else {
        throw options.wrong(
          .cutpoints, "takes a number of bins, sturges, fd, scott or q4 after '\(pair.name)='")
      }
      guard !rules.contains(where: { $0.column == pair.name }) else {
        throw options.wrong(.cutpoints, "names '\(pair.name)' twice")
      }
      rules.append((pair.name, coarsening))
    }
    return rules
  }

  /// The design in one phrase, for reports.
  var words: String {
    switch method {
    case .inverseProbability, .entropy, .balancingScore: return weightingWords
    case .score, .neighbors: return method.name
    case .optimal: return "optimal pair matching " + pairWords
    case .full: return "optimal full matching" + setWords
    case .quick: return "generalised full matching" + setWords
    case .subclass: return "\(subclasses) subclasses of the score"
    case .coarsened:
      let extra = exact.isEmpty ? "" : ", exact on \(exact.joined(separator: " and "))"
      return "coarsened exact matching" + (prunesToPairs ? ", pruned to pairs" : "") + extra
    case .exact: return "exact matching"
    case .cardinality: return cardinalityWords
    case .nearest: return "nearest-neighbour matching " + pairWords
    }
  }

  private var pairWords: String {
    var parts = [nearest.ratio == 1 ? "1:1" : "\(text(nearest.ratio)):1"]
    if nearest.replacement { parts.append("with replacement") }
    if let words = distanceWords { parts.append(words) }
    if let caliper = nearest.caliper {
      parts.append(
        "caliper \(text(caliper.width))" + (isRaw ? "" : " standard deviations of the score"))
    }
    if let prefer { parts.append("within \(prefer) first") }
    if !exact.isEmpty { parts.append("exact on \(exact.joined(separator: " and "))") }
    return parts.joined(separator: ", ")
  }

  func text(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\(value)"
  }
}

extension MatchDesign.Method {
  /// The method's name in a sentence.
  var name: String {
    switch self {
    case .nearest: "nearest-neighbour matching"
    case .optimal: "optimal pair matching"
    case .full: "full matching"
    case .quick: "generalised full matching"
    case .subclass: "subclassification"
    case .coarsened: "coarsened exact matching"
    case .exact: "exact matching"
    case .cardinality: "cardinality matching"
    case .inverseProbability: "inverse-probability weights"
    case .entropy: "entropy balancing"
    case .balancingScore: "a covariate balancing score"
    case .score: "an estimator that models the treatment itself"
    case .neighbors: "matching with replacement"
    }
  }

  /// Whether the method pairs units rather than putting them into strata.
  var hasPairs: Bool { self == .nearest || self == .optimal || self == .full }

  /// The options of the design that the method takes, the estimand aside.
  var keys: [OptionKey] {
    switch self {
    case .nearest:
      [
        .distance, .ratio, .minRatio, .maxRatio, .replace, .reuseMax, .caliper, .caliperRaw,
        .covariateCaliper, .exact, .antiExact, .order, .discard, .mahalanobisOn, .prefer,
      ]
    case .optimal:
      [
        .distance, .ratio, .caliper, .caliperRaw, .covariateCaliper, .exact, .antiExact, .discard,
      ]
    case .full:
      [
        .distance, .minRatio, .maxRatio, .caliper, .caliperRaw, .covariateCaliper, .exact,
        .antiExact, .discard,
      ]
    case .quick: [.distance, .exact, .discard]
    case .subclass: [.distance, .subclasses, .discard]
    case .coarsened: [.exact, .cutpoints, .pairsInStrata]
    case .exact: [.exact]
    case .cardinality: [.ratio, .tolerance]
    case .inverseProbability: [.distance, .trim, .stabilise]
    case .entropy: [.moments, .momentProducts, .tolerance, .siteWeights]
    case .balancingScore: [.moments, .momentProducts]
    case .score: [.distance]
    case .neighbors: [.distance, .ratio]
    }
  }
}

extension Coarsening {
  /// A rule as it is written: `5`, `sturges`, `fd`, `scott` or `q4`.
  fileprivate init?(named text: String) {
    switch text {
    case "sturges": self = .sturges
    case "fd": self = .freedmanDiaconis
    case "scott": self = .scott
    default:
      let isQuantile = text.hasPrefix("q")
      guard let count = Int(isQuantile ? text.dropFirst() : text[...]),
        (1...Int(Int32.max)).contains(count)
      else { return nil }
      self = isQuantile ? .quantiles(count) : .bins(count)
    }
  }
}
