internal import Matching
internal import Statistics

/// How the groups are made alike: one value for `match`, `balance`, `effect` and the study file.
struct MatchDesign: Sendable {
  /// How units are weighted.
  enum Method: String, Sendable, Equatable {
    /// Nearest-neighbour matching.
    case nearest
    /// Pairs of least total distance.
    case optimal
    /// Full matching: everybody in the sets of least total distance.
    case full
    /// Generalised full matching: everybody in sets whose largest distance is nearly the least.
    case quick
    /// Subclasses of the score.
    case subclass
    /// Strata of coarsened covariates.
    case coarsened = "cem"
    /// Strata of the covariates themselves.
    case exact
    /// The largest samples with balanced means.
    case cardinality
    /// Inverse-probability weights.
    case inverseProbability = "ipw"
    /// Entropy balancing.
    case entropy
    /// Weights of a covariate balancing propensity score.
    case balancingScore = "cbps"
    /// Everybody as they are, for estimators that model the score themselves.
    case score
    /// Everybody as they are, for the estimator that matches them itself.
    case neighbors
  }

  /// treatment ~ covariates.
  var formula: String
  /// How units are weighted.
  var method: Method
  /// `logit`, `linear.logit`, …, `mahalanobis`, … or a column's name.
  var distance: String
  /// The formula of the covariates by whose Mahalanobis distance units are paired.
  var mahalanobisOn: String?
  /// The column within whose level units are matched first.
  var prefer: String?
  /// Whose effect.
  var estimand: Estimand
  /// The settings of nearest-neighbour matching.
  var nearest: NearestNeighborMatching
  /// Calipers on covariates: column and width.
  var covariateCalipers: [(column: String, width: Double)]
  /// Whether calipers are in raw units.
  var isRaw: Bool
  /// Columns on which matches agree.
  var exact: [String]
  /// Columns on which matches differ.
  var antiExact: [String]
  /// How many subclasses of the score.
  var subclasses: Int
  /// How covariates are cut for coarsened exact matching.
  var cutpoints: [(column: String, coarsening: Coarsening)]
  /// The settings of designs that weight.
  var weighting: WeightingSettings
  /// Fewest and most comparisons a treated unit in full matching.
  var setRatio: (minimum: Double?, maximum: Double?)
  /// Whether strata are pruned to pairs.
  var prunesToPairs: Bool
  /// Largest balanced samples.
  var cardinality: CardinalityMatching

  /// Decodes a design from options.
  ///
  /// - Throws: `invalidOption` for a value or combination that makes no sense.
  init(
    formula: String?, options: OptionValues, method: Method = .nearest
  ) throws(SiblingError) {
    self.formula = try VerbFormula.needed(formula, like: "treatment ~ covariates")
    self.method = method
    distance = options.text(.distance) ?? "logit"
    mahalanobisOn = options.text(.mahalanobisOn)
    prefer = options.text(.prefer)
    estimand = Estimand(rawValue: try options.choice(.estimand)) ?? .att
    isRaw = try options.flag(.caliperRaw)
    exact = options.texts(.exact)
    antiExact = options.texts(.antiExact)
    weighting = try WeightingSettings(options)
    subclasses = try options.integer(.subclasses, in: 1...Int(Int32.max)) ?? 6
    cutpoints = try Self.cutpoints(options)
    setRatio = (try options.number(.minRatio), try options.number(.maxRatio))
    prunesToPairs = try options.flag(.pairsInStrata)
    cardinality = try Self.cardinality(options, method, estimand)
    let unit: Caliper.Unit = isRaw ? .raw : .standardDeviations
    nearest = NearestNeighborMatching(
      estimand: estimand, ratio: try options.number(.ratio, in: 1...1e9) ?? 1,
      minimumRatio: try Self.wholeRatio(options, .minRatio, method),
      maximumRatio: try Self.wholeRatio(options, .maxRatio, method),
      replacement: try options.flag(.replace),
      reuseLimit: try options.integer(.reuseMax, in: 1...Int(Int32.max)),
      order: try Self.order(options),
      caliper: try options.number(.caliper).map { Caliper($0, unit) },
      discard: Discard(rawValue: try options.choice(.discard)) ?? .none)
    covariateCalipers = []
    for pair in try options.pairs(.covariateCaliper) {
      guard let width = Double(pair.value), width.isFinite else {
        throw options.wrong(.covariateCaliper, "takes a number after '\(pair.name)='")
      }
      covariateCalipers.append((pair.name, width))
    }
    try check(options)
  }

  private static func order(_ options: OptionValues) throws(SiblingError) -> MatchingOrder? {
    guard options.isGiven(.order) else { return nil }
    switch try options.choice(.order) {
    case "largest": return .largest
    case "smallest": return .smallest
    case "closest": return .closest
    case "farthest": return .farthest
    case "random": return .random(seed: UInt64(try options.integer(.seed, in: 0...Int.max) ?? 1))
    default: return .data
    }
  }

  /// The columns beside the formula's that must be complete.
  var columns: [String] {
    exact + antiExact + covariateCalipers.map(\.column) + (usesColumn ? [distance] : [])
      + (weighting.site.map { [$0] } ?? []) + (prefer.map { [$0] } ?? [])
  }

  /// Whether the distance is a column of the data rather than one made from the covariates.
  var usesColumn: Bool { Self.scores[distance] == nil && metric == nil }

  /// Fitted scores: link name and whether the linear predictor is used.
  static let scores: [String: (link: String, isLinear: Bool)] = [
    "logit": ("logit", false), "linear.logit": ("logit", true), "probit": ("probit", false),
    "linear.probit": ("probit", true), "cloglog": ("cloglog", false),
    "linear.cloglog": ("cloglog", true),
  ]
}
