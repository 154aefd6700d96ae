/// The design gate: what was checked before any effect was estimated, and what may be claimed.
///
/// Checks read the design only: who was treated, how, in how many clusters, and how far the groups
/// overlap. No outcome is looked at.
public struct Gate: Sendable, Equatable {
  /// The checks, in the order of the report.
  public var checks: [Check]
  /// What the design can support.
  public var verdict: Verdict
  /// Why, in one sentence.
  public var reason: String

  /// The state of a check.
  public enum Status: String, Sendable, Comparable {
    /// As it should be.
    case pass = "PASS"
    /// The reader must know.
    case warn = "WARN"
    /// The design can't support an effect.
    case fail = "FAIL"
    /// Not looked at, and why is said in the detail.
    case notEvaluated = "NOT EVALUATED"

    private var severity: Int {
      switch self {
      case .pass, .notEvaluated: 0
      case .warn: 1
      case .fail: 2
      }
    }

    /// Whether the left is less grave.
    public static func < (left: Status, right: Status) -> Bool { left.severity < right.severity }
  }

  /// What may be claimed.
  public enum Verdict: String, Sendable {
    /// Treatment was randomised and nothing failed.
    case causal
    /// Like was compared with like on what was recorded; hidden differences remain possible.
    case associational
    /// Numbers that describe; no comparison that carries a claim.
    case descriptive
  }

  /// One check.
  public struct Check: Sendable, Equatable {
    /// What is checked.
    public var name: String
    /// The value, when there is one.
    public var value: Double?
    /// The threshold, when there is one.
    public var threshold: Double?
    /// How value and threshold compare: `>=`, `<=`.
    public var comparator: String
    /// The outcome.
    public var status: Status
    /// One sentence.
    public var detail: String
  }

  /// Whether any check failed, so that effects are withheld.
  public var failed: Bool { checks.contains { $0.status == .fail } }
}

/// The facts about a design that the gate rests on.
struct DesignFacts {
  /// Whether people or sites were assigned.
  var isSiteLevel = false
  /// How treatment came about, as the study file says.
  var mechanism = "unknown"
  /// Treated clusters (people, or sites).
  var treatedClusters = 0
  /// All clusters.
  var clusters = 0
  /// The matched sets that standard errors are clustered by; nil without.
  var matchedSets: Int?
  /// The smallest p-value that randomisation inference could attain.
  var attainablePValue: Double?
  /// The share of treated units inside the comparison group's range of scores.
  var overlapShare: Double?
  /// The share of treated units that were matched.
  var matchedShare: Double?
  /// The largest standardised mean difference after matching.
  var worstImbalance: Double?
  /// Whether there is a comparison group at all.
  var hasComparison = true
  /// The groups that were assigned when the data do not name them, such as `states`.
  var unnamedGroups: String?
  /// Whether cohorts start at different times and one coefficient is fitted to all.
  var isStaggeredTwoWay = false
}

extension Gate {
  /// Applies the rules to the facts.
  init(_ facts: DesignFacts) {
    guard facts.hasComparison else {
      checks = Self.unavailable(
        ["clusters", "attainable p", "overlap", "matched share", "balance"],
        "there is no comparison group")
      verdict = .descriptive
      reason =
        "there is no comparison group, so the figures describe what happened and can't say what "
        + "would have happened otherwise"
      return
    }
    checks = [
      Self.clusters(facts), Self.attainable(facts), Self.overlap(facts), Self.matched(facts),
      Self.balance(facts),
    ]
    if facts.isStaggeredTwoWay {
      checks.append(
        Check(
          name: "one coefficient for staggered starts", value: nil, threshold: nil, comparator: "",
          status: .warn,
          detail:
            "concerns the two-way estimates only: cohorts start at different times, and one coefficient mixes comparisons of "
            + "early with late starters, which is wrong where effects differ or grow"))
    }
    checks += Self.unavailable(
      ["minimum detectable effect", "maturity", "missing evidence"],
      "not part of this version's gate")
    (verdict, reason) = Self.judge(facts, failed: checks.contains { $0.status == .fail })
  }

