/// An outcome of each requested client in three states, with bounds and reasons.
public struct ScoredOutcome: Sendable, Equatable {
  /// The definition that decided it.
  public let definition: OutcomeDefinition
  /// Per requested row 1 yes, 0 no, −1 unknown, −2 immature, −3 not eligible.
  public var value: [Int8]
  /// 0 or 1 under the worst reading of what is unknown; −2 and −3 as in `value`.
  public var low: [Int8]
  /// 0 or 1 under the best reading of what is unknown; −2 and −3 as in `value`.
  public var high: [Int8]
  /// What decided it.
  public var reasons: [Reason]
  /// The day on which it was surely attained; `missingDay` otherwise.
  public var attained: [Int32]
  /// Whether hours exactly at a limit of the band played a part, so that the boundary matters.
  public var atBoundary: [Bool]
  /// What the reader must know of the whole, in words without client data.
  public var notes: [String] = []

  /// What decided a client's outcome.
  public enum Reason: String, Sendable, CaseIterable {
    // yes
    /// It came about by the horizon.
    case attained
    // no
    /// No job on record, and the client was followed to the horizon.
    case noJob = "no-job"
    /// No engagement on record, and the client was followed to the horizon or has left.
    case notEngaged = "not-engaged"
    /// A job ended before it had lasted, or before enough hours were paid.
    case endedEarly = "ended-early"
    /// It came about, or would have to, after the horizon or the last start.
    case tooLate = "too-late"
    /// It would have come about without the band of hours.
    case otherHours = "other-hours"
    /// Only jobs that are not competitive.
    case notCompetitive = "not-competitive"
    /// Only jobs that began before time zero.
    case jobBeforeTimeZero = "job-before-time-zero"
    /// The client died before it came about.
    case died
    // unknown: what alone could make it a yes
    /// The client was not followed to the horizon.
    case lostContact = "lost-contact"
    /// A job went on at the last contact and nothing is known of it since.
    case ongoingNotSeen = "ongoing-not-seen"
    /// The end of a job is not recorded, or only to an interval.
    case endNotKnown = "end-not-known"
    /// The start of a job is not recorded, or only to a week or month.
    case startNotKnown = "start-not-known"
    /// Hours are missing.
    case hoursMissing = "hours-missing"
    /// The evidence that the definition asks for is missing.
    case notVerified = "not-verified"
    /// Whether a job is competitive is missing.
    case competitiveUnknown = "competitive-unknown"
    /// The exit says a stable job, and no such job is on record.
    case jobNotRecorded = "job-not-recorded"
    /// Several of these together.
    case severalUnknown = "several-unknown"
    /// Whether the client had a job on entry is missing.
    case entryUnknown = "entry-unknown"
    /// The date of time zero is missing.
    case timeZeroMissing = "time-zero-missing"
    /// No date says how far the records go.
    case dataCutMissing = "data-cut-missing"
    // counted apart
    /// The horizon lies after the data cut.
    case immature
    /// The referral was not accepted.
    case notAccepted = "not-accepted"
    /// The definition does not count such a client.
    case notEligible = "not-eligible"
  }

  init(_ definition: OutcomeDefinition, count: Int) {
    self.definition = definition
    value = [Int8](repeating: -1, count: count)
    low = [Int8](repeating: 0, count: count)
    high = [Int8](repeating: 1, count: count)
    reasons = [Reason](repeating: .severalUnknown, count: count)
    attained = [Int32](repeating: missingDay, count: count)
    atBoundary = [Bool](repeating: false, count: count)
  }

  /// The number of clients with each value, in the order yes, no, unknown, immature, not eligible.
  public var counts: (yes: Int, no: Int, unknown: Int, immature: Int, notEligible: Int) {
    func count(_ code: Int8) -> Int { value.count { $0 == code } }
    return (count(1), count(0), count(-1), count(-2), count(-3))
  }

  /// The name of a value: yes, no, unknown, immature or not-eligible.
  public static func name(of value: Int8) -> String {
    switch value {
    case 1: "yes"
    case 0: "no"
    case -2: "immature"
    case -3: "not-eligible"
    default: "unknown"
    }
  }
}
