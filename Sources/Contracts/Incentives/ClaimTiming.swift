public import Statistics

/// Whether claims and the dates in them follow the calendar of payment more than that of people.
///
/// Claims may crowd before their deadline, dated events before the end of a quarter or a financial
/// year, or before terms change or a cap is reached. Each stretch is set against one beside it or
/// against its share of the days, so that the counts are binomial under no crowding and the tests
/// exact. What is found can also be the rhythm of paperwork.
public struct ClaimTiming: Sendable, Equatable {
  /// The days before a deadline, and as many before these, that are compared.
  public var deadlineDays: Int32
  /// The last days of a quarter, and of a financial year (to 31 March), that are looked at.
  public var quarterDays, yearDays: Int32
  /// The days before and after a change of terms, or the reaching of a cap, that are compared.
  public var changeDays: Int32
  /// The confidence level.
  public var level: Double

  /// An audit of claims.
  public init(
    deadlineDays: Int32 = 14, quarterDays: Int32 = 7, yearDays: Int32 = 14, changeDays: Int32 = 28,
    level: Double = 0.95
  ) {
    self.deadlineDays = deadlineDays
    self.quarterDays = quarterDays
    self.yearDays = yearDays
    self.changeDays = changeDays
    self.level = level
  }

  /// A claim.
  public struct Claim: Sendable, Equatable {
    /// The day of the outcome, and of the claim; nil where not known.
    public var event, claimed: Int32?
    /// Days from the outcome within which it has to be claimed; nil = no limit.
    public var deadline: Int32?
    /// For an outcome that takes a job of some length: the first day on which it can be reached.
    public var reached: Int32?
    /// The days on which the contract's terms changed.
    public var changes: [Int32]
    /// The day on which the contract's cap was reached; nil where it was not.
    public var capped: Int32?

    /// A claim.
    public init(
      event: Int32?, claimed: Int32?, deadline: Int32? = nil, reached: Int32? = nil,
      changes: [Int32] = [], capped: Int32? = nil
    ) {
      self.event = event
      self.claimed = claimed
      self.deadline = deadline
      self.reached = reached
      self.changes = changes
      self.capped = capped
    }
  }

  /// The tests, those left out for which no claim has what they need.
  ///
  /// - Throws: `badValue` for a stretch of no days or more than a year, or a day outside the years
  ///   1800 to 2200.
  public func fit(_ claims: [Claim], arm: String) throws(SiblingError) -> [IncentiveFinding] {
    for days in [deadlineDays, quarterDays, yearDays, changeDays] {
      guard days >= 1, days <= 365 else {
        throw SiblingError(.badValue, "stretches of claims have from 1 to 365 days")
      }
    }
    guard level > 0, level < 1 else {
      throw SiblingError(.badValue, "a level lies between 0 and 1")
    }
    // Bounds that no sum of days leaves.
    let sane: ClosedRange<Int32> = -62_000...84_200
    for (row, claim) in claims.enumerated() {
      let days = [claim.event, claim.claimed, claim.reached, claim.capped].compactMap { $0 }
      guard (days + claim.changes).allSatisfy({ sane.contains($0) }),
        claim.deadline.map({ (0...84_200).contains($0) }) ?? true
      else {
        throw SiblingError(.badValue, "a claim has a day outside 1800 to 2200", row: row)
      }
    }
    let makers = [deadline, late, onTheDay, early, quarters, years, changed, capped]
    return makers.compactMap { $0(claims, arm) }
  }

  private func row(
    _ share: ExactShare, _ term: String, _ arm: String, _ count: Int, _ convention: String
  ) -> IncentiveFinding {
    IncentiveFinding(
      method: "claim-timing", term: term, arm: arm, estimate: share.ratio, pValue: share.pValue,
      interval: share.interval, detectable: .init(ratio: share.detectableRatio()), count: count,
      inside: share.inside, outside: share.outside, convention: convention)
  }

  private func described(
    _ inside: Int, of count: Int, _ term: String, _ arm: String, _ convention: String
  ) -> IncentiveFinding? {
    guard count > 0 else { return nil }
    return IncentiveFinding(
      method: "claim-timing", term: term, arm: arm, estimate: Double(inside) / Double(count),
      interval: ExactInference.proportion(inside, of: count, level: level), count: count,
      inside: inside, outside: count - inside, convention: "descriptive; \(convention)")
  }

  /// The days that a claim took and those it was allowed.
  private static func delays(_ claims: [Claim]) -> [(taken: Int32, allowed: Int32)] {
    claims.compactMap { claim in
      guard let event = claim.event, let claimed = claim.claimed, let allowed = claim.deadline
      else { return nil }
      return (claimed - event, allowed)
    }
  }

