extension ReplayedClaims {
  /// Adds claims up by contract, version, quarter, outcome and payer, and by verdict.
  init(
    claims: [ReplayedClaim], order: [Int], caps: [CapState], _ terms: ReplayTerms
  ) {
    self.claims = claims
    self.order = order
    self.caps = caps
    payers = terms.payers
    contracts = terms.contracts.keys.sorted {
      (terms.contracts[$0] ?? 0) < (terms.contracts[$1] ?? 0)
    }
    contractOf = terms.contractOf
    (lines, verdicts) = ([], [])
    addLines(terms)
    addVerdicts(terms)
  }

  private struct LineKey: Hashable, Comparable {
    var contract, version, quarter, outcome, payer: Int32

    static func < (left: Self, right: Self) -> Bool {
      (left.contract, left.version, left.quarter, left.outcome, left.payer)
        < (right.contract, right.version, right.quarter, right.outcome, right.payer)
    }
  }

  private mutating func addLines(_ terms: ReplayTerms) {
    var rankOf = Array(repeating: 0, count: terms.versions.count)
    for versions in terms.versionsOf {
      for (rank, version) in versions.enumerated() { rankOf[version] = rank }
    }
    var placeOf: [LineKey: Int] = [:]
    for claim in claims {
      let version = terms.versions[claim.version]
      for part in claim.parts {
        let key = LineKey(
          contract: Int32(terms.contractOf[claim.version]), version: Int32(rankOf[claim.version]),
          quarter: Int32(claim.quarter.index), outcome: Int32(claim.outcome.position),
          payer: Int32(part.payer))
        let place = placeOf[key] ?? lines.count
        if place == lines.count {
          placeOf[key] = place
          lines.append(
            PaymentLine(
              contract: version.contract, version: version.version, quarter: claim.quarter,
              outcome: claim.outcome, payer: payers[part.payer], claims: 0, dueClaims: 0,
              due: .zero, expected: .zero, unfunded: .zero, paid: .zero, paidUnknown: 0))
        }
        lines[place].add(part, isDue: claim.due > .zero)
      }
    }
    lines = placeOf.sorted { $0.key < $1.key }.map { lines[$0.value] }
  }

  private mutating func addVerdicts(_ terms: ReplayTerms) {
    let cases = ClaimVerdict.allCases
    let numberOf = Dictionary(uniqueKeysWithValues: zip(cases, cases.indices))
    // A slot for each contract, outcome and verdict.
    let size = OutcomeStage.allCases.count * cases.count
    var slots: [VerdictLine?] = Array(repeating: nil, count: contracts.count * size)
    for claim in claims {
      let contract = terms.contractOf[claim.version]
      let slot =
        contract * size + claim.outcome.position * cases.count + (numberOf[claim.verdict] ?? 0)
      var line =
        slots[slot]
        ?? VerdictLine(
          contract: contracts[contract], outcome: claim.outcome, verdict: claim.verdict, claims: 0,
          expected: .zero, paid: .zero)
      line.claims += 1
      line.expected = line.expected + claim.expected
      line.paid = line.paid + (claim.paid ?? .zero)
      slots[slot] = line
    }
    verdicts = slots.compactMap(\.self)
  }
}

extension PaymentLine {
  mutating func add(_ part: ReplayedClaim.Part, isDue: Bool) {
    claims += 1
    dueClaims += isDue ? 1 : 0
    due = due + part.due
    expected = expected + part.expected
    unfunded = unfunded + (part.due - part.expected)
    paid = paid + (part.paid ?? .zero)
    paidUnknown += part.paid == nil ? 1 : 0
  }
}
