internal import Glibc
internal import Statistics

/// The targeting step: an intercept on the logistic scale that makes weighted residuals vanish.
struct Fluctuation {
  var outcome: [Double]
  var weights: [Double]
  /// The weight of each row of the group in the target population; zero in the other group.
  var carried: [Double]

  /// Predictions nearer to the bounds than this, in units of the range, are moved off them.
  private static let margin = 0.005

  /// The predictions moved so that Σr(Y − m) is zero.
  ///
  /// - Throws: `nonConvergence` when no intercept does that.
  func target(_ predictions: [Double]) throws(SiblingError) -> [Double] {
    let bounds = OutcomeBounds(outcome, weights)
    let logits = predictions.map { value -> Double in
      let unit = bounds.unit(value)
      let inside =
        unit < 1e-9 || unit > 1 - 1e-9 ? min(1 - Self.margin, max(Self.margin, unit)) : unit
      return log(inside) - log1p(-inside)
    }
    let rows = carried.indices.filter { carried[$0] > 0 }
    let scaled = rows.map { bounds.unit(outcome[$0]) }
    let total = rows.reduce(0) { $0 + carried[$1] }
    let wanted = zip(rows, scaled).reduce(0) { $0 + carried[$1.0] * $1.1 } / total
    guard wanted > 0, wanted < 1 else {
      // Everybody at a bound: the moved predictions are that bound.
      return predictions.map { _ in bounds.back(wanted) }
    }
    // The weighted mean prediction rises with the intercept: Newton's step, kept in a bracket.
    var (low, high, intercept) = (-60.0, 60.0, 0.0)
    for _ in 0..<200 {
      var (value, slope) = (0.0, 0.0)
      for row in rows {
        let p = Logistic().lowerTail(logits[row] + intercept)
        value += carried[row] * p
        slope += carried[row] * p * (1 - p)
      }
      let miss = wanted - value / total
      if miss > 0 { low = intercept } else { high = intercept }
      let step = slope > 0 ? miss * total / slope : .infinity
      let next = intercept + step
      let moved = next > low && next < high ? next : (low + high) / 2
      let change = (moved - intercept).magnitude
      intercept = moved
      if change <= 1e-15 * max(1, intercept.magnitude) || miss == 0 {
        return logits.map { bounds.back(Logistic().lowerTail($0 + intercept)) }
      }
      if change < 1e-13, miss.magnitude < 1e-14 {
        return logits.map { bounds.back(Logistic().lowerTail($0 + intercept)) }
      }
    }
    throw SiblingError(
      .nonConvergence, "the targeting step of tmle did not converge",
      help: "Look for probabilities of treatment near 0 or 1.")
  }
}
