public import Statistics

extension ContractTerms {
  /// The largest amount that terms and claims may state: a thousand million pounds.
  ///
  /// Within it a share of an amount and the sum over all claims stay whole numbers of pence.
  public static let largestAmount = Money(pence: 100_000_000_000)

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
  ///
  /// - Throws: `noRows` without versions; `badValue` for a version without a contract's name, one
  ///   that ends before it begins, an amount that is negative or too large, a rate outside 0–1, or
  ///   years outside 0–100; `duplicateKey` for a version named twice; `dataQuality` for versions
  ///   of a contract that overlap.
  public func checkVersions() throws(SiblingError) {
    guard !versions.isEmpty else { throw SiblingError(.noRows, "there is no contract") }
    var names: Set<[String]> = []
    for version in versions {
      try Self.checkAlone(version)
      guard names.insert([version.contract, version.version]).inserted else {
        throw SiblingError(
          .duplicateKey, "a version of a contract occurs twice",
          help: "give each version of a contract a row of its own", row: version.row,
          column: "version", cell: version.version)
      }
    }
    for pair in neighbours {
      guard let last = pair.earlier.to, let first = pair.later.from, last < first else {
        throw SiblingError(
          .dataQuality,
          "version \(pair.later.version) of contract \(pair.later.contract) begins before version"
            + " \(pair.earlier.version) has ended",
          help: "let each version end on the day before the next begins", row: pair.later.row,
          column: "effective_from", cell: CivilDate.text(pair.later.from))
      }
    }
  }

  private static func checkAlone(_ version: ContractVersion) throws(SiblingError) {
    guard !version.contract.isEmpty else {
      throw SiblingError(
        .badValue, "a contract has no name", row: version.row, column: "contract_id")
    }
    try checkDates(version.from, version.to, "a version", version.row, "effective_to")
    for (amount, column) in [
      (version.blockPerYear, "block_gbp_pa"), (version.outcomeCap ?? .zero, "outcome_cap_gbp"),
      (version.equity, "investor_equity_gbp"), (version.loan, "loan_gbp"),
      (version.managementPerYear, "management_cost_gbp_pa"),
    ] {
      try checkAmount(amount, version.row, column)
    }
    guard (0...1).contains(version.loanRate) else {
      throw SiblingError(
        .badValue, "the interest on a loan is not between 0 and 1 a year",
        help: "write 8% as 0.08", row: version.row, column: "loan_rate",
        cell: "\(version.loanRate)")
    }
    guard (0...100).contains(version.loanYears) else {
      throw SiblingError(
        .badValue, "a loan does not run for 0 to 100 years", row: version.row,
        column: "loan_years", cell: "\(version.loanYears)")
    }
  }

  static func checkAmount(
    _ amount: Money, _ row: Int?, _ column: String
  ) throws(SiblingError) {
    guard amount >= .zero else {
      throw SiblingError(
        .badValue, "an amount of money is negative", help: "write amounts as zero or more",
        row: row, column: column, cell: amount.description)
    }
    guard amount <= largestAmount else {
      throw SiblingError(
        .badValue, "an amount of money is larger than \(largestAmount.text)", row: row,
        column: column, cell: amount.description)
    }
  }

  static func checkDates(
    _ from: Int32?, _ to: Int32?, _ what: String, _ row: Int?, _ column: String
  ) throws(SiblingError) {
    guard let from, let to, to < from else { return }
    throw SiblingError(
      .badValue, "\(what) ends before it begins", row: row, column: column,
      cell: CivilDate.text(to))
  }
}

extension ContractTerms {
  /// Days between two versions of a contract on which none is in force.
  public struct Gap: Sendable, Equatable {
    /// The contract.
    public var contract: String
    /// The first and the last day, since 1970-01-01.
    public var from, to: Int32
    /// The row of the later version.
    public var row: Int?
  }

  /// The days between two versions of a contract on which none is in force.
  ///
  /// No error: a contract may pause. An outcome on such a day is refused by `ClaimReplay`.
  public var gaps: [Gap] {
    neighbours.compactMap { pair in
      guard let last = pair.earlier.to, let first = pair.later.from, last < first,
        last + 1 < first
      else {
        return nil
      }
      return Gap(contract: pair.later.contract, from: last + 1, to: first - 1, row: pair.later.row)
    }
  }

  /// The contracts in the order in which the versions name them.
  public var contracts: [String] {
    var seen: Set<String> = []
    return versions.map(\.contract).filter { seen.insert($0).inserted }
  }

  /// Each version with the one before it in its contract, by their first days.
  private var neighbours: [(earlier: ContractVersion, later: ContractVersion)] {
    var versionsOf: [String: [ContractVersion]] = [:]
    for version in versions { versionsOf[version.contract, default: []].append(version) }
    return contracts.flatMap { contract in
      let dated = (versionsOf[contract] ?? []).enumerated().sorted {
        ($0.element.from ?? .min, $0.offset) < ($1.element.from ?? .min, $1.offset)
      }.map(\.element)
      return zip(dated, dated.dropFirst()).map { (earlier: $0, later: $1) }
    }
  }
}
