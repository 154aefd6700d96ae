internal import Glibc
internal import LinearAlgebra
internal import Statistics

// Approximate balance: the least change of weights under which every mean is within a tolerance.
// Its dual is that of exact balance less δ Σ|λ|, so that moments already near enough get λ = 0
// (Wang, Y. and Zubizarreta, J. (2020), https://doi.org/10.1093/biomet/asz050).
extension ExponentialTilting {
  /// Finds the moments that need λ ≠ 0 by proximal Newton steps, then meets exactly the near edge of
  /// each of these.
  ///
  /// - Throws: `noOverlap` or `nonConvergence`.
  func approximate(_ objective: TiltingObjective) throws(SiblingError) -> Solution {
    let search = proximal(objective)
    let active = search.coefficients.indices.filter { search.coefficients[$0] != 0 }
    var edge = objective
    edge.basis = objective.basis.selecting(active)
    let shift = active.map { search.coefficients[$0] > 0 ? -tolerance : tolerance }
    for place in active.indices {
      edge.basis.center[place] += shift[place] * edge.basis.scale[place]
    }
    let found = try Self.solver.maximise(edge, from: active.map { search.coefficients[$0] })
    var solution = finish(edge, found.coefficients)
    solution.shift = shift
    solution.iterations = search.iterations + found.iterations
    let gaps = distances(solution.weights, objective.base)
    let worst = gaps.indices.max { gaps[$0] < gaps[$1] }
    let signs = zip(found.coefficients, shift).allSatisfy { $0 * $1 <= 0 }
    if signs, worst.map({ gaps[$0] <= tolerance + Self.exactness }) ?? true { return solution }
    try requireFeasible(objective, search.coefficients, search.final)
    throw SiblingError(
      .nonConvergence, "entropy balancing with a tolerance did not converge",
      help: "Look for extreme values and nearly collinear covariates, or change the tolerance.",
      column: worst.map { names[$0] })
  }

  /// Where the search for the moments that matter stands.
  struct Search {
    var coefficients: [Double]
    var final: ObjectiveValue
    var iterations: Int
  }

  /// Newton steps on the smooth part with the penalty kept as it is.
  func proximal(_ objective: TiltingObjective) -> Search {
    let start = [Double](repeating: 0, count: objective.basis.count)
    var best = Search(coefficients: start, final: objective.evaluate(at: start), iterations: 0)
    func penalized(_ coefficients: [Double], _ value: ObjectiveValue) -> Double {
      value.value - tolerance * coefficients.reduce(0) { $0 + $1.magnitude }
    }
    while best.iterations < 200, !isOptimal(best) {
      best.iterations += 1
      let goal = penalizedStep(best.final, from: best.coefficients)
      let before = penalized(best.coefficients, best.final)
      var (fraction, moved) = (1.0, false)
      for _ in 0...30 {
        let trial = zip(best.coefficients, goal).map { $0 + fraction * ($1 - $0) }
        let value = objective.evaluate(at: trial)
        let after = penalized(trial, value)
        if after.isFinite, after >= before - 1e-13 * (before.magnitude + 1) {
          best.coefficients = trial
          best.final = value
          moved = true
          break
        }
        fraction /= 2
      }
      guard moved else { break }
    }
    return best
  }

  /// Whether the optimality conditions hold: the gradient is ±δ where λ ≠ 0, within ±δ elsewhere.
  private func isOptimal(_ solution: Search) -> Bool {
    zip(solution.coefficients, solution.final.gradient).allSatisfy { lambda, gradient in
      lambda == 0
        ? gradient.magnitude <= tolerance + 1e-11
        : (gradient - (lambda > 0 ? tolerance : -tolerance)).magnitude <= 1e-11
    }
  }

  /// The maximum of the quadratic model less the penalty, by coordinate ascent.
  private func penalizedStep(_ model: ObjectiveValue, from start: [Double]) -> [Double] {
    let p = start.count
    var x = start
    // The model's gradient at x.
    var gradient = model.gradient
    for _ in 0..<2000 {
      var largest = 0.0
      for j in 0..<p {
        let curvature = model.information[j, j]
        guard curvature > 1e-14 else { continue }
        let pull = curvature * x[j] + gradient[j]
        let size = max(0, pull.magnitude - tolerance)
        let next = (pull > 0 ? size : -size) / curvature
        let step = next - x[j]
        guard step != 0 else { continue }
        x[j] = next
        for k in 0..<p { gradient[k] -= step * model.information[k, j] }
        largest = max(largest, step.magnitude * curvature)
      }
      if largest < 1e-13 { break }
    }
    return x
  }
}
