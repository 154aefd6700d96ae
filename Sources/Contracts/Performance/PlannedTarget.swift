/// The number of one outcome that a version of a contract's targets expects in a month or quarter.
public struct PlannedTarget: Sendable, Equatable {
  /// The contract.
  public var contract: String
  /// What the version of the targets is called; empty where there is one only.
  public var version: String
  /// The day on which it was set, since 1970-01-01; nil = not known.
  public var setOn: Int32?
  /// The case that it belongs to: low, median or high; nil where there is one only.
  public var scenario: String?
  /// The month or quarter.
  public var period: PlanPeriod
  /// The outcome.
  public var stage: OutcomeStage
  /// The number expected, which need not be whole.
  public var expected: Double

  /// A target.
  public init(
    contract: String, version: String = "", setOn: Int32? = nil, scenario: String? = nil,
    period: PlanPeriod, stage: OutcomeStage, expected: Double
  ) {
    self.contract = contract
    self.version = version
    self.setOn = setOn
    self.scenario = scenario
    self.period = period
    self.stage = stage
    self.expected = expected
  }
}

/// The number of one outcome that a contract's service reached in a month or quarter.
public struct ReachedOutcome: Sendable, Equatable {
  /// The contract.
  public var contract: String
  /// The month or quarter.
  public var period: PlanPeriod
  /// The outcome.
  public var stage: OutcomeStage
  /// The number reached; nil = not reported, which is not zero.
  public var count: Int?

  /// A count.
  public init(contract: String, period: PlanPeriod, stage: OutcomeStage, count: Int?) {
    self.contract = contract
    self.period = period
    self.stage = stage
    self.count = count
  }
}
