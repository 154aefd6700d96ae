/// The design gate: what was checked before any effect was estimated, and what may be claimed.
///
/// Checks read the design: who was treated, how, in how many clusters, how far the groups overlap. Of
/// outcomes they read whether they are known, how those of the comparison group spread, and how they
/// moved before anybody was treated; never a difference that treatment may have made.
public struct Gate: Sendable, Equatable {
  /// The checks, in the order of the report.
  public var checks: [Check]
  /// What the design can support.
  public var verdict: Verdict
  /// Why, in one sentence.
  public var reason: String
  /// Why the study's authors show effects although a check failed; nil without such a reason.
  public var override: String?
  /// The limits of the checks.
  var limits = GateLimits()

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
    /// The counts of people that the value gives away; empty when it gives none.
    var people: [Int] = []
  }

  /// Whether any check failed.
  public var hasFailure: Bool { checks.contains { $0.status == .fail } }

  /// Whether effects are withheld: a check failed, and no reason to show them was given.
  public var failed: Bool { hasFailure && override == nil }

  /// Whether effects are shown although a check failed.
  public var isOverridden: Bool { hasFailure && override != nil }
}

extension Gate {
  /// Applies the rules to the facts.
  init(_ facts: DesignFacts, limits: GateLimits = GateLimits(), override: String? = nil) {
    self.limits = limits
    self.override = override
    guard facts.hasComparison else {
      checks = Self.unavailable(
        [
          "clusters", "attainable p", "overlap", "matched share", "balance", "missing covariates",
          "minimum detectable effect", "maturity", "missing evidence", "pre-trends",
        ], "there is no comparison group")
      verdict = .descriptive
      reason =
        "there is no comparison group, so the figures describe what happened and can't say what "
        + "would have happened otherwise"
      return
    }
    let making = GateChecks(facts: facts, limits: limits)
    checks = making.all
    (verdict, reason) = Self.judge(
      facts, failed: checks.contains { $0.status == .fail },
      hasFewSites: making.treatedSites?.status == .warn)
  }

  private static func judge(
    _ facts: DesignFacts, failed: Bool, hasFewSites: Bool
  ) -> (Verdict, String) {
    if failed {
      return (.descriptive, "at least one check of the design failed")
    }
    if hasFewSites {
      return (
        .descriptive,
        "so few whole sites stand on one side that whatever else was particular to one of them can't "
          + "be told from the programme, and no method that judges them holds without believing that "
          + "they are otherwise like the rest"
      )
    }
    if facts.isSiteLevel {
      return (
        .associational,
        facts.isPanel
          ? "treatment was given to whole sites, so whatever else changed at them can't be told from it"
          : "treatment was given to whole sites, so differences between sites can't be told from it"
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

  /// Checks of some names that were not made, for one reason.
  static func unavailable(_ names: [String], _ reason: String) -> [Check] {
    names.map {
      Check(
        name: $0, value: nil, threshold: nil, comparator: "", status: .notEvaluated, detail: reason)
    }
  }
}
