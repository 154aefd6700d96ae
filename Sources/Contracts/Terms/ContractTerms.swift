/// The terms of outcome contracts: dated versions with their tariffs and shares, and the payers' caps.
public struct ContractTerms: Sendable, Equatable {
  /// The versions, those of one contract in the order of their dates.
  public var versions: [ContractVersion]
  /// Caps of payers that hold over several contracts, or that no row of shares carries.
  public var payerCaps: [PayerCap]

  /// The terms.
  public init(versions: [ContractVersion], payerCaps: [PayerCap] = []) {
    self.versions = versions
    self.payerCaps = payerCaps
  }
}

/// A version of a contract, in force from one day to another.
public struct ContractVersion: Sendable, Equatable {
  /// The contract.
  public var contract: String
  /// The site that it pays for.
  public var site: String
  /// What the version is called, `1` for the first.
  public var version: String
  /// The first and the last day, since 1970-01-01; nil = not stated, without end.
  public var from, to: Int32?
  /// Why the terms changed; nil for a first version.
  public var reason: String?
  /// Paid every year whatever is achieved.
  public var blockPerYear: Money
  /// The most that outcomes can be paid under the contract, counted from its beginning, over all
  /// versions that state one; nil = none.
  public var outcomeCap: Money?
  /// What investors put in as equity and as a loan.
  public var equity, loan: Money
  /// Interest on the loan a year (0.08 = 8%), and the years over which it is repaid.
  public var loanRate, loanYears: Double
  /// The cost of management a year.
  public var managementPerYear: Money
  /// The priced outcomes.
  public var tariffs: [OutcomeTariff]
  /// Who pays which share of an outcome.
  public var shares: [PayerShare]
  /// The row of the contracts' table, for messages; nil when there is none.
  public var row: Int?

  /// A version.
  public init(
    contract: String, site: String = "", version: String = "1", from: Int32? = nil,
    to: Int32? = nil, reason: String? = nil, blockPerYear: Money = .zero, outcomeCap: Money? = nil,
    equity: Money = .zero, loan: Money = .zero, loanRate: Double = 0, loanYears: Double = 0,
    managementPerYear: Money = .zero, tariffs: [OutcomeTariff], shares: [PayerShare] = [],
    row: Int? = nil
  ) {
    self.contract = contract
    self.site = site
    self.version = version
    self.from = from
    self.to = to
    self.reason = reason
    self.blockPerYear = blockPerYear
    self.outcomeCap = outcomeCap
    self.equity = equity
    self.loan = loan
    self.loanRate = loanRate
    self.loanYears = loanYears
    self.managementPerYear = managementPerYear
    self.tariffs = tariffs
    self.shares = shares
    self.row = row
  }

  /// Whether the version is in force on a day.
  public func holds(on day: Int32) -> Bool {
    (from.map { $0 <= day } ?? true) && (to.map { day <= $0 } ?? true)
  }
}

/// The price of an outcome.
public struct OutcomeTariff: Sendable, Equatable {
  /// The outcome that is paid.
  public var outcome: OutcomeStage
  /// The hours a week that it takes.
  public var band: HoursBand
  /// On which side exactly 16 hours count; nil = the contract does not say.
  public var boundary: HoursBoundary?
  /// The weeks that a job has to last, within how many weeks; 0 where none are asked for.
  public var durationWeeks, windowWeeks: Double
  /// Days without work that do not matter.
  public var permittedGapDays: Int
  /// Whether clients or jobs are paid.
  public var unit: Unit
  /// The most payments for one client, over all bands of the outcome; nil = as the unit has it:
  /// one for a client, any number of jobs.
  public var maximumPerClient: Int?
  /// The price.
  public var amount: Money
  /// Whether evidence is asked for.
  public var needsVerification: Bool
  /// Days from the outcome within which it has to be claimed; nil = no limit.
  public var claimDeadlineDays: Int?
  /// The row of the tariffs' table, for messages.
  public var row: Int?

  /// What is paid.
  public enum Unit: String, Sendable, CaseIterable {
    /// Each client once (or up to the maximum).
    case client
    /// Each job once.
    case job
  }

  /// A tariff.
  public init(
    outcome: OutcomeStage, band: HoursBand = .any, boundary: HoursBoundary? = nil,
    durationWeeks: Double = 0, windowWeeks: Double = 0, permittedGapDays: Int = 0,
    unit: Unit = .client, maximumPerClient: Int? = 1, amount: Money,
    needsVerification: Bool = false, claimDeadlineDays: Int? = nil, row: Int? = nil
  ) {
    self.outcome = outcome
    self.band = band
    self.boundary = boundary
    self.durationWeeks = durationWeeks
    self.windowWeeks = windowWeeks
    self.permittedGapDays = permittedGapDays
    self.unit = unit
    self.maximumPerClient = maximumPerClient
    self.amount = amount
    self.needsVerification = needsVerification
    self.claimDeadlineDays = claimDeadlineDays
    self.row = row
  }
}

/// On which side exactly 16 hours a week count.
public enum HoursBoundary: String, Sendable, CaseIterable {
  /// 16 hours are 16 or more.
  case atLeast16 = "ge16"
  /// Only more than 16 hours are the upper band.
  case above16 = "gt16"
}

/// The share of an outcome that a payer pays.
public struct PayerShare: Sendable, Equatable {
  /// The outcome.
  public var outcome: OutcomeStage
  /// Who pays.
  public var payer: String
  /// The share in millionths, so that shares sum to 1 without rounding: 700,000 is 70%.
  public var millionths: Int
  /// The most that the payer pays under the contract while the share is valid; nil = no limit.
  ///
  /// Rows of one contract and payer with the same dates and cap are one cap over these outcomes.
  public var cap: Money?
  /// The days on which the share is valid; nil = always, for good.
  public var from, to: Int32?
  /// The row of the shares' table, for messages.
  public var row: Int?

  /// A share.
  public init(
    outcome: OutcomeStage, payer: String, millionths: Int, cap: Money? = nil, from: Int32? = nil,
    to: Int32? = nil, row: Int? = nil
  ) {
    self.outcome = outcome
    self.payer = payer
    self.millionths = millionths
    self.cap = cap
    self.from = from
    self.to = to
    self.row = row
  }
}

/// The most that a payer pays in a period, under one contract or all.
public struct PayerCap: Sendable, Equatable {
  /// Who pays.
  public var payer: String
  /// The contract; nil = all contracts together.
  public var contract: String?
  /// The days over which it counts; nil = from the beginning, for good.
  public var from, to: Int32?
  /// The most that is paid.
  public var amount: Money
  /// The row of the caps' table, for messages.
  public var row: Int?

  /// A cap.
  public init(
    payer: String, contract: String? = nil, from: Int32? = nil, to: Int32? = nil, amount: Money,
    row: Int? = nil
  ) {
    self.payer = payer
    self.contract = contract
    self.from = from
    self.to = to
    self.amount = amount
    self.row = row
  }
}
