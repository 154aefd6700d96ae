internal import Matching
internal import Statistics

/// How the groups are made alike: one value for `match`, `balance`, `effect` and the study file.
struct MatchDesign: Sendable {
  /// How units are weighted.
  enum Method: Sendable, Equatable {
    /// Nearest-neighbour matching.
    case nearest
    /// Inverse-probability weights.
    case inverseProbability
  }

  /// treatment ~ covariates.
  var formula: String
  /// How units are weighted.
  var method: Method
  /// `logit`, `linear.logit`, … or a column's name.
  var distance: String
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
  /// Quantile above which weights are capped.
  var trim: Double?

  /// Decodes a design from options.
  ///
  /// - Throws: `invalidOption` for a value or combination that makes no sense.
  init(
    formula: String?, options: OptionValues, method: Method = .nearest
  ) throws(SiblingError) {
    guard let formula else {
      throw SiblingError(.usage, "a formula is needed: 'treatment ~ covariates'")
    }
    self.formula = formula
    self.method = method
    distance = options.text(.distance) ?? "logit"
    estimand = Estimand(rawValue: try options.choice(.estimand)) ?? .att
    isRaw = try options.flag(.caliperRaw)
    exact = options.texts(.exact)
    antiExact = options.texts(.antiExact)
    trim = try options.number(.trim, in: 0.5...1)
    let unit: Caliper.Unit = isRaw ? .raw : .standardDeviations
    nearest = NearestNeighborMatching(
      estimand: estimand, ratio: try options.number(.ratio, in: 1...1e9) ?? 1,
      minimumRatio: try options.integer(.minRatio, in: 1...Int(Int32.max)),
      maximumRatio: try options.integer(.maxRatio, in: 1...Int(Int32.max)),
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

  private func check(_ options: OptionValues) throws(SiblingError) {
    switch method {
    case .nearest where estimand != .att && estimand != .atc:
      throw options.wrong(
        .estimand, "is ATT or ATC for nearest-neighbour matching; ATE, ATO and ATM need weighting")
    case .inverseProbability:
      for key in [
        OptionKey.caliper, .ratio, .replace, .exact, .antiExact, .order, .covariateCaliper,
        .minRatio, .maxRatio, .reuseMax, .discard, .caliperRaw,
      ] where options.isGiven(key) {
        throw options.wrong(key, "does not apply to inverse-probability weights")
      }
    default: break
    }
    if options.isGiven(.trim), method == .nearest {
      throw options.wrong(.trim, "applies to weighting, not to matching")
    }
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
  }

  /// Whether the distance is a column of the data rather than a fitted score.
  var usesColumn: Bool { Self.scores[distance] == nil }

  /// Fitted scores: link name and whether the linear predictor is used.
  static let scores: [String: (link: String, isLinear: Bool)] = [
    "logit": ("logit", false), "linear.logit": ("logit", true), "probit": ("probit", false),
    "linear.probit": ("probit", true), "cloglog": ("cloglog", false),
    "linear.cloglog": ("cloglog", true),
  ]

  /// A method from its name.
  static func method(named name: String) -> Method? {
    switch name {
    case "nearest": .nearest
    case "ipw": .inverseProbability
    default: nil
    }
  }

  /// The design in one phrase, for reports.
  var words: String {
    switch method {
    case .inverseProbability: return "inverse-probability weights"
    case .nearest:
      let ratio = nearest.ratio == 1 ? "1:1" : "\(text(nearest.ratio)):1"
      var parts = ["nearest-neighbour matching \(ratio)"]
      if nearest.replacement { parts.append("with replacement") }
      if let caliper = nearest.caliper {
        parts.append(
          "caliper \(text(caliper.width))" + (isRaw ? "" : " standard deviations of the score"))
      }
      if !exact.isEmpty { parts.append("exact on \(exact.joined(separator: " and "))") }
      return parts.joined(separator: ", ")
    }
  }

  private func text(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\(value)"
  }
}
