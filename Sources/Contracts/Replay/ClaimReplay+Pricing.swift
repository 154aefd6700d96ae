internal import LinearAlgebra
internal import Statistics

extension ClaimReplay {
  /// Prices every claim; the error is that of the first claim that has one.
  func price(
    _ claims: [OutcomeClaim], _ terms: ReplayTerms
  ) throws(SiblingError) -> [PricedClaim] {
    let blocks = Parallel.ranges(of: claims.count, size: 8192)
    let results = Parallel.mapBlocks(blocks.count) { block -> Result<[PricedClaim], SiblingError> in
      do throws(SiblingError) {
        var priced: [PricedClaim] = []
        priced.reserveCapacity(blocks[block].count)
        for place in blocks[block] { priced.append(try price(claims[place], terms)) }
        return .success(priced)
      } catch {
        return .failure(error)
      }
    }
    var priced: [PricedClaim] = []
    priced.reserveCapacity(claims.count)
    for result in results { priced += try result.get() }
    return priced
  }

  /// A claim's version, tariff and price, and what its own facts say against it.
  func price(_ claim: OutcomeClaim, _ terms: ReplayTerms) throws(SiblingError) -> PricedClaim {
    var priced = try place(claim, terms)
    let version = terms.versions[priced.version]
    let prices = terms.prices[priced.version][priced.outcome.position]
    if prices.isEmpty { priced.findings.insert(.noTariff) }
    if priced.outcome != .engagement, claim.facts == nil {
      priced.findings.insert(claim.job == nil ? .jobNotNamed : .jobNotInRecords)
    }
    try choose(claim, version, prices, &priced)
    if let tariff = priced.tariff.map({ version.tariffs[$0] }) {
      checkLength(claim, tariff, &priced)
      if tariff.needsVerification, priced.outcome == .engagement || claim.facts != nil {
        switch claim.facts?.isVerified {
        case true: break
        case false: priced.findings.insert(.noEvidence)
        case nil: priced.findings.insert(.evidenceUnknown)
        }
      }
      if let deadline = tariff.claimDeadlineDays {
        if let claimed = claim.claimed {
          if Int(claimed) - Int(priced.event) > deadline { priced.findings.insert(.claimedLate) }
        } else {
          priced.findings.insert(.claimDateUnknown)
        }
      }
      priced.due = tariff.amount
    }
    if let claimed = claim.claimed {
      if priced.event > claimed { priced.findings.insert(.eventAfterClaim) }
      if let paid = claim.paid, paid < claimed { priced.findings.insert(.paidBeforeClaimed) }
    }
    return priced
  }

  /// The contract's version in force on the day of the outcome.
  private func place(
    _ claim: OutcomeClaim, _ terms: ReplayTerms
  ) throws(SiblingError) -> PricedClaim {
    guard let outcome = claim.outcome else {
      throw SiblingError(
        .missingValue, "a claim does not say for which outcome it is", row: claim.row,
        column: "outcome")
    }
    guard let event = claim.event else {
      throw SiblingError(
        .missingValue, "a claim does not say on which day its outcome was reached",
        help: "give each claim the day of its outcome: it decides which terms price it",
        row: claim.row, column: "event_date")
    }
    guard let contract = terms.contracts[claim.contract] else {
      throw SiblingError(
        .unknownLevel, "a claim is made under a contract that is not among the contracts",
        suggestion: nearestName(to: claim.contract, among: terms.contracts.keys.sorted()),
        row: claim.row, column: "contract_id", cell: claim.contract)
    }
    let (year, month, _) = CivilDate(days: event).components
    guard let version = terms.version(of: contract, on: event) else {
      throw SiblingError(
        .dataQuality,
        "a claim's outcome falls on a day on which no version of contract \(claim.contract) is in"
          + " force",
        help: "correct the day, or add the version that was in force then", row: claim.row,
        column: "event_date", cell: CivilDate(days: event).isoText)
    }
    do throws(SiblingError) {
      let inQuarter = try CalendarMonth(year: year, month: month)
      return PricedClaim(
        contract: contract, version: version,
        quarter: CalendarMonth(endOfQuarter: inQuarter.quarter), outcome: outcome, event: event)
    } catch {
      throw SiblingError(
        .badValue, "a claim's outcome is dated outside the years 1900 to 2199", row: claim.row,
        column: "event_date", cell: CivilDate(days: event).isoText)
    }
  }

  /// The tariff: by the hours, and of several durations the longest that the job may have reached.
  private func choose(
    _ claim: OutcomeClaim, _ version: ContractVersion, _ prices: ReplayTerms.Prices,
    _ priced: inout PricedClaim
  ) throws(SiblingError) {
    var places = prices.any
    if prices.isBanded {
      guard let facts = claim.facts else { return }
      let isUpper = try isUpperBand(claim, facts.hours, prices.boundary, &priced)
      places = isUpper ? prices.upper : prices.lower
      if places.isEmpty { priced.findings.insert(.noTariff) }
    }
    guard
      let chosen = places.first(where: {
        reach(claim.facts, version.tariffs[$0], priced.event) != .no
      }) ?? places.last
    else { return }
    priced.tariff = chosen
    priced.band = version.tariffs[chosen].band
    priced.rank = places.count - 1 - (places.firstIndex(of: chosen) ?? 0)
  }

  private func isUpperBand(
    _ claim: OutcomeClaim, _ hours: Double?, _ boundary: HoursBoundary?,
    _ priced: inout PricedClaim
  ) throws(SiblingError) -> Bool {
    guard let hours else {
      guard let choice = unknownHours else {
        throw SiblingError(
          .missingValue, "a claim is priced by hours a week, and those of its job are not known",
          help: "record the hours, or say that unknown hours are to be priced in the lower band",
          row: claim.row, column: "job_id")
      }
      priced.findings.insert(.hoursUnknown)
      return choice == .upper
    }
    guard (0...168).contains(hours) else {
      throw SiblingError(
        .badValue, "a claim's job has hours a week outside 0 to 168", row: claim.row,
        column: "job_id", cell: "\(hours)")
    }
    guard hours == 16 else { return hours > 16 }
    priced.findings.insert(.exactly16Hours)
    switch (boundary, exactly16) {
    case (.atLeast16, _): return true
    case (.above16, _): return false
    case (nil, .some(let choice)): return choice == .upper
    case (nil, nil):
      throw SiblingError(
        .badValue,
        "a claim's job has exactly 16 hours a week, and its contract does not say in which band"
          + " these belong",
        help: "say so: exactly-16 lower or upper", row: claim.row, column: "job_id", cell: "16")
    }
  }
}
