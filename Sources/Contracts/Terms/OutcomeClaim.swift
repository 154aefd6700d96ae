/// A claim for an outcome of a client, with what the records say of the job behind it.
public struct OutcomeClaim: Sendable, Equatable {
  /// What the claim is called, the client, the contract, and the job where there is one.
  public var id, client, contract: String
  /// The job; nil for an engagement or when none is named.
  public var job: String?
  /// The outcome; nil when the claim does not say.
  public var outcome: OutcomeStage?
  /// The days of the outcome, the claim and the payment, since 1970-01-01; nil = not known.
  public var event, claimed, paid: Int32?
  /// What became of the claim; nil = not recorded.
  public var status: Status?
  /// The amount that stands in the claim; nil = none.
  public var amount: Money?
  /// What the records say of the job; nil when it is not in them, or there is none.
  public var facts: JobFacts?
  /// The row of the claims' table, for messages.
  public var row: Int

  /// What became of a claim.
  public enum Status: String, Sendable, CaseIterable {
    case paid, rejected
    case noEvidence = "no_evidence"
    case capped
  }

  /// What the records say of a job.
  public struct JobFacts: Sendable, Equatable {
    /// The first day, and the earliest and latest last day; nil = not known, or not ended.
    public var start, endEarliest, endLatest: Int32?
    /// Hours a week; nil = not known.
    public var hours: Double?
    /// Whether there is evidence (payslip, employer or tax record); nil = not recorded.
    public var isVerified: Bool?
    /// Days without work between the start and the end, where jobs that follow one another count
    /// as one; zero for a single job.
    public var daysWithoutWork: Int

    /// Facts of a job.
    public init(
      start: Int32? = nil, endEarliest: Int32? = nil, endLatest: Int32? = nil,
      hours: Double? = nil, isVerified: Bool? = nil, daysWithoutWork: Int = 0
    ) {
      self.start = start
      self.endEarliest = endEarliest
      self.endLatest = endLatest
      self.hours = hours
      self.isVerified = isVerified
      self.daysWithoutWork = daysWithoutWork
    }
  }

  /// A claim.
  public init(
    id: String, client: String, contract: String, job: String? = nil, outcome: OutcomeStage?,
    event: Int32?, claimed: Int32? = nil, paid: Int32? = nil, status: Status? = nil,
    amount: Money? = nil, facts: JobFacts? = nil, row: Int
  ) {
    self.id = id
    self.client = client
    self.contract = contract
    self.job = job
    self.outcome = outcome
    self.event = event
    self.claimed = claimed
    self.paid = paid
    self.status = status
    self.amount = amount
    self.facts = facts
    self.row = row
  }
}
