import Contracts
import Statistics
import TestSupport
import Testing

/// Present values, internal rates of return and loans against closed forms.
@Suite struct CashFlowTests {
  private let exact = Tolerance.converged

  @Test func annuitiesAndPerpetuities() throws {
    for (rate, count) in [(0.08, 20), (0.001, 240), (0.5, 3)] {
      let flow = try CashFlow(periodic: [0] + [Double](repeating: 100, count: count))
      let closed = 100 * (1 - pow(1 + rate, count)) / rate
      #expect(close(try flow.presentValue(rate: rate), closed, exact))
    }
    // What is paid after 1000 periods at 10% is worth less than 1e-40.
    let endless = try CashFlow(periodic: [0] + [Double](repeating: 7, count: 1000))
    #expect(close(try endless.presentValue(rate: 0.1), 70, exact))
    let plain = try CashFlow(periodic: [-5, 2, 4])
    #expect(close(try plain.presentValue(rate: 0), 1, exact))
  }

  private func pow(_ base: Double, _ count: Int) -> Double {
    (0..<count).reduce(1.0) { value, _ in value / base }
  }

  @Test func internalRatesHaveClosedForms() throws {
    // Two payments: the ratio's root.
    let double = try CashFlow(periodic: [-100, 0, 0, 0, 200])
    #expect(close(double.internalRate().value ?? .nan, 2.0.squareRoot().squareRoot() - 1, exact))
    // A loan of 100000 at 8% over five years is paid back with 25045.645456684 a year.
    let payment = LoanSchedule.payment(principal: 100_000, rate: 0.08, periods: 5)
    #expect(close(payment, 25_045.645_456_683_8, Tolerance(relative: 1e-12)))
    for rate in [0.0, 0.0001, 0.02, 0.08, 0.9] {
      let level = LoanSchedule.payment(principal: 1000, rate: rate, periods: 12)
      let loan = try CashFlow(periodic: [-1000] + [Double](repeating: level, count: 12))
      #expect(close(loan.internalRate().value ?? .nan, rate, exact))
      // The borrower's side has the same rate.
      let borrowed = try CashFlow(periodic: [1000] + [Double](repeating: -level, count: 12))
      #expect(close(borrowed.internalRate().value ?? .nan, rate, exact))
    }
    // Nearly everything lost, and a fortune made: still the root.
    let lost = try CashFlow(periodic: [-1e6, 0.01])
    #expect(close((lost.internalRate().value ?? .nan) + 1, 1e-8, Tolerance(relative: 1e-9)))
    let made = try CashFlow(periodic: [-0.01, 1e6])
    #expect(close(made.internalRate().value ?? .nan, 1e8 - 1, Tolerance(relative: 1e-9)))
  }

  /// The example of Microsoft's page on XIRR, whose result is given as 0.373362535; the further
  /// digits are those of `scipy.optimize.brentq` 1e-15 on Σ a (1 + r)^(−days/365).
  @Test func datedPayments() throws {
    let days = try ["2008-01-01", "2008-03-01", "2008-10-30", "2009-02-15", "2009-04-01"].map {
      try #require(CivilDate(iso: $0)).days
    }
    let amounts = [-10_000.0, 2750, 4250, 3250, 2750]
    let flow = try CashFlow(dated: amounts, days: days)
    let rate = try #require(flow.internalRate().value)
    #expect((rate - 0.373_362_535).magnitude < 1e-8)
    #expect(close(rate, 0.373_362_533_518_831_75, .converged))
    #expect(try flow.presentValue(rate: rate).magnitude < 1e-9)
    // The order of the payments does not matter; two on one day are one.
    let mixed = try CashFlow(
      dated: [2750, 3000, -10_000, 2750, 250, 4250], days: [4, 3, 0, 1, 3, 2].map { days[$0] })
    #expect(close(mixed.internalRate().value ?? .nan, rate, exact))
  }

  @Test func noRateOrSeveralAreNoNumber() throws {
    #expect(try CashFlow(periodic: [-100, 0, -20]).internalRate() == .none)
    #expect(try CashFlow(periodic: []).internalRate() == .none)
    #expect(try CashFlow(periodic: [0, 0]).internalRate() == .none)
    // 10% and 20% both make this nought.
    let two = try CashFlow(periodic: [-100, 230, -132])
    #expect(two.internalRate() == .ambiguous(signChanges: 2))
    #expect(try two.presentValue(rate: 0.1).magnitude < 1e-12)
    #expect(try two.presentValue(rate: 0.2).magnitude < 1e-12)
  }

  @Test func loansArePaidToThePenny() throws {
    let annuity = try LoanSchedule(
      principal: Money(pence: 40_000_001), rate: 0.0194, periods: 12)
    #expect(annuity.payments.reduce(0) { $0 + $1.repayment.pence } == 40_000_001)
    #expect(annuity.payments.last?.balance == .zero)
    let totals = annuity.payments.dropLast().map(\.total.pence)
    #expect(Set(totals).count == 1)
    // Rounding of twelve payments can't move the last by more than that many pence.
    let last = try #require(annuity.payments.last)
    #expect((last.total.pence - totals[0]).magnitude <= 12)
    let bullet = try LoanSchedule(
      principal: Money(pence: 1_000_000), rate: 0.02, periods: 4, kind: .bullet)
    #expect(bullet.payments.map(\.total.pence) == [20_000, 20_000, 20_000, 1_020_000])
    let free = try LoanSchedule(principal: Money(pence: 100), rate: 0, periods: 3)
    #expect(free.payments.map(\.total.pence) == [33, 33, 34])
    // A rate a quarter that compounds to 8%.
    let quarter = LoanSchedule.periodRate(yearly: 0.08, periodsPerYear: 4)
    #expect(close((0..<4).reduce(1.0) { value, _ in value * (1 + quarter) }, 1.08, exact))
  }

  @Test func badInputIsRefused() throws {
    #expect(throws: SiblingError.self) { try CashFlow(periodic: [1, .nan]) }
    #expect(throws: SiblingError.self) { try CashFlow(periodic: [1, 1e13]) }
    #expect(throws: SiblingError.self) { try CashFlow(dated: [1, 2], days: [0]) }
    let flow = try CashFlow(periodic: [-1] + [Double](repeating: 1, count: 400))
    #expect(throws: SiblingError.self) { try flow.presentValue(rate: -1) }
    #expect(throws: SiblingError.self) { try flow.presentValue(rate: .nan) }
    #expect(throws: SiblingError.self) { try flow.presentValue(rate: -0.999) }
    for (pence, rate, periods) in [(-1, 0.1, 3), (100, -0.1, 3), (100, 1.1, 3), (100, 0.1, 0)] {
      #expect(throws: SiblingError.self) {
        try LoanSchedule(principal: Money(pence: pence), rate: rate, periods: periods)
      }
    }
  }
}
