import Statistics
import TestSupport
import Testing

@Suite struct DistributionTests {
  private static let continuous: [any ContinuousDistribution] = [
    Normal(mean: 1, standardDeviation: 2), StudentT(degreesOfFreedom: 0.7),
    StudentT(degreesOfFreedom: 9), StudentT(degreesOfFreedom: 3e5), ChiSquared(degreesOfFreedom: 1),
    ChiSquared(degreesOfFreedom: 4000), FDistribution(numerator: 3, denominator: 17.5),
    FDistribution(numerator: 900, denominator: 0.8), Gamma(shape: 0.02, rate: 3),
    Gamma(shape: 2e5), Beta(a: 0.03, b: 700), Beta(a: 5e4, b: 2e4), Beta(a: 2, b: 1),
    Exponential(rate: 0.2), Weibull(shape: 0.7, scale: 4), LogNormal(standardDeviationLog: 2),
    Logistic(location: -1, scale: 3), Uniform(low: -2, high: 5),
  ]
  private static let discrete: [any DiscreteDistribution] = [
    Binomial(trials: 37, probability: 0.21), Poisson(mean: 4.4),
    NegativeBinomial(size: 2.5, mean: 7), Geometric(probability: 0.15),
    Hypergeometric(marked: 12, unmarked: 30, drawn: 17),
  ]

