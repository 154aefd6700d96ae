public import Statistics

/// What was paid for each outcome so far, and what the contract would pay for each at most.
///
/// Payments divided by outcomes, both as published: **a payment is not a cost**. What the service,
/// its management and its investors cost is not in these figures, and a block payment beside the
/// outcomes is not either. Outcomes and payments need not cover quite the same months. Amounts are
/// rounded to the penny, half a penny up.
public struct PaymentPerOutcome: Sendable, Equatable {
  /// A division; it has no settings.
  public init() {}

  /// One project and stage, or a total.
  public struct Row: Sendable, Equatable {
    /// The project, or `all`.
    public var project: String
    /// The project's name, or `all`.
    public var site: String
    /// The kind of clients, or `all`.
    public var cohort: String
    /// The stage, its hours bands together.
    public var stage: OutcomeStage
    /// The number planned and the number achieved.
    public var target, achieved: Int
    /// What was paid so far, for all outcomes together.
    public var paid: Money
    /// Paid for each achieved; nil without any.
    public var paidPerAchieved: Money?
    /// The most that may be paid; nil when one of the projects has none published.
    public var maximum: Money?
    /// The maximum for each planned; nil without a maximum or a plan.
    public var maximumPerTarget: Money?
    /// What investors committed; nil when it is not published for one of the projects.
    public var investment: Money?
    /// Why the figure can't be read as it stands; nil when there is no reason.
    public var remark: String?

    /// Paid so far as a share of the maximum.
    public var shareOfMaximum: Double? { Self.share(paid, maximum) }
    /// Paid so far as a multiple of the investment.
    public var timesInvestment: Double? { Self.share(paid, investment) }

    private static func share(_ part: Money, _ whole: Money?) -> Double? {
      guard let whole, whole.pence > 0 else { return nil }
      return Double(part.pence) / Double(whole.pence)
    }
  }

  /// Divides payments by outcomes for every project that has both, then for each kind of clients with
  /// several projects and for all.
  ///
  /// - Parameters:
  ///   - counts: targets and achievements, checked as `PerformanceAgainstTargets` does.
  ///   - payments: reconciled payments of the same projects.
  ///   - investments: what investors committed, by project.
  /// - Returns: a row for each project and stage, then the totals.
  /// - Throws: what is wrong with the counts; `noRows` when no project has both.
  public func divide(
    _ counts: [OutcomeCount], by payments: PaymentReconciliation, investments: [String: Money] = [:]
  ) throws(SiblingError) -> [Row] {
    try PerformanceAgainstTargets().check(counts)
    let totals = Dictionary(
      payments.totals.filter { $0.project != "all" }.map { ($0.project, $0) },
      uniquingKeysWith: { first, _ in first })
    let projects = ProjectCounts.grouped(counts).filter { totals[$0.project] != nil }
    guard !projects.isEmpty else {
      throw SiblingError(.noRows, "no project has both outcomes and payments")
    }
    var rows: [Row] = []
    for project in projects {
      guard let total = totals[project.project] else { continue }
      let breach = project.firstBreach(.achieved).map { breach in
        "its \(breach.earlier.plural) and \(breach.later.plural) can't count the same clients"
      }
      for stage in OutcomeStage.allCases {
        guard let count = project.total(stage) else { continue }
        rows.append(
          row(
            project.project, project.site, project.cohort, stage, count, paid: total.actual,
            maximum: total.maximum, investment: investments[project.project], remark: breach))
      }
    }
    for pool in Pool.pools(of: projects) {
      let members = pool.members.compactMap { totals[$0.project] }
      let breached = pool.members.filter { $0.firstBreach(.achieved) != nil }.map(\.site)
      for stage in OutcomeStage.allCases {
        guard let count = pool.total(stage) else { continue }
        rows.append(
          row(
            "all", "all", pool.cohort, stage, count,
            paid: members.map(\.actual).reduce(.zero, +), maximum: sum(members.map(\.maximum)),
            investment: sum(pool.members.map { investments[$0.project] }),
            remark: breached.isEmpty
              ? nil
              : "it contains \(breached.joined(separator: ", ")), whose counts can't be of the same"
                + " clients"))
      }
    }
    return rows
  }

  private func row(
    _ project: String, _ site: String, _ cohort: String, _ stage: OutcomeStage, _ count: CountPair,
    paid: Money, maximum: Money?, investment: Money?, remark: String?
  ) -> Row {
    Row(
      project: project, site: site, cohort: cohort, stage: stage, target: count.target,
      achieved: count.achieved, paid: paid, paidPerAchieved: paid.divided(by: count.achieved),
      maximum: maximum, maximumPerTarget: maximum?.divided(by: count.target),
      investment: investment, remark: remark)
  }

  private func sum(_ amounts: [Money?]) -> Money? {
    amounts.reduce(Money.zero) { sum, amount in
      guard let sum, let amount else { return nil }
      return sum + amount
    }
  }
}

extension Money {
  /// The amount for each of several, to the penny, half a penny up; nil for none.
  func divided(by number: Int) -> Money? {
    guard number > 0 else { return nil }
    let (whole, rest) = pence.quotientAndRemainder(dividingBy: number)
    // The remainder is smaller than the divisor, so that doubling it is compared without overflow.
    let up = rest.magnitude >= number.magnitude - rest.magnitude ? 1 : 0
    return Money(pence: whole + (pence < 0 ? -up : up))
  }
}
