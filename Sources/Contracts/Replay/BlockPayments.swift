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

  /// The block of every version, in the order of the terms, quarters rising.
  ///
  /// Versions without a block are left out.
  ///
  /// - Throws: what `ContractTerms.check` throws; `missingValue` for a version with a block
  ///   without a first day, or without a last one when `through` is nil; `badValue` for days
  ///   outside the years 1900 to 2199.
  public func quarters(of terms: ContractTerms) throws(SiblingError) -> [Quarter] {
    try terms.check()
    var quarters: [Quarter] = []
    for version in terms.versions where version.blockPerYear > .zero {
      guard let from = version.from else {
        throw SiblingError(
          .missingValue, "a contract with a block payment does not say when it begins",
          row: version.row, column: "effective_from")
      }
      guard let end = version.to ?? through else {
        throw SiblingError(
          .missingValue, "a contract with a block payment does not say when it ends",
          help: "give its last day, or the day to which payments are wanted", row: version.row,
          column: "effective_to")
      }
      let last = min(end, through ?? end)
      if from <= last { try add(version, from, last, to: &quarters) }
    }
    return quarters
  }

  private func add(
    _ version: ContractVersion, _ from: Int32, _ last: Int32, to quarters: inout [Quarter]
  ) throws(SiblingError) {
    let span = try MonthSpan(from, last, version.row)
    var paid = Money.zero
    for quarter in span.first.quarter...span.last.quarter {
      let end = CalendarMonth(endOfQuarter: quarter)
      let sofar = span.amount(of: version.blockPerYear, through: end)
      quarters.append(
        Quarter(
          contract: version.contract, version: version.version, quarter: end, amount: sofar - paid))
      paid = sofar
    }
  }
}

/// Days from one to another as months, of which the first and the last may be parts.
private struct MonthSpan {
  let first, last: CalendarMonth
  /// The days of the first month before the span and of the last month after it, and the months' lengths.
  private let before, after, firstLength, lastLength: Int

  init(_ from: Int32, _ to: Int32, _ row: Int?) throws(SiblingError) {
    let (start, end) = (CivilDate(days: from).components, CivilDate(days: to).components)
    do throws(SiblingError) {
      first = try CalendarMonth(year: start.year, month: start.month)
      last = try CalendarMonth(year: end.year, month: end.month)
    } catch {
      throw SiblingError(
        .badValue, "a contract begins or ends outside the years 1900 to 2199", row: row,
        column: "effective_from")
    }
    before = start.day - 1
    firstLength = CivilDate.length(year: start.year, month: start.month)
    lastLength = CivilDate.length(year: end.year, month: end.month)
    after = lastLength - end.day
  }

  /// What has come due by the end of a month, rounded to the penny, halves up.
  ///
  /// Counted in days of both months' lengths, so that nothing is rounded before the sum.
  func amount(of year: Money, through month: CalendarMonth) -> Money {
    let months = min(month.index, last.index) - first.index + 1
    let unit = firstLength * lastLength
    var days = months * unit - before * lastLength
    if month >= last { days -= after * firstLength }
    let whole = 12 * unit
    return Money(pence: (2 * year.pence * days + whole) / (2 * whole))
  }
}
