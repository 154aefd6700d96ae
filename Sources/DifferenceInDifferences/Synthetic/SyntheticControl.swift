public import Statistics

/// The effect on treated units against a weighted combination of never treated ones.
///
/// For each treated unit the weights w ≥ 0, Σw = 1, bring the donors' outcomes before the start
/// nearest to its own in squares: every period before is a predictor and V is the identity. Where
/// covariates are given, their means before the start are predictors too, and every predictor is
/// divided by its standard deviation over the unit and its donors. Several treated units are each
/// fitted by themselves and averaged by their treated periods; donors are never treated units.
///
/// Abadie, Diamond & Hainmueller (2010, doi 10.1198/jasa.2009.ap08746). Where many weights fit
/// equally well, those with the smallest sum of squares are taken; see `SimplexQuadraticProgram`.
/// - Complexity: with N donors and T periods a fit takes O(T k²) for each of a few times k
///   exchanges, k ≤ T the donors that get weight; placebos as many fits as assignments.
public struct SyntheticControl: Sendable, Equatable {
  /// How uncertainty is judged.
  public var inference: SyntheticInference
  /// How weights are computed.
  public var solver: SyntheticSolver

  /// An estimator.
  public init(
    inference: SyntheticInference = SyntheticInference(), solver: SyntheticSolver = .exact
  ) {
    self.inference = inference
    self.solver = solver
  }

  /// Estimates the effect; the outcome and covariates have one entry a row of the panel.
  ///
  /// Units without a row in some period, and units treated from the first period on, are left out
  /// and counted.
  /// - Throws: `sizeMismatch`, `missingValue`; `badDesign` with fewer than two donors or two
  ///   periods before a start; `tooFewClusters` where the inference can't be had;
  ///   `nonConvergence` where weights can't be proved optimal.
  public func fit(
    _ panel: PanelDesign, outcome: [Double], covariates: DesignMatrix? = nil
  ) throws(SiblingError) -> SyntheticResult {
    try SyntheticEstimation.run(
      .control, panel, outcome, covariates, solver: solver, inference: inference)
  }
}

/// The effect on treated cohorts by synthetic difference-in-differences.
///
/// Unit weights make the donors' path before the start parallel to the treated, period weights make
/// the periods before like those after; both have an intercept, and unit weights the ridge
/// ζ = (N₁T₁)^¼ σ̂, σ̂ the standard deviation of the donors' changes before the start (period
/// weights 10⁻⁶σ̂). The estimate is the weighted double difference. Each cohort of staggered starts
/// has its own weights against the never treated; cohorts are averaged by treated unit-periods
/// (Clarke et al. 2023, doi 10.48550/arXiv.2301.11859). Equal weights give the plain difference in
/// differences.
///
/// Arkhangelsky, Athey, Hirshberg, Imbens & Wager (2021, doi 10.1257/aer.20190159). Covariates that
/// change over time are taken out of the outcome first, with slopes from the never treated.
public struct SyntheticDifferenceInDifferences: Sendable, Equatable {
  /// Which weights are used.
  public var weighting: Weighting
  /// How uncertainty is judged.
  public var inference: SyntheticInference
  /// How weights are computed.
  public var solver: SyntheticSolver

  /// The weights.
  public enum Weighting: Sendable, CaseIterable {
    /// Unit and period weights that balance the past.
    case synthetic
    /// Equal weights for all donors and all periods before: the plain difference in differences.
    case uniform
  }

  /// An estimator.
  public init(
    weighting: Weighting = .synthetic, inference: SyntheticInference = SyntheticInference(),
    solver: SyntheticSolver = .exact
  ) {
    self.weighting = weighting
    self.inference = inference
    self.solver = solver
  }

  /// Estimates the effect; the outcome and covariates have one entry a row of the panel.
  ///
  /// Units without a row in some period, and units treated from the first period on, are left out
  /// and counted.
  /// - Throws: `sizeMismatch`, `missingValue`; `badDesign` with fewer than two donors or (unless
  ///   weights are equal) two periods before a start; `rankDeficient` for a covariate that does
  ///   not change over time; `tooFewClusters` where the inference can't be had; `nonConvergence`
  ///   where weights can't be proved optimal.
  public func fit(
    _ panel: PanelDesign, outcome: [Double], covariates: DesignMatrix? = nil
  ) throws(SiblingError) -> SyntheticResult {
    try SyntheticEstimation.run(
      weighting == .synthetic ? .differences : .uniform, panel, outcome, covariates,
      solver: solver, inference: inference)
  }
}
