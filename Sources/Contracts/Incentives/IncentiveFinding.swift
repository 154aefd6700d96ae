public import Statistics

/// One test of whether rules of payment have left traces in the records.
public struct IncentiveFinding: Sendable, Equatable {
  /// Which audit, such as `binomial`, `excess-mass`, `hours-16` or `claim-timing`.
  public var method: String
  /// What is estimated, in a few words.
  public var term: String
  /// Whose jobs or claims; an arm of the study, or both.
  public var arm: String
  /// The length of a job that is paid for, in the unit of the data; nil where none is tested.
  public var threshold: Double?
  /// The estimate; what it is stands in `term` and `convention`.
  public var estimate: Double?
  /// Its standard error; nil for exact tests.
  public var standardError: Double?
  /// The statistic of the test.
  public var statistic: Double?
  /// Its degrees of freedom; nil = none or normal.
  public var degreesOfFreedom: Double?
  /// The p-value, two-sided unless the convention says otherwise; nil for what is descriptive.
  public var pValue: Double?
  /// The interval of the estimate.
  public var interval: ConfidenceInterval?
  /// The smallest finding that a test of this size would make four times out of five; nil where none
  /// would be made so often, and for what is descriptive.
  public var detectable: Detectable?
  /// The jobs or claims that the row rests on.
  public var count: Int
  /// Those in the stretch under suspicion and those it is set against; nil where there are no two.
  public var inside, outside: Int?
  /// How the numbers were made.
  public var convention: String

  /// The smallest finding that a test would make, in whatever it is measured by.
  public struct Detectable: Sendable, Equatable {
    /// The amount.
    public var amount: Double
    /// What it is an amount of.
    public var measure: Measure
    /// As a share of the jobs expected just before the threshold: those that would have to be moved.
    public var shareMoved: Double?

    /// What it is an amount of.
    public enum Measure: String, Sendable, CaseIterable {
      /// Jobs beyond those expected.
      case jobs
      /// A ratio or odds ratio.
      case ratio
      /// A difference of shares.
      case difference
    }

    /// An amount.
    public init(_ amount: Double, _ measure: Measure, shareMoved: Double? = nil) {
      self.amount = amount
      self.measure = measure
      self.shareMoved = shareMoved
    }

    init(_ excess: DetectableExcess) {
      self.init(excess.jobs, .jobs, shareMoved: excess.shareMoved)
    }

    init?(ratio: Double?) {
      guard let ratio else { return nil }
      self.init(ratio, .ratio)
    }
  }

  /// A finding.
  public init(
    method: String, term: String, arm: String, threshold: Double? = nil, estimate: Double? = nil,
    standardError: Double? = nil, statistic: Double? = nil, degreesOfFreedom: Double? = nil,
    pValue: Double? = nil, interval: ConfidenceInterval? = nil, detectable: Detectable? = nil,
    count: Int, inside: Int? = nil, outside: Int? = nil, convention: String
  ) {
    self.method = method
    self.term = term
    self.arm = arm
    self.threshold = threshold
    self.estimate = estimate
    self.standardError = standardError
    self.statistic = statistic
    self.degreesOfFreedom = degreesOfFreedom
    self.pValue = pValue
    self.interval = interval
    self.detectable = detectable
    self.count = count
    self.inside = inside
    self.outside = outside
    self.convention = convention
  }
}

extension IncentiveFinding {
  /// A probability in two or three digits, for a convention's text.
  static func short(_ value: Double) -> String {
    let thousandths = (value * 1000).rounded()
    guard thousandths >= 1 else { return "below 0.001" }
    return "\(thousandths / 1000)"
  }
}
