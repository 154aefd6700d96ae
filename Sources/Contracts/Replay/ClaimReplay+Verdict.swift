extension ClaimReplay {
  /// What was paid: nil where it was paid without a recorded amount.
  func paid(_ claim: OutcomeClaim) -> Money? {
    claim.status == .paid || claim.paid != nil ? claim.amount : .zero
  }

  /// What stands in a claim; zero on a claim that was turned down is what it got.
  func claimed(_ claim: OutcomeClaim) -> Money? {
    switch claim.status {
    case .rejected, .noEvidence, .capped: claim.amount == .zero ? nil : claim.amount
    case .paid, nil: claim.amount
    }
  }

  /// Names how what was paid compares with what should have been.
  func verdict(
    _ claim: OutcomeClaim, _ replayed: ReplayedClaim, _ terms: ReplayTerms
  ) -> ClaimVerdict {
    guard let paid = replayed.paid else { return .amountUnknown }
    let (due, expected) = (replayed.due, replayed.expected)
    let isUndecided = claim.status == nil && claim.paid == nil
    if due == .zero {
      if paid > .zero { return .paidNotDue }
      return isUndecided ? .claimedNotDue : .notDue
    }
    if paid == expected {
      if expected == due { return .agrees }
      return expected == .zero ? .capped : .cappedInPart
    }
    if paid == .zero { return notPaid(claim, replayed, isUndecided) }
    if expected < due {
      return paid < expected ? .underpaid : paid > due ? .overpaid : .paidAboveCap
    }
    return otherPrice(paid, replayed, terms) ?? (paid > expected ? .overpaid : .underpaid)
  }

  private func notPaid(
    _ claim: OutcomeClaim, _ replayed: ReplayedClaim, _ isUndecided: Bool
  ) -> ClaimVerdict {
    switch claim.status {
    case .rejected: return .rejectedThoughDue
    case .noEvidence: return .noEvidenceThoughDue
    case .capped: return .cappedThoughRoom
    case .paid: return .dueNotPaid
    case nil: break
    }
    guard isUndecided, let claimed = replayed.claimed, claimed != replayed.due else {
      return .dueNotPaid
    }
    return claimed > replayed.due ? .overclaimed : .underclaimed
  }

  /// Whether an amount is a price of the outcome for other hours, or under another version.
  private func otherPrice(
    _ paid: Money, _ replayed: ReplayedClaim, _ terms: ReplayTerms
  ) -> ClaimVerdict? {
    func prices(_ version: Int) -> [OutcomeTariff] {
      terms.versions[version].tariffs.filter { $0.outcome == replayed.outcome && $0.amount == paid }
    }
    if prices(replayed.version).contains(where: { $0.band != replayed.band }) {
      return .paidOtherBand
    }
    let others = terms.versionsOf[terms.contractOf[replayed.version]]
    let isOther = others.contains { $0 != replayed.version && !prices($0).isEmpty }
    return isOther ? .paidOtherVersion : nil
  }
}
