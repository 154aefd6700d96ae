extension QuarterlyPayments {
  /// What doesn't fit in one project's quarters, given in rising order.
  func anomalies(
    _ rows: [PaymentQuarter], _ total: PaymentReconciliation.Total
  ) -> [DataAnomaly] {
    var found = labelAnomalies(rows, total.site)
    let firstMissing = rows.filter { $0.firstPlan == nil && $0.latestPlan != nil }
    if let quarters = list(firstMissing) {
      found.append(
        DataAnomaly(
          .firstPlanMissing, project: total.project, subject: quarters,
          sentence: "\(total.site): the first plan has no figure for \(quarters), for which the"
            + " latest plan has one."))
    }
    let latestMissing = rows.filter { $0.latestPlan == nil && $0.firstPlan != nil }
    if let quarters = list(latestMissing) {
      found.append(
        DataAnomaly(
          .latestPlanMissing, project: total.project, subject: quarters,
          sentence: "\(total.site): the latest plan has no figure for \(quarters), for which the"
            + " first plan has one; it is not taken as zero."))
    }
    for row in rows {
      guard let actual = row.actual, actual > .zero else { continue }
      if row.firstPlan == nil, row.latestPlan == nil {
        found.append(
          DataAnomaly(
            .actualWithoutPlan, project: total.project, subject: row.quarter.description,
            sentence: "\(total.site): \(actual.text) was paid in \(row.quarter), for which no plan"
              + " has a figure."))
      } else if row.latestPlan == .zero {
        found.append(
          DataAnomaly(
            .paidAgainstZeroPlan, project: total.project, subject: row.quarter.description,
            sentence: "\(total.site): \(actual.text) was paid in \(row.quarter), for which the"
              + " latest plan says nothing would be."))
      }
    }
    if let asOf = total.asOf,
      let quarters = list(rows.filter { $0.actual == nil && $0.quarter < asOf })
    {
      found.append(
        DataAnomaly(
          .gapInActuals, project: total.project, subject: quarters,
          sentence: "\(total.site): no payment is reported for \(quarters), though later quarters"
            + " have one; it is not taken as zero."))
    }
    if let over = total.actualMinusMaximum, over > .zero, let maximum = total.maximum {
      found.append(
        DataAnomaly(
          .paidAboveMaximum, project: total.project, subject: "total",
          sentence: "\(total.site): \(total.actual.text) was paid, \(over.text) more than the"
            + " contract's maximum of \(maximum.text)."))
    }
    return found
  }

  private func labelAnomalies(_ rows: [PaymentQuarter], _ site: String) -> [DataAnomaly] {
    var found: [DataAnomaly] = []
    for (index, row) in rows.enumerated() {
      if !row.quarter.endsQuarter {
        found.append(
          DataAnomaly(
            .offQuarterLabel, project: row.project, subject: row.quarter.description,
            sentence: "\(site): the label \(row.quarter) is not the last month of a quarter."))
      }
      guard index > 0 else { continue }
      let before = rows[index - 1]
      if before.quarter.quarter == row.quarter.quarter {
        found.append(
          DataAnomaly(
            .quarterLabelsDisagree, project: row.project,
            subject: "\(before.quarter), \(row.quarter)",
            sentence: "\(site): \(before.quarter) (\(contents(before))) and \(row.quarter)"
              + " (\(contents(row))) stand in one calendar quarter; they are shown apart, as"
              + " published."))
      }
      let absent =
        (before.quarter.quarter + 1..<max(before.quarter.quarter + 1, row.quarter.quarter))
        .map { CalendarMonth(endOfQuarter: $0).description }
      if !absent.isEmpty {
        let quarters = absent.joined(separator: ", ")
        found.append(
          DataAnomaly(
            .quarterAbsent, project: row.project, subject: quarters,
            sentence: "\(site): there is no row for \(quarters)."))
      }
    }
    return found
  }

  /// Which figures a row has, in words.
  private func contents(_ row: PaymentQuarter) -> String {
    let parts = [
      row.firstPlan.map { _ in "first plan" }, row.latestPlan.map { _ in "latest plan" },
      row.actual.map { _ in "actual" },
    ].compactMap { $0 }
    return parts.isEmpty ? "no figure" : parts.joined(separator: ", ")
  }

  /// The quarters of rows as `2024-09 to 2025-03 (3 quarters)`, or each by name; nil for none.
  private func list(_ rows: [PaymentQuarter]) -> String? {
    guard let first = rows.first, let last = rows.last else { return nil }
    let consecutive = last.quarter.quarter - first.quarter.quarter == rows.count - 1
    if rows.count > 2, consecutive {
      return "\(first.quarter) to \(last.quarter) (\(rows.count) quarters)"
    }
    return rows.map(\.quarter.description).joined(separator: ", ")
  }
}
