internal import Statistics
internal import Tables

/// The limits at which a check of the gate warns and fails: the house's, or those of the study file.
struct GateLimits: Sendable, Equatable {
  /// The checks that have limits, by their keys in the study file, in the order of the report.
  enum Key: String, Sendable, CaseIterable {
    case clusters
    case treatedSites = "treated-sites"
    case attainableP = "attainable-p"
    case overlap
    case matchedShare = "matched-share"
    case balance
    case missingCovariates = "missing-covariates"
    case maturity
    case unknown
    case unknownDifference = "unknown-difference"
    case preTrends = "pre-trends"
  }

  /// One check's limits, and why they stand where they stand.
  struct Limit: Sendable, Equatable {
    /// The key in the study file.
    let key: Key
    /// The value from which on a reader must know.
    var warn: Double
    /// The value from which on no effect is shown; nil when the check never fails.
    var fail: Double?
    /// Whether a large value is bad.
    let largeIsBad: Bool
    /// The greatest value that makes sense; the least is 0.
    let most: Double
    /// What the limits are for, as help.
    let help: String

    /// The state of a value.
    func status(_ value: Double) -> Gate.Status {
      func isBeyond(_ limit: Double) -> Bool { largeIsBad ? value > limit : value < limit }
      if let fail, isBeyond(fail) { return .fail }
      return isBeyond(warn) ? .warn : .pass
    }

    /// How a value must compare with a limit.
    var comparator: String { largeIsBad ? "<=" : ">=" }
  }

  /// A limit that the study file changes.
  struct Change: Sendable, Equatable {
    /// The check's key.
    var key: Key
    /// `warn` or `fail`.
    var state: String
    /// The house's limit and the study's.
    var house: Double
    var own: Double
    /// Whether the study's lets more pass.
    var isLaxer: Bool
  }

  /// The limits, in the order of the checks.
  private(set) var all: [Limit] = Key.allCases.map { GateLimits.house($0) }
  /// What the study file changes, in the same order.
  private(set) var changes: [Change] = []
  /// Why, in the author's words.
  private(set) var reason: String?

  /// The house's limits of a check.
  static func house(_ key: Key) -> Limit {
    switch key {
    case .clusters:
      Limit(
        key: key, warn: 40, largeIsBad: false, most: 1e6,
        help: "Clusters behind the standard errors: below about 40 the usual ones are too small"
          + " (Cameron and Miller 2015, doi:10.3368/jhr.50.2.317).")
    case .treatedSites:
      Limit(
        key: key, warn: 4, largeIsBad: false, most: 1e6,
        help:
          "Whole sites on the smaller side: below 4 the reading is descriptive, as methods for few"
          + " treated groups rest on what can't be checked (Conley and Taber 2011,"
          + " doi:10.1162/REST_a_00049).")
    case .attainableP:
      Limit(
        key: key, warn: 0.01, fail: 0.05, largeIsBad: true, most: 1,
        help: "The smallest p-value that exchanging treatment can reach.")
    case .overlap:
      Limit(
        key: key, warn: 0.9, fail: 0.5, largeIsBad: false, most: 1,
        help: "The share of the treated within the comparison group's range of scores.")
    case .matchedShare:
      Limit(
        key: key, warn: 0.9, fail: 0.25, largeIsBad: false, most: 1,
        help: "The share of the treated who found a match: the effect is theirs only.")
    case .balance:
      Limit(
        key: key, warn: 0.1, fail: 0.25, largeIsBad: true, most: 10,
        help: "The largest standardised mean difference after adjustment (Austin 2009,"
          + " doi:10.1002/sim.3697; Rubin 2001, doi:10.1023/A:1020363010465).")
    case .missingCovariates:
      Limit(
        key: key, warn: 0.1, fail: 0.4, largeIsBad: true, most: 1,
        help: "The share of an arm that is left out because a covariate is unknown.")
    case .maturity:
      Limit(
        key: key, warn: 0.9, fail: 0.25, largeIsBad: false, most: 1,
        help: "The share of an arm that could be followed to every outcome's horizon: the effect is"
          + " theirs only.")
    case .unknown:
      Limit(
        key: key, warn: 0.1, fail: 0.4, largeIsBad: true, most: 1,
        help: "The share of an arm whose outcome is unknown. At 40 % bounds are so wide that no"
          + " comparison is left to report.")
    case .unknownDifference:
      Limit(
        key: key, warn: 0.05, largeIsBad: true, most: 1,
        help:
          "How far the shares of unknown outcomes differ between the arms: about what the What Works"
          + " Clearinghouse tolerates at low attrition.")
    case .preTrends:
      Limit(
        key: key, warn: 0.05, largeIsBad: false, most: 1,
        help: "The p-value of the joint test of trends before treatment.")
    }
  }

  /// The house's limits.
  init() {}

  /// Decodes the thresholds of a study file.
  ///
  /// - Throws: `badValue` for a limit out of range, or a failure that comes before its warning.
  init(_ study: StudyFile) throws(SiblingError) {
    guard let node = study.node["gate"]?["thresholds"] else { return }
    reason = node["reason"]?.text
    for index in all.indices {
      guard let own = node[all[index].key.rawValue] else { continue }
      let house = all[index]
      if let value = try Self.number(own["warn"], house) { all[index].warn = value }
      if let value = try Self.number(own["fail"], house) { all[index].fail = value }
      let limit = all[index]
      if let fail = limit.fail, limit.largeIsBad ? fail < limit.warn : fail > limit.warn {
        throw SiblingError(
          .badValue, "the check '\(limit.key.rawValue)' would fail before it warns",
          help: limit.largeIsBad
            ? "'fail' must be at least as large as 'warn'"
            : "'fail' must be at most as large as 'warn'", location: own.location)
      }
      note("warn", house.warn, limit.warn, limit)
      if let was = house.fail, let fail = limit.fail { note("fail", was, fail, limit) }
    }
  }

  private mutating func note(_ state: String, _ house: Double, _ own: Double, _ limit: Limit) {
    guard house != own else { return }
    changes.append(
      Change(
        key: limit.key, state: state, house: house, own: own,
        isLaxer: limit.largeIsBad ? own > house : own < house))
  }

  private static func number(_ node: StudyNode?, _ limit: Limit) throws(SiblingError) -> Double? {
    guard let node, let text = node.text else { return nil }
    guard let value = Double(text), value >= 0, value <= limit.most else {
      throw SiblingError(
        .badValue,
        "the threshold '\(limit.key.rawValue)' takes a number from 0 to"
          + " \(NumberText.shortest(limit.most))", location: node.location)
    }
    return value
  }

  /// The limits of a check.
  subscript(key: Key) -> Limit { all.first { $0.key == key } ?? GateLimits.house(key) }
}
