import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite("Rubin's rules")
struct PoolingTests {
  @Test("Three imputations, worked by hand")
  func worked() throws {
    // Q̄ = 3; Ū = 2; B = 1; T = 2 + 4/3 = 10/3; r = 2/3; λ = 2/5; ν = 2/(4/25) = 12.5.
    let pooled = try RubinPooling().pool(estimates: [2, 3, 4], variances: [1, 2, 3])
    #expect(close(pooled.estimate, 3, .closedForm))
    #expect(close(pooled.withinVariance, 2, .closedForm))
    #expect(close(pooled.betweenVariance, 1, .closedForm))
    #expect(close(pooled.totalVariance, 10.0 / 3, .closedForm))
    #expect(close(pooled.relativeIncrease, 2.0 / 3, .closedForm))
    #expect(close(pooled.degreesOfFreedom ?? .nan, 12.5, .closedForm))
    // FMI = (r + 2/(ν + 3))/(r + 1) = (2/3 + 4/31)/(5/3) = 74/155.
    #expect(close(pooled.fractionMissing, 74.0 / 155, .closedForm))
    let row = pooled.row(term: "ATT", convention: "t")
    #expect(close(row.statistic ?? .nan, 3 / (10.0 / 3).squareRoot(), .closedForm))
    #expect(row.degreesOfFreedom == pooled.degreesOfFreedom)
  }

  @Test("Barnard and Rubin's degrees of freedom never exceed the complete data's")
  func barnardRubin() throws {
    // ν_obs = (21/23)·20·(3/5) = 252/23; ν = 12.5·ν_obs/(12.5 + ν_obs) = 6300/1079.
    let pooled = try RubinPooling(completeDegreesOfFreedom: 20).pool(
      estimates: [2, 3, 4], variances: [1, 2, 3])
    #expect(close(pooled.degreesOfFreedom ?? .nan, 6300.0 / 1079, .closedForm))
    let same = try RubinPooling(completeDegreesOfFreedom: 20).pool(
      estimates: [3, 3, 3], variances: [4, 4, 4])
    #expect(close(same.degreesOfFreedom ?? .nan, 420.0 / 23, .closedForm))
    #expect(close(same.standardError, 2, .closedForm))
    let normal = try RubinPooling().pool(estimates: [3, 3], variances: [4, 4])
    #expect(normal.degreesOfFreedom == nil)
    #expect(normal.fractionMissing == 0)
  }

  @Test("What can't be pooled is refused")
  func refusals() {
    func code(
      _ rule: RubinPooling, _ estimates: [Double], _ variances: [Double]
    ) -> SiblingError.Code? {
      do throws(SiblingError) {
        _ = try rule.pool(estimates: estimates, variances: variances)
        return nil
      } catch {
        return error.code
      }
    }
    #expect(code(RubinPooling(), [1], [1]) == .tooFewObservations)
    #expect(code(RubinPooling(), [1, 2], [1]) == .sizeMismatch)
    #expect(code(RubinPooling(), [1, .nan], [1, 1]) == .badValue)
    #expect(code(RubinPooling(), [1, 2], [1, -1]) == .badValue)
    #expect(code(RubinPooling(level: 1), [1, 2], [1, 1]) == .invalidOption)
    #expect(
      code(RubinPooling(completeDegreesOfFreedom: 0), [1, 2], [1, 1]) == .invalidOption)
  }
}

@Suite("Bootstrap")
struct BootstrapTests {
  let values = (0..<60).map { Double(($0 * 37) % 61) }

  @Test("The mean's standard error, and the same bytes on any number of threads")
  func mean() throws {
    let before = Parallel.threads
    defer { Parallel.setThreads(before) }
    let data = values
    var samples: [Bootstrap.Sample] = []
    for threads in [1, 4] {
      Parallel.setThreads(threads)
      samples.append(
        try Bootstrap(replicates: 2000, seed: 9).sample(rows: data.count) {
          (weights) throws(SiblingError) in
          #expect(weights.reduce(0, +) == 60)
          return [zip(weights, data).reduce(0) { $0 + $1.0 * $1.1 } / 60]
        })
    }
    #expect(samples[0] == samples[1])
    let mean = data.reduce(0, +) / 60
    let exact = (data.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 60 / 60).squareRoot()
    let found = samples[0].covariance[0][0].squareRoot()
    #expect((found / exact - 1).magnitude < 0.06)
    #expect(samples[0].units == 60)
  }

  @Test("Clusters are drawn whole; rows of none never")
  func clusters() throws {
    let units = Factor(
      codes: (0..<60).map { $0 < 6 ? -1 : Int32($0 % 7) }, levels: (0..<7).map { "\($0)" })
    let sample = try Bootstrap(replicates: 20, seed: 1).sample(rows: 60, units: units) {
      (weights) throws(SiblingError) in
      for row in 0..<6 { #expect(weights[row] == 0) }
      for row in 6..<60 { #expect(weights[row] == weights[(row % 7) + 7]) }
      return [weights[10]]
    }
    #expect(sample.units == 7)
  }

  @Test("Failures are counted, and too many refused")
  func failures() throws {
    let some = try Bootstrap(replicates: 50, seed: 2).sample(rows: 60) {
      (weights) throws(SiblingError) in [weights[0] > 3 ? .nan : weights[0]]
    }
    #expect(some.failures + some.statistics.count == 50)
    #expect(throws: SiblingError.self) {
      try Bootstrap(replicates: 50, seed: 2).sample(rows: 60) { (_) throws(SiblingError) in
        throw SiblingError(.separation, "no")
      }
    }
    #expect(throws: SiblingError.self) {
      try Bootstrap(replicates: 1).sample(rows: 60) { (_) throws(SiblingError) in [1] }
    }
    #expect(throws: SiblingError.self) {
      try Bootstrap(replicates: 9).sample(rows: 1) { (_) throws(SiblingError) in [1] }
    }
  }
}
