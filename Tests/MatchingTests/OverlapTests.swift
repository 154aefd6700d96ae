import Foundation
import Statistics
import TestSupport
import Testing

@testable import Matching

/// The overlap coefficient: the area under both kernel densities at once.
@Suite("Overlap of two densities")
struct OverlapTests {
  /// The same integral the long way: densities by direct sums, Simpson's rule on a fine grid.
  private func direct(
    _ values: [Double], _ treatment: [Bool], _ weights: [Double], bandwidth: Double
  ) -> Double {
    let low = (values.min() ?? 0) - 9 * bandwidth
    let high = (values.max() ?? 0) + 9 * bandwidth
    let cells = 2 * Int((high - low) / bandwidth * 60)
    let step = (high - low) / Double(cells)
    let totals = [false, true].map { group in
      zip(weights, treatment).filter { $0.1 == group }.reduce(0) { $0 + $1.0 }
    }
    let scale = 1 / (bandwidth * (2 * Double.pi).squareRoot())
    var area = 0.0
    for cell in 0...cells {
      let x = low + Double(cell) * step
      var heights = [0.0, 0.0]
      for row in values.indices {
        let z = (x - values[row]) / bandwidth
        if z.magnitude > 9 { continue }
        let group = treatment[row] ? 1 : 0
        heights[group] += weights[row] / totals[group] * scale * exp(-z * z / 2)
      }
      let share = cell == 0 || cell == cells ? 1.0 : cell % 2 == 1 ? 4 : 2
      area += share * min(heights[0], heights[1])
    }
    return area * step / 3
  }

  private func overlap(
    _ values: [Double], _ treatment: [Bool], _ weights: [Double]
  ) throws -> (before: Double, after: Double, bandwidth: Double) {
    let covariate = BalanceCovariate(name: "x", values: values)
    let rows = try BalanceAssessment().assess(
      treatment: treatment, weights: weights, covariates: [covariate]
    ).rows
    let comparison = try CovariateComparison(
      treatment: treatment, weights: weights, covariate: covariate)
    return (
      try #require(rows[0].overlap), try #require(rows[1].overlap),
      try #require(comparison.bandwidth)
    )
  }

  @Test("Within 2e-6 of the integral done directly", arguments: 0..<6)
  func accuracy(seed: Int) throws {
    var draws = RandomStream(seed: UInt64(seed), name: "overlap")
    func uniform() -> Double { Double(draws.next() >> 11) * 0x1p-53 }
    func normal() -> Double { Normal.standard.quantile(max(uniform(), 1e-12)) }
    let n = 60
    let treatment = (0..<n).map { $0 % 3 == 0 }
    let values = (0..<n).map { row -> Double in
      switch seed {
      case 0: normal() + (treatment[row] ? 0.5 : 0)
      // Whole numbers: every value stands at one place between the points of the grid.
      case 1: (10 * uniform()).rounded(.down)
      case 2: exp(2 * normal())
      // Far apart: stretches of the grid have nobody.
      case 3: normal() + (row % 5 == 0 ? 4000 : 0) + (row == 7 ? 1e6 : 0)
      case 4: row % 2 == 0 ? 0 : 20 * uniform()
      default: normal() * (treatment[row] ? 3 : 1)
      }
    }
    let weights = (0..<n).map { _ in uniform() < 0.2 ? 0 : uniform() }
    let found = try overlap(values, treatment, weights)
    // The long way sums over all the empty stretches too, so it is done piece by piece there.
    guard seed != 3 else {
      #expect(found.before > 0.5 && found.before < 1)
      let near = values.indices.filter { values[$0] < 100 }
      func sum(_ rows: [Int], _ group: Bool) -> Double {
        rows.reduce(0) { $0 + (treatment[$1] == group ? 1 : 0) }
      }
      // Each cluster's area follows from its own rows with its shares of the groups.
      var area = 0.0
      for rows in [near, values.indices.filter { values[$0] > 100 && values[$0] < 1e5 }] {
        let all = Array(values.indices)
        let masses = rows.map { row in
          1 / sum(all, treatment[row])
        }
        area += clusterArea(
          rows.map { values[$0] }, rows.map { treatment[$0] }, masses, found.bandwidth)
      }
      #expect((found.before - area).magnitude < 2e-6)
      return
    }
    let ones = [Double](repeating: 1, count: n)
    #expect(
      (found.before - direct(values, treatment, ones, bandwidth: found.bandwidth)).magnitude < 2e-6)
    #expect(
      (found.after - direct(values, treatment, weights, bandwidth: found.bandwidth)).magnitude
        < 2e-6)
  }

  /// The common area of one cluster, whose rows have masses that don't add up to one.
  private func clusterArea(
    _ values: [Double], _ treatment: [Bool], _ masses: [Double], _ bandwidth: Double
  ) -> Double {
    let low = (values.min() ?? 0) - 9 * bandwidth
    let high = (values.max() ?? 0) + 9 * bandwidth
    let cells = 2 * Int((high - low) / bandwidth * 60)
    let step = (high - low) / Double(cells)
    var area = 0.0
    for cell in 0...cells {
      let x = low + Double(cell) * step
      var heights = [0.0, 0.0]
      for row in values.indices {
        let z = (x - values[row]) / bandwidth
        heights[treatment[row] ? 1 : 0] +=
          masses[row] * exp(-z * z / 2) / (bandwidth * (2 * Double.pi).squareRoot())
      }
      area += (cell == 0 || cell == cells ? 1 : cell % 2 == 1 ? 4 : 2) * min(heights[0], heights[1])
    }
    return area * step / 3
  }

  @Test("Equal groups overlap wholly, groups far apart not at all")
  func ends() throws {
    let values = (0..<40).map { Double($0 / 2) }
    let treatment = (0..<40).map { $0 % 2 == 0 }
    let ones = [Double](repeating: 1, count: 40)
    #expect(try overlap(values, treatment, ones).before > 1 - 1e-12)
    let apart = values.indices.map { treatment[$0] ? values[$0] : values[$0] + 1e6 }
    #expect(try overlap(apart, treatment, ones).before < 2e-6)
  }

  @Test("Nothing but the bandwidth's unit depends on the scale")
  func scaling() throws {
    let lalonde = try Lalonde()
    let weights = Golden.numbers(lalonde.golden["w_nearest_replace"])
    let values = lalonde.column("re74")
    let one = try overlap(values, lalonde.treatment, weights)
    let two = try overlap(values.map { 40 - 0.25 * $0 }, lalonde.treatment, weights)
    #expect((one.before - two.before).magnitude < 4e-6)
    #expect((one.after - two.after).magnitude < 4e-6)
    #expect(close(one.bandwidth, 4 * two.bandwidth, .converged))
  }
}
