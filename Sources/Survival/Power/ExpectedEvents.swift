internal import Glibc
public import Statistics

/// How many people have the event: exponential times, people joining evenly over a while, some lost.
///
/// Loss has a constant hazard of its own, as in Lachin & Foulkes (1986, doi:10.2307/2531201).
public struct ExpectedEvents: Sendable, Equatable {
  /// The share of comparisons without the event at `at`.
  public var survival: Double
  /// The time of `survival`.
  public var at: Double
  /// How long the last to join is followed.
  public var followUp: Double
  /// How long people join for; zero follows everybody equally long.
  public var accrual: Double
  /// The share of people who would be lost by `at` if nobody had the event; 0 for nobody.
  public var lost: Double

  /// What is expected of the comparison arm.
  public init(
    survival: Double, at: Double, followUp: Double, accrual: Double = 0, lost: Double = 0
  ) {
    self.survival = survival
    self.at = at
    self.followUp = followUp
    self.accrual = accrual
    self.lost = lost
  }

  /// The share of an arm that has the event, its hazard being so many times the comparison's.
  ///
  /// - Throws: `bad-value` for a share outside 0–1 or times that are not positive.
  public func share(hazardRatio: Double = 1) throws(SiblingError) -> Double {
    try check(hazardRatio)
    let own = hazardRatio * -log(survival) / at
    let rate = own + lossHazard
    // The part of all endings that is the event; all of them without loss.
    let part = lost > 0 ? own / rate : 1
    guard accrual > 0 else { return part * -expm1(-rate * followUp) }
    // Averaged over those who joined early and late.
    return part * (1 - exp(-rate * followUp) * -expm1(-rate * accrual) / (rate * accrual))
  }

  /// The hazard of being lost.
  var lossHazard: Double { lost > 0 ? -log1p(-lost) / at : 0 }

  /// Checks what is expected.
  func check(_ hazardRatio: Double) throws(SiblingError) {
    guard survival > 0, survival < 1, at > 0, followUp > 0, accrual >= 0, at.isFinite,
      followUp.isFinite, accrual.isFinite, hazardRatio > 0, hazardRatio.isFinite, lost >= 0,
      lost < 1
    else {
      throw SiblingError(
        .badValue,
        "survival must lie between 0 and 1, losses from 0 to below 1, and times must be positive")
    }
  }
}
