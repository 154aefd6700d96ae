public import Statistics

extension ContractTerms {
  /// Checks the rows of the tariffs' table.
  ///
  /// - Throws: `badValue` for an amount, duration, window, gap, maximum or deadline that can't be,
  ///   a window shorter than the duration, or bands that disagree on exactly 16 hours;
  ///   `duplicateKey` for an outcome, band and duration priced twice; `dataQuality` for a price
  ///   for any hours beside one by hours, an engagement with hours or a duration, or an outcome
  ///   that no share of its version covers.
  public func checkTariffs() throws(SiblingError) {
    for version in versions {
      for tariff in version.tariffs { try Self.checkAlone(tariff) }
      for (place, tariff) in version.tariffs.enumerated() {
        for earlier in version.tariffs[..<place] where earlier.outcome == tariff.outcome {
          try Self.checkTogether(earlier, tariff)
        }
        if !version.shares.isEmpty,
          !version.shares.contains(where: { $0.outcome == tariff.outcome })
        {
          throw SiblingError(
            .dataQuality,
            "version \(version.version) of contract \(version.contract) prices"
              + " \(tariff.outcome.plural), but none of its payers has a share in them",
            help: "give each priced outcome shares that sum to 1, or the version none at all",
            row: tariff.row, column: "outcome", cell: tariff.outcome.rawValue)
        }
      }
    }
  }

  private static func checkAlone(_ tariff: OutcomeTariff) throws(SiblingError) {
    func refuse(_ message: String, _ column: String, _ cell: String) -> SiblingError {
      SiblingError(.badValue, message, row: tariff.row, column: column, cell: cell)
    }
    try checkAmount(tariff.amount, tariff.row, "amount_gbp")
    for (weeks, column) in [
      (tariff.durationWeeks, "duration_weeks"), (tariff.windowWeeks, "window_weeks"),
    ] where !(0...1000).contains(weeks) {
      throw refuse("a tariff asks for a number of weeks outside 0 to 1000", column, "\(weeks)")
    }
    if tariff.windowWeeks > 0, tariff.windowWeeks < tariff.durationWeeks {
      throw refuse(
        "a tariff's window is shorter than the weeks that a job has to last within it",
        "window_weeks", "\(tariff.windowWeeks)")
    }
    guard (0...3650).contains(tariff.permittedGapDays) else {
      throw refuse(
        "a tariff permits a gap outside 0 to 3650 days", "permitted_gap_days",
        "\(tariff.permittedGapDays)")
    }
    if let most = tariff.maximumPerClient, !(1...1_000_000).contains(most) {
      throw refuse(
        "the most payments for one client are not at least 1", "max_per_client", "\(most)")
    }
    if let days = tariff.claimDeadlineDays, !(0...36_500).contains(days) {
      throw refuse(
        "a deadline for claims is outside 0 to 36500 days", "claim_deadline_days", "\(days)")
    }
    guard tariff.outcome == .engagement else { return }
    guard tariff.band == .any, tariff.durationWeeks == 0 else {
      throw SiblingError(
        .dataQuality, "an engagement is priced by the hours or weeks of a job",
        help: "give engagements the band 'any' and a duration of 0", row: tariff.row,
        column: tariff.band == .any ? "duration_weeks" : "hours_band",
        cell: tariff.band == .any ? "\(tariff.durationWeeks)" : tariff.band.rawValue)
    }
  }

  private static func checkTogether(
    _ earlier: OutcomeTariff, _ tariff: OutcomeTariff
  ) throws(SiblingError) {
    if earlier.band == tariff.band, earlier.durationWeeks == tariff.durationWeeks {
      throw SiblingError(
        .duplicateKey, "an outcome is priced twice for the same hours and weeks", row: tariff.row,
        column: "outcome", cell: tariff.outcome.rawValue)
    }
    guard (earlier.band == .any) == (tariff.band == .any) else {
      throw SiblingError(
        .dataQuality, "an outcome has a price for any hours beside one by hours",
        help: "price an outcome either for any hours or by band", row: tariff.row,
        column: "hours_band", cell: tariff.band.rawValue)
    }
    if let one = earlier.boundary, let other = tariff.boundary, one != other, tariff.band != .any {
      throw SiblingError(
        .badValue, "the bands of an outcome disagree on which of them exactly 16 hours belong to",
        row: tariff.row, column: "hours_boundary", cell: other.rawValue)
    }
  }
}
