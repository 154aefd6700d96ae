import LinearAlgebra
import Statistics

/// A log-likelihood less θ/2·Σβ².
///
/// Verweij & van Houwelingen (1994), doi:10.1002/sim.4780132307.
struct RidgePenalty<Base: SmoothObjective>: SmoothObjective {
  let base: Base
  let theta: Double

  func evaluate(at coefficients: [Double]) throws(SiblingError) -> ObjectiveValue {
    var value = try base.evaluate(at: coefficients)
    for (j, coefficient) in coefficients.enumerated() {
      value.value -= theta / 2 * coefficient * coefficient
      value.gradient[j] -= theta * coefficient
      value.information[j, j] += theta
    }
    return value
  }
}

extension NewtonSolver.Solution {
  /// The same point with the values of the likelihood alone.
  func removingRidge(_ theta: Double) -> (final: ObjectiveValue, initial: ObjectiveValue) {
    var (final, initial) = (final, initial)
    for (j, coefficient) in coefficients.enumerated() {
      final.value += theta / 2 * coefficient * coefficient
      final.gradient[j] += theta * coefficient
      final.information[j, j] -= theta
      initial.information[j, j] -= theta
    }
    return (final, initial)
  }
}
