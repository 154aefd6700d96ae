/// The variance between sites.
extension MetaRegressionSystem {
  /// The estimate of a method, in squared units of the system; `order` as in `solve`.
  ///
  /// On return `s` is solved at the estimate. Nil when the equations can't be solved.
  func variance(
    by method: MetaRegression.Method, order: [Int32]? = nil, into s: inout Solution
  ) -> Double? {
    let found: Double?
    switch method {
    case .fixed: found = 0
    case .reml: found = restricted(order, &s)
    case .pauleMandel: found = crossing(Double(count - columns), order, &s)
    }
    guard let found else { return nil }
    solve(found, order: order, into: &s)
    return s.isDefined ? found : nil
  }

  /// The mean square of unweighted residuals; beyond it no weighted sum of squares is as large as its
  /// degrees of freedom.
  private func meanSquare(_ order: [Int32]?) -> Double {
    let p = columns
    var fitted = [Double](repeating: 0, count: p)
    for i in 0..<count {
      let start = (order.map { Int($0[i]) } ?? i) * p
      for a in 0..<p { fitted[a] += basis[start + a] * response[i] }
    }
    var sum = 0.0
    for i in 0..<count {
      let start = (order.map { Int($0[i]) } ?? i) * p
      var e = response[i]
      for a in 0..<p { e -= basis[start + a] * fitted[a] }
      sum += e * e
    }
    return sum / Double(count - p)
  }

  /// The variance at which the weighted residual sum of squares, which falls as it grows, is `value`;
  /// 0 where it lies below that everywhere.
  func crossing(_ value: Double, _ order: [Int32]? = nil, _ s: inout Solution) -> Double? {
    solve(0, order: order, into: &s)
    guard s.isDefined else { return nil }
    guard s.residual > value else { return 0 }
    let high = meanSquare(order) * Double(count - columns) / value * (1 + 1e-9)
    guard high.isFinite else { return nil }
    return root(0, high) { between in
      solve(between, order: order, into: &s)
      return s.residual - value
    }
  }

  /// The largest of the restricted likelihood: the best of a grid, then where the derivative is zero.
  ///
  /// The likelihood can have several peaks, which a walk from one start would miss.
  private func restricted(_ order: [Int32]?, _ s: inout Solution) -> Double? {
    let mean = meanSquare(order)
    guard mean.isFinite else { return nil }
    guard mean > 0 else { return 0 }
    let largest = variance.max() ?? 1
    // Beyond this the derivative is negative whatever the weights.
    let high = (mean + (mean * mean + 4 * mean * largest).squareRoot()) / 2 * (1 + 1e-9)
    let steps = 32
    func value(_ k: Int) -> Double {
      let share = Double(k) / Double(steps)
      return high * share * share
    }
    var (best, peak, slope) = (0, -Double.infinity, 0.0)
    for k in 0...steps {
      solve(value(k), order: order, into: &s)
      guard s.isDefined else { return nil }
      if s.logLikelihood > peak { (best, peak, slope) = (k, s.logLikelihood, s.score) }
    }
    if best == 0, slope <= 0 { return 0 }
    let isRising = slope > 0
    let (left, right) = isRising ? (best, min(best + 1, steps)) : (best - 1, best)
    return root(value(left), value(right)) { between in
      solve(between, order: order, into: &s)
      return s.score
    }
  }

  /// Where a function that is positive at `low` and not at `high` crosses zero: false position, halved
  /// where it is slow.
  private func root(_ low: Double, _ high: Double, _ f: (Double) -> Double) -> Double {
    var (a, b) = (low, high)
    var (fa, fb) = (f(a), f(b))
    guard fa > 0, fb < 0 else { return fa <= 0 ? a : b }
    // Which end stayed in the step before: its value is halved when it stays again (Illinois).
    var stayed = 0
    for step in 0..<300 {
      guard b - a > 1e-15 * b else { break }
      var x = b - fb * (b - a) / (fb - fa)
      if step % 4 == 3 || !(x > a && x < b) { x = a + (b - a) / 2 }
      guard x > a, x < b else { break }
      let fx = f(x)
      if fx == 0 { return x }
      if fx > 0 {
        (a, fa) = (x, fx)
        if stayed == 1 { fb /= 2 }
        stayed = 1
      } else {
        (b, fb) = (x, fx)
        if stayed == -1 { fa /= 2 }
        stayed = -1
      }
    }
    return a + (b - a) / 2
  }
}
