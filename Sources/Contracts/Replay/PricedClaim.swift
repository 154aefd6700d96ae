/// A claim under its version of the contract, before it is counted against maxima and caps.
struct PricedClaim: Sendable {
  var contract: Int
  var version: Int
  var quarter: CalendarMonth
  var outcome: OutcomeStage
  var event: Int32
  /// The tariff among the version's, and the number of its outcome's tariffs that ask for less.
  var tariff: Int?
  var rank = 0
  var band: HoursBand?
  var due = Money.zero
  var findings = FindingSet()
}

/// What was found of a claim, as bits in the order of the checks.
struct FindingSet: Sendable, Equatable {
  private var bits: UInt32 = 0

  private static let stopping = ClaimFinding.allCases.indices.reduce(UInt32(0)) {
    ClaimFinding.allCases[$1].stopsPayment ? $0 | 1 << UInt32($1) : $0
  }
  private static let places = Dictionary(
    uniqueKeysWithValues: zip(ClaimFinding.allCases, UInt32(0)...))

  /// Whether nothing is due.
  var stopsPayment: Bool { bits & Self.stopping != 0 }

  mutating func insert(_ finding: ClaimFinding) {
    bits |= 1 << (Self.places[finding] ?? 0)
  }

  /// The findings in the order of the checks.
  var list: [ClaimFinding] {
    if bits == 0 { return [] }
    return ClaimFinding.allCases.indices.filter { bits & 1 << UInt32($0) != 0 }.map {
      ClaimFinding.allCases[$0]
    }
  }
}
