internal import Matching
public import Statistics
public import Tables

/// A propensity score fitted from sums: the probability of treatment as an expression of a row.
public struct EngineScore: Sendable {
  /// What must be computed first.
  public let layers: [[NamedExpression]]
  /// The linear predictor.
  public let linearPredictor: RowExpression
  /// The probability of treatment.
  public let probability: RowExpression
  /// The names of columns left out.
  public let dropped: [String]

  /// Fits a logit model of the treatment on the covariates of a frame, with its weights.
  ///
  /// The same fit as `PropensityScore`: one query to count and one for each step of Newton's method.
  /// - Throws: `badDesign`, `constantTreatment`, `badWeight`, `separation`, `nonConvergence`; the engine's failures.
  public init(_ frame: EngineFrame) throws(SiblingError) {
    var problem = try EffectProblem(EngineEffect(method: .difference), frame, nil)
    defer { problem.release() }
    try problem.keepRows(withOutcome: false)
    try problem.fitScore()
    let predictor = EffectAlgebra.predictor(problem.score.expressions, problem.coefficients)
    layers = [
      problem.score.layer, [NamedExpression("scoreline", predictor)],
    ].filter { !$0.isEmpty }
    linearPredictor = .name("scoreline")
    // No engine overflows here; a probability that far out is 0 or 1 to every digit.
    probability = .inverseLogit(.clamped(.name("scoreline"), bound: 700))
    let kept = problem.kept
    let names = problem.score.names
    dropped = names.indices.filter { !kept.contains($0) }.map { names[$0] }
  }
}
