public import Statistics

extension ScenarioPlan {
  /// Refuses a plan that can't be simulated.
  ///
  /// - Throws: `badValue` naming what is wrong in `column`.
  public func check() throws(SiblingError) {
    try need(referralsPerYear > 0 && referralsPerYear <= 1e6, "referrals", "a number above 0")
    try need((1...15).contains(years), "years", "a whole number from 1 to 15")
    try need((1...100).contains(sites), "sites", "a whole number from 1 to 100")
    for rate in [engagement, start, sustained, upperBand] {
      try need(rate >= 0 && rate <= 1, "rates", "shares from 0 to 1")
    }
    for (name, shares) in [("start-delay", startDelays), ("sustained-delay", sustainedDelays)] {
      try need(
        !shares.isEmpty && shares.count <= 20 && shares.allSatisfy { $0 >= 0 && $0 <= 1 }
          && (shares.reduce(0, +) - 1).magnitude < 1e-9, name,
        "up to 20 shares by quarter that sum to 1")
    }
    for price in prices.list { try amount(price, "tariff") }
    if let cap { try need(cap > .zero && cap.pence <= Self.most, "cap", "an amount above nothing") }
    if let valuePerYear {
      try need(
        valuePerYear > .zero && valuePerYear.pence <= Self.most, "value", "an amount above nothing")
    }
    for (name, money) in [
      ("block", blockPerYear), ("salary", salary), ("overhead", overhead), ("equity", equity),
      ("loan", loan),
    ] { try amount(money, name) }
    try checkPayers()
    try need((0...8).contains(paymentLag), "lag", "a whole number of quarters from 0 to 8")
    try need((1...20).contains(stay), "stay", "a whole number of quarters from 1 to 20")
    try need(caseload > 0 && caseload <= 1000, "caseload", "a number above 0")
    if let workers { try need(workers > 0 && workers <= 1e6, "workers", "a number above 0") }
    try need(vacancySaving >= 0 && vacancySaving <= 1, "vacancy-saving", "a share from 0 to 1")
    try need(loanRate >= 0 && loanRate <= 1, "loan-rate", "a number from 0 to 1")
    try need(loanYears > 0 && loanYears <= 50, "loan-years", "a number above 0")
    for (name, value) in [("quarter-cv", quarterVariation), ("site-cv", siteVariation)] {
      try need(value >= 0 && value <= 3, name, "a number from 0 to 3")
    }
    try need(
      startVariation >= 0
        && (startVariation == 0 || startVariation * startVariation < 0.999 * start * (1 - start)),
      "site-sd", "a standard deviation that shares with the planned mean can have")
  }

  /// The largest amount a year, ten billion pounds.
  private static let most = 1_000_000_000_000

  private func amount(_ money: Money, _ name: String) throws(SiblingError) {
    try need(money >= .zero && money.pence <= Self.most, name, "an amount from nothing up")
  }

  private func checkPayers() throws(SiblingError) {
    guard !payers.isEmpty else { return }
    try need(
      payers.count <= 20 && Set(payers.map(\.name)).count == payers.count, "payers",
      "up to 20 different payers")
    for payer in payers {
      try need(payer.inOrder.allSatisfy { $0 >= 0 && $0 <= 1 }, "payers", "shares from 0 to 1")
      if let cap = payer.cap { try amount(cap, "payers") }
    }
    for shares in [payers.map(\.engagement), payers.map(\.start), payers.map(\.sustained)] {
      try need(
        (shares.reduce(0, +) - 1).magnitude < 1e-9, "payers",
        "shares of every outcome that sum to 1")
    }
  }

  private func need(_ holds: Bool, _ name: String, _ rule: String) throws(SiblingError) {
    guard holds else { throw SiblingError(.badValue, "\(name) takes \(rule)", column: name) }
  }
}
