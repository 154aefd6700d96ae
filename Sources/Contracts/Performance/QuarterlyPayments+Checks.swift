internal import Statistics

extension QuarterlyPayments {
  func contractsByProject(
    _ maxima: [ContractMaximum]
  ) throws(SiblingError) -> [String: ContractMaximum] {
    var contracts: [String: ContractMaximum] = [:]
    for (row, contract) in maxima.enumerated() {
      guard contracts.updateValue(contract, forKey: contract.project) == nil else {
        throw SiblingError(
          .duplicateKey, "a project stands twice in the list of contracts", row: row,
          column: "project")
      }
      try check(contract.maximum, row, "maximum")
    }
    return contracts
  }

  func check(
    _ rows: [PaymentQuarter], _ contracts: [String: ContractMaximum]
  ) throws(SiblingError) {
    guard !rows.isEmpty else { throw SiblingError(.noRows, "there are no payments to reconcile") }
    var seen: Set<String> = []
    for (row, payment) in rows.enumerated() {
      guard contracts[payment.project] != nil else {
        throw SiblingError(
          .missingKey,
          "project '\(payment.project)' has payments but is not in the list of contracts",
          help: "add it to the projects file, with an empty maximum if none is published",
          suggestion: nearestName(to: payment.project, among: contracts.keys.sorted()), row: row,
          column: "project")
      }
      guard seen.insert("\(payment.project)\n\(payment.quarter)").inserted else {
        throw SiblingError(
          .duplicateKey, "project '\(payment.project)' has the quarter \(payment.quarter) twice",
          row: row, column: "quarter_end")
      }
      try check(payment.firstPlan, row, "first_plan")
      try check(payment.latestPlan, row, "latest_plan")
      try check(payment.actual, row, "actual")
    }
  }

  /// Bounded so that sums over any table that fits in memory can't overflow.
  private func check(_ amount: Money?, _ row: Int, _ column: String) throws(SiblingError) {
    guard let amount else { return }
    guard amount >= .zero, amount.pence <= 100_000_000_000_000 else {
      throw SiblingError(
        .badValue, "an amount is negative or above 10^12 pounds", row: row, column: column)
    }
  }
}