  private func deadline(_ claims: [Claim], _ arm: String) -> IncentiveFinding? {
    let delays = Self.delays(claims)
    guard !delays.isEmpty else { return nil }
    let (last, before) = delays.reduce((0, 0)) { sums, delay in
      let left = delay.allowed - delay.taken
      return (
        sums.0 + (left >= 0 && left < deadlineDays ? 1 : 0),
        sums.1 + (left >= deadlineDays && left < 2 * deadlineDays ? 1 : 0)
      )
    }
    return row(
      ExactShare(inside: last, outside: before, level: level),
      "claims in the last \(deadlineDays) days before the deadline", arm, delays.count,
      "ratio to the \(deadlineDays) days before; exact binomial")
  }

  private func late(_ claims: [Claim], _ arm: String) -> IncentiveFinding? {
    let delays = Self.delays(claims)
    return described(
      delays.count { $0.taken > $0.allowed }, of: delays.count, "claims after the deadline", arm,
      "share of claims with a deadline, exact interval")
  }

  private static func reached(_ claims: [Claim]) -> [(event: Int32, day: Int32)] {
    claims.compactMap { claim in
      guard let event = claim.event, let day = claim.reached else { return nil }
      return (event, day)
    }
  }

  private func onTheDay(_ claims: [Claim], _ arm: String) -> IncentiveFinding? {
    let dated = Self.reached(claims)
    return described(
      dated.count { $0.event == $0.day }, of: dated.count,
      "outcomes dated on the first possible day", arm,
      "expected where the day is computed from the start of the job; exact interval")
  }

  private func early(_ claims: [Claim], _ arm: String) -> IncentiveFinding? {
    let dated = Self.reached(claims)
    return described(
      dated.count { $0.event < $0.day }, of: dated.count,
      "outcomes dated before they can have been reached", arm,
      "share of claims for a length of a job, exact interval")
  }

  private func quarters(_ claims: [Claim], _ arm: String) -> IncentiveFinding? {
    calendar(
      claims, "outcomes dated in the last \(quarterDays) days of a quarter", arm
    ) { $0.month % 3 == 0 && Self.daysLeft($0) < Int(quarterDays) }
  }

  private func years(_ claims: [Claim], _ arm: String) -> IncentiveFinding? {
    calendar(
      claims, "outcomes dated in the last \(yearDays) days of a financial year", arm
    ) { $0.month == 3 && Self.daysLeft($0) < Int(yearDays) }
  }

  private static func daysLeft(_ date: (year: Int, month: Int, day: Int)) -> Int {
    CivilDate.length(year: date.year, month: date.month) - date.day
  }

  /// Events on some days of the calendar against those days' share between the first event and the
  /// last.
  private func calendar(
    _ claims: [Claim], _ term: String, _ arm: String,
    _ isInside: ((year: Int, month: Int, day: Int)) -> Bool
  ) -> IncentiveFinding? {
    let days = claims.compactMap(\.event)
    guard let first = days.min(), let last = days.max() else { return nil }
    let special = (first...last).count { isInside(CivilDate(days: $0).components) }
    let all = Int(last - first) + 1
    guard special > 0, special < all else { return nil }
    let inside = days.count { isInside(CivilDate(days: $0).components) }
    return row(
      ExactShare(
        inside: inside, outside: days.count - inside, expected: Double(special) / Double(all),
        level: level),
      term, arm, days.count, "odds over those of the calendar's days; exact binomial")
  }

  private func changed(_ claims: [Claim], _ arm: String) -> IncentiveFinding? {
    around(
      claims.filter { !$0.changes.isEmpty }, "outcomes dated just before terms changed", arm
    ) { $0.changes }
  }

  private func capped(_ claims: [Claim], _ arm: String) -> IncentiveFinding? {
    around(
      claims.filter { $0.capped != nil }, "outcomes dated just before a cap was reached", arm
    ) { $0.capped.map { [$0] } ?? [] }
  }

  private func around(
    _ claims: [Claim], _ term: String, _ arm: String, _ turns: (Claim) -> [Int32]
  ) -> IncentiveFinding? {
    guard !claims.isEmpty else { return nil }
    var (before, after) = (0, 0)
    for claim in claims {
      guard let event = claim.event else { continue }
      for turn in turns(claim) {
        if event < turn, event >= turn - changeDays { before += 1 }
        if event >= turn, event < turn + changeDays { after += 1 }
      }
    }
    return row(
      ExactShare(inside: before, outside: after, level: level), term, arm, claims.count,
      "ratio of \(changeDays) days before to \(changeDays) after; exact binomial")
  }
}
