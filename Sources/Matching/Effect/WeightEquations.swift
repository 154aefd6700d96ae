public import LinearAlgebra

/// How estimated weights depend on the parameters that made them.
///
/// Weights that were fitted are not known numbers. With θ the parameters of their model, each row
/// has an estimating function ψᵢ(θ) with Σψᵢ = 0, and its weight a gradient ∂wᵢ/∂θ. Stacking these
/// equations with those of the effect gives a standard error that knows the weights were estimated
/// (Stefanski, L. A. and Boos, D. D. (2002), https://doi.org/10.1198/000313002753631330).
public struct WeightEquations: Sendable, Equatable {
  /// The estimating functions, n × k: row i holds ψᵢ.
  public var scores: Matrix
  /// The sum of their derivatives Σ ∂ψᵢ/∂θ, k × k.
  public var jacobian: Matrix
  /// The weights' gradients, n × k: row i holds ∂wᵢ/∂θ; zero for weights that are fixed.
  public var weightGradient: Matrix

  /// Equations with their derivatives; k is the number of parameters.
  public init(scores: Matrix, jacobian: Matrix, weightGradient: Matrix) {
    self.scores = scores
    self.jacobian = jacobian
    self.weightGradient = weightGradient
  }
}
