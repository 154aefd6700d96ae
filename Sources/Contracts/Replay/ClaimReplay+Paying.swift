internal import LinearAlgebra
internal import Statistics

/// What paying in order gave each claim.
private struct Paid: Sendable {
  /// Each claim's sharing among those of its version and outcome; −1 where nobody has a share.
  var sharings: [Int32]
  /// The cap that cut first, and what it left of each part; nil where none did.
  var caps: [Int32?]
  var cutParts: [[Money]?]

  init(count: Int) {
    sharings = Array(repeating: -1, count: count)
    caps = Array(repeating: nil, count: count)
    cutParts = Array(repeating: nil, count: count)
  }
}

extension ClaimReplay {
  /// Splits what is due over payers and counts it under the caps, claim by claim in order.
  func pay(
    _ claims: [OutcomeClaim], _ priced: [PricedClaim], _ order: [Int], _ terms: ReplayTerms,
    _ payerCaps: [PayerCap]
  ) throws(SiblingError) -> ReplayedClaims {
    var ledger = CapLedger(terms, payerCaps)
    var paid = Paid(count: claims.count)
    for place in order {
      guard
        let sharing = terms.sharing(
          priced[place].version, priced[place].outcome, on: priced[place].event)
      else {
        if priced[place].due > .zero { throw noShare(claims[place], priced[place]) }
        continue
      }
      paid.sharings[place] = Int32(sharing)
      guard priced[place].due > .zero else { continue }
      let payers = terms.sharings[priced[place].version][priced[place].outcome.position][sharing]
      if let payment = ledger.pay(place, priced[place], payers, capRule) {
        paid.caps[place] = Int32(payment.cap)
        paid.cutParts[place] = payment.parts
      }
    }
    var terms = terms
    if paid.sharings.contains(-1) { terms.addUnnamedPayer() }
    let blocks = Parallel.ranges(of: claims.count, size: 8192)
    let replayed = Parallel.mapBlocks(blocks.count) { [terms, paid] block in
      blocks[block].map { result(claims[$0], $0, priced[$0], paid, terms) }
    }
    return ReplayedClaims(
      claims: replayed.flatMap(\.self), order: order, caps: ledger.finalStates, terms)
  }

  private func noShare(_ claim: OutcomeClaim, _ priced: PricedClaim) -> SiblingError {
    SiblingError(
      .dataQuality,
      "a claim's outcome falls on a day on which no payer of contract \(claim.contract) has a valid"
        + " share in \(priced.outcome.plural)",
      help: "correct the day, or add the shares that were valid then", row: claim.row,
      column: "event_date", cell: CivilDate(days: priced.event).isoText)
  }

  private func result(
    _ claim: OutcomeClaim, _ place: Int, _ priced: PricedClaim, _ given: Paid, _ terms: ReplayTerms
  ) -> ReplayedClaim {
    let number = Int(given.sharings[place])
    let sharing =
      number < 0
      ? terms.unnamedSharing
      : terms.sharings[priced.version][priced.outcome.position][number]
    let due = sharing.split.parts(of: priced.due)
    let parts = given.cutParts[place] ?? due
    let expected = parts.reduce(.zero, +)
    let paid = paid(claim)
    // What was paid as expected is split as expected; any other sum by the shares.
    let paidParts = paid == expected ? parts : paid.map { sharing.split.parts(of: $0) }
    var replayed = ReplayedClaim(
      index: place, version: priced.version, quarter: priced.quarter, outcome: priced.outcome,
      tariff: priced.tariff, band: priced.band, due: priced.due, expected: expected,
      unfunded: priced.due - expected, cap: given.caps[place].map(Int.init),
      claimed: claimed(claim), paid: paid,
      parts: due.indices.map { part in
        ReplayedClaim.Part(
          payer: sharing.payers[part], due: due[part], expected: parts[part],
          paid: paidParts?[part])
      }, findings: priced.findings.list, verdict: .agrees)
    replayed.verdict = verdict(claim, replayed, terms)
    return replayed
  }
}
