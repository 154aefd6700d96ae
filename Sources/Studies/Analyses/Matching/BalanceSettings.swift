internal import Matching
internal import Statistics

/// What is measured of the balance and how it is judged: one value for `balance` and the study file.
struct BalanceSettings: Sendable {
  /// Whether products of all pairs of covariates are measured.
  var includesInteractions = false
  /// Which powers of covariates are measured.
  var powers: [Int] = []
  /// What counts as balanced.
  var thresholds = BalanceThresholds()
  /// Covariates whose quantiles are compared.
  var quantiles: [String] = []
  /// Covariates whose densities are compared.
  var densities: [String] = []

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(_ options: OptionValues) throws(SiblingError) {
    includesInteractions = try options.flag(.interactions)
    powers = try options.flag(.squares) ? [2] : []
    for number in try options.numbers(.powers) {
      guard let power = Int(exactly: number), (2...10).contains(power) else {
        throw options.wrong(.powers, "takes whole numbers from 2 to 10")
      }
      if !powers.contains(power) { powers.append(power) }
    }
    powers.sort()
    thresholds = BalanceThresholds(
      standardizedMeanDifference: try options.number(.threshold, in: 0...1e9),
      varianceRatio: try options.number(.thresholdRatio, in: 1...1e9),
      kolmogorovSmirnov: try options.number(.thresholdKS, in: 0...1))
    quantiles = try Self.distinct(options, .quantilePairs)
    densities = try Self.distinct(options, .densities)
  }

  /// Names that may not stand twice.
  private static func distinct(
    _ options: OptionValues, _ key: OptionKey
  ) throws(SiblingError) -> [String] {
    let names = options.texts(key)
    guard Set(names).count == names.count else { throw options.wrong(key, "names a column twice") }
    return names
  }

  /// The assessment for a design's estimand.
  func assessment(_ design: MatchDesign) -> BalanceAssessment {
    BalanceAssessment(
      estimand: design.estimand, includesInteractions: includesInteractions, powers: powers)
  }

  /// What a reader must know of the balance: how many covariates exceed each threshold.
  func notes(_ balance: Balance, of part: String? = nil) -> [String] {
    thresholds.judged.map { statistic in
      let after = balance.exceeding(statistic, of: thresholds, .adjusted)
      let before = balance.exceeding(statistic, of: thresholds, .unadjusted)
      let limit = thresholds.threshold(statistic) ?? 0
      let rows = after.judged == 1 ? "covariate exceeds" : "covariates exceed"
      return (part.map { "\($0): " } ?? "")
        + "\(after.exceeding) of \(after.judged) \(rows) \(Self.name(statistic)) \(Self.plain(limit))"
        + (statistic == .varianceRatio ? " or its inverse" : "") + " after"
        + " adjustment" + (before.judged > 0 ? ", \(before.exceeding) before" : "")
    }
  }

  /// A threshold as it would be written: 2, not 2.0.
  private static func plain(_ limit: Double) -> String {
    limit == limit.rounded() && limit < 1e9 ? "\(Int(limit))" : "\(limit)"
  }

  private static func name(_ statistic: BalanceThresholds.Statistic) -> String {
    switch statistic {
    case .standardizedMeanDifference: "a standardised mean difference of"
    case .varianceRatio: "a variance ratio of"
    case .kolmogorovSmirnov: "a Kolmogorov–Smirnov distance of"
    }
  }
}
