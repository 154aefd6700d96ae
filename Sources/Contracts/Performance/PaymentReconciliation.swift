/// Planned and actual payments, quarter by quarter and in total, with what doesn't fit.
public struct PaymentReconciliation: Sendable, Equatable {
  /// A row for each project and quarter: projects in the order of their first row, quarters rising.
  public var quarters: [Quarter]
  /// A total for each project, then one for all (project `all`) when there are several.
  public var totals: [Total]
  /// What in the figures can't be right or must be known.
  public var anomalies: [DataAnomaly]
  /// The latest quarter in which any project reports an actual payment; nil when none does.
  public var asOf: CalendarMonth?

  /// One quarter of one project.
  public struct Quarter: Sendable, Equatable {
    /// The project.
    public var project: String
    /// The project's name.
    public var site: String
    /// The quarter's label.
    public var quarter: CalendarMonth
    /// The payment in the first plan; nil = not published.
    public var firstPlan: Money?
    /// The payment in the latest plan; nil = not published.
    public var latestPlan: Money?
    /// The payment made; nil = not yet reported.
    public var actual: Money?
    /// Actual minus first plan, where both are known.
    public var actualMinusFirstPlan: Money?
    /// Actual minus latest plan, where both are known.
    public var actualMinusLatestPlan: Money?
    /// Latest minus first plan, where both are known.
    public var latestMinusFirstPlan: Money?
    /// The first plan summed to this quarter; nil from the first quarter without it.
    public var cumulativeFirstPlan: Money?
    /// The latest plan summed to this quarter; nil from the first quarter without it.
    public var cumulativeLatestPlan: Money?
    /// The payments summed to this quarter; nil from the first quarter that is not reported.
    public var cumulativeActual: Money?
  }

  /// The sums of one project, or of all.
  public struct Total: Sendable, Equatable {
    /// The project, or `all`.
    public var project: String
    /// The project's name, or `all`.
    public var site: String
    /// The sum of the first plan over every quarter that has it.
    public var firstPlan: Money
    /// The sum of the latest plan over every quarter that has it.
    public var latestPlan: Money
    /// The sum of the payments reported.
    public var actual: Money
    /// The first plan over the quarters with an actual; nil when one of these has none.
    public var firstPlanToDate: Money?
    /// The latest plan over the quarters with an actual; nil when one of these has none.
    public var latestPlanToDate: Money?
    /// The number of quarters listed.
    public var quarters: Int
    /// The number of quarters with an actual.
    public var quartersReported: Int
    /// The most that may be paid over the contract; nil when one of the contracts has none published.
    public var maximum: Money?
    /// Payments minus the maximum: negative while there is room.
    public var actualMinusMaximum: Money?
    /// The first plan minus the maximum; zero when the plan was to pay it all.
    public var firstPlanMinusMaximum: Money?
    /// The latest quarter with an actual; nil when there is none.
    public var asOf: CalendarMonth?

    /// The share of the maximum that was paid; nil without a positive maximum.
    public var shareOfMaximum: Double? {
      guard let maximum, maximum.pence > 0 else { return nil }
      return Double(actual.pence) / Double(maximum.pence)
    }

    /// The share of the first plan to date that was paid; nil where that plan is unknown or zero.
    public var shareOfFirstPlanToDate: Double? {
      guard let plan = firstPlanToDate, plan.pence > 0 else { return nil }
      return Double(actual.pence) / Double(plan.pence)
    }
  }
}
