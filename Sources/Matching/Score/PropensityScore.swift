public import Statistics

/// Estimates each row's probability of being treated, given covariates.
///
/// Binomial regression of the treatment on a design (Rosenbaum, P. R. and Rubin, D. B. (1983),
/// https://doi.org/10.1093/biomet/70.1.41).
public struct PropensityScore: Sendable, Equatable {
  /// The scale that units are compared on.
  public enum Scale: String, Sendable, CaseIterable {
    /// The probability of treatment.
    case probability
    /// The linear predictor, which spreads scores near 0 and 1.
    case linearPredictor
  }

  /// The link of the regression: logit, probit or complementary log-log.
  public var link: Link
  /// The scale of the score.
  public var scale: Scale

  /// A score; the defaults give the probability from a logistic regression.
  public init(link: Link = .logit, scale: Scale = .probability) {
    self.link = link
    self.scale = scale
  }

  /// Fits the score on a design with one row for each entry of `treatment`.
  ///
  /// `weights` are sampling weights, all one when nil.
  /// - Throws: `constantTreatment`, `separation` naming the terms, `nonConvergence`,
  ///   `sizeMismatch`, `missingValue`, `badWeight`, `tooFewObservations`.
  public func fit(
    _ design: DesignMatrix, treatment: [Bool], weights: [Double]? = nil
  ) throws(SiblingError) -> PropensityScoreFit {
    _ = try Inputs.groups(treatment)
    try Inputs.length(design.rows, expected: treatment.count, of: "the score's design")
    let model = try GeneralizedLinearModel(family: .binomial, link: link).fit(
      design, response: treatment.map { $0 ? 1 : 0 }, weights: weights)
    let score = scale == .probability ? model.fitted : model.linearPredictor
    return PropensityScoreFit(
      scale: scale, score: score, model: model,
      overlap: Overlap(probability: model.fitted, treatment: treatment))
  }
}

/// A fitted propensity score.
public struct PropensityScoreFit: Sendable {
  /// The scale of `score`.
  public let scale: PropensityScore.Scale
  /// The score of each row on its scale, what matching compares.
  public let score: [Double]
  /// The regression behind it.
  public let model: GeneralizedLinearFit
  /// How far the groups' scores overlap.
  public let overlap: Overlap

  /// The probability of treatment of each row.
  public var probability: [Double] { model.fitted }
  /// The linear predictor of each row.
  public var linearPredictor: [Double] { model.linearPredictor }
}

/// How far the propensity scores of two groups overlap.
public struct Overlap: Sendable, Equatable {
  /// The least and the greatest probability in a group.
  public struct Range: Sendable, Equatable {
    /// The least probability.
    public var low: Double
    /// The greatest probability.
    public var high: Double
  }

  /// The range of the treated.
  public var treated: Range
  /// The range of the comparisons.
  public var comparison: Range
  /// Treated rows outside the comparisons' range.
  public var treatedOutside: Int
  /// Comparison rows outside the treated range.
  public var comparisonOutside: Int
  /// Treated rows whose probability exceeds one half.
  ///
  /// Where there are many, matching without replacement runs out of comparisons that resemble them
  /// (Sävje, F. (2022), https://doi.org/10.1093/biomet/asab035).
  public var treatedAboveHalf: Int

  /// The overlap of probabilities, of two groups that both have rows.
  public init(probability: [Double], treatment: [Bool]) {
    var one = Range(low: .infinity, high: -.infinity)
    var zero = one
    var above = 0
    for (value, isTreated) in zip(probability, treatment) {
      if isTreated {
        one = Range(low: min(one.low, value), high: max(one.high, value))
        if value > 0.5 { above += 1 }
      } else {
        zero = Range(low: min(zero.low, value), high: max(zero.high, value))
      }
    }
    treated = one
    comparison = zero
    treatedAboveHalf = above
    treatedOutside = 0
    comparisonOutside = 0
    for (value, isTreated) in zip(probability, treatment) {
      let other = isTreated ? zero : one
      guard value < other.low || value > other.high else { continue }
      if isTreated { treatedOutside += 1 } else { comparisonOutside += 1 }
    }
  }
}
