internal import Statistics

extension ClaimReplay {
  /// Splits what is due over payers and counts it under the caps, claim by claim in order.
  func pay(
    _ claims: [OutcomeClaim], _ priced: [PricedClaim], _ order: [Int], _ terms: inout ReplayTerms,
    _ payerCaps: [PayerCap]
  ) throws(SiblingError) -> (claims: [ReplayedClaim], caps: [CapState]) {
    var ledger = CapLedger(terms, payerCaps)
    var replayed: [ReplayedClaim?] = Array(repeating: nil, count: claims.count)
    for place in order {
      var claim = priced[place]
      if claim.findings.stopsPayment { claim.due = .zero }
      let sharing = try sharing(claims[place], claim, &terms)
      let due = sharing.split.parts(of: claim.due)
      var payment = CapLedger.Payment(parts: due, cap: nil)
      if claim.due > .zero { payment = ledger.pay(place, claim, sharing, due: due, capRule) }
      replayed[place] = result(claims[place], place, claim, sharing, due, payment, terms)
    }
    return (replayed.compactMap(\.self), ledger.finalStates)
  }

  private func sharing(
    _ claim: OutcomeClaim, _ priced: PricedClaim, _ terms: inout ReplayTerms
  ) throws(SiblingError) -> ReplayTerms.Sharing {
    if let sharing = terms.sharing(priced.version, priced.outcome, on: priced.event) {
      return sharing
    }
    guard priced.due == .zero else {
      throw SiblingError(
        .dataQuality,
        "a claim's outcome falls on a day on which no payer of contract \(claim.contract) has a"
          + " valid share in \(priced.outcome.plural)",
        help: "correct the day, or add the shares that were valid then", row: claim.row,
        column: "event_date", cell: CivilDate(days: priced.event).isoText)
    }
    return ReplayTerms.Sharing(
      from: .min, to: .max, payers: [terms.placeOfUnnamed()], shares: [],
      split: ShareSplit(millionths: [ShareSplit.whole]))
  }

  private func result(
    _ claim: OutcomeClaim, _ place: Int, _ priced: PricedClaim, _ sharing: ReplayTerms.Sharing,
    _ due: [Money], _ payment: CapLedger.Payment, _ terms: ReplayTerms
  ) -> ReplayedClaim {
    let expected = payment.parts.reduce(.zero, +)
    let paid = paid(claim)
    // What was paid as expected is split as expected; any other sum by the shares.
    let paidParts = paid == expected ? payment.parts : paid.map { sharing.split.parts(of: $0) }
    let parts = due.indices.map { part in
      ReplayedClaim.Part(
        payer: sharing.payers[part], due: due[part], expected: payment.parts[part],
        paid: paidParts?[part])
    }
    var replayed = ReplayedClaim(
      index: place, version: priced.version, quarter: priced.quarter, outcome: priced.outcome,
      tariff: priced.tariff, band: priced.band, due: priced.due, expected: expected,
      unfunded: priced.due - expected, cap: payment.cap, claimed: claimed(claim), paid: paid,
      parts: parts, findings: priced.findings.list, verdict: .agrees)
    replayed.verdict = verdict(claim, replayed, terms)
    return replayed
  }
}
