public import Statistics

/// How the effect changes with what is assumed of those whose outcome is unknown, and how far one must
/// go from missing at random before the conclusion changes.
///
/// Pattern-mixture (delta) adjustment: people of unknown outcome get the outcome that known people of
/// their arm with their covariates have, shifted by δ: on the scale of log odds for an outcome of 0 and 1,
/// in the outcome's units otherwise (Cro, Morris, Kenward & Carpenter 2020, doi:10.1002/sim.8569). The
/// grid of probabilities in both arms is the enhanced tipping-point display of Liublinska & Rubin (2014,
/// doi:10.1002/sim.6197).
///
/// The variance is that of Rubin's rules with infinitely many imputations, found without drawing:
/// what it would be with everybody known, and κ times what imputing adds. κ is 1 or more and makes the
/// variance at δ = 0 that of the analysis of known outcomes standardised to everybody, so that
/// dependence within sites counts where outcomes are imputed too.
public struct TippingPoint: Sendable, Equatable {
  /// What the people of unknown outcome are assumed to have.
  public enum Scale: Sendable, Equatable {
    /// A probability of "yes" in each arm, the same for all its people of unknown outcome; it is reached by a
    /// shift from the arm's known log odds, whose uncertainty it keeps.
    case rates
    /// A shift from what known people like them have.
    case delta
  }

  /// Whose effect.
  public var estimand: EvidenceEstimand
  /// The confidence level.
  public var level: Double
  /// What the values are.
  public var scale: Scale
  /// The values tried in each arm.
  public var values: [Double]

  /// A grid of assumptions.
  public init(
    scale: Scale, values: [Double], estimand: EvidenceEstimand = .ate, level: Double = 0.95
  ) {
    self.scale = scale
    self.values = values
    self.estimand = estimand
    self.level = level
  }

  /// The effect under one assumption.
  public struct Point: Sendable, Equatable {
    /// The shift in the treated arm; infinite for a probability of 0 or 1.
    public var treatedShift: Double
    /// The shift in the comparison arm.
    public var comparisonShift: Double
    /// The mean outcome given to the treated of unknown outcome; NaN when there are none.
    public var treatedMean: Double
    /// The mean outcome given to the comparisons of unknown outcome.
    public var comparisonMean: Double
    /// The effect.
    public var estimate: Estimate

    /// Where the interval lies.
    public var side: Side {
      guard let interval = estimate.interval else { return .unclear }
      return interval.low > 0 ? .above : interval.high < 0 ? .below : .around
    }
  }

  /// Where an interval lies.
  public enum Side: String, Sendable {
    /// Above 0.
    case above = "above 0"
    /// Around 0.
    case around = "includes 0"
    /// Below 0.
    case below = "below 0"
    /// There is no interval.
    case unclear = "no interval"
  }

  /// Which arm's assumption is moved.
  public enum Line: String, Sendable, CaseIterable {
    /// The treated's, with the comparison missing at random.
    case treated
    /// The comparison's, with the treated missing at random.
    case comparison
    /// Both by the same shift.
    case both
  }

  /// What changes at a tipping point.
  public enum Event: String, Sendable {
    /// The interval begins to include 0.
    case includes = "interval includes 0"
    /// The interval stops including 0.
    case excludes = "interval excludes 0"
    /// The estimate changes its sign.
    case sign = "sign changes"
  }

  /// The smallest shift at which something changes; no point when nothing in reach changes it.
  public struct Tip: Sendable, Equatable {
    /// Which arm is moved.
    public var line: Line
    /// What changes.
    public var event: Event
    /// The point; nil for never.
    public var point: Point?
  }

  /// The grid and the tipping points.
  public struct Result: Sendable, Equatable {
    /// The effect when outcomes are missing at random: no shift.
    public var atRandom: Point
    /// The grid, the comparison's value moving fastest.
    public var grid: [Point]
    /// The tipping points.
    public var tips: [Tip]
    /// People and unknown outcomes by arm.
    public var counts: EvidenceCounts
    /// The mean of the known outcomes of the treated.
    public var treatedMean: Double
    /// The mean of the known outcomes of the comparisons.
    public var comparisonMean: Double
    /// Whether shifts are of log odds; else they are in the outcome's units.
    public var isBinary: Bool
    /// Things the reader must know.
    public var notes: [String]
  }

  /// The effect over the grid, and where it tips.
  ///
  /// An arm without unknown outcomes has one point on its side of the grid.
  /// - Throws: `invalidOption` for rates outside 0 to 1, `badValue` for rates of an outcome that is not 0
  ///   and 1, and as `MissingEvidence.fit` does.
  /// - Complexity: O(nK) a point; some hundred points are tried for the tipping points.
  public func fit(_ evidence: OutcomeEvidence) throws(SiblingError) -> Result {
    try check(evidence)
    let surface = try ShiftSurface(evidence, estimand: estimand, level: level, byArm: false)
    // A probability is everybody's in its arm, whatever the covariates.
    let plain =
      scale == .rates
      ? try ShiftSurface(evidence, estimand: estimand, level: level, byArm: true) : surface
    let counts = evidence.counts
    func shifts(_ isTreated: Bool) -> [Double] {
      guard (isTreated ? counts.unknownTreated : counts.unknownComparison) > 0 else { return [0] }
      guard scale == .rates else { return values }
      let base = plain.armPredictor(isTreated)
      return values.map { ShiftSurface.logit($0) - base }
    }
    var grid: [Point] = []
    if counts.unknown > 0 {
      for a in shifts(true) { for b in shifts(false) { grid.append(plain.point(a, b)) } }
    }
    return Result(
      atRandom: surface.point(0, 0), grid: grid, tips: surface.tips(), counts: counts,
      treatedMean: evidence.knownMean(treated: true),
      comparisonMean: evidence.knownMean(treated: false), isBinary: evidence.isBinary,
      notes: surface.notes)
  }

  private func check(_ evidence: OutcomeEvidence) throws(SiblingError) {
    guard level > 0, level < 1, values.allSatisfy(\.isFinite) else {
      throw SiblingError(
        .invalidOption, "the level lies between 0 and 1 and the grid's values are finite")
    }
    guard scale == .rates else { return }
    guard evidence.isBinary else {
      throw SiblingError(
        .badValue, "rates are for an outcome of 0 and 1",
        help: "Give shifts in the outcome's units with --delta instead.", column: "outcome")
    }
    guard values.allSatisfy({ (0...1).contains($0) }) else {
      throw SiblingError(.invalidOption, "the grid takes probabilities from 0 to 1", column: "grid")
    }
  }
}
