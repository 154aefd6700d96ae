/// Whether unknown outcomes are few and even enough, by the What Works Clearinghouse's boundary.
///
/// For an overall rate of attrition it gives the highest difference between the arms at which the bias
/// would stay tolerable in a randomised trial, under cautious and under optimistic assumptions on how
/// attrition goes with outcomes (What Works Clearinghouse, Standards Handbook 4.1, 2020, Table II.1; the
/// model is Deke & Chiang 2017, doi:10.1177/0193841X16670047). The assumptions are about schools: for
/// other services it is a yardstick and no test.
public struct AttritionBoundary: Sendable, Equatable {
  /// The overall rate in whole per cent, rounded.
  public let overall: Int
  /// The difference of the arms' rates, in percentage points.
  public let differential: Double
  /// The highest tolerable difference in percentage points under cautious assumptions; nil for none.
  public let cautious: Double?
  /// The highest tolerable difference in percentage points under optimistic assumptions; nil for none.
  public let optimistic: Double?

  /// The boundary at an overall rate and a difference of rates, both as shares.
  public init(overall: Double, differential: Double) {
    let percent = Int((overall * 100).rounded())
    self.overall = percent
    self.differential = (differential * 100).magnitude
    cautious = percent >= 0 && percent < Self.cautious.count ? Self.cautious[percent] : nil
    optimistic = percent >= 0 && percent < Self.optimistic.count ? Self.optimistic[percent] : nil
  }

  /// What the boundary says, in words.
  public var verdict: String {
    if let cautious, differential <= cautious + 1e-8 {
      return "tolerable under cautious assumptions"
    }
    if let optimistic, differential <= optimistic + 1e-8 {
      return "tolerable under optimistic assumptions only"
    }
    return "not tolerable"
  }

  /// By overall attrition from 0 to 57 per cent.
  private static let cautious: [Double] = [
    5.7, 5.8, 5.9, 5.9, 6.0, 6.1, 6.2, 6.3, 6.3, 6.3, 6.3, 6.2, 6.2, 6.1, 6.0, 5.9, 5.9, 5.8, 5.7,
    5.5, 5.4, 5.3, 5.2, 5.1, 4.9, 4.8, 4.7, 4.5, 4.4, 4.3, 4.1, 4.0, 3.8, 3.6, 3.5, 3.3, 3.2, 3.1,
    2.9, 2.8, 2.6, 2.5, 2.3, 2.1, 2.0, 1.8, 1.6, 1.5, 1.3, 1.2, 1.0, 0.9, 0.7, 0.6, 0.4, 0.3, 0.2,
    0.0,
  ]
  /// By overall attrition from 0 to 65 per cent.
  private static let optimistic: [Double] = [
    10.0, 10.1, 10.2, 10.3, 10.4, 10.5, 10.7, 10.8, 10.9, 10.9, 10.9, 10.9, 10.9, 10.8, 10.8, 10.7,
    10.6, 10.5, 10.3, 10.2, 10.0, 9.9, 9.7, 9.5, 9.4, 9.2, 9.0, 8.8, 8.6, 8.4, 8.2, 8.0, 7.8, 7.6,
    7.4, 7.2, 7.0, 6.7, 6.5, 6.3, 6.0, 5.8, 5.6, 5.3, 5.1, 4.9, 4.6, 4.4, 4.2, 3.9, 3.7, 3.5, 3.2,
    3.0, 2.8, 2.6, 2.3, 2.1, 1.9, 1.6, 1.4, 1.1, 0.9, 0.7, 0.5, 0.3,
  ]
}
