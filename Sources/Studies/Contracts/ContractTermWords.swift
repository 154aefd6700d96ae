internal import Contracts
internal import Reporting
internal import Statistics

/// The terms of contracts in words, a row a version.
struct ContractTermWords {
  private let terms: ContractTerms
  private let exactly16: ClaimReplay.BandChoice?

  /// Terms with the band of exactly 16 hours where a tariff does not say; nil = not settled.
  init(_ terms: ContractTerms, exactly16: ClaimReplay.BandChoice?) {
    (self.terms, self.exactly16) = (terms, exactly16)
  }

  /// The table of versions.
  ///
  /// - Throws: `internalError` when the table does not take a row.
  func table() throws(SiblingError) -> ResultTable {
    var table = ResultTable.contractTerms
    for version in terms.versions {
      try table.append([
        "contract": .text(version.contract), "version": .text(version.version),
        "site": .text(version.site),
        "from": Cell(version.from.map { CivilDate(days: $0).isoText }),
        "to": Cell(version.to.map { CivilDate(days: $0).isoText }),
        "reason": Cell(version.reason?.replacing("_", with: " ")),
        "block": Cell(version.blockPerYear.pounds),
        "outcome_cap": Cell(version.outcomeCap?.pounds), "prices": Cell(prices(version)),
        "payers": Cell(payers(version)),
      ])
    }
    return table
  }

  /// `engagement £1,000; job start £700 under 16 h, £1,350 from 16 h; …`; nil without any.
  private func prices(_ version: ContractVersion) -> String? {
    let parts = OutcomeStage.allCases.compactMap { stage -> String? in
      let own = version.tariffs.filter { $0.outcome == stage }
      guard let first = own.first else { return nil }
      let weeks = Set(own.map(\.durationWeeks))
      let length =
        weeks.count == 1 && first.durationWeeks > 0
        ? " (\(PaymentWords.number(first.durationWeeks)) weeks)" : ""
      let amounts = own.map { tariff -> String in
        let own =
          weeks.count > 1 ? " for \(PaymentWords.number(tariff.durationWeeks)) weeks" : ""
        return tariff.amount.text + band(tariff) + own
      }
      return "\(PaymentWords.outcome(stage.rawValue))\(length) \(amounts.joined(separator: ", "))"
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  private func band(_ tariff: OutcomeTariff) -> String {
    // A tariff that does not say is priced by the setting, and told so.
    let isStated = tariff.boundary != nil
    let isAbove = isStated ? tariff.boundary == .above16 : exactly16 == .lower
    let isFrom = isStated ? tariff.boundary == .atLeast16 : exactly16 == .upper
    switch tariff.band {
    case .any: return ""
    case .under16: return isAbove ? " up to 16 h" : " under 16 h"
    case .atLeast16:
      return isFrom ? " from 16 h" : " over 16 h"
    }
  }

  /// `engagement: mhep_bii 20%, …`; nil without shares.
  private func payers(_ version: ContractVersion) -> String? {
    let parts = OutcomeStage.allCases.compactMap { stage -> String? in
      let own = version.shares.filter { $0.outcome == stage }
      guard !own.isEmpty else { return nil }
      let shares = own.map { share -> String in
        var text =
          "\(PaymentWords.payer(share.payer)) \(PaymentWords.number(Double(share.millionths) / 10_000))%"
        // A day that only repeats the version's own says nothing.
        if let to = share.to, to != version.to {
          text += " to \(CivilDate(days: to).isoText)"
        }
        if let from = share.from, from != version.from {
          text += " from \(CivilDate(days: from).isoText)"
        }
        return text
      }
      return "\(PaymentWords.outcome(stage.rawValue)): \(shares.joined(separator: ", "))"
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}
