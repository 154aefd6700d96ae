/// What contracts should have paid, block and outcomes, by contract, quarter and payer.
public struct PaymentSchedule: Sendable, Equatable {
  /// By contract, quarter and payer: contracts and payers in the order of the replay.
  public var rows: [Row]
  /// A row a payer, over all contracts and quarters.
  public var byPayer: [Row]

  /// What a payer should have paid.
  public struct Row: Sendable, Equatable {
    /// The contract; nil in a total.
    public var contract: String?
    /// The quarter, as its last month; nil in a total.
    public var quarter: CalendarMonth?
    /// Who pays.
    public var payer: String
    /// Paid whatever is achieved.
    public var block = Money.zero
    /// Paid for outcomes, after caps.
    public var engagement = Money.zero, jobStart = Money.zero, sustained = Money.zero
    /// Due for outcomes and cut off by caps: not paid by anyone.
    public var unfunded = Money.zero
    /// The outcomes for which something is due.
    public var dueClaims = 0

    /// The block and all outcomes.
    public var total: Money { block + engagement + jobStart + sustained }
  }

  /// Adds blocks, which `blockPayer` pays, to the outcomes of a replay.
  public init(_ replayed: ReplayedClaims, blocks: [BlockPayments.Quarter], blockPayer: String) {
    var payers = replayed.payers
    if !blocks.isEmpty, !payers.contains(blockPayer) { payers.append(blockPayer) }
    let contractPlace = Self.places(replayed.contracts + blocks.map(\.contract))
    let payerPlace = Self.places(payers)
    var cells: [Key: Row] = [:]
    var totals = payers.map { Row(payer: $0) }
    func add(
      _ contract: String, _ quarter: CalendarMonth, _ payer: String, _ change: (inout Row) -> Void
    ) {
      let place = payerPlace[payer] ?? 0
      let key = Key(
        contract: contractPlace[contract] ?? 0, quarter: quarter.index, payer: place)
      change(&cells[key, default: Row(contract: contract, quarter: quarter, payer: payer)])
      change(&totals[place])
    }
    for block in blocks {
      add(block.contract, block.quarter, blockPayer) { $0.block = $0.block + block.amount }
    }
    for line in replayed.lines {
      add(line.contract, line.quarter, line.payer) { $0.add(line) }
    }
    rows = cells.sorted { $0.key < $1.key }.map(\.value)
    byPayer = totals
  }

  private struct Key: Hashable, Comparable {
    var contract, quarter, payer: Int

    static func < (left: Self, right: Self) -> Bool {
      (left.contract, left.quarter, left.payer) < (right.contract, right.quarter, right.payer)
    }
  }

  private static func places(_ names: [String]) -> [String: Int] {
    var places: [String: Int] = [:]
    for name in names where places[name] == nil { places[name] = places.count }
    return places
  }
}

extension PaymentSchedule.Row {
  mutating func add(_ line: PaymentLine) {
    switch line.outcome {
    case .engagement: engagement = engagement + line.expected
    case .jobStart: jobStart = jobStart + line.expected
    case .sustained: sustained = sustained + line.expected
    }
    unfunded = unfunded + line.unfunded
    dueClaims += line.dueClaims
  }
}
