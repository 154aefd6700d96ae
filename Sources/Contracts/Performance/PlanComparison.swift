public import Statistics

/// Outcomes expected and reached, by quarter and in total.
public struct PlanComparison: Sendable, Equatable {
  /// A row for each contract, outcome and quarter with a target, contracts in the order of their
  /// first row; then the rows of all contracts together (contract `all`) when there are several.
  public var quarters: [Quarter]
  /// A row for each contract and outcome, then for all.
  public var totals: [Total]
  /// Shares of one stage that reached a later one, planned and achieved.
  public var conversions: [Conversion]
  /// What in the figures can't be right or must be known.
  public var anomalies: [DataAnomaly]

  /// What one quarter, or all up to it, was to bring and brought.
  public struct Standing: Sendable, Equatable {
    /// Expected in the original plan; nil = the plan states nothing there, or before it.
    public var original: Double?
    /// Expected in the latest plan.
    public var latest: Double?
    /// The number reached; nil = not reported, or incomplete.
    public var reached: Int?
    /// The exact interval of the count's mean.
    public var interval: ConfidenceInterval?
    /// Reached over the original plan, with its exact interval and p-value.
    public var toOriginal: Estimate?
    /// Reached over the latest plan.
    public var toLatest: Estimate?
  }

  /// One quarter of one contract and outcome.
  public struct Quarter: Sendable, Equatable {
    /// The contract, or `all`.
    public var contract: String
    /// The outcome.
    public var stage: OutcomeStage
    /// The quarter.
    public var quarter: PlanQuarter
    /// The version that the latest plan comes from; empty for all contracts together.
    public var version: String
    /// The quarter by itself.
    public var own: Standing
    /// Everything from the first quarter with a target to this one.
    public var cumulative: Standing
  }

  /// A plan and what was reached in the quarters that have both.
  public struct Against: Sendable, Equatable {
    /// Expected in these quarters.
    public var planned: Double
    /// Reached in them.
    public var reached: Int
    /// How many quarters have both; for all contracts together, contracts' quarters.
    public var quarters: Int
    /// Expected over the whole plan, quarters still to come too.
    public var whole: Double
    /// Reached over planned.
    public var ratio: Estimate?

    /// The plans and counts of two contracts; the ratio is left to whoever adds.
    static func + (left: Against, right: Against) -> Against {
      Against(
        planned: left.planned + right.planned, reached: left.reached + right.reached,
        quarters: left.quarters + right.quarters, whole: left.whole + right.whole, ratio: nil)
    }
  }

  /// One contract and outcome, or all contracts.
  public struct Total: Sendable, Equatable {
    /// The contract, or `all`.
    public var contract: String
    /// The outcome.
    public var stage: OutcomeStage
    /// Against the original plan.
    public var original: Against
    /// Against the latest plan.
    public var latest: Against
    /// Whether the two plans differ anywhere.
    public var isRevised: Bool
    /// The number of quarters with a target.
    public var quarters: Int
    /// Reached in quarters without a target, which enters no ratio.
    public var reachedOutside: Int
    /// The first and last quarter with a target.
    public var first, last: PlanQuarter
  }

  /// The share of one stage's outcomes that a later stage's make up, planned and achieved.
  public struct Conversion: Sendable, Equatable {
    /// The contract, or `all`.
    public var contract: String
    /// The earlier stage.
    public var from: OutcomeStage
    /// The later stage.
    public var to: OutcomeStage
    /// Reached at the earlier and at the later stage.
    public var denominator, numerator: Int
    /// The share in the latest plan, over the same quarters; nil when nothing was planned.
    public var planned: Double?
    /// The share achieved, its p-value against the planned share; nil when it is refused.
    public var rate: Estimate?
    /// Why it is refused.
    public var refusal: String?
  }
}
