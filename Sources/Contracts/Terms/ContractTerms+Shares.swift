public import Statistics

extension ContractTerms {
  /// Checks the rows of the shares' table.
  ///
  /// On every day of a version the shares of an outcome that are valid sum to exactly a million
  /// millionths, or none is valid: an outcome on a day of the latter kind is refused by
  /// `ClaimReplay`.
  ///
  /// - Throws: `badValue` for a share outside 0–1, a payer without a name, dates in the wrong order
  ///   or an impossible cap; `duplicateKey` for a payer with two shares on one day; `dataQuality`
  ///   for shares that don't sum to 1 on some day of the version.
  public func checkShares() throws(SiblingError) {
    for version in versions {
      for share in version.shares { try Self.checkAlone(share) }
      for outcome in OutcomeStage.allCases {
        try Self.checkSums(version, version.shares.filter { $0.outcome == outcome }, outcome)
      }
    }
  }

  private static func checkAlone(_ share: PayerShare) throws(SiblingError) {
    guard !share.payer.isEmpty else {
      throw SiblingError(.badValue, "a payer has no name", row: share.row, column: "payer")
    }
    guard (0...ShareSplit.whole).contains(share.millionths) else {
      throw SiblingError(
        .badValue, "a share is not between 0 and 1", row: share.row, column: "share",
        cell: "\(Double(share.millionths) / 1e6)")
    }
    try checkAmount(share.cap ?? .zero, share.row, "payer_cap_gbp")
    try checkDates(share.from, share.to, "a share", share.row, "valid_to")
  }

  private static func checkSums(
    _ version: ContractVersion, _ shares: [PayerShare], _ outcome: OutcomeStage
  ) throws(SiblingError) {
    let (first, last) = (version.from ?? .min, version.to ?? .max)
    // Shares can change only on a first day, or on the day after a last one.
    var days: Set<Int32> = [first]
    for share in shares {
      if let from = share.from { days.insert(from) }
      if let to = share.to, to < .max { days.insert(to + 1) }
    }
    for day in days.sorted() where first <= day && day <= last {
      let valid = shares.filter { $0.isValid(on: day) }
      var payers: Set<String> = []
      for share in valid where !payers.insert(share.payer).inserted {
        throw SiblingError(
          .duplicateKey, "a payer has two shares of an outcome on one day", row: share.row,
          column: "payer", cell: share.payer)
      }
      let sum = valid.reduce(0) { $0 + $1.millionths }
      guard valid.isEmpty || sum == ShareSplit.whole else {
        throw SiblingError(
          .dataQuality,
          "the shares of \(outcome.plural) in version \(version.version) of contract"
            + " \(version.contract) sum to \(Double(sum) / 1e6) from"
            + " \(CivilDate.text(day) ?? "the beginning"), not to 1",
          help: "give the shares that are valid on one day so that they sum to 1",
          row: valid.first?.row, column: "share")
      }
    }
  }

  /// Checks the rows of the payers' caps' table.
  ///
  /// - Throws: `badValue` for an impossible amount or dates in the wrong order; `unknownLevel` for
  ///   a payer without a share or an unknown contract; `duplicateKey` for a cap stated twice.
  public func checkCaps() throws(SiblingError) {
    let contracts = contracts
    let payers = Set(versions.flatMap { $0.shares.map(\.payer) })
    for (place, cap) in payerCaps.enumerated() {
      try Self.checkAmount(cap.amount, cap.row, "cap_gbp")
      try Self.checkDates(cap.from, cap.to, "a cap", cap.row, "valid_to")
      guard payers.contains(cap.payer) else {
        throw SiblingError(
          .unknownLevel, "a cap is that of a payer who has no share in any contract",
          suggestion: nearestName(to: cap.payer, among: payers.sorted()), row: cap.row,
          column: "payer", cell: cap.payer)
      }
      if let contract = cap.contract, !contracts.contains(contract) {
        throw SiblingError(
          .unknownLevel, "a cap holds on a contract that is not among the contracts",
          suggestion: nearestName(to: contract, among: contracts), row: cap.row,
          column: "contract_id", cell: contract)
      }
      let isRepeated = payerCaps[..<place].contains {
        $0.payer == cap.payer && $0.contract == cap.contract && $0.from == cap.from
          && $0.to == cap.to
      }
      if isRepeated {
        throw SiblingError(
          .duplicateKey, "a payer's cap on the same contracts and days is stated twice",
          row: cap.row, column: "payer", cell: cap.payer)
      }
    }
  }
}

extension PayerShare {
  /// Whether the share is valid on a day.
  public func isValid(on day: Int32) -> Bool {
    (from.map { $0 <= day } ?? true) && (to.map { day <= $0 } ?? true)
  }
}
