public import Statistics

/// Reconciles the payments planned for each quarter with those made.
///
/// Sums are of whole pence, so they are exact. A quarter without an actual has not been reported:
/// it enters no difference and no sum, and cumulative sums stop at the first such quarter. To
/// compare like with like, totals carry the plans over the quarters with an actual (`…ToDate`)
/// beside the plans over the whole contract. Labels are kept as published, also where they
/// disagree; each oddity is named once.
public struct QuarterlyPayments: Sendable, Equatable {
  /// A reconciliation; it has no settings.
  public init() {}

  /// Reconciles the rows, in any order, with each other and with the contracts' maxima.
  ///
  /// - Throws: `noRows`; `duplicateKey` for a project and quarter, or a contract, that occur twice;
  ///   `badValue` for a negative amount; `missingKey` for a project without a contract in `maxima`.
  public func reconcile(
    _ rows: [PaymentQuarter], maxima: [ContractMaximum]
  ) throws(SiblingError) -> PaymentReconciliation {
    let contracts = try contractsByProject(maxima)
    try check(rows, contracts)
    var order: [String] = []
    var rowsOf: [String: [PaymentQuarter]] = [:]
    for row in rows {
      if rowsOf[row.project] == nil { order.append(row.project) }
      rowsOf[row.project, default: []].append(row)
    }
    var result = PaymentReconciliation(quarters: [], totals: [], anomalies: [], asOf: nil)
    for project in order {
      let sorted = (rowsOf[project] ?? []).sorted { $0.quarter < $1.quarter }
      let contract =
        contracts[project] ?? ContractMaximum(project: project, site: project, maximum: nil)
      result.quarters += quarters(sorted, site: contract.site)
      let total = total(sorted, contract)
      result.totals.append(total)
      result.anomalies += anomalies(sorted, total)
    }
    result.asOf = result.totals.compactMap(\.asOf).max()
    if result.totals.count > 1 { result.totals.append(sum(result.totals)) }
    return result
  }

  private func quarters(
    _ rows: [PaymentQuarter], site: String
  ) -> [PaymentReconciliation.Quarter] {
    var (first, latest, actual): (Money?, Money?, Money?) = (.zero, .zero, .zero)
    return rows.map { row in
      first = plus(first, row.firstPlan)
      latest = plus(latest, row.latestPlan)
      actual = plus(actual, row.actual)
      return PaymentReconciliation.Quarter(
        project: row.project, site: site, quarter: row.quarter, firstPlan: row.firstPlan,
        latestPlan: row.latestPlan, actual: row.actual,
        actualMinusFirstPlan: minus(row.actual, row.firstPlan),
        actualMinusLatestPlan: minus(row.actual, row.latestPlan),
        latestMinusFirstPlan: minus(row.latestPlan, row.firstPlan), cumulativeFirstPlan: first,
        cumulativeLatestPlan: latest, cumulativeActual: actual)
    }
  }

  private func total(
    _ rows: [PaymentQuarter], _ contract: ContractMaximum
  ) -> PaymentReconciliation.Total {
    let reported = rows.filter { $0.actual != nil }
    let firstPlan = rows.compactMap(\.firstPlan).reduce(.zero, +)
    let actual = rows.compactMap(\.actual).reduce(.zero, +)
    return PaymentReconciliation.Total(
      project: contract.project, site: contract.site, firstPlan: firstPlan,
      latestPlan: rows.compactMap(\.latestPlan).reduce(.zero, +), actual: actual,
      firstPlanToDate: reported.map(\.firstPlan).reduce(Money.zero, plus),
      latestPlanToDate: reported.map(\.latestPlan).reduce(Money.zero, plus),
      quarters: rows.count, quartersReported: reported.count, maximum: contract.maximum,
      actualMinusMaximum: minus(actual, contract.maximum),
      firstPlanMinusMaximum: minus(firstPlan, contract.maximum), asOf: reported.last?.quarter)
  }

  private func sum(_ totals: [PaymentReconciliation.Total]) -> PaymentReconciliation.Total {
    let firstPlan = totals.map(\.firstPlan).reduce(.zero, +)
    let actual = totals.map(\.actual).reduce(.zero, +)
    let maximum = totals.map(\.maximum).reduce(Money.zero, plus)
    return PaymentReconciliation.Total(
      project: "all", site: "all", firstPlan: firstPlan,
      latestPlan: totals.map(\.latestPlan).reduce(.zero, +), actual: actual,
      firstPlanToDate: totals.map(\.firstPlanToDate).reduce(Money.zero, plus),
      latestPlanToDate: totals.map(\.latestPlanToDate).reduce(Money.zero, plus),
      quarters: totals.map(\.quarters).reduce(0, +),
      quartersReported: totals.map(\.quartersReported).reduce(0, +), maximum: maximum,
      actualMinusMaximum: minus(actual, maximum), firstPlanMinusMaximum: minus(firstPlan, maximum),
      asOf: totals.compactMap(\.asOf).max())
  }

  private func plus(_ left: Money?, _ right: Money?) -> Money? {
    guard let left, let right else { return nil }
    return left + right
  }

  private func minus(_ left: Money?, _ right: Money?) -> Money? {
    guard let left, let right else { return nil }
    return left - right
  }
}
