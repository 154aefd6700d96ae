import DifferenceInDifferences
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct TwoPeriodTests {
  /// DRDID 1.2.3 on the trainees against the CPS comparisons, seven covariates.
  @Test(arguments: [
    (AdjustmentEstimator.doublyRobust, 1865.64228506, 644.907466552),
    (.improvedDoublyRobust, 1869.52544496, 644.933642931),
    (.outcomeRegression, 1415.78149116, 630.089471658),
    (.inverseProbability, 1846.87424562, 649.263776333),
    (.standardizedInverseProbability, 1818.57403895, 646.421573927),
  ])
  func earningsOfTrainees(
    _ estimator: AdjustmentEstimator, _ effect: Double, _ error: Double
  ) throws {
    let data = try Datasets.nsw()
    let result = try TwoPeriodDifferenceInDifferences(estimator: estimator).fit(
      before: data.before, after: data.after, treated: data.treated, covariates: data.covariates)
    #expect(close(result.estimate.estimate, effect))
    #expect(close(result.estimate.standardError ?? 0, error))
    #expect(close(result.influence.reduce(0, +) / 1e6, 0, Tolerance(relative: 0, absolute: 1e-6)))
    #expect(result.units == 16_177 && result.trimmedControls == 0)
  }

  @Test func pooledLeastSquares() throws {
    let data = try Datasets.nsw()
    let result = try TwoPeriodDifferenceInDifferences().fitPooled(
      before: data.before, after: data.after, treated: data.treated, covariates: data.covariates)
    #expect(close(result.estimate.estimate, 3621.2320612))
    #expect(close(result.estimate.standardError ?? 0, 660.591634011))
    #expect(close(result.unadjusted.estimate, result.estimate.estimate))
  }
}

@Suite struct TwoPeriodPropertyTests {
  private struct Small {
    var before: [Double] = []
    var after: [Double] = []
    var treated: [Bool] = []
    var x: [Double] = []
    var z: [Double] = []
    var design: DesignMatrix {
      DesignMatrix(matrix: Matrix(columns: [x, z]), names: ["x", "z"])
    }

    init(_ n: Int = 150) {
      var stream = RandomStream(seed: 5, name: "small")
      for _ in 0..<n {
        let (a, b) = (stream.normal(), stream.normal())
        let isTreated = stream.uniform() < 1 / (1 + Double(2.718281828).squareRoot() * (1.5 - a))
        before.append(a + stream.normal())
        after.append(2 * a + b + (isTreated ? 1 : 0) + stream.normal())
        treated.append(isTreated)
        x.append(a)
        z.append(b)
      }
    }
  }

  private func fit(
    _ data: Small, _ estimator: AdjustmentEstimator, weights: [Double]? = nil,
    clusters: Factor? = nil
  ) throws -> TwoPeriodResult {
    try TwoPeriodDifferenceInDifferences(estimator: estimator).fit(
      before: data.before, after: data.after, treated: data.treated, covariates: data.design,
      weights: weights, clusters: clusters)
  }

  @Test(arguments: AdjustmentEstimator.allCases)
  func duplicatedUnitsAreClusters(_ estimator: AdjustmentEstimator) throws {
    let data = Small()
    var twice = data
    twice.before += data.before
    twice.after += data.after
    twice.treated += data.treated
    twice.x += data.x
    twice.z += data.z
    let once = try fit(data, estimator)
    let n = data.before.count
    let pairs = Factor((0..<(2 * n)).map { "\($0 % n)" })
    let doubled = try fit(twice, estimator, clusters: pairs)
    #expect(close(once.estimate.estimate, doubled.estimate.estimate, .converged))
    #expect(
      close(once.estimate.standardError ?? 0, doubled.estimate.standardError ?? 1, .converged))
    // A weight of two is the same as the unit twice, for the point estimate.
    let weights = (0..<n).map { $0 % 3 == 0 ? 2.0 : 1 }
    var some = data
    for i in 0..<n where i % 3 == 0 {
      some.before.append(data.before[i])
      some.after.append(data.after[i])
      some.treated.append(data.treated[i])
      some.x.append(data.x[i])
      some.z.append(data.z[i])
    }
    let weighted = try fit(data, estimator, weights: weights)
    let repeated = try fit(some, estimator)
    #expect(close(weighted.estimate.estimate, repeated.estimate.estimate, .converged))
  }

  @Test(arguments: AdjustmentEstimator.allCases)
  func covariatesMayBeRescaledAndOutcomesToo(_ estimator: AdjustmentEstimator) throws {
    let data = Small()
    var other = data
    other.x = data.x.map { 1e6 * $0 - 3e6 }
    other.before = data.before.map { 10 * $0 }
    other.after = data.after.map { 10 * $0 }
    let first = try fit(data, estimator)
    let second = try fit(other, estimator)
    #expect(close(10 * first.estimate.estimate, second.estimate.estimate, .published))
    #expect(
      close(10 * (first.estimate.standardError ?? 0), second.estimate.standardError ?? 1))
  }

  @Test(arguments: AdjustmentEstimator.allCases)
  func withoutCovariatesAllAgree(_ estimator: AdjustmentEstimator) throws {
    let data = Small()
    let result = try TwoPeriodDifferenceInDifferences(estimator: estimator).fit(
      before: data.before, after: data.after, treated: data.treated)
    #expect(close(result.estimate.estimate, result.unadjusted.estimate, .converged))
    #expect(
      close(
        result.estimate.standardError ?? 0, result.unadjusted.standardError ?? 1, .converged))
    let means = result.cells.map(\.mean)
    #expect(
      close(result.estimate.estimate, means[1] - means[0] - means[3] + means[2], .converged))
    #expect(result.cells.map(\.units).reduce(0, +) == 300)
  }

  @Test func aConstantOutcomeAmongControlsIsFine() throws {
    var data = Small()
    for i in data.treated.indices where !data.treated[i] { data.after[i] = data.before[i] }
    let result = try fit(data, .doublyRobust)
    let gains = data.treated.indices.filter { data.treated[$0] }.map {
      data.after[$0] - data.before[$0]
    }
    let mean = gains.reduce(0, +) / Double(gains.count)
    #expect(close(result.estimate.estimate, mean, .converged))
  }

  @Test func mistakesAreNamed() throws {
    let data = Small(40)
    func error(_ change: (inout Small) -> Void) -> SiblingError? {
      var wrong = data
      change(&wrong)
      do {
        _ = try fit(wrong, .doublyRobust)
        return nil
      } catch {
        return error as? SiblingError
      }
    }
    #expect(error { $0.before[7] = .nan }?.row == 7)
    #expect(error { $0.after[3] = .infinity }?.code == .missingValue)
    #expect(error { $0.after.removeLast() }?.code == .sizeMismatch)
    let cell = error { $0.z[5] = .nan }
    #expect(cell?.row == 5 && cell?.column == "z")
    #expect(error { $0.treated = $0.treated.map { _ in true } }?.code == .constantTreatment)
    #expect(error { $0.treated = $0.treated.map { _ in false } }?.code == .constantTreatment)
    // A covariate that tells the arms apart leaves nothing to compare.
    let apart = error { $0.x = $0.treated.map { $0 ? 1 : 0 } }
    #expect(apart?.code == .separation || apart?.code == .rankDeficient)
    #expect(error { $0.x = $0.z } == nil)
    #expect(throws: SiblingError.self) {
      try fit(data, .doublyRobust, clusters: Factor(data.x.map { _ in "one" }))
    }
  }
}
