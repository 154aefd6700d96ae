/// What a contract was planned on: people, rates, prices, costs and capital.
///
/// Every number is an input.
public struct ScenarioPlan: Sendable, Equatable {
  /// Referrals a year over all sites.
  public var referralsPerYear: Double
  /// Years of referrals.
  public var years: Int
  /// Sites of the same size, each with its own workers.
  public var sites: Int
  /// The share of referrals who engage, of the engaged who start a job, of the jobs that are
  /// sustained, and of the jobs with 16 hours a week or more.
  public var engagement, start, sustained, upperBand: Double
  /// Shares of job starts by whole quarters from engagement, and of sustained jobs from the start.
  public var startDelays, sustainedDelays: [Double]
  /// The prices of outcomes, before they are scaled to a split.
  public var prices: Prices
  /// The most that outcomes are paid over the contract at these prices; nil = no limit.
  public var cap: Money?
  /// The value of the contract a year; nil = the block and what the plan's outcomes are paid.
  public var valuePerYear: Money?
  /// The block a year of the contract as it stands; part of the value when that is not given.
  public var blockPerYear: Money
  /// Who pays which share of outcomes; empty = the block's payer pays all.
  public var payers: [Payer]
  /// Who pays the block.
  public var blockPayer: String
  /// Quarters from an outcome to its payment; the block is paid in the quarter that it is for.
  public var paymentLag: Int
  /// Quarters that an engaged client stays on a caseload.
  public var stay: Int
  /// Clients of a full-time worker.
  public var caseload: Double
  /// Full-time workers at full strength; nil = a tenth more than the plan needs, in halves.
  public var workers: Double?
  /// Costs a year of a worker, and of everything else; they do not fall with referrals.
  public var salary, overhead: Money
  /// The share of a vacant post's salary that is saved; the rest goes on cover and recruiting.
  public var vacancySaving: Double
  /// What investors put in at the start.
  public var equity, loan: Money
  /// The loan's interest a year, compounded, and the years over which it is repaid.
  public var loanRate, loanYears: Double
  /// How the loan is repaid.
  public var loanKind: LoanSchedule.Kind
  /// Coefficients of variation of the rate of referrals between quarters of a site and between
  /// sites (gamma), and the standard deviation between sites of the share who start a job (beta).
  public var quarterVariation, siteVariation, startVariation: Double
  /// Which rates a scenario's conversion factor multiplies.
  public var conversionOf: Conversion

  /// Which rates the conversion factor multiplies.
  public enum Conversion: String, Sendable, CaseIterable {
    /// The share who start a job, so that job starts and sustained jobs change by the factor.
    case start
    /// The shares who engage, start and sustain, each.
    case all
  }

  /// The prices of outcomes by hours band.
  public struct Prices: Sendable, Equatable {
    /// An engagement; a job start and a sustained job under 16 hours, and from 16 hours.
    public var engagement, startUnder16, startFrom16, sustainedUnder16, sustainedFrom16: Money

    /// The prices of the first wave of contracts unless given, in pounds: 1000; 700, 1350; 1400, 1650.
    public init(
      engagement: Money = Money(pence: 100_000), startUnder16: Money = Money(pence: 70_000),
      startFrom16: Money = Money(pence: 135_000), sustainedUnder16: Money = Money(pence: 140_000),
      sustainedFrom16: Money = Money(pence: 165_000)
    ) {
      self.engagement = engagement
      self.startUnder16 = startUnder16
      self.startFrom16 = startFrom16
      self.sustainedUnder16 = sustainedUnder16
      self.sustainedFrom16 = sustainedFrom16
    }

    /// The prices in the order of `expectedOutcomes`.
    public var list: [Money] {
      [engagement, startUnder16, startFrom16, sustainedUnder16, sustainedFrom16]
    }
  }

  /// A payer of outcomes.
  public struct Payer: Sendable, Equatable {
    /// The name.
    public var name: String
    /// Shares of engagements, job starts and sustained jobs.
    public var engagement, start, sustained: Double
    /// The most that the payer pays for outcomes at the prices given; nil = no limit.
    public var cap: Money?

    /// A payer.
    public init(
      name: String, engagement: Double = 0, start: Double = 0, sustained: Double = 0,
      cap: Money? = nil
    ) {
      self.name = name
      self.engagement = engagement
      self.start = start
      self.sustained = sustained
      self.cap = cap
    }

    /// The shares in the order of the paths' counts.
    var inOrder: [Double] { [engagement, start, start, sustained, sustained] }
  }

  /// A plan.
  ///
  /// Rates stand near what five published projects achieved together: 35% of the engaged started a
  /// job, 57% of starts were sustained, 54% of those at 16 hours or more; the rest is assumption.
  public init(
    referralsPerYear: Double = 100, years: Int = 3, sites: Int = 1, engagement: Double = 0.88,
    start: Double = 0.35, sustained: Double = 0.55, upperBand: Double = 0.54,
    startDelays: [Double] = [0.3, 0.35, 0.2, 0.15], sustainedDelays: [Double] = [0, 1],
    prices: Prices = Prices(), cap: Money? = nil, valuePerYear: Money? = nil,
    blockPerYear: Money = .zero, payers: [Payer] = [], blockPayer: String = "commissioner",
    paymentLag: Int = 1, stay: Int = 3, caseload: Double = 22.5, workers: Double? = nil,
    salary: Money = Money(pence: 3_200_000), overhead: Money = Money(pence: 1_200_000),
    vacancySaving: Double = 0, equity: Money = .zero, loan: Money = .zero,
    loanRate: Double = 0.08, loanYears: Double = 3, loanKind: LoanSchedule.Kind = .annuity,
    quarterVariation: Double = 0, siteVariation: Double = 0, startVariation: Double = 0,
    conversionOf: Conversion = .start
  ) {
    self.referralsPerYear = referralsPerYear
    self.years = years
    self.sites = sites
    self.engagement = engagement
    self.start = start
    self.sustained = sustained
    self.upperBand = upperBand
    self.startDelays = startDelays
    self.sustainedDelays = sustainedDelays
    self.prices = prices
    self.cap = cap
    self.valuePerYear = valuePerYear
    self.blockPerYear = blockPerYear
    self.payers = payers
    self.blockPayer = blockPayer
    self.paymentLag = paymentLag
    self.stay = stay
    self.caseload = caseload
    self.workers = workers
    self.salary = salary
    self.overhead = overhead
    self.vacancySaving = vacancySaving
    self.equity = equity
    self.loan = loan
    self.loanRate = loanRate
    self.loanYears = loanYears
    self.loanKind = loanKind
    self.quarterVariation = quarterVariation
    self.siteVariation = siteVariation
    self.startVariation = startVariation
    self.conversionOf = conversionOf
  }
}
