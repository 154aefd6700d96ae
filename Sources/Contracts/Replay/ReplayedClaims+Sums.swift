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
    // By place: a loop over the claims themselves would copy each with its parts.
    for place in claims.indices {
      let number = claims[place].version
      for part in claims[place].parts {
        let key = LineKey(
          contract: Int32(terms.contractOf[number]), version: Int32(rankOf[number]),
          quarter: Int32(claims[place].quarter.index),
          outcome: Int32(claims[place].outcome.position),
          payer: Int32(part.payer))
        let line = placeOf[key] ?? lines.count
        if line == lines.count {
          placeOf[key] = line
          lines.append(
            PaymentLine(
              contract: terms.versions[number].contract, version: terms.versions[number].version,
              quarter: claims[place].quarter,
              outcome: claims[place].outcome, payer: payers[part.payer], claims: 0, dueClaims: 0,
              due: .zero, expected: .zero, unfunded: .zero, paid: .zero, paidUnknown: 0))
        }
        lines[line].add(part, isDue: claims[place].due > .zero)
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
    for place in claims.indices {
      let contract = terms.contractOf[claims[place].version]
      let slot =
        contract * size + claims[place].outcome.position * cases.count
        + (numberOf[claims[place].verdict] ?? 0)
      var line =
        slots[slot]
        ?? VerdictLine(
          contract: contracts[contract], outcome: claims[place].outcome,
          verdict: claims[place].verdict, claims: 0,
          expected: .zero, paid: .zero)
      line.claims += 1
      line.expected = line.expected + claims[place].expected
      line.paid = line.paid + (claims[place].paid ?? .zero)
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
    differing += part.paid == part.expected ? 0 : 1
    cut += part.expected == part.due ? 0 : 1
  }
}
