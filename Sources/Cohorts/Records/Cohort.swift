public import Statistics
public import Tables

/// The records of a study: clients, their sites and their jobs, as columns.
///
/// Dates are days since 1970-01-01, `Int32.min` where missing; categories are places in their
/// enumeration, −1 where missing; truth values 1, 0 and −1. Each part keeps its table, for every other
/// column and for places in files.
public struct Cohort: Sendable {
  /// One row a client and episode, referred people who were not accepted among them.
  public var clients: Clients
  /// One row a site; nil when no such table was given.
  public var sites: Sites?
  /// One row a job; nil when no such table was given.
  public var jobs: Jobs?
  /// The other tables of the schema by name, such as `site_periods` and `contracts`.
  public var others: [String: Table]

  /// The records put together.
  public init(
    clients: Clients, sites: Sites? = nil, jobs: Jobs? = nil, others: [String: Table] = [:]
  ) {
    self.clients = clients
    self.sites = sites
    self.jobs = jobs
    self.others = others
  }
}

/// A day that is not known.
public let missingDay = Int32.min

/// Clients and their episodes in the service.
public struct Clients: Sendable {
  /// The person of each row.
  public var ids: Factor
  /// The number of the episode, 1 where no column says.
  public var episode: [Int32]
  /// The site of each row, an index into `siteNames`; −1 where missing.
  public var site: [Int32]
  /// The identifiers of the sites: in the order of the sites' table where there is one.
  public var siteNames: [String]
  /// The arm of each row's site (see `SiteArm`); −1 where unknown.
  public var arm: [Int8]
  /// Referral, acceptance on to the caseload, engagement and exit.
  public var referral, accepted, engaged, exited: [Int32]
  /// The last contact with the person, and the day on which the data were cut.
  public var lastContact, dataCut: [Int32]
  /// What became of the referral (see `ReferralDecision`).
  public var decision: [Int8]
  /// Why the episode ended (see `ExitReason`).
  public var exitReason: [Int8]
  /// Every column as given.
  public var table: Table

  /// The number of rows.
  public var count: Int { site.count }

  /// Whether a row was accepted on to the caseload: by its decision, else by a date of acceptance.
  public func isAccepted(_ row: Int) -> Bool {
    decision[row] >= 0
      ? ReferralDecision.allCases[Int(decision[row])] == .accepted : accepted[row] != missingDay
  }

  /// The last day on which anything about a row could be known: the data cut, else the last contact.
  public func lastObservable(_ row: Int) -> Int32 { max(dataCut[row], lastContact[row]) }
}

/// Sites.
public struct Sites: Sendable {
  /// The identifiers, one a row.
  public var ids: [String]
  /// The arm (see `SiteArm`); −1 where missing.
  public var arm: [Int8]
  /// The day of the launch; missing means never.
  public var launch: [Int32]
  /// Every column as given.
  public var table: Table

  /// The number of sites.
  public var count: Int { ids.count }
}

/// Jobs, also called spells.
public struct Jobs: Sendable {
  /// The row of the client and episode among the clients; −1 where there is none.
  public var client: [Int32]
  /// The first day, as precisely as `precision` says (the first day of the week or month).
  public var start: [Int32]
  /// How exactly the start is known (see `DatePrecision`); `day` where no column says.
  public var precision: [Int8]
  /// The earliest and latest last day; both missing for a job without a recorded end.
  public var endEarliest, endLatest: [Int32]
  /// Whether the job went on at the last contact.
  public var isOngoing: [Int8]
  /// The last day on which somebody verified that the person worked.
  public var lastVerified: [Int32]
  /// Hours a week; NaN where missing.
  public var hours: [Double]
  /// Whether it is a competitive job, on the open labour market.
  public var isCompetitive: [Int8]
  /// The evidence (see `JobVerification`).
  public var verification: [Int8]
  /// The day of the evidence.
  public var verificationDate: [Int32]
  /// Why it ended (see `JobEndReason`).
  public var endReason: [Int8]
  /// Every column as given.
  public var table: Table

  /// The number of jobs.
  public var count: Int { client.count }
}
