public import Statistics

/// What is asked of tables in the schema; each rule has one sentence and one piece of advice.
///
/// The raw value is the name that files and reports give the rule.
public enum DataRule: String, Sendable, CaseIterable {
  // the columns themselves
  case missingColumn = "missing-column"
  case missingRequired = "missing-required"
  case nationalIdentifier = "national-identifier"
  case numberAsIdentifier = "number-as-identifier"
  case notADate = "not-a-date"
  case notANumber = "not-a-number"
  case notWhole = "not-whole"
  case notAPeriod = "not-a-period"
  case outOfRange = "out-of-range"
  case unknownCategory = "unknown-category"
  case unknownReason = "unknown-reason"
  // keys and joins
  case duplicateKey = "duplicate-key"
  case unknownSite = "unknown-site"
  case unknownContract = "unknown-contract"
  case noJobMatches = "no-job-matches"
  case armDiffersFromSite = "arm-differs-from-site"
  case armDiffersWithinSite = "arm-differs-within-site"
  // people and jobs
  case impossibleAge = "impossible-age"
  case datesOutOfOrder = "dates-out-of-order"
  case afterDataCut = "after-data-cut"
  case overlappingEpisodes = "overlapping-episodes"
  case sameJobTwice = "same-job-twice"
  // money
  case overlappingVersions = "overlapping-versions"
  case sharesNotOne = "shares-not-one"
  case claimOfUnknownClient = "claim-of-unknown-client"
  case claimWithoutJob = "claim-without-job"
  case claimForAnothersJob = "claim-for-anothers-job"
  case claimOutsideJob = "claim-outside-job"
  // worth a look
  case twoSpellings = "two-spellings"
  case reasonThoughFilled = "reason-though-filled"
  case unknownClient = "unknown-client"
  case unknownEpisode = "unknown-episode"
  case placeholderDate = "placeholder-date"
  case jobBeforeReferral = "job-before-referral"
  case overlappingJobs = "overlapping-jobs"
  case hoursAtBoundary = "hours-at-boundary"
  case gapBetweenVersions = "gap-between-versions"
  case targetSetLate = "target-set-late"
  case startsExceedEngagements = "starts-exceed-engagements"
  case sustainedExceedStarts = "sustained-exceed-starts"

  /// Whether a run stops at it.
  public enum Severity: String, Sendable, CaseIterable {
    /// The data can't be right as they stand; nothing is estimated from them.
    case error
    /// Possible, and worth a look; the rows are used as they are.
    case warning
  }

  /// Whether a run stops at a place that breaks the rule.
  public var severity: Severity {
    switch self {
    case .twoSpellings, .reasonThoughFilled, .unknownClient, .unknownEpisode, .placeholderDate,
      .jobBeforeReferral, .overlappingJobs, .hoursAtBoundary, .gapBetweenVersions, .targetSetLate,
      .startsExceedEngagements, .sustainedExceedStarts:
      .warning
    default: .error
    }
  }

  /// The kind of failure among the house's errors.
  public var code: SiblingError.Code {
    switch self {
    case .missingColumn: .unknownColumn
    case .missingRequired: .missingValue
    case .numberAsIdentifier, .notANumber, .notADate, .notAPeriod: .wrongType
    case .notWhole, .outOfRange, .impossibleAge: .badCell
    case .unknownCategory, .unknownReason: .unknownLevel
    case .duplicateKey, .sameJobTwice: .duplicateKey
    default: .dataQuality
    }
  }
}
