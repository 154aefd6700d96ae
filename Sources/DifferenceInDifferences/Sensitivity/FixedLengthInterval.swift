internal import Glibc
internal import LinearAlgebra
internal import Statistics

/// The shortest confidence interval of fixed length for an effect whose bias may bend by at most M
/// from period to period.
///
/// The interval is v′β̂ ± cv(b/s)·s: v the weights of an affine estimator, b its greatest bias, s its
/// standard error and cv the quantile of a folded normal (Rambachan & Roth 2023,
/// doi 10.1093/restud/rdad018; Armstrong & Kolesár 2018, doi 10.3982/ECTA14434). The weights after
/// treatment are the target's, since effects are free. Those before must cancel every straight
/// line, and what is left of them can be written as weights c on the bends before treatment, on
/// which the greatest bias is M(‖c‖₁ + a constant). The half-length is convex in c, and least
/// where a lasso's minimiser has the penalty that the half-length's own slopes imply.
struct FixedLengthInterval {
  let low: Double
  let high: Double
  /// The weights of the estimates, in their order.
  let weights: [Double]
  /// By how much the conditions of optimality fail, as a share of the penalty.
  let certificate: Double

  /// The interval for a target with weights on the effects after the reference.
  ///
  /// - Throws: `notPositiveDefinite`, `notConverged`.
  init(
    _ data: EventStudyEstimates, target: [Double], bend: Double, level: Double
  ) throws(LinearAlgebraError) {
    let problem = BendWeights(data, target: target)
    let lasso = SmallLassoProgram(quadratic: problem.quadratic, linear: problem.linear)
    func measures(_ c: [Double]) -> (bias: Double, error: Double) {
      let variance = problem.constant + 2 * lasso.smoothValue(c)
      let reach = c.reduce(problem.laterBends) { $0 + $1.magnitude }
      return (bend * reach, max(variance, 0).squareRoot())
    }
    func implied(_ c: [Double]) -> Double {
      let (bias, error) = measures(c)
      let t = bias / error
      let quantile = FoldedNormal.quantile(bias: t, level: level)
      let slope = FoldedNormal.slope(bias: t, quantile: quantile)
      return bend * slope * error / (quantile - t * slope)
    }
    // Along the lasso's path the implied penalty crosses the penalty once.
    var low = 0.0
    var high = problem.linear.reduce(0) { max($0, $1.magnitude) }
    var c = [Double](repeating: 0, count: problem.linear.count)
    if bend == 0 {
      c = try lasso.minimize(penalty: 0)
    } else if !c.isEmpty, implied(c) < high {
      for _ in 0..<200 {
        let middle = (low + high) / 2
        if high - low <= 1e-15 * high { break }
        c = try lasso.minimize(penalty: middle)
        if implied(c) > middle { low = middle } else { high = middle }
      }
    }
    let gradient = lasso.gradient(c)
    let penalty = implied(c)
    let scale = max(penalty, problem.linear.reduce(0) { max($0, $1.magnitude) }, 1e-300)
    certificate =
      zip(c, gradient).reduce(0) { worst, pair in
        let fault =
          pair.0 == 0
          ? max(0, pair.1.magnitude - penalty)
          : (pair.1 + penalty * (pair.0 > 0 ? 1 : -1)).magnitude
        return max(worst, fault)
      } / scale
    let (bias, error) = measures(c)
    weights = problem.weights(c)
    let centre = zip(weights, data.estimates).reduce(0) { $0 + $1.0 * $1.1 }
    let half = error * FoldedNormal.quantile(bias: bias / error, level: level)
    self.low = centre - half
    self.high = centre + half
  }
}

/// Weights that cancel every straight line, written as weights c on the bends before treatment.
///
/// Counting periods from the reference, the weight j periods before is c₍j−1₎ − 2c₍j₎ + c₍j+1₎, with
/// c₀ = Σ t·l₍t₎ so that a slope adds no bias, and zeros beyond the first period.
private struct BendWeights {
  let quadratic: Matrix
  let linear: [Double]
  /// The variance at c = 0.
  let constant: Double
  /// The bends after the reference: what they can add to the bias, whatever c is.
  let laterBends: Double
  private let fixed: [Double]
  private let directions: Matrix

  init(_ data: EventStudyEstimates, target: [Double]) {
    let n = data.eventTimes.count
    let pre = data.pre
    var fixed = [Double](repeating: 0, count: n)
    for (k, place) in data.post.enumerated() { fixed[place] = target[k] }
    fixed[pre[0]] = target.enumerated().reduce(0) { $0 + Double($1.offset + 1) * $1.element }
    var directions = Matrix(rows: n, columns: pre.count - 1)
    for i in 1..<max(pre.count, 1) {
      directions[pre[i], i - 1] += 1
      directions[pre[i - 1], i - 1] -= 2
      if i > 1 { directions[pre[i - 2], i - 1] += 1 }
    }
    laterBends = target.indices.reduce(0) { sum, centre in
      sum
        + target.indices.filter { $0 >= centre }
        .reduce(0.0) { $0 + Double($1 - centre + 1) * target[$1] }.magnitude
    }
    let moved = data.covariance * directions
    quadratic = Matrix.product(directions, moved, transposeLeft: true)
    linear = moved.transposedTimes(fixed)
    constant = data.covariance.quadraticForm(fixed)
    self.fixed = fixed
    self.directions = directions
  }

  func weights(_ c: [Double]) -> [Double] {
    zip(fixed, directions.times(c)).map { $0 + $1 }
  }
}
