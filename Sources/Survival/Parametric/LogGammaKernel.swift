import Statistics

/// Prentice's standard log-gamma distribution W(q), smooth through q = 0, where it is normal.
///
/// log f(z) = −½log 2π − δ(q⁻²) − (e^{qz} − 1 − qz)/q², δ the error of Stirling's formula; so nothing
/// cancels for small q. The tails and their derivatives in q are integrals of f by Gauss–Legendre.
struct LogGammaKernel: Sendable {
  let q: Double
  /// δ(q⁻²) with two derivatives in q.
  private let stirling: (value: Double, first: Double, second: Double)
  private let nodes: [Double]
  private let weights: [Double]

  init(_ q: Double) {
    self.q = q
    stirling = Self.stirlingError(q)
    (nodes, weights) = (GaussLegendre.twenty.nodes, GaussLegendre.twenty.weights)
  }

  /// The log density.
  func density(_ z: Double) -> LogGammaDerivatives {
    let e = Exponent(z, q)
    return LogGammaDerivatives(
      value: -NormalKernel.halfLogTwoPi - stirling.value - e.value, z: -e.z, zz: -e.zz,
      q: -stirling.first - e.q, zq: -e.zq, qq: -stirling.second - e.qq)
  }

  /// The log of the upper tail.
  func survivor(_ z: Double) -> LogGammaDerivatives {
    let own = density(z)
    let upper = z >= 0
    // Over the shorter tail; W(q) mirrored is W(−q).
    let tail = upper ? integrals(z, q) : integrals(-z, -q)
    let height = exponential(own.value)
    var result = LogGammaDerivatives()
    let hazard: Double
    if upper {
      hazard = 1 / tail.zeroth
      result.value = own.value + logarithm(tail.zeroth)
      result.q = tail.first * hazard
      result.qq = tail.second * hazard - result.q * result.q
    } else {
      let survival = 1 - height * tail.zeroth
      hazard = height / survival
      result.value = logarithmOnePlus(-height * tail.zeroth)
      result.q = tail.first * hazard
      result.qq = -tail.second * hazard - result.q * result.q
    }
    result.z = -hazard
    result.zz = -hazard * (own.z + hazard)
    result.zq = -hazard * (own.q - result.q)
    return result
  }

  /// ∫ f, ∫ ∂f/∂q and ∫ ∂²f/∂q² over the tail above z ≥ 0, each divided by f(z).
  private func integrals(
    _ z: Double, _ shape: Double
  ) -> (zeroth: Double, first: Double, second: Double) {
    let from = Exponent(z, shape).value
    let length = Self.reach(z, shape, from + 42) - z
    // A step of the search may ask for a shape at which the tail has no end in doubles.
    guard length.isFinite, shape.magnitude < Self.steepest else { return (.nan, .nan, .nan) }
    // The mirrored distribution's derivative has the other sign.
    let sign: Double = shape == q ? 1 : -1
    var sums = (0.0, 0.0, 0.0)
    // E bends where qw grows by about one; beyond it is nearly straight, or the end is near.
    let unit = 1 / shape.magnitude
    var begin = 0.0
    var panel = 0
    while begin < length {
      var end = Swift.min(length, Self.edge(panel) * unit)
      if panel == 0 { end = Swift.min(end, length / 2) }
      let width = end - begin
      for k in nodes.indices {
        let e = Exponent(z + begin + width * nodes[k], shape)
        let share = width * weights[k] * exponential(from - e.value)
        let slope = -sign * stirling.first - e.q
        sums.0 += share
        sums.1 += share * slope
        sums.2 += share * (slope * slope - stirling.second - e.qq)
      }
      begin = end
      panel += 1
    }
    return sums
  }

  /// Shapes beyond this are no distribution of times that anybody meets; the search turns back.
  private static let steepest = 1000.0

  /// Where a panel of the quadrature ends, in units of qw: 1.5, 4, 10, 22, 46, ….
  @inline(__always)
  private static func edge(_ panel: Int) -> Double {
    panel == 0 ? 1.5 : panel == 1 ? 4 : 6 * Double(1 << Swift.min(panel - 1, 40)) - 2
  }

  /// A point where (e^{qw} − 1 − qw)/q² has grown to `target`, or a little further.
  private static func reach(_ z: Double, _ q: Double, _ target: Double) -> Double {
    // e^v − 1 − v is at least v²/2 above zero, and below it v²/3 while v > −1, later −v − 1.
    var w = ((q >= 0 ? 2 : 3) * target).squareRoot()
    if q < 0, -q * w > 1 { w = (1 + q * q * target) / -q }
    if q > 0, q * w > 1 {
      // For v ≥ 1 and e^v ≥ 1 + v + c: v ≤ log(1 + 2v + c) from any larger v.
      let c = q * q * target
      for _ in 0..<3 { w = Swift.min(w, logarithm(1 + 2 * q * w + c) / q) }
    }
    // From beyond a convex function's root Newton's steps stay beyond it.
    for _ in 0..<3 {
      let e = Exponent(w, q)
      guard e.z > 0, e.value > target else { break }
      w -= (e.value - target) / e.z
    }
    return Swift.max(w, z + 1e-3)
  }
}

