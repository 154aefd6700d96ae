internal import LinearAlgebra

/// Random-effects meta-regression: effects of sites, each with its standard error, on what the sites
/// differ in.
///
/// The model is yᵢ = xᵢβ + uᵢ + eᵢ with eᵢ of the known variance sᵢ² and uᵢ of the unknown variance τ²
/// between sites. β is estimated by weighted least squares with weights 1/(sᵢ² + τ̂²). Sites are few as a
/// rule, so standard errors are Knapp's and Hartung's and the reference is t with n − p degrees of
/// freedom. The slope describes how effects differ between sites; sites chose what they do, so it is no
/// effect of doing more.
///
/// Raudenbush (2009), in *The Handbook of Research Synthesis and Meta-Analysis*; Paule and Mandel (1982),
/// doi:10.6028/jres.087.022; Knapp and Hartung (2003), doi:10.1002/sim.1482; Viechtbauer (2005),
/// doi:10.3102/10769986030003261.
public struct MetaRegression: Sendable, Equatable {
  /// How the variance between sites is estimated.
  public var method: Method
  /// How standard errors and intervals are made.
  public var inference: Inference
  /// The confidence level.
  public var level: Double

  /// How the variance between sites is estimated.
  public enum Method: String, Sendable, CaseIterable {
    /// Restricted maximum likelihood.
    case reml
    /// The variance at which the weighted residual sum of squares equals its degrees of freedom.
    case pauleMandel = "paule-mandel"
    /// No variance between sites: what lies off the line is error of the sites' effects alone.
    case fixed
  }

  /// How standard errors and intervals are made.
  public enum Inference: String, Sendable, CaseIterable {
    /// The covariance of weighted least squares times the weighted residual mean square q, and t.
    case knappHartung = "knapp-hartung"
    /// The same with q no smaller than one, so that no interval is narrower than q = 1 makes it.
    case knappHartungFloor = "knapp-hartung-floor"
    /// The covariance as it is, and the normal distribution: too narrow for few sites.
    case normal
  }

  /// A meta-regression.
  public init(
    method: Method = .reml, inference: Inference = .knappHartung, level: Double = 0.95
  ) {
    self.method = method
    self.inference = inference
    self.level = level
  }

  /// The fewest sites that a slope is estimated from.
  public static let fewest = 4

  /// Fits effects, in any unit, with standard errors in the same unit, on a design with a row a site.
  ///
  /// - Throws: `sizeMismatch`; `badValue` for an effect that is not finite or a standard error that is not
  ///   positive, with its row; `tooFewObservations` for fewer than four sites or fewer than two more than
  ///   coefficients; `rankDeficient` with the column that follows from others.
  /// - Complexity: O(n p²) for each of some fifty trial values of τ².
  public func fit(
    effects: [Double], standardErrors: [Double], design: DesignMatrix
  ) throws(SiblingError) -> MetaRegressionFit {
    let system = try system(effects, standardErrors, design)
    guard let fit = try MetaRegressionFit(self, system, design) else { throw Self.notFinite }
    return fit
  }

  static var notFinite: SiblingError {
    SiblingError(
      .badValue, "the numbers are so large, small or unequal that nothing finite comes of them",
      help: "use another unit, and look at the smallest standard errors")
  }

  /// The checked system.
  func system(
    _ effects: [Double], _ standardErrors: [Double], _ design: DesignMatrix
  ) throws(SiblingError) -> MetaRegressionSystem {
    guard effects.count == design.rows, standardErrors.count == design.rows else {
      throw SiblingError(
        .sizeMismatch,
        "\(effects.count) effects, \(standardErrors.count) standard errors and \(design.rows) rows do not go"
          + " together")
    }
    guard level > 0, level < 1 else {
      throw SiblingError(.badValue, "a confidence level must lie between 0 and 1")
    }
    if let row = effects.firstIndex(where: { !$0.isFinite }) {
      throw SiblingError(.badValue, "an effect must be a finite number", row: row)
    }
    if let row = standardErrors.firstIndex(where: { !($0 > 0 && $0.isFinite) }) {
      throw SiblingError(
        .badValue, "a standard error must be a positive number",
        help: "a site whose effect has none can't be weighed: leave it out", row: row)
    }
    let needed = max(Self.fewest, design.columns + 2)
    guard design.rows >= needed else {
      throw SiblingError(
        .tooFewObservations,
        "\(design.rows) sites are too few for a slope: \(needed) are needed at least",
        help: "show the sites' effects beside each other and draw no line")
    }
    guard design.rows <= 100_000, design.columns >= 1 else {
      throw SiblingError(
        .badDesign, "a meta-regression takes up to 100,000 sites and at least one column")
    }
    for column in 0..<design.columns {
      guard let row = (0..<design.rows).first(where: { !design.matrix[$0, column].isFinite }) else {
        continue
      }
      throw SiblingError(
        .badValue, "'\(design.names[column])' must be a finite number", row: row,
        column: design.names[column])
    }
    return try MetaRegressionSystem(effects, standardErrors, design)
  }
}
