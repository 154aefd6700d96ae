/// Whether an effect lies beyond a margin that was declared: non-inferiority and equivalence.
///
/// The tests ask the opposite of the usual one: the null hypothesis is that the difference is as bad as the
/// margin. Equivalence is Schuirmann's two one-sided tests (1987, doi:10.1007/BF01068419), each at level α,
/// which hold when the interval of level 1 − 2α lies within the margins.
public struct MarginTest: Sendable, Equatable {
  /// What is asked.
  public enum Question: Sendable, Equatable {
    /// Whether the effect is above a margin, for an outcome of which more is better.
    case above(Double)
    /// Whether the effect is below a margin, for an outcome of which less is better.
    case below(Double)
    /// Whether the effect is between two margins.
    case within(Double, Double)
  }

  /// What the interval says of the margin.
  public enum Verdict: String, Sendable, CaseIterable {
    /// The whole interval lies on the right side of the margin, or between both.
    case holds
    /// The interval holds a margin.
    case open
    /// The whole interval lies beyond the margin.
    case fails
  }

  /// What is asked.
  public var question: Question
  /// The level of the report's two-sided intervals, 1 − α.
  public var level: Double

  /// A question of margins.
  ///
  /// - Throws: `invalidOption` for margins that are no numbers or in the wrong order, or a level outside
  ///   0.5 to 1.
  public init(_ question: Question, level: Double = 0.95) throws(SiblingError) {
    guard level > 0.5, level < 1 else {
      throw SiblingError(.invalidOption, "the level must be between 0.5 and 1", column: "level")
    }
    switch question {
    case .above(let margin), .below(let margin):
      guard margin.isFinite else {
        throw SiblingError(.invalidOption, "the margin must be a number", column: "margin")
      }
    case .within(let low, let high):
      guard low.isFinite, high.isFinite, low < high else {
        throw SiblingError(
          .invalidOption, "the lower margin must be below the upper one",
          help: "for example -0.05 and 0.05", column: "low")
      }
    }
    self.question = question
    self.level = level
  }

  /// The level of the interval that decides: of non-inferiority the report's own, so that the one-sided
  /// test has half of α; of equivalence 1 − 2α, so that each of both has α.
  public var intervalLevel: Double {
    if case .within = question { 2 * level - 1 } else { level }
  }

  /// The one-sided level of each test.
  public var alpha: Double { (1 - intervalLevel) / 2 }

  /// The verdict of an interval of that level.
  public func verdict(low: Double, high: Double) -> Verdict {
    switch question {
    case .above(let margin): low > margin ? .holds : high < margin ? .fails : .open
    case .below(let margin): high < margin ? .holds : low > margin ? .fails : .open
    case .within(let from, let to):
      low > from && high < to ? .holds : high < from || low > to ? .fails : .open
    }
  }

  /// The one-sided p-value; of equivalence the greater of both.
  ///
  /// `twoSided` gives the two-sided p-value of the null hypothesis that the effect is a number; half of it
  /// is the p-value of the side on which the estimate lies.
  public func pValue(
    estimate: Double, twoSided: (Double) throws(SiblingError) -> Double
  ) throws(SiblingError) -> Double {
    func above(_ margin: Double) throws(SiblingError) -> Double {
      let half = try twoSided(margin) / 2
      return estimate > margin ? half : 1 - half
    }
    func below(_ margin: Double) throws(SiblingError) -> Double {
      let half = try twoSided(margin) / 2
      return estimate < margin ? half : 1 - half
    }
    switch question {
    case .above(let margin): return try above(margin)
    case .below(let margin): return try below(margin)
    case .within(let low, let high): return try max(above(low), below(high))
    }
  }

  /// What was found.
  public struct Result: Sendable, Equatable {
    /// The estimate and its interval of `intervalLevel`.
    public var estimate: Double
    /// The interval that decides.
    public var interval: ConfidenceInterval
    /// The one-sided p-value; of equivalence the greater of both.
    public var pValue: Double
    /// The verdict of the interval.
    public var verdict: Verdict
  }

  /// Asks an estimate with a standard error, by t or, without degrees of freedom, by the normal distribution.
  ///
  /// - Throws: `invalidOption` for a standard error or degrees of freedom that are not positive.
  public func test(
    estimate: Double, standardError: Double, degreesOfFreedom: Double? = nil
  ) throws(SiblingError) -> Result {
    guard standardError > 0, standardError.isFinite else {
      throw SiblingError(
        .invalidOption, "the standard error must be a positive number", column: "std-error")
    }
    guard estimate.isFinite else {
      throw SiblingError(.invalidOption, "the estimate must be a number", column: "estimate")
    }
    guard degreesOfFreedom.map({ $0 > 0 }) ?? true else {
      throw SiblingError(
        .invalidOption, "the degrees of freedom must be a positive number", column: "df")
    }
    func wald(_ null: Double) -> Estimate {
      Estimate(
        term: "", estimate: estimate, standardError: standardError,
        degreesOfFreedom: degreesOfFreedom, null: null, level: intervalLevel, convention: "")
    }
    let interval =
      wald(0).interval ?? ConfidenceInterval(low: -.infinity, high: .infinity, level: intervalLevel)
    return Result(
      estimate: estimate, interval: interval,
      pValue: try pValue(estimate: estimate) { (null) throws(SiblingError) in
        wald(null).pValue ?? 1
      },
      verdict: verdict(low: interval.low, high: interval.high))
  }
}