  private static func judge(_ facts: DesignFacts, failed: Bool) -> (Verdict, String) {
    if failed {
      return (.descriptive, "at least one check of the design failed")
    }
    if facts.isSiteLevel {
      return (
        .associational,
        "treatment was given to whole sites, so differences between sites can't be told from it"
      )
    }
    switch facts.mechanism {
    case "randomised":
      return (.causal, "chance decided who was treated, and no check of the design failed")
    case "unknown":
      return (.descriptive, "the study file does not say how treatment came about")
    default:
      return (
        .associational,
        "chance did not decide who was treated, so hidden differences between the groups remain "
          + "possible"
      )
    }
  }

  private static func clusters(_ facts: DesignFacts) -> Check {
    let smaller = min(facts.treatedClusters, facts.clusters - facts.treatedClusters)
    let sets = facts.isSiteLevel ? nil : facts.matchedSets
    let count = sets ?? facts.clusters
    let noun = facts.isSiteLevel ? "sites" : sets != nil ? "matched sets" : "people or units"
    if let groups = facts.unnamedGroups {
      return Check(
        name: "clusters", value: nil, threshold: 40, comparator: ">=", status: .warn,
        detail: "whole \(groups) were treated, and the data do not name them: there are"
          + " far fewer clusters than rows, and intervals are too short")
    }
    let status: Status = smaller < 2 ? .fail : count < 40 ? .warn : .pass
    return Check(
      name: "clusters", value: Double(count), threshold: 40, comparator: ">=",
      status: status,
      detail: status == .pass
        ? "enough \(noun) for the usual standard errors"
        : status == .warn
          ? "so few \(noun) that the usual standard errors may be too small"
          : "a group has fewer than two \(noun), so no uncertainty can be estimated")
  }

  private static func attainable(_ facts: DesignFacts) -> Check {
    guard let p = facts.attainablePValue, facts.unnamedGroups == nil else {
      return unavailable(["attainable p"], "not defined for this design")[0]
    }
    let status: Status = p > 0.05 ? .fail : p > 0.01 ? .warn : .pass
    return Check(
      name: "attainable p", value: p, threshold: 0.05, comparator: "<=", status: status,
      detail: status == .fail
        ? "however large the effect, no randomisation test could reach p = 0.05"
        : "the smallest p-value that reassigning treatment could give")
  }

  private static func overlap(_ facts: DesignFacts) -> Check {
    guard let share = facts.overlapShare else {
      return unavailable(["overlap"], "the design has no score")[0]
    }
    let status: Status = share < 0.5 ? .fail : share < 0.9 ? .warn : .pass
    return Check(
      name: "overlap", value: share, threshold: 0.9, comparator: ">=", status: status,
      detail: "share of the treated whose score lies within the range of the comparison group")
  }

  private static func matched(_ facts: DesignFacts) -> Check {
    guard let share = facts.matchedShare else {
      return unavailable(["matched share"], "nobody was matched in this design")[0]
    }
    let status: Status = share < 0.25 ? .fail : share < 0.9 ? .warn : .pass
    return Check(
      name: "matched share", value: share, threshold: 0.9, comparator: ">=", status: status,
      detail: status == .pass
        ? "nearly all of the treated found a match"
        : "only this share of the treated found a match; the effect is theirs only")
  }

  private static func balance(_ facts: DesignFacts) -> Check {
    guard let worst = facts.worstImbalance else {
      return unavailable(["balance"], "the design has no covariates")[0]
    }
    let status: Status = worst > 0.25 ? .fail : worst > 0.1 ? .warn : .pass
    return Check(
      name: "balance", value: worst, threshold: 0.1, comparator: "<=", status: status,
      detail: status == .pass
        ? "every covariate is balanced after adjustment"
        : "the least balanced covariate still differs by this many standard deviations")
  }

  private static func unavailable(_ names: [String], _ reason: String) -> [Check] {
    names.map {
      Check(
        name: $0, value: nil, threshold: nil, comparator: "", status: .notEvaluated, detail: reason)
    }
  }
}
