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
