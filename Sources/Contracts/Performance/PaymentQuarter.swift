/// What was to be paid and what was paid to one project in one quarter.
///
/// A missing amount is not zero: a missing actual has not been reported, a missing plan was never
/// published for that quarter.
public struct PaymentQuarter: Sendable, Equatable {
  /// The project's identifier.
  public var project: String
  /// The month that the quarter is labelled with, as a rule its last.
  public var quarter: CalendarMonth
  /// The payment in the first published plan.
  public var firstPlan: Money?
  /// The payment in the latest published plan.
  public var latestPlan: Money?
  /// The payment made.
  public var actual: Money?

  /// A quarter's payments.
  public init(
    project: String, quarter: CalendarMonth, firstPlan: Money?, latestPlan: Money?, actual: Money?
  ) {
    self.project = project
    self.quarter = quarter
    self.firstPlan = firstPlan
    self.latestPlan = latestPlan
    self.actual = actual
  }
}

/// What may be paid at most over a contract.
public struct ContractMaximum: Sendable, Equatable {
  /// The project's identifier.
  public var project: String
  /// The name that sentences use for the project.
  public var site: String
  /// The maximum outcome payment; nil when it is not published.
  public var maximum: Money?

  /// A contract's maximum payment.
  public init(project: String, site: String, maximum: Money?) {
    self.project = project
    self.site = site
    self.maximum = maximum
  }
}
