import Statistics

/// The restricted cubic spline of Royston and Parmar: x, then one function a knot within the ends,
/// linear beyond them.
struct RestrictedCubicSpline: Sendable {
  /// The knots, ends included, ascending.
  let knots: [Double]

  /// Ends at the least and greatest of `values`, `inner` knots at their quantiles between.
  ///
  /// - Throws: `bad-design` when two knots would fall on one value.
  init(at values: [Double], inner: Int, _ what: String) throws(SiblingError) {
    let sorted = values.sorted()
    let last = Double(sorted.count - 1)
    knots = (0...(inner + 1)).map { k in
      let place = last * Double(k) / Double(inner + 1)
      let low = Int(place)
      let high = Swift.min(low + 1, sorted.count - 1)
      return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
    }
    // Without inner knots the ends are of no use, so they need not differ.
    if inner > 0, zip(knots, knots.dropFirst()).contains(where: { $0 >= $1 }) {
      throw SiblingError(
        .badDesign, "two knots fall on one \(what)", help: "ask for fewer knots", column: "knots")
    }
  }

  /// The number of functions, x among them.
  var count: Int { knots.count - 1 }

  /// The functions at x, and their slopes.
  func evaluate(_ x: Double) -> (values: [Double], slopes: [Double]) {
    var (values, slopes) = ([x], [1.0])
    let (low, high) = (knots[0], knots[knots.count - 1])
    for k in knots.dropFirst().dropLast() {
      let share = (high - k) / (high - low)
      let (a, b, c) = (Swift.max(x - k, 0), Swift.max(x - low, 0), Swift.max(x - high, 0))
      values.append(a * a * a - share * b * b * b - (1 - share) * c * c * c)
      slopes.append(3 * (a * a - share * b * b - (1 - share) * c * c))
    }
    return (values, slopes)
  }
}
