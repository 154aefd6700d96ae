public import LinearAlgebra

/// A smooth function of coefficients to be maximised, known only by its sums at a point.
///
/// The solver does not care who computed them: a pass over columns in memory, or later a database.
public protocol SmoothObjective {
  /// The value, gradient and information at `coefficients`.
  ///
  /// - Throws: what the evaluation finds wrong with the data at this point.
  func evaluate(at coefficients: [Double]) throws(SiblingError) -> ObjectiveValue
}

/// An objective's value with its first two derivatives.
public struct ObjectiveValue: Sendable {
  /// The value, usually a log-likelihood; −∞ or NaN where it can't be computed.
  public var value: Double
  /// The gradient, p entries.
  public var gradient: [Double]
  /// Minus the Hessian, or its expectation, p × p.
  public var information: Matrix

  /// A value with its derivatives.
  public init(value: Double, gradient: [Double], information: Matrix) {
    self.value = value
    self.gradient = gradient
    self.information = information
  }
}

/// Newton's method with step halving, to full convergence.
///
/// Converged means that the Newton decrement g′I⁻¹g has fallen below `tolerance` times
/// (|value| + 1); one more step is then taken, so the coefficients are good to rounding.
public struct NewtonSolver: Sendable {
  /// The bound on the relative Newton decrement.
  public var tolerance: Double
  /// The most iterations before it gives up.
  public var maximumIterations: Int
  /// The most halvings of one step.
  public var maximumHalvings: Int

  /// A solver with its limits.
  public init(
    tolerance: Double = 1e-14, maximumIterations: Int = 100, maximumHalvings: Int = 30
  ) {
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
    self.maximumHalvings = maximumHalvings
  }

  /// Where the solver stopped.
  public struct Solution: Sendable {
    /// The coefficients.
    public var coefficients: [Double]
    /// The objective at the coefficients.
    public var final: ObjectiveValue
    /// The objective at the starting point.
    public var initial: ObjectiveValue
    /// Steps taken.
    public var iterations: Int
    /// Whether the tolerance was reached.
    public var converged: Bool
    /// Whether the information was singular where it stopped.
    public var singular: Bool
  }

  /// Maximises an objective from a starting point.
  ///
  /// A solution that did not converge is returned, not thrown: the caller knows what it means.
  /// - Throws: only what the objective throws.
  public func maximise(
    _ objective: some SmoothObjective, from start: [Double]
  ) throws(SiblingError) -> Solution {
    let initial = try objective.evaluate(at: start)
    var best = Solution(
      coefficients: start, final: initial, initial: initial, iterations: 0, converged: false,
      singular: false)
    while best.iterations < maximumIterations {
      guard let factor = try? Cholesky(best.final.information) else {
        best.singular = true
        return best
      }
      let step = factor.solve(best.final.gradient)
      let decrement = zip(step, best.final.gradient).reduce(0) { $0 + $1.0 * $1.1 }
      let last = decrement <= tolerance * (best.final.value.magnitude + 1)
      var fraction = 1.0
      var moved = false
      for _ in 0...maximumHalvings {
        let trial = zip(best.coefficients, step).map { $0 + fraction * $1 }
        let value = try objective.evaluate(at: trial)
        // Near the top rounding may lower the value by an ulp or so; that is not a bad step. The
        // last step is short enough that its quadratic is exact to rounding, and is what makes the
        // coefficients good to rounding: only a value that is plainly worse may shorten it, not the
        // noise of a sum over millions of rows.
        let slack = (last ? 1e-9 : 1e-13) * (best.final.value.magnitude + 1)
        if value.value.isFinite, value.value >= best.final.value - slack {
          best.coefficients = trial
          best.final = value
          moved = true
          break
        }
        fraction /= 2
      }
      best.iterations += 1
      if last || !moved {
        best.converged = last
        return best
      }
    }
    return best
  }
}
