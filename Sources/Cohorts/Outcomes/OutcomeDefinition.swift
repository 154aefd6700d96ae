public import Statistics
internal import Tables

/// What counts as an outcome: an engagement, a job start or a sustained job, and under which rules.
///
/// Days are counted inclusively: a job from 1 to 7 May lasts seven days. The outcome belongs to
/// every accepted client, not only to those who found work.
public struct OutcomeDefinition: Sendable, Equatable {
  /// The name; columns are called after it, with `_` for `-`.
  public var name: String
  /// What it is called in a table.
  public var label: String
  /// Where the rules come from, and which of them are assumed.
  public var source: String
  /// What has to happen.
  public var kind: Kind
  /// How long a sustained job has to last.
  public var duration: Span = .weeks(0)
  /// The window within which the days of work have to fall, in weeks; nil for one unbroken run.
  public var windowWeeks: Int?
  /// The longest break that doesn't end a run, in days; its days don't count as work.
  ///
  /// Nil is no break at all for a run, and any break within a window.
  public var permittedGapDays: Int?
  /// The hours a week that count, on every counted day; nil for any.
  public var hours: HoursBand?
  /// Whether the jobs of a person are united, their hours added, or each must qualify alone.
  public var per: Unit = .client
  /// Hours that must have been worked before a job counts as started; 0 counts its first day.
  public var paidHours: Double = 0
  /// From which day time runs.
  public var timeZero: TimeZero = .acceptance
  /// The last day on which the job may start, in days after time zero; nil for no limit of its own.
  public var startByDays: Int?
  /// The day by which the outcome must have come about, in days after time zero; nil for the
  /// follow-up of the study (see `horizon(followUpWeeks:)`).
  public var horizonDays: Int?
  /// Whether only competitive jobs count.
  public var competitiveOnly = false
  /// The evidence that is accepted; nil when none is required.
  public var verification: Set<JobVerification>?
  /// Whose outcome it is.
  public var eligible: Eligibility = .everybody
  /// Whether days on furlough count as days of work.
  public var furloughCounts = true
  /// Whether jobs that began before time zero count, from time zero on.
  public var earlierJobsCount = false
  /// The first and last day on which the rules were in force; nil for no such day.
  ///
  /// For the reader: the same clients can be counted under rules of any time.
  public var validFrom, validTo: Int32?

  /// A definition with the defaults of each rule.
  public init(
    _ name: String, _ kind: Kind, duration: Span = .weeks(0), label: String? = nil,
    source: String = "defined in the study file"
  ) {
    self.name = name
    self.kind = kind
    self.duration = duration
    self.label = label ?? name
    self.source = source
  }

  /// What has to happen.
  public enum Kind: String, Sendable, CaseIterable {
    /// Engagement with the service.
    case engagement
    /// A job starts.
    case jobStart = "job-start"
    /// A job lasts.
    case sustained
  }

  /// A length of time.
  public enum Span: Sendable, Equatable {
    case days(Int)
    case weeks(Int)
    /// Calendar months: from 31 August six months end with 28 or 29 February.
    case months(Int)

    /// The days that a span starting on a day has.
    func days(from start: Int32) -> Int32 {
      switch self {
      case .days(let count): return Int32(clamping: count)
      case .weeks(let count): return Int32(clamping: count * 7)
      case .months(let count):
        let (year, month, day) = CivilDate(days: start).components
        let place = year * 12 + month - 1 + count
        for last in [day, 30, 29, 28] where last <= day {
          if let date = CivilDate(year: place / 12, month: place % 12 + 1, day: last) {
            return date.days - start
          }
        }
        return Int32(clamping: count * 30)
      }
    }

    /// The most days that it can have.
    var mostDays: Int {
      switch self {
      case .days(let count): Self.bounded(count)
      case .weeks(let count): Self.bounded(count) * 7
      // Any six months in a row have at most 184 days; 31 a month is the safe side of all others.
      case .months(let count): count == 6 ? 184 : Self.bounded(count) * 31
      }
    }

    /// A number that can be multiplied without overflow; `check` refuses what lies beyond it.
    static func bounded(_ count: Int) -> Int { max(-1_000_000, min(count, 1_000_000)) }

    var count: Int {
      switch self {
      case .days(let count), .weeks(let count), .months(let count): count
      }
    }
  }

  /// Hours a week from a least to a greatest number, with what becomes of exactly that number.
  public struct HoursBand: Sendable, Equatable {
    /// The least hours; nil for none.
    public var low: Double?
    /// The hours below which the band lies; nil for no such limit.
    public var high: Double?
    /// Where hours exactly at a limit belong.
    public var boundary: Boundary

