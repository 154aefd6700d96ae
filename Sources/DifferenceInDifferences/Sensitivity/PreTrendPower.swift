internal import Glibc
internal import LinearAlgebra
public import Statistics

/// What a test of the effects before treatment would have found: straight-line violations of
/// parallel trends that it detects with a given power, and the bias they mean (Roth 2022,
/// doi 10.1257/aeri.20210236).
public struct PreTrendPower: Sendable, Equatable {
  /// The test of effects before treatment.
  public enum Test: String, Sendable, CaseIterable {
    /// Passed when no single estimate differs from zero, by the normal distribution.
    case individual = "individual"
    /// Passed when a Wald test of all of them together finds nothing, by χ².
    case joint = "joint"
  }

  /// The tests.
  public var tests: [Test]
  /// The powers at which slopes are sought.
  public var powers: [Double]
  /// The confidence level of the tests.
  public var level: Double

  /// Both tests at half and at four fifths power unless said otherwise.
  public init(
    tests: [Test] = Test.allCases, powers: [Double] = [0.5, 0.8], level: Double = 0.95
  ) {
    self.tests = tests
    self.powers = powers
    self.level = level
  }

  /// The slopes that the tests detect.
  ///
  /// - Throws: `invalidOption` for a power that is not above the test's size and below 1 or a level
  ///   outside (0.5, 1); `nonConvergence`.
  public func fit(_ data: EventStudyEstimates) throws(SiblingError) -> [PreTrendPowerResult] {
    guard level > 0.5, level < 1 else {
      throw SiblingError(.invalidOption, "The level must lie between 0.5 and 1.")
    }
    var results: [PreTrendPowerResult] = []
    for test in tests {
      let probe = try PreTestProbe(test, data, level: level)
      let size = probe.power(0)
      for power in powers {
        guard power > size, power < 0.9999 else {
          throw SiblingError(
            .invalidOption,
            "Power \(power) can't be had: without any trend the \(test.rawValue) test already"
              + " rejects with probability \((size * 1e4).rounded() / 1e4).",
            help: "Give powers above that and below 0.9999.", column: "power")
        }
        let slope = probe.slope(power)
        results.append(probe.result(slope, power))
      }
    }
    return results
  }
}

/// A straight-line violation of parallel trends and what it would do.
public struct PreTrendPowerResult: Sendable, Equatable {
  /// The test.
  public let test: PreTrendPower.Test
  /// The probability that the test detects the trend.
  public let power: Double
  /// The trend's slope, in units of the outcome a period; its mirror image has the same power.
  public let slope: Double
  /// What it does at each event time after the reference.
  public let effects: [Effect]

  /// The bias at one event time.
  public struct Effect: Sendable, Equatable {
    /// The event time.
    public let eventTime: Double
    /// The bias: the slope times the periods since the reference.
    public let bias: Double
    /// The bias on average over the studies whose test found nothing.
    public let biasWhenPassing: Double
  }
}

/// A test of effects before treatment at the covariance of a study.
private struct PreTestProbe {
  let test: PreTrendPower.Test
  let data: EventStudyEstimates
  private let box: NormalBox?
  private let cutoff: Double
  private let factor: Cholesky
  /// Periods since the reference, of the estimates before it and of those after.
  private let times: [Double]
  private let laterTimes: [Double]
  /// The non-centrality that a slope of 1 gives the joint test.
  private let unitNoncentrality: Double
  /// The standard error of the slope, a scale for the search.
  private let scale: Double

  init(
    _ test: PreTrendPower.Test, _ data: EventStudyEstimates, level: Double
  ) throws(SiblingError) {
    self.test = test
    self.data = data
    let covariance = data.covariance.selecting(both: data.pre)
    times = data.pre.map { data.eventTimes[$0] - data.reference }
    laterTimes = data.post.map { data.eventTimes[$0] - data.reference }
    do {
      factor = try Cholesky(covariance)
      let z = Normal.standard.upperQuantile((1 - level) / 2)
      box =
        test == .individual
        ? try NormalBox(
          covariance: covariance, halfWidth: covariance.diagonal.map { z * $0.squareRoot() })
        : nil
    } catch {
      throw SiblingError(.nonConvergence, "The covariance of the estimates is close to singular.")
    }
    cutoff = ChiSquared(degreesOfFreedom: Double(times.count)).upperQuantile(1 - level)
    unitNoncentrality = zip(times, factor.solve(times)).reduce(0) { $0 + $1.0 * $1.1 }
    scale = 1 / unitNoncentrality.squareRoot()
  }

  func power(_ slope: Double) -> Double {
    if let box { return 1 - box.moments(mean: times.map { $0 * slope }).probability }
    return 1 - Self.noncentral(cutoff, Double(times.count), slope * slope * unitNoncentrality)
  }

  /// The slope above zero with a power, by regula falsi (Illinois) after doubling.
  func slope(_ wanted: Double) -> Double {
    var low = 0.0
    var below = power(0) - wanted
    var high = scale
    var above = power(high) - wanted
    while above < 0 {
      (low, below) = (high, above)
      high *= 2
      above = power(high) - wanted
    }
    for _ in 0..<200 {
      if high - low <= 1e-10 * high { break }
      let middle = low + (high - low) * below / (below - above)
      let value = power(middle) - wanted
      if value == 0 || middle <= low || middle >= high { return middle }
      if value > 0 {
        (high, above) = (middle, value)
        below /= 2
      } else {
        (low, below) = (middle, value)
        above /= 2
      }
      if value.magnitude < 1e-12 { return middle }
    }
    return (low + high) / 2
  }

  func result(_ slope: Double, _ power: Double) -> PreTrendPowerResult {
    let mean = times.map { $0 * slope }
    let passing: [Double]
    if let box {
      passing = box.moments(mean: mean).means
    } else {
      // Within a ball the mean of a normal vector points where its centre does.
      let q = Double(times.count)
      let noncentrality = slope * slope * unitNoncentrality
      let share =
        Self.noncentral(cutoff, q + 2, noncentrality) / Self.noncentral(cutoff, q, noncentrality)
      passing = mean.map { $0 * share }
    }
    let pull = factor.solve(zip(passing, mean).map { $0 - $1 })
    let effects = data.post.enumerated().map { k, place in
      let bias = slope * laterTimes[k]
      let moved = data.pre.enumerated().reduce(0.0) {
        $0 + data.covariance[place, $1.element] * pull[$1.offset]
      }
      return PreTrendPowerResult.Effect(
        eventTime: data.eventTimes[place], bias: bias, biasWhenPassing: bias + moved)
    }
    return PreTrendPowerResult(test: test, power: power, slope: slope, effects: effects)
  }

  /// P(χ²_q(λ) ≤ c), as a Poisson mixture summed outwards from its largest term.
  private static func noncentral(_ c: Double, _ q: Double, _ noncentrality: Double) -> Double {
    let rate = noncentrality / 2
    let centre = rate.rounded(.down)
    func term(_ j: Double) -> Double {
      let weight = rate == 0 ? (j == 0 ? 1 : 0) : exp(j * log(rate) - rate - lgamma(j + 1))
      return weight * ChiSquared(degreesOfFreedom: q + 2 * j).lowerTail(c)
    }
    var sum = term(centre)
    var j = centre + 1
    while j < centre + 1e5 {
      let next = term(j)
      sum += next
      if next <= 1e-17 * sum { break }
      j += 1
    }
    j = centre - 1
    while j >= 0 {
      let next = term(j)
      sum += next
      if next <= 1e-17 * sum { break }
      j -= 1
    }
    return sum
  }
}
