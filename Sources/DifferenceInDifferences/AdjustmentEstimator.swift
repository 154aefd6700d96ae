/// How a comparison of changes between treated and controls is adjusted for covariates.
///
/// All estimate the average effect on the treated when changes without treatment would be alike
/// given the covariates. Without covariates they are one and the same: the difference in
/// differences of means.
public enum AdjustmentEstimator: String, Sendable, CaseIterable {
  /// Doubly robust: right when the outcome model or the propensity model is (Sant'Anna & Zhao 2020).
  case doublyRobust = "dr"
  /// Inverse probability weighting with weights as they come (Abadie 2005).
  case inverseProbability = "ipw"
  /// Inverse probability weighting with weights that sum to one.
  case standardizedInverseProbability = "std-ipw"
  /// Outcome regression on the controls' changes (Heckman, Ichimura & Todd 1997).
  case outcomeRegression = "reg"
  /// Doubly robust in inference too, by calibrated weights and weighted regression.
  case improvedDoublyRobust = "improved-dr"

  /// The estimator's name in words, as conventions print it.
  public var description: String {
    switch self {
    case .doublyRobust: "doubly robust"
    case .inverseProbability: "inverse probability weighting"
    case .standardizedInverseProbability: "standardised inverse probability weighting"
    case .outcomeRegression: "outcome regression"
    case .improvedDoublyRobust: "improved doubly robust"
    }
  }
}
