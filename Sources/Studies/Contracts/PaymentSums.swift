internal import Contracts
internal import Statistics

/// Sums of a replay by contract, quarter, outcome and payer, and their totals.
struct PaymentSums {
  struct Row: Equatable {
    var contract, quarter, outcome, payer: String
    var claims = 0, dueClaims = 0
    var due = Money.zero, expected = Money.zero, unfunded = Money.zero, paid = Money.zero
    /// Claims that were paid an amount that is not recorded.
    var paidUnknown = 0
    /// Claims of which another amount was paid than expected, and those that caps cut.
    var differing = 0, cut = 0

    mutating func add(_ line: PaymentLine) {
      claims += line.claims
      dueClaims += line.dueClaims
      due = due + line.due
      expected = expected + line.expected
      unfunded = unfunded + line.unfunded
      paid = paid + line.paid
      paidUnknown += line.paidUnknown
      differing += line.differing
      cut += line.cut
    }
  }

  /// What a label says where rows are added up over it.
  static let all = "all"

  /// A row a contract, quarter, outcome and payer, whatever the version.
  let details: [Row]
  /// The sums over quarters of each contract, outcome and payer.
  let overQuarters: [Row]
  /// The sums of each contract and payer, of each payer, and the whole.
  let totals: [Row]

  init(_ replayed: ReplayedClaims) {
    details = Self.sums(replayed.lines) { line in
      [line.contract, line.quarter.description, line.outcome.rawValue, line.payer]
    }
    overQuarters = Self.sums(replayed.lines) { line in
      [line.contract, Self.all, line.outcome.rawValue, line.payer]
    }
    let contracts = Self.sums(replayed.lines) { line in
      [line.contract, Self.all, Self.all, line.payer]
    }
    let payers = replayed.byPayer.map { total in
      Self.row([Self.all, Self.all, Self.all, total.name], total)
    }
    totals =
      contracts + payers + [
        Self.row([Self.all, Self.all, Self.all, Self.all], replayed.total)
      ]
  }

  private static func row(_ labels: [String], _ total: PaymentTotal) -> Row {
    Row(
      contract: labels[0], quarter: labels[1], outcome: labels[2], payer: labels[3],
      claims: total.claims, dueClaims: total.dueClaims, due: total.due, expected: total.expected,
      unfunded: total.unfunded, paid: total.paid, paidUnknown: total.paidUnknown)
  }

  /// Lines added up by labels, in the order in which the labels first occur.
  private static func sums(_ lines: [PaymentLine], by labels: (PaymentLine) -> [String]) -> [Row] {
    var rows: [Row] = []
    var places: [[String]: Int] = [:]
    for line in lines {
      let key = labels(line)
      let place = places[key] ?? rows.count
      if place == rows.count {
        places[key] = place
        rows.append(Row(contract: key[0], quarter: key[1], outcome: key[2], payer: key[3]))
      }
      rows[place].add(line)
    }
    return rows
  }

  /// Whether a claim counts under a cap: its contract, day and, for a payer's, one of its parts.
  static func counts(
    _ claim: ReplayedClaim, under cap: CapState, _ replayed: ReplayedClaims,
    _ tables: ContractTables
  ) -> Bool {
    let own = tables.claims[claim.index]
    if let contract = cap.contract, contract != own.contract { return false }
    if let from = cap.from, (own.event ?? .min) < from { return false }
    if let to = cap.to, (own.event ?? .max) > to { return false }
    guard let payer = cap.payer else { return true }
    return claim.parts.contains { replayed.payers[$0.payer] == payer && $0.due > .zero }
  }
}
