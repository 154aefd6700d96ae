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
    let replayed = [ReplayedClaim](unsafeUninitializedCapacity: claims.count) { buffer, count in
      nonisolated(unsafe) let base = buffer
      // Each block writes its own places only.
      Parallel.forBlocks(blocks.count) { [terms, paid] block in
        for place in blocks[block] {
          base.initializeElement(
            at: place, to: result(claims[place], place, priced[place], paid, terms))
        }
      }
      count = claims.count
    }
    return ReplayedClaims(claims: replayed, order: order, caps: ledger.finalStates, terms)
  }

  private func noShare(_ claim: OutcomeClaim, _ priced: PricedClaim) -> SiblingError {
    SiblingError(
      .dataQuality,
      "a claim's outcome falls on a day on which no payer of contract \(claim.contract) has a valid"
        + " share in \(priced.outcome.plural)",
      help: "correct the day, or add the shares that were valid then", row: claim.row,
      column: "event_date", cell: CivilDate.text(priced.event))
  }

  private func result(
    _ claim: OutcomeClaim, _ place: Int, _ priced: PricedClaim, _ given: Paid, _ terms: ReplayTerms
  ) -> ReplayedClaim {
    let number = Int(given.sharings[place])
    let sharing =
      number < 0
      ? terms.unnamedSharing
      : terms.sharings[priced.version][priced.outcome.position][number]
    let paid = paid(claim)
    let parts = parts(sharing, priced.due, given.cutParts[place], paid)
    let expected = parts.reduce(Money.zero) { $0 + $1.expected }
    var replayed = ReplayedClaim(
      index: place, version: priced.version, quarter: priced.quarter, outcome: priced.outcome,
      tariff: priced.tariff, band: priced.band, due: priced.due, expected: expected,
      unfunded: priced.due - expected, cap: given.caps[place].map(Int.init),
      claimed: claimed(claim), paid: paid, parts: parts, findings: priced.findings.list,
      verdict: .agrees)
    replayed.verdict = verdict(claim, replayed, terms)
    return replayed
  }

  /// Each payer's part of what is due, what caps left of it, and what was paid.
  private func parts(
    _ sharing: ReplayTerms.Sharing, _ due: Money, _ cut: [Money]?, _ paid: Money?
  ) -> [ReplayedClaim.Part] {
    if sharing.payers.count == 1 {
      return [
        ReplayedClaim.Part(
          payer: sharing.payers[0], due: due, expected: cut?.first ?? due, paid: paid)
      ]
    }
    let dueParts = sharing.split.parts(of: due)
    let expected = cut ?? dueParts
    // What was paid as expected is split as expected; any other sum by the shares.
    let isAsExpected = paid == expected.reduce(.zero, +)
    let paidParts = isAsExpected ? expected : paid.map { sharing.split.parts(of: $0) }
    return dueParts.indices.map { part in
      ReplayedClaim.Part(
        payer: sharing.payers[part], due: dueParts[part], expected: expected[part],
        paid: paidParts?[part])
    }
  }
}
