import LinearAlgebra
import Statistics

/// A log-likelihood of parameters on standardised scales.
protocol Likelihood: Sendable {
  /// The log-likelihood with its derivatives; −∞ or NaN where it has none.
  func evaluate(at parameters: [Double]) -> ObjectiveValue
  /// The weighted scores of the rows, channel by channel.
  func scores(at parameters: [Double]) -> [ScoreChannel]
  /// The likelihood of some of the rows, on the same scales; nil where no use is made of it.
  func selecting(_ rows: [Int]) -> Self?
}

extension Likelihood {
  func selecting(_ rows: [Int]) -> Self? { nil }
}

/// One part of the rows' scores: a number a row, times the columns of a basis where there is one.
struct ScoreChannel: Sendable {
  let values: [Double]
  let columns: (matrix: Matrix, basis: ColumnBasis)?
  /// The first parameter that it belongs to.
  let at: Int
}

/// Newton's method for likelihoods that need not be concave, to full convergence.
///
/// Where the information is not positive definite its eigenvalues are taken by their size, so that
/// every step climbs. Converged means that the Newton decrement has fallen below 1e-14 of the
/// log-likelihood at a point where the information is positive definite; one more step is then taken.
struct LikelihoodMaximiser: Sendable {
  var tolerance = 1e-14
  var maximumIterations = 200
  var maximumHalvings = 40

  struct Solution: Sendable {
    var parameters: [Double]
    var value: ObjectiveValue
    var iterations = 0
    var converged = false
  }

  /// Rows from which the maximum of evenly spaced ones is found first.
  static let sampledRows = 65_536

  /// Maximises a likelihood of many rows from the maximum of every sixteenth, near which few steps are
  /// left; one of few rows from `start`.
  func maximise(_ likelihood: some Likelihood, rows: Int, from start: [Double]) -> Solution {
    guard rows >= Self.sampledRows,
      let sample = likelihood.selecting(Array(stride(from: 0, to: rows, by: 16)))
    else { return maximise(likelihood, from: start) }
    let near = maximise(sample, from: start)
    guard near.converged else { return maximise(likelihood, from: start) }
    let solution = maximise(likelihood, from: near.parameters)
    return solution.converged ? solution : maximise(likelihood, from: start)
  }

  func maximise(_ likelihood: some Likelihood, from start: [Double]) -> Solution {
    var best = Solution(parameters: start, value: likelihood.evaluate(at: start))
    guard best.value.value.isFinite else { return best }
    while best.iterations < maximumIterations {
      let (step, definite) = Self.step(best.value)
      let gain = zip(step, best.value.gradient).reduce(0) { $0 + $1.0 * $1.1 }
      guard gain.isFinite else { return best }
      let size = best.value.value.magnitude + 1
      let last = definite && gain <= tolerance * size
      var fraction = 1.0
      var moved = false
      for _ in 0...maximumHalvings {
        let trial = zip(best.parameters, step).map { $0 + fraction * $1 }
        let value = likelihood.evaluate(at: trial)
        // Near the top rounding may lower the value by an ulp or so; that is not a bad step.
        if value.value.isFinite, value.value >= best.value.value - 1e-13 * size {
          (best.parameters, best.value) = (trial, value)
          moved = true
          break
        }
        fraction /= 2
      }
      best.iterations += 1
      if last || !moved {
        // Sums over many rows may leave no climb that rounding does not hide.
        best.converged = last || (definite && gain <= 1e-10 * size)
        return best
      }
    }
    return best
  }

  private static func step(_ value: ObjectiveValue) -> (step: [Double], definite: Bool) {
    if let factor = try? Cholesky(value.information) {
      return (factor.solve(value.gradient), true)
    }
    let unknown = [Double](repeating: .nan, count: value.gradient.count)
    guard value.information.storage.allSatisfy(\.isFinite),
      let spectrum = try? SymmetricEigen(value.information)
    else { return (unknown, false) }
    let largest = spectrum.values.reduce(0) { Swift.max($0, $1.magnitude) }
    guard largest > 0 else { return (unknown, false) }
    let inverse = spectrum.map { 1 / Swift.max($0.magnitude, 1e-6 * largest) }
    return (inverse.times(value.gradient), false)
  }
}
