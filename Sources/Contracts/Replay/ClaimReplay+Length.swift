extension ClaimReplay {
  /// Whether a job had lasted as long as a tariff asks.
  enum Reach {
    case yes, no
    /// The records leave it open.
    case open
  }

  func checkLength(_ claim: OutcomeClaim, _ tariff: OutcomeTariff, _ priced: inout PricedClaim) {
    guard priced.outcome != .engagement, let facts = claim.facts else { return }
    if let start = facts.start, start > priced.event {
      priced.findings.insert(.jobNotBegun)
      return
    }
    switch reach(facts, tariff, priced.event) {
    case .yes: break
    case .no: priced.findings.insert(.jobTooShort)
    case .open: priced.findings.insert(.lengthUncertain)
    }
  }

  /// Whether a job had lasted, on a day, as long as a tariff asks, within its window.
  ///
  /// The first day counts: a job from Monday has lasted a week on the Sunday after. Days without
  /// work between jobs that count as one don't matter up to those permitted.
  func reach(
    _ facts: OutcomeClaim.JobFacts?, _ tariff: OutcomeTariff, _ day: Int32
  ) -> Reach {
    let needed = Int((tariff.durationWeeks * 7).rounded(.up))
    guard needed > 0 else { return .yes }
    guard let facts, let start = facts.start.map(Int.init) else { return .open }
    var last = Int(day)
    if tariff.windowWeeks > 0 {
      last = min(last, start + Int((tariff.windowWeeks * 7).rounded(.up)) - 1)
    }
    let idle = max(0, min(facts.daysWithoutWork, 100_000) - tariff.permittedGapDays)
    func isLong(_ end: Int) -> Bool { min(last, end) - start + 1 - idle >= needed }
    let hasEnd = facts.endEarliest != nil || facts.endLatest != nil
    // Neither end known: the job had not ended. Only one known: the other is as far as it can be.
    let earliest = facts.endEarliest.map(Int.init) ?? (hasEnd ? start : .max)
    let latest = facts.endLatest.map(Int.init) ?? .max
    if isLong(min(earliest, latest)) { return .yes }
    return isLong(max(earliest, latest)) ? .open : .no
  }
}