  @Test func quantilesInvertBothTails() {
    let probabilities = [1e-290, 1e-40, 1e-9, 0.004, 0.3, 0.5, 0.77, 0.999]
    for distribution in Self.continuous {
      for p in probabilities {
        let upper = distribution.upperQuantile(p)
        let lower = distribution.quantile(p)
        // A tail moves by density · |x| · 1e-16 when x is rounded.
        let spread = 1e-15 * (distribution.density(upper) * upper.magnitude / p + 1)
        if upper > 1e-300, upper < 1e300, spread < 1e-9, distribution.upperTail(upper) < 1 {
          let tail = distribution.upperTail(upper)
          #expect(
            close(tail / p, 1, Tolerance(relative: 1e-12 + 20 * spread)), "\(distribution) \(p)")
        }
        let low = 1e-15 * (distribution.density(lower) * lower.magnitude / p + 1)
        if lower.magnitude > 1e-300, lower < 1e300, low < 1e-9, distribution.lowerTail(lower) < 1 {
          let tail = distribution.lowerTail(lower)
          #expect(close(tail / p, 1, Tolerance(relative: 1e-12 + 20 * low)), "\(distribution) \(p)")
        }
      }
    }
  }

  @Test func quantilesAreMonotone() {
    for distribution in Self.continuous {
      let points = (1..<200).map { distribution.quantile(Double($0) / 200) }
      #expect(zip(points, points.dropFirst()).allSatisfy { $0 <= $1 }, "\(distribution)")
    }
    for distribution in Self.discrete {
      let points = (1..<200).map { distribution.quantile(Double($0) / 200) }
      #expect(zip(points, points.dropFirst()).allSatisfy { $0 <= $1 }, "\(distribution)")
    }
  }

  @Test func probabilitiesOutsideZeroToOneGiveNaN() {
    for p in [-1e-9, 1 + 1e-9, .nan, .infinity] {
      for distribution in Self.continuous {
        #expect(distribution.quantile(p).isNaN && distribution.upperQuantile(p).isNaN)
      }
      for distribution in Self.discrete {
        #expect(distribution.quantile(p).isNaN && distribution.upperQuantile(p).isNaN)
      }
    }
    for distribution in Self.continuous {
      #expect(distribution.lowerTail(.nan).isNaN && distribution.upperTail(.nan).isNaN)
      #expect(distribution.density(.nan).isNaN)
    }
  }

  @Test func zeroAndOneGiveTheEndsOfTheSupport() {
    let infinite = Double.infinity
    let ends: [(any ContinuousDistribution, Double, Double)] = [
      (Normal.standard, -infinite, infinite), (StudentT(degreesOfFreedom: 3), -infinite, infinite),
      (ChiSquared(degreesOfFreedom: 3), 0, infinite), (Beta(a: 2, b: 0.3), 0, 1),
      (FDistribution(numerator: 2, denominator: 5), 0, infinite), (Gamma(shape: 4), 0, infinite),
      (Exponential(), 0, infinite), (Weibull(shape: 2), 0, infinite),
      (LogNormal(), 0, infinite), (Logistic(), -infinite, infinite), (Uniform(high: 3), 0, 3),
    ]
    for (distribution, low, high) in ends {
      #expect(distribution.quantile(0) == low && distribution.quantile(1) == high)
      #expect(distribution.upperQuantile(1) == low && distribution.upperQuantile(0) == high)
      #expect(distribution.lowerTail(low) == 0 && distribution.upperTail(low) == 1)
      #expect(distribution.lowerTail(high) == 1 && distribution.upperTail(high) == 0)
    }
    #expect(Binomial(trials: 9, probability: 0.4).quantile(1) == 9)
    #expect(Poisson(mean: 2).quantile(1) == infinite && Poisson(mean: 2).quantile(0) == 0)
    #expect(Hypergeometric(marked: 5, unmarked: 3, drawn: 6).quantile(0) == 3)
  }

  @Test func parametersOutOfRangeGiveNaN() {
    let wrong: [any ContinuousDistribution] = [
      Normal(standardDeviation: 0), StudentT(degreesOfFreedom: 0), StudentT(degreesOfFreedom: .nan),
      ChiSquared(degreesOfFreedom: -1), FDistribution(numerator: 0, denominator: 3),
      FDistribution(numerator: 3, denominator: -2), Gamma(shape: 0), Gamma(shape: 1, rate: -1),
      Beta(a: 0, b: 1), Beta(a: 1, b: .nan), Exponential(rate: 0), Weibull(shape: -1),
      LogNormal(standardDeviationLog: -1), Logistic(scale: 0), Uniform(low: 2, high: 2),
    ]
    for distribution in wrong {
      let answers = [
        distribution.density(0.5), distribution.lowerTail(0.5), distribution.upperTail(0.5),
        distribution.quantile(0.3), distribution.upperQuantile(0.3),
      ]
      #expect(answers.allSatisfy { $0.isNaN }, "\(distribution): \(answers)")
    }
    let counts: [any DiscreteDistribution] = [
      Binomial(trials: -1, probability: 0.5), Binomial(trials: 3, probability: 1.5),
      Poisson(mean: -1), NegativeBinomial(size: 0, probability: 0.5), Geometric(probability: 0),
      Hypergeometric(marked: 2, unmarked: 2, drawn: 5),
    ]
    for distribution in counts {
      let answers = [
        distribution.mass(1), distribution.lowerTail(1), distribution.upperTail(1),
        distribution.quantile(0.3), distribution.upperQuantile(0.3),
      ]
      #expect(answers.allSatisfy { $0.isNaN }, "\(distribution): \(answers)")
    }
  }

  @Test func massesSumToTheTails() {
    for distribution in Self.discrete {
      var sum = 0.0
      for k in 0..<60 {
        sum += distribution.mass(k)
        #expect(close(sum, distribution.lowerTail(k), .closedForm), "\(distribution) at \(k)")
        #expect(close(1 - sum, distribution.upperTail(k), Tolerance(relative: 1, absolute: 1e-13)))
        // In a saturated tail the probability no longer names its k.
        guard distribution.upperTail(k) > 1e-12 else { continue }
        #expect(distribution.quantile(distribution.lowerTail(k)) == Double(k))
        #expect(distribution.upperQuantile(distribution.upperTail(k)) == Double(k))
      }
    }
  }

  @Test func identitiesBetweenFamilies() {
    let t = StudentT(degreesOfFreedom: 6.5)
    for x in [0.2, 1.7, 4, 60] {
      let squared = FDistribution(numerator: 1, denominator: 6.5).upperTail(x * x)
      #expect(close(squared / t.twoSidedTail(x), 1, .closedForm))
      let normal = 2 * Normal.standard.upperTail(min(x, 30))
      let chi = ChiSquared(degreesOfFreedom: 1).upperTail(min(x, 30) * min(x, 30))
      #expect(close(chi / normal, 1, .closedForm))
    }
    // Without end the degrees of freedom give the limits.
    let limit = StudentT(degreesOfFreedom: .infinity)
    #expect(limit.upperTail(2) == Normal.standard.upperTail(2))
    #expect(
      close(StudentT(degreesOfFreedom: 1e17).upperQuantile(0.025), limit.upperQuantile(0.025)))
    let wide = FDistribution(numerator: 4, denominator: .infinity)
    #expect(close(wide.upperTail(2), ChiSquared(degreesOfFreedom: 4).upperTail(8), .closedForm))
  }

  @Test func logarithmsGoWhereValuesUnderflow() {
    #expect(close(Normal.standard.logUpperTail(3), logTailAtThree, .closedForm))
    // log Q(100) from its asymptotic series: −5000 − log(100 √2π) + log(1 − 1e-4 + 3e-8 − …)
    #expect(close(Normal.standard.logUpperTail(100), -5005.524208694205, .closedForm))
    #expect(close(Normal.standard.logLowerTail(-100), -5005.524208694205, .closedForm))
    #expect(close(StudentT(degreesOfFreedom: 1).logDensity(1e200), -922.1787670834677, .closedForm))
  }
  private let logTailAtThree = -6.607726221510349

  @Test func hugeParametersEnd() {
    // Far outside any use; the answers must come, and be probabilities.
    for size in [1e7, 1e9, 1e11] {
      #expect((0...1).contains(Beta(a: size, b: size).lowerTail(0.5)))
      #expect(
        close(ChiSquared(degreesOfFreedom: size).upperTail(size), 0.5, Tolerance(relative: 1e-3)))
      #expect(
        close(
          StudentT(degreesOfFreedom: size).quantile(0.975), 1.959963984540054,
          Tolerance(relative: 1e-6)))
      #expect(close(FDistribution(numerator: size, denominator: size).quantile(0.5), 1))
    }
  }
}