    /// A band; hours exactly at a limit belong above it unless said otherwise.
    public init(low: Double? = nil, high: Double? = nil, boundary: Boundary = .ge) {
      self.low = low
      self.high = high
      self.boundary = boundary
    }

    func isAboveLow(_ hours: Double) -> Bool {
      low.map { boundary == .ge ? hours >= $0 : hours > $0 } ?? true
    }

    func isBelowHigh(_ hours: Double) -> Bool {
      high.map { boundary == .ge ? hours < $0 : hours <= $0 } ?? true
    }
  }

  /// Where hours exactly at a limit belong.
  public enum Boundary: String, Sendable, CaseIterable {
    /// To the band above.
    case ge
    /// To the band below.
    case gt
  }

  /// Whose spells must qualify.
  public enum Unit: String, Sendable, CaseIterable { case client, job }

  /// From which day time runs.
  public enum TimeZero: String, Sendable, CaseIterable {
    case acceptance
    case referral
    /// The acceptance, or the referral where its date is missing.
    case acceptanceElseReferral = "acceptance-else-referral"
  }

  /// Whose outcome it is, among those accepted.
  public enum Eligibility: String, Sendable, CaseIterable {
    case everybody
    /// Those without a job on entry: neither on sick leave nor in a job at risk or to be changed.
    case outOfWorkAtEntry = "out-of-work-at-entry"
  }
}

extension OutcomeDefinition {
  /// Weeks after time zero within which an outcome must have come about, where nothing else is said.
  public static let usualFollowUpWeeks = 52

  /// The definition with a follow-up in weeks, unless it has a horizon or a last start of its own.
  public func within(weeks: Int) -> OutcomeDefinition {
    guard horizonDays == nil, startByDays == nil else { return self }
    var definition = self
    definition.horizonDays = Span.bounded(weeks) * 7
    return definition
  }

  /// The day by which the outcome must have come about, in days after time zero: as defined; else
  /// the last start and the time that it takes; else 52 weeks.
  public var horizon: Int {
    if let horizonDays { return horizonDays }
    guard let startByDays else { return Self.usualFollowUpWeeks * 7 }
    let needed = windowWeeks.map { Span.bounded($0) * 7 } ?? duration.mostDays
    return Span.bounded(startByDays) + (kind == .sustained ? needed : 0)
  }

  /// The name of its columns.
  public var column: String { String(name.map { $0 == "-" ? "_" : $0 }) }

  /// Refuses what can't be scored.
  ///
  /// - Throws: `badValue`, with what to do.
  public func check() throws(SiblingError) {
    func refuse(_ message: String, _ help: String) -> SiblingError {
      SiblingError(.badValue, "the definition '\(name)' \(message)", help: help, column: name)
    }
    if (windowWeeks ?? 0) > 5000 || horizon > 40_000 || duration.count > 10_000
      || (startByDays ?? 0) > 40_000
    {
      throw refuse("has times beyond any life", "check the units")
    }
    if name.isEmpty { throw refuse("has no name", "give it one") }
    if kind == .sustained, duration.count < 1 {
      throw refuse("doesn't say how long the job must last", "give weeks, days or months above 0")
    }
    if kind != .sustained, duration.count != 0 || windowWeeks != nil || permittedGapDays != nil {
      throw refuse(
        "has a duration, window or gap, which only a sustained job has", "use the kind 'sustained'")
    }
    if kind == .engagement, hours != nil || paidHours > 0 || verification != nil {
      throw refuse("has rules about jobs, which an engagement has not", "leave them out")
    }
    if let windowWeeks, windowWeeks * 7 < duration.mostDays {
      throw refuse("has a window shorter than the job must last", "widen the window")
    }
    if permittedGapDays ?? 0 < 0 || paidHours < 0 || !paidHours.isFinite {
      throw refuse("has a gap or paid hours below 0", "give 0 or more")
    }
    if let low = hours?.low, let high = hours?.high, low >= high {
      throw refuse("has a band of hours that is empty", "the least must lie below the limit")
    }
    if let limit = [hours?.low, hours?.high].compactMap({ $0 }).first(where: { !($0 >= 0) }) {
      throw refuse("has hours of \(limit)", "hours are 0 or more")
    }
    if startByDays ?? 0 < 0 || horizon < 0 {
      throw refuse("ends before time zero", "give days of 0 or more")
    }
    if let verification, verification.isEmpty || verification.contains(.none) {
      throw refuse(
        "accepts no evidence, or its absence",
        "name payslip, employer, rti or self_declared, or leave the rule out")
    }
    if kind == .sustained, duration.mostDays > horizon {
      throw refuse(
        "asks for more days of work than its follow-up of \(horizon) days has",
        "lengthen the follow-up")
    }
  }
}
