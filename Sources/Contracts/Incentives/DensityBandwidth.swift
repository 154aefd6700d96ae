internal import Glibc
internal import Statistics

/// Bandwidths with a small mean squared error, from two preliminary fits.
///
/// Density and third derivatives are first estimated with the bandwidths that would be best for uniform
/// kernels if the variable were normal. Their variance V and squared bias B² give h = (V/(2p B² n)) to the
/// power 1/(2p + 1). No bandwidth holds fewer than 20 + p + 1 observations or distinct values on its
/// side.
struct DensityBandwidth: Sendable {
  /// For the left density, the right one, their difference and their sum.
  let each: (left: Double, right: Double)
  let difference: Double
  let sum: Double

  /// - Throws: `tooFewObservations` where a preliminary fit is impossible.
  init(_ sample: DensitySample, _ test: LocalPolynomialDensityTest) throws(SiblingError) {
    let order = test.order
    let refusal = SiblingError(
      .tooFewObservations, "there are too few values on a side to choose a bandwidth",
      help: "Give the bandwidth, or look at a threshold with more jobs around it.")
    let pilots = Self.pilots(sample, order)
    func fit(_ degree: Int, _ width: Double) throws(SiblingError) -> DensityFit {
      let plan = DensityFit.Plan(
        columns: DensityColumns(model: test.model, degree: degree), kernel: test.kernel,
        leftBandwidth: width, rightBandwidth: width,
        handlesMassPoints: test.handlesMassPoints)
      guard let fit = DensityFit(sample, plan) else { throw refusal }
      return fit
    }
    let density = try fit(order, pilots.density)
    let curved = try fit(order + 2, pilots.derivative)
    let columns = DensityColumns(model: test.model, degree: order)
    // Densities shape the limit where sides share coefficients; elsewhere they only scale it.
    let isShared = test.model == .restricted
    guard
      let limit = DensityLimit(
        columns, kernel: test.kernel, leftDensity: isShared ? density.left : 1,
        rightDensity: isShared ? density.right : 1)
    else { throw refusal }
    let bias = Self.bias(curved, limit, test)
    let size = Double(sample.observations)
    var variance = (limit.left, limit.right, limit.covariance)
    if !isShared { variance = (limit.left * density.left, limit.right * density.right, 0) }
    if test.variance == .jackknife {
      let scale = size * pilots.density
      variance = (
        density.leftVariance * scale, density.rightVariance * scale, density.covariance * scale
      )
    }
    func best(_ variance: Double, _ bias: Double) -> Double {
      let p = Double(order)
      return pow(variance / (2 * p * bias * bias * size), 1 / (2 * p + 1))
    }
    let together = variance.0 + variance.1
    let needed = 20 + order + 1
    let least = (
      sample.distance(holding: needed, isRight: false),
      sample.distance(holding: needed, isRight: true)
    )
    let most = (sample.farthest(isRight: false), sample.farthest(isRight: true))
    func bounded(_ width: Double, _ least: Double, _ most: Double) -> Double {
      width.isNaN ? most : min(max(width, least), most)
    }
    each = (
      bounded(best(variance.0, bias.left), least.0, most.0),
      bounded(best(variance.1, bias.right), least.1, most.1)
    )
    let (low, high) = (max(least.0, least.1), max(most.0, most.1))
    difference = bounded(
      best(together - 2 * variance.2, bias.right - bias.left), low, high)
    sum = bounded(best(together + 2 * variance.2, bias.right + bias.left), low, high)
  }

  /// The left and right bandwidth of a rule.
  func chosen(
    _ rule: LocalPolynomialDensityTest.BandwidthRule, _ model: LocalPolynomialDensityTest.Model
  ) -> (left: Double, right: Double) {
    func middle(_ a: Double, _ b: Double, _ c: Double) -> Double { [a, b, c].sorted()[1] }
    switch rule {
    case .each: return each
    case .diff: return (difference, difference)
    case .sum: return (sum, sum)
    case .comb:
      if model == .restricted {
        let width = min(difference, sum)
        return (width, width)
      }
      return (middle(each.left, difference, sum), middle(each.right, difference, sum))
    }
  }

  /// The leading bias of either slope, per bandwidth to the power of the order.
  private static func bias(
    _ curved: DensityFit, _ limit: DensityLimit, _ test: LocalPolynomialDensityTest
  ) -> (left: Double, right: Double) {
    let columns = DensityColumns(model: test.model, degree: test.order + 2)
    func coefficient(isRight: Bool) -> Double {
      let column = (0..<columns.count).first {
        columns.power($0, isRight: isRight) == test.order + 1
      }
      return column.map { curved.coefficients[$0] } ?? .nan
    }
    return (
      limit.leftBias * coefficient(isRight: false), limit.rightBias * coefficient(isRight: true)
    )
  }

  /// Preliminary bandwidths for the density and for the derivative of the order above, as if normal.
  private static func pilots(
    _ sample: DensitySample, _ order: Int
  ) -> (density: Double, derivative: Double) {
    let z = -sample.mean / sample.deviation
    let phi = Normal.standard.density(z)
    let size = Double(sample.observations)
    let p = Double(order)
    func width(_ ratio: Double, _ hermite: Int, _ scale: Double, _ power: Double) -> Double {
      let slope = Self.hermite(hermite, z)
      let width = pow(scale * ratio / (slope * slope * phi) / size, 1 / power) * sample.deviation
      return width.isNaN ? .infinity : width
    }
    let flat = UniformFit.ratio(degree: order, coefficient: 1)
    let steep = UniformFit.ratio(degree: order + 2, coefficient: order + 1)
    let density = width(flat, order, 1 / (2 * p), 2 * p + 1)
    let derivative = width(steep, order + 2, (2 * p + 1) / 4, 2 * p + 5)
    let most = max(sample.farthest(isRight: false), sample.farthest(isRight: true))
    func bounded(_ width: Double, _ needed: Int) -> Double {
      let least = max(
        sample.distance(holding: needed, isRight: false),
        sample.distance(holding: needed, isRight: true))
      return min(max(width, least), most)
    }
    return (bounded(density, 20 + order + 1), bounded(derivative, 20 + order + 3))
  }

  /// Hermite's polynomial of probability: φ⁽ᵏ⁾ is ± it times φ.
  private static func hermite(_ degree: Int, _ z: Double) -> Double {
    var (last, now) = (0.0, 1.0)
    for k in 0..<degree { (last, now) = (now, z * now - Double(k) * last) }
    return now
  }
}

/// One-sided fits with a uniform kernel, in the limit.
enum UniformFit {
  /// A coefficient's variance over the squared bias it has from the next power, both for density 1 and
  /// next derivative 1.
  ///
  /// The bias is the coefficient given to u to the power of degree + 1, over (degree + 1)!.
  static func ratio(degree: Int, coefficient: Int) -> Double {
    let kernel = LocalPolynomialDensityTest.Kernel.uniform
    guard
      let one = OneSidedLimit(kernel: kernel, degree: degree, coefficient: coefficient)
    else { return .nan }
    let factorial = (1...(degree + 1)).reduce(1.0) { $0 * Double($1) }
    return one.variance * factorial * factorial / (one.bias * one.bias)
  }
}
