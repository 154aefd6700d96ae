internal import Glibc
internal import Statistics

/// What outcomes of one simulated future are paid at the prices given, before any split scales them.
///
/// Prices and caps are scaled alike, so that one pass serves every split.
struct ScenarioPayments {
  /// What is paid for the outcomes of each quarter.
  private(set) var byQuarter: [Double]
  /// What each payer pays for outcomes in all.
  private(set) var byPayer: [Double]
  /// Whether a cap left something unpaid.
  private(set) var isCapped = false

  init(_ plan: ScenarioPlan, _ counts: ScenarioCounts) {
    let prices = plan.prices.list.map(\.pounds)
    let payers = plan.shownPayers
    let shares = payers.map(\.inOrder)
    var limits = payers.map { $0.cap?.pounds ?? .infinity }
    var limit = plan.cap?.pounds ?? .infinity
    byQuarter = []
    byPayer = [Double](repeating: 0, count: payers.count)
    for outcomes in counts.outcomes {
      var due = [Double](repeating: 0, count: payers.count)
      for (item, count) in outcomes.enumerated() where count > 0 {
        let amount = Double(count) * prices[item]
        for payer in due.indices { due[payer] += amount * shares[payer][item] }
      }
      let total = due.reduce(0, +)
      // The contract's cap cuts every payer alike, a payer's own cap that payer.
      let kept = total > limit ? limit / total : 1
      var paid = 0.0
      for payer in due.indices {
        let amount = min(due[payer] * kept, limits[payer])
        limits[payer] -= amount
        byPayer[payer] += amount
        paid += amount
      }
      if paid < total * (1 - 1e-12) { isCapped = true }
      limit -= paid
      byQuarter.append(paid)
    }
  }
}

extension ScenarioPlan {
  /// The payers of outcomes; the block's payer pays everything where none is named.
  var shownPayers: [Payer] {
    payers.isEmpty ? [Payer(name: blockPayer, engagement: 1, start: 1, sustained: 1)] : payers
  }

  /// Everybody who pays, in order: the payers of outcomes, and the block's where it is another.
  var payerNames: [String] {
    let names = shownPayers.map(\.name)
    return names.contains(blockPayer) ? names : names + [blockPayer]
  }
}

/// Cash, loan and what investors get back in one simulated future under one split, in pounds.
struct ScenarioFinance {
  /// Cash after each quarter without investors' money; the first is nought, before anything moves.
  private(set) var cash: [Double] = [0]
  /// What equity gets back at the end.
  private(set) var equityBack = 0.0
  /// What the loan gets back, by quarter.
  private(set) var loanBack: [Double] = []
  /// Whether every payment of the loan was made when it was due.
  private(set) var isLoanOnTime = true

  /// The most that cash falls below nought.
  var need: Double { -(cash.min() ?? 0) }

  init(
    _ plan: ScenarioPlan, blocks: [Double], scale: Double, payments: [Double], cost: Double,
    schedule: LoanSchedule?
  ) {
    let horizon = plan.quarters + plan.paymentLag
    let rate = LoanSchedule.periodRate(yearly: plan.loanRate, periodsPerYear: 4)
    var held = plan.equity.pounds + plan.loan.pounds
    var owed = plan.loan.pounds
    for quarter in 0..<horizon {
      var flow = quarter < plan.quarters ? blocks[quarter] - cost : 0
      let earned = quarter - plan.paymentLag
      if earned >= 0 { flow += scale * payments[earned] }
      cash.append(cash[quarter] + flow)
      held += flow
      guard let schedule else { continue }
      owed *= 1 + rate
      // What the plan says may still be owed after this quarter; arrears are due at once.
      let planned =
        quarter < schedule.payments.count && quarter < horizon - 1
        ? schedule.payments[quarter].balance.pounds : 0
      let due = owed - planned
      let paid = max(0, min(held, due))
      if paid < due { isLoanOnTime = false }
      owed -= paid
      held -= paid
      loanBack.append(paid)
    }
    // What is left belongs to those who put in equity; lenders get their loan back and no more.
    if plan.equity > .zero { equityBack = max(0, held) }
  }

  /// The rate of return a year, compounded; −1 when nothing comes back, nil when no rate is meant.
  static func yearly(paid: Double, back: [Double]) -> Double? {
    guard paid > 0 else { return nil }
    guard back.contains(where: { $0 > 0 }) else { return -1 }
    guard let flow = try? CashFlow(periodic: [-paid] + back), let rate = flow.internalRate().value
    else { return nil }
    return expm1(4 * log1p(rate))
  }
}
