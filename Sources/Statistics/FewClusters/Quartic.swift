/// A polynomial of degree four or less, and the places where it changes sign.
struct Quartic: Sendable {
  private let c: (Double, Double, Double, Double, Double)

  /// A polynomial from its coefficients, constant first.
  init(_ c0: Double, _ c1: Double, _ c2: Double, _ c3: Double, _ c4: Double) {
    c = (c0, c1, c2, c3, c4)
  }

  /// Up to four numbers, ascending.
  struct Places: Sendable {
    private var values = (0.0, 0.0, 0.0, 0.0)
    private(set) var count = 0

    @inline(__always)
    subscript(index: Int) -> Double {
      switch index {
      case 0: values.0
      case 1: values.1
      case 2: values.2
      default: values.3
      }
    }

    @inline(__always)
    mutating func append(_ value: Double) {
      switch count {
      case 0: values.0 = value
      case 1: values.1 = value
      case 2: values.2 = value
      default: values.3 = value
      }
      count += 1
    }
  }

  /// The sign far to the left: −1, 0 for the zero polynomial, 1.
  var signAtMinusInfinity: Int {
    if c.4 != 0 { return c.4 > 0 ? 1 : -1 }
    if c.3 != 0 { return c.3 < 0 ? 1 : -1 }
    if c.2 != 0 { return c.2 > 0 ? 1 : -1 }
    if c.1 != 0 { return c.1 < 0 ? 1 : -1 }
    return c.0 > 0 ? 1 : c.0 < 0 ? -1 : 0
  }

  /// The value at a point.
  @inline(__always)
  func value(_ x: Double) -> Double { (((c.4 * x + c.3) * x + c.2) * x + c.1) * x + c.0 }

  private var derivative: Quartic { Quartic(c.1, 2 * c.2, 3 * c.3, 4 * c.4, 0) }

  /// The real roots at which the sign changes.
  ///
  /// Between neighbouring roots of its derivative a polynomial is monotone, so each sign change there
  /// brackets one root, which Newton's method with bisection finds to rounding.
  ///
  /// `tolerance` is the share of a root's size at which a Newton step is the last, so that the error
  /// is about its square.
  func crossings(tolerance: Double = 1e-8) -> Places {
    var result = Places()
    if c.4 == 0, c.3 == 0 {
      if c.2 == 0 {
        if c.1 != 0 { result.append(-c.0 / c.1) }
        return result
      }
      let discriminant = c.1 * c.1 - 4 * c.2 * c.0
      guard discriminant > 0 else { return result }
      // The larger root first, the other by the product of the roots: no cancellation.
      let half = -0.5 * (c.1 + (c.1 < 0 ? -1 : 1) * discriminant.squareRoot())
      let (first, second) = (half / c.2, half == 0 ? 0 : c.0 / half)
      result.append(min(first, second))
      result.append(max(first, second))
      return result
    }
    let slope = derivative
    // Turning points only part the line, so half their digits are enough.
    let turns = slope.crossings(tolerance: 1e-5)
    let bound = reach
    var left = -bound
    var valueLeft = value(left)
    for index in 0...turns.count {
      let right = index < turns.count ? turns[index] : bound
      let valueRight = value(right)
      if (valueLeft > 0) != (valueRight > 0), right > left {
        result.append(root(left, right, valueLeft > 0, slope, tolerance))
      }
      (left, valueLeft) = (right, valueRight)
    }
    return result
  }

  /// A bound of all roots' sizes (Fujiwara's, with square roots only).
  private var reach: Double {
    let isQuartic = c.4 != 0
    let lead = (isQuartic ? c.4 : c.3).magnitude
    let first = (isQuartic ? c.3 : c.2).magnitude / lead
    let second = ((isQuartic ? c.2 : c.1).magnitude / lead).squareRoot()
    // x³ ≤ max(1, x⁴) stands in for the cube root.
    let third = (isQuartic ? c.1 : c.0).magnitude / lead
    let cube = third > 1 ? third.squareRoot() : third.squareRoot().squareRoot()
    let fourth = isQuartic ? (c.0.magnitude / lead).squareRoot().squareRoot() : 0
    return 2.0001 * max(max(first, second), max(cube, fourth))
  }

  private func root(
    _ a: Double, _ b: Double, _ isPositiveLeft: Bool, _ slope: Quartic, _ tolerance: Double
  ) -> Double {
    var (low, high) = (a, b)
    var x = (low + high) / 2
    for _ in 0..<200 {
      let here = value(x)
      if (here > 0) == isPositiveLeft { low = x } else { high = x }
      let next = x - here / slope.value(x)
      guard next > low && next < high else {
        let middle = (low + high) / 2
        if middle == low || middle == high { return middle }
        x = middle
        continue
      }
      if (next - x).magnitude <= tolerance * x.magnitude { return next }
      x = next
    }
    return x
  }
}
