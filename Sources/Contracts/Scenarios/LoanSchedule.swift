internal import Glibc
public import Statistics

/// What is due on a loan, period by period, to the penny.
public struct LoanSchedule: Sendable, Equatable {
  /// What is owed.
  public let principal: Money
  /// The rate a period (0.02 is 2% a quarter).
  public let rate: Double
  /// How it is repaid.
  public let kind: Kind
  /// The payments, one a period.
  public let payments: [Payment]

  /// How a loan is repaid.
  public enum Kind: String, Sendable, CaseIterable {
    /// The same payment every period.
    case annuity
    /// Interest every period, all of the principal with the last.
    case bullet
  }

  /// A payment.
  public struct Payment: Sendable, Equatable {
    /// The interest of the period, on what was owed, rounded to the penny.
    public var interest: Money
    /// What is paid back.
    public var repayment: Money
    /// What is still owed.
    public var balance: Money
    /// What is paid in all.
    public var total: Money { interest + repayment }
  }

  /// A schedule.
  ///
  /// The last payment takes what rounding has left, so that nothing stays owed.
  ///
  /// - Throws: `badValue` for a negative principal or one above 10¹⁰ pounds, a rate outside 0 to 1 a
  ///   period, or periods outside 1 to 1200.
  public init(
    principal: Money, rate: Double, periods: Int, kind: Kind = .annuity
  ) throws(SiblingError) {
    guard principal >= .zero, principal.pence <= 1_000_000_000_000 else {
      throw SiblingError(.badValue, "a loan is an amount of money from nothing up")
    }
    guard rate >= 0, rate <= 1 else {
      throw SiblingError(.badValue, "a loan's rate a period is a number from 0 to 1")
    }
    guard (1...1200).contains(periods) else {
      throw SiblingError(.badValue, "a loan has from 1 to 1200 payments")
    }
    (self.principal, self.rate, self.kind) = (principal, rate, kind)
    let level =
      LoanSchedule.payment(principal: Double(principal.pence), rate: rate, periods: periods)
      .rounded()
    var balance = principal.pence
    payments = (1...periods).map { period in
      let interest = Int((Double(balance) * rate).rounded())
      let regular = kind == .annuity ? Int(level) - interest : 0
      let repayment = period == periods ? balance : min(balance, max(0, regular))
      balance -= repayment
      return Payment(
        interest: Money(pence: interest), repayment: Money(pence: repayment),
        balance: Money(pence: balance))
    }
  }

  /// The level payment that repays a principal with interest: P r / (1 − (1 + r)⁻ⁿ), or P/n without.
  public static func payment(principal: Double, rate: Double, periods: Int) -> Double {
    rate == 0
      ? principal / Double(periods) : principal * rate / -expm1(-Double(periods) * log1p(rate))
  }

  /// The rate a period that compounds to a rate a year.
  public static func periodRate(yearly rate: Double, periodsPerYear: Int) -> Double {
    expm1(log1p(rate) / Double(periodsPerYear))
  }
}
