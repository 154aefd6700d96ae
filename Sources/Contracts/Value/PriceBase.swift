internal import Glibc
public import Statistics

/// How amounts of different years are made comparable: prices of one year, and present values.
///
/// HM Treasury's Green Book discounts real amounts at 3.5% a year. An amount stands in the middle of
/// its period: its factor is (1 + r)^−t with t in years of 365.25 days from the base day to the
/// middle of the period, the last day counted in full.
public struct PriceBase: Sendable, Equatable {
  /// The year whose prices amounts are put in; nil leaves them as they are.
  public var baseYear: Int?
  /// The level of prices by year, on any scale.
  public var deflator: [Int: Double]
  /// The discount rate a year: 0.035 is 3.5%.
  public var discountRate: Double

  /// A base of prices and a discount rate.
  ///
  /// - Throws: `invalidOption` for a rate not above −1 and up to 1, a level of prices that is not
  ///   positive, or a base year without one where levels are given.
  public init(
    baseYear: Int? = nil, deflator: [Int: Double] = [:], discountRate: Double = 0.035
  ) throws(SiblingError) {
    guard discountRate > -1, discountRate <= 1 else {
      throw SiblingError(
        .invalidOption, "a discount rate lies above -1 and not above 1 (3.5% is 0.035)",
        column: "discount")
    }
    for (year, value) in deflator.sorted(by: { $0.key < $1.key })
    where !(value.isFinite && value > 0) {
      throw SiblingError(
        .invalidOption, "the price level of \(year) is not a number above zero", column: "deflator")
    }
    if let baseYear, !deflator.isEmpty, deflator[baseYear] == nil {
      throw SiblingError(
        .invalidOption, "the deflator has no level for the base year \(baseYear)",
        column: "deflator")
    }
    self.baseYear = baseYear
    self.deflator = deflator
    self.discountRate = discountRate
  }

  /// What an amount in prices of a year is multiplied with to be in prices of the base year.
  ///
  /// 1 without a base year, without a deflator, or for an amount of the base year.
  /// - Throws: `missingValue` for a year that the deflator does not have, or an amount without one.
  public func priceFactor(of year: Int?) throws(SiblingError) -> Double {
    guard let baseYear, let base = deflator[baseYear] else { return 1 }
    guard let year else {
      throw SiblingError(
        .missingValue, "an amount has no year of prices, so it can't be deflated",
        help: "fill the column price_base_year", column: "price_base_year")
    }
    guard let level = deflator[year] else {
      throw SiblingError(
        .missingValue, "the deflator has no level for \(year)",
        help: "give one: --deflator \(baseYear)=…,\(year)=…", column: "price_base_year")
    }
    return base / level
  }

  /// The present value on a base day of one pound in the middle of a period.
  public func presentValue(first: Int32, last: Int32, on base: Int32) -> Double {
    let middle = (Double(first) + Double(last) + 1) / 2
    return factor(years: (middle - Double(base)) / 365.25)
  }

  /// The present value of one pound after a number of years.
  public func factor(years: Double) -> Double { pow(1 + discountRate, -years) }
}
