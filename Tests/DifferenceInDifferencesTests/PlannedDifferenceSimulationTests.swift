import DifferenceInDifferences
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct PlannedDifferenceSimulationTests {
  private let plan = PlannedDifferenceInDifferences(
    treatedSites: 5, comparisonSites: 10, periodsBefore: 4, periodsAfter: 3, standardDeviation: 1,
    autocorrelation: 0.5, noise: 0.4)

  @Test func formulaAndSimulationAgree() throws {
    let effect = try plan.detectableEffect()
    let rates = try plan.simulated(effect: effect, PlannedSimulation(samples: 1500, seed: 2))
    #expect((rates[0].power - 0.8).magnitude < 4 * rates[0].powerError + 0.005)
    #expect((rates[0].size - 0.05).magnitude < 4 * rates[0].sizeError)
    #expect(rates[2].size < 0.05 + 4 * rates[2].sizeError)
  }

  /// CR2 of the changes is CR2 of the two-way regression on the panel, clustered by site.
  @Test func changesStandForThePanel() throws {
    let values: [[Double]] = [
      [1, 2, 4.5], [2, 1.5, 3], [0.3, 1, 1.6], [4, 4.4, 4.1], [2.2, 2.8, 2.5],
    ]
    var (outcome, term): ([Double], [Double]) = ([], [])
    var (unit, time): ([Int32], [Int32]) = ([], [])
    for site in 0..<5 {
      for period in 0..<3 {
        outcome.append(values[site][period])
        term.append(site < 2 && period == 2 ? 1 : 0)
        unit.append(Int32(site))
        time.append(Int32(period))
      }
    }
    let units = Factor(codes: unit, levels: ["a", "b", "c", "d", "e"])
    let sample = try FewClusterSample(
      outcome: outcome,
      design: DesignMatrix(matrix: Matrix(rows: 15, columns: 1, storage: term), names: ["x"]),
      term: 0, clusters: units, absorbed: [units, Factor(codes: time, levels: ["1", "2", "3"])])
    let whole = try #require(
      try ClusterRobustTable().rows(sample).first { $0.method == "CR2" }?.pValue)
    let changes = SiteTests(
      values: values.map { $0[2] - ($0[0] + $0[1]) / 2 }, sizes: [1, 1, 1, 1, 1], treated: 2)
    #expect(close(try #require(changes.biasReduced()), whole, Tolerance(relative: 1e-8)))
  }

  @Test func refusals() {
    let simulation = PlannedSimulation(samples: 5)
    #expect(throws: SiblingError.self) { try plan.simulated(effect: .nan, simulation) }
    var bad = plan
    bad.autocorrelation = 1
    #expect(throws: SiblingError.self) { try bad.simulated(effect: 1, simulation) }
  }
}