/// E = (e^{qz} − 1 − qz)/q² with its derivatives, smooth through q = 0.
struct Exponent {
  let value: Double
  let z: Double
  let zz: Double
  let q: Double
  let zq: Double
  let qq: Double

  @inline(__always)
  init(_ point: Double, _ shape: Double) {
    let x = shape * point
    let square = point * point
    let top = exponential(x)
    zz = top
    if x.magnitude < 1 {
      // φ(x) = Σ xʲ/(j + 2)! and its derivatives; closed forms cancel here.
      var (p0, p1, p2, r1) = (0.0, 0.0, 0.0, 0.0)
      for k in stride(from: Self.terms, through: 0, by: -1) {
        let j = Double(k)
        p0 = p0 * x + Self.factor[k + 2]
        p1 = p1 * x + (j + 1) * Self.factor[k + 3]
        p2 = p2 * x + (j + 1) * (j + 2) * Self.factor[k + 4]
        r1 = r1 * x + (j + 1) * Self.factor[k + 2]
      }
      value = square * p0
      z = point * (1 + x * p0)
      q = square * point * p1
      qq = square * square * p2
      zq = square * r1
    } else {
      let squared = shape * shape
      value = (top - 1 - x) / squared
      z = (top - 1) / shape
      q = (top * (x - 2) + x + 2) / (squared * shape)
      qq = (top * (x * x - 4 * x + 6) - 2 * x - 6) / (squared * squared)
      zq = (x * top - top + 1) / squared
    }
  }

  private static let terms = 17
  /// The reciprocals of the factorials.
  private static let factor: [Double] = {
    var values = [1.0]
    for k in 1...24 { values.append(values[k - 1] / Double(k)) }
    return values
  }()
}

extension LogGammaKernel {
  /// δ(q⁻²) = log Γ(k) − (k − ½)log k + k − ½log 2π at k = q⁻², with its derivatives in q.
  static func stirlingError(
    _ q: Double
  ) -> (value: Double, first: Double, second: Double) {
    let square = q * q
    if square <= 1.0 / 16 {
      // Σ B₂ⱼ/(2j(2j − 1)) q^{4j − 2}
      var (value, first, second) = (0.0, 0.0, 0.0)
      for (j, coefficient) in bernoulli.enumerated() {
        let exponent = Double(4 * j + 2)
        let base = coefficient * power(square, 2 * j)
        value += base * square
        first += exponent * base * q
        second += exponent * (exponent - 1) * base
      }
      return (value, first, second)
    }
    // By k, stepping up to where the series holds: δ(k) = δ(k + 1) + (k + ½)log(1 + 1/k) − 1.
    var k = 1 / square
    let start = k
    var (value, first, second) = (0.0, 0.0, 0.0)
    while k < 16 {
      let product = k * (k + 1)
      let growth = logarithmOnePlus(1 / k)
      value += (k + 0.5) * growth - 1
      first += growth - (k + 0.5) / product
      second += -1 / product + (product + 0.5) / (product * product)
      k += 1
    }
    for (j, coefficient) in bernoulli.enumerated() {
      let exponent = Double(2 * j + 1)
      let base = coefficient / (k * power(k * k, j))
      value += base
      first -= exponent * base / k
      second += exponent * (exponent + 1) * base / (k * k)
    }
    // k = q⁻²: dk/dq = −2q⁻³, d²k/dq² = 6q⁻⁴.
    let slope = -2 * start / q
    return (value, first * slope, second * slope * slope + first * 6 * start * start)
  }

  private static let bernoulli: [Double] = [
    1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360_360, 1.0 / 156,
    -3617.0 / 122_400,
  ]

  private static func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    for _ in 0..<exponent { result *= base }
    return result
  }
}

/// Nodes and weights of Gauss–Legendre quadrature on [0, 1].
struct GaussLegendre: Sendable {
  let nodes: [Double]
  let weights: [Double]

  static let twenty = GaussLegendre(20)

  /// Roots of the Legendre polynomial by Newton's method from Tricomi's approximation.
  init(_ count: Int) {
    var nodes: [Double] = []
    var weights: [Double] = []
    let n = Double(count)
    for k in 1...count {
      var x = cosine(Double.pi * (Double(k) - 0.25) / (n + 0.5))
      var slope = 0.0
      for _ in 0..<8 {
        var (before, value) = (1.0, x)
        for j in 2...count {
          let j = Double(j)
          (before, value) = (value, ((2 * j - 1) * x * value - (j - 1) * before) / j)
        }
        slope = n * (x * value - before) / (x * x - 1)
        x -= value / slope
      }
      nodes.append((1 - x) / 2)
      weights.append(1 / ((1 - x * x) * slope * slope))
    }
    (self.nodes, self.weights) = (nodes, weights)
  }
}
