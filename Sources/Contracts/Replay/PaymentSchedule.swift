/// What contracts should have paid, block and outcomes, by contract, quarter and payer.
public struct PaymentSchedule: Sendable, Equatable {
  /// By contract, quarter and payer, in this order.
  public var rows: [Row]

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

    /// The block and all outcomes.
    public var total: Money { block + engagement + jobStart + sustained }
  }

  /// Adds blocks, which `blockPayer` pays, to the outcomes of a replay.
  public init(_ replayed: ReplayedClaims, blocks: [BlockPayments.Quarter], blockPayer: String) {
    rows = []
  }

  /// A row a payer, over all contracts and quarters, in the order of first appearance.
  public var byPayer: [Row] { [] }
}
