public import Statistics

extension ContractTerms {
  /// Checks the terms: versions, tariffs, shares, caps, in this order.
  ///
  /// An error's `row` is that of the version, tariff, share or cap; its `column` one of that
  /// table. A caller that knows the tables calls the four checks one by one, to say in which it
  /// stands.
  ///
  /// - Throws: what `checkVersions`, `checkTariffs`, `checkShares` and `checkCaps` throw.
  public func check() throws(SiblingError) {
    try checkVersions()
    try checkTariffs()
    try checkShares()
    try checkCaps()
  }

  /// Checks the rows of the contracts' table.
  public func checkVersions() throws(SiblingError) {}

  /// Checks the rows of the tariffs' table.
  public func checkTariffs() throws(SiblingError) {}

  /// Checks the rows of the shares' table.
  public func checkShares() throws(SiblingError) {}

  /// Checks the rows of the payers' caps' table.
  public func checkCaps() throws(SiblingError) {}

  /// The days between two versions of a contract on which none is in force.
  public var gaps: [Gap] { [] }

  /// Days between two versions of a contract on which none is in force.
  public struct Gap: Sendable, Equatable {
    /// The contract.
    public var contract: String
    /// The first and the last day, since 1970-01-01.
    public var from, to: Int32
    /// The row of the later version.
    public var row: Int?
  }
}
