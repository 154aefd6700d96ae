import Glibc
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

/// Group means of every column under weights.
func groupMeans(
  _ design: DesignMatrix, _ treatment: [Bool], _ weights: [Double], _ group: Bool
) -> [Double] {
  let own = zip(weights, treatment).map { $1 == group ? $0 : 0 }
  let total = own.reduce(0, +)
  return design.matrix.transposedTimes(own).map { $0 / total }
}

/// The largest distance between two sets of means, in standard deviations of the columns.
func distance(_ design: DesignMatrix, _ one: [Double], _ other: [Double]) -> Double {
  var largest = 0.0
  for column in 0..<design.columns {
    let kept = [Bool](repeating: true, count: design.rows)
    let spread = Moments.standardDeviation(design.matrix.column(column), kept: kept)
    if spread > 0 { largest = max(largest, ((one[column] - other[column]) / spread).magnitude) }
  }
  return largest
}

/// How far values are from a linear function of a design, on the given rows.
func departure(_ values: [Double], _ design: DesignMatrix, _ rows: [Int]) throws -> Double {
  let fit = try LeastSquares().fit(
    design.selecting(rows: rows), response: rows.map { values[$0] })
  return fit.residuals.map(\.magnitude).max() ?? 0
}

@Suite("Entropy balancing")
struct EntropyTests {
  let lalonde: Lalonde
  let everybody = [Double](repeating: 1, count: 614)

  init() throws { lalonde = try Lalonde() }

  @Test("The exact optimum on the lalonde data, as published")
  func golden() throws {
    let fit = try EntropyBalancing().fit(lalonde.design, treatment: lalonde.treatment)
    let effect = try MatchedEffect().estimate(
      outcome: lalonde.earnings, treatment: lalonde.treatment, weights: fit.weights,
      estimand: .att)
    #expect(close(effect.estimate.estimate, 1273.261813912))
    let size = effectiveSampleSize(fit.weights, where: lalonde.treatment, is: false)
    #expect((size - 98.457834).magnitude < 1e-6)
    #expect(fit.largestDifference < 1e-10)
    // The peer stopped 6.5e-5 short of the optimum.
    let peer = try Golden.json("balance_weights_effects.json")["ebal_w10"].doubles
    #expect(close(Array(fit.weights.suffix(10)), peer, .init(relative: 2e-4)))
  }

  // Moments that agree and log weights that are linear in them are the optimum: it is unique.
  @Test("Moments agree and log weights are linear", arguments: [Estimand.att, .atc, .ate], 1...3)
  func conditions(estimand: Estimand, order: Int) throws {
    let treatment = lalonde.treatment
    let moments = try BalancingMoments(order: order).expand(lalonde.design)
    #expect(moments.columns == [8, 12, 16][order - 1])
    guard estimand != .atc || order == 1 else {
      // The treated never earned as much as some comparisons did, nor spread as far.
      do throws(SiblingError) {
        _ = try EntropyBalancing(estimand: .atc).fit(moments, treatment: treatment)
        Issue.record("the second moments of earnings can't be reached")
      } catch {
        #expect(error.code == .noOverlap)
        // Those named are out of reach by themselves, and none of them could be spared.
        let named = Set(error.message.split(separator: "`").map(String.init))
        let columns = moments.names.indices.filter { named.contains(moments.names[$0]) }
        #expect(columns.count > 1)
        func reachable(_ columns: [Int]) -> Bool {
          let some = moments.selecting(columns: columns)
          return (try? EntropyBalancing(estimand: .atc).fit(some, treatment: treatment)) != nil
        }
        #expect(!reachable(columns))
        for spared in columns { #expect(reachable(columns.filter { $0 != spared })) }
      }
      return
    }
    let fit = try EntropyBalancing(estimand: estimand).fit(moments, treatment: treatment)
    let target =
      switch estimand {
      case .att: groupMeans(moments, treatment, everybody, true)
      case .atc: groupMeans(moments, treatment, everybody, false)
      default: moments.matrix.transposedTimes(everybody).map { $0 / 614 }
      }
    for group in [true, false] {
      #expect(distance(moments, groupMeans(moments, treatment, fit.weights, group), target) < 1e-10)
      let rows = treatment.indices.filter { treatment[$0] == group }
      #expect(close(rows.reduce(0) { $0 + fit.weights[$1] }, Double(rows.count), .closedForm))
      guard estimand == .ate || group == (estimand == .atc) else { continue }
      let constant = DesignMatrix(
        matrix: Matrix(
          columns: [everybody] + (0..<moments.columns).map { moments.matrix.column($0) }),
        names: ["(Intercept)"] + moments.names)
      #expect(try departure(fit.weights.map { log($0) }, constant, rows) < 1e-6)
    }
  }

  @Test("Interactions are products of terms, not of one factor's levels")
  func interactions() throws {
    let terms = DesignMatrix(
      matrix: lalonde.design.matrix, names: lalonde.design.names,
      assignment: [-1, 0, 1, 2, 2, 3, 4, 5, 6], terms: Lalonde.covariates)
    let moments = try BalancingMoments(includesInteractions: true).expand(terms)
    // 8 columns, 28 products less the one of the two levels of race.
    #expect(moments.columns == 8 + 27)
    #expect(moments.names.contains("age:educ"))
    #expect(!moments.names.contains("racehispan:racewhite"))
    let fit = try EntropyBalancing(estimand: .ate).fit(
      try BalancingMoments(order: 1, includesInteractions: true).expand(
        lalonde.design.selecting(columns: [0, 1, 2, 5])), treatment: lalonde.treatment)
    #expect(fit.moments == ["age", "educ", "married", "age:educ", "age:married", "educ:married"])
    #expect(fit.largestDifference < 1e-10)
  }

  @Test("A tolerance leaves exactly that much, changes no more than it must, and vanishes")
  func tolerance() throws {
    let treatment = lalonde.treatment
    var sizes: [Double] = []
    for tolerance in [0.0, 0.01, 0.05, 0.1, 5] {
      let fit = try EntropyBalancing(tolerance: tolerance).fit(
        lalonde.design, treatment: treatment)
      sizes.append(effectiveSampleSize(fit.weights, where: treatment, is: false))
      let balance = try BalanceAssessment().assess(
        treatment: treatment, weights: fit.weights, covariates: lalonde.balanceCovariates)
      let worst =
        balance.covariates(.adjusted).filter { $0.covariate != "race" }
        .compactMap { $0.standardizedMeanDifference?.magnitude }.max() ?? .nan
      if tolerance < 5 {
        #expect(close(worst, tolerance, .init(relative: 1e-9)))
      } else {
        #expect(close(fit.weights, everybody, .closedForm))
      }
      guard case .tilting(_, _, let tilts, _) = fit.origin, tolerance > 0 else { continue }
      // Optimality: a moment at its edge is pushed towards the target, others are left alone.
      let solution = tilts[0].solution
      for (lambda, shift) in zip(solution.coefficients, solution.shift) {
        #expect(lambda * shift < 0)
        #expect(shift.magnitude == tolerance)
      }
    }
    #expect(zip(sizes, sizes.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test("A tolerance for everybody bounds the difference between the groups")
  func toleranceForEverybody() throws {
    let fit = try EntropyBalancing(estimand: .ate, tolerance: 0.1).fit(
      lalonde.design, treatment: lalonde.treatment)
    let balance = try BalanceAssessment(estimand: .ate).assess(
      treatment: lalonde.treatment, weights: fit.weights, covariates: lalonde.balanceCovariates)
    for row in balance.covariates(.adjusted) where row.level == nil {
      #expect((row.standardizedMeanDifference ?? .nan).magnitude < 0.1 + 1e-9)
    }
  }

  @Test("Row order, scale and location, repeated rows, zero weights", arguments: [0.0, 0.05])
  func properties(tolerance: Double) throws {
    let balancing = EntropyBalancing(estimand: .ate, tolerance: tolerance)
    let treatment = lalonde.treatment
    let plain = try balancing.fit(lalonde.design, treatment: treatment).weights
    let order = Array((0..<614).reversed())
    let reversed = try balancing.fit(
      lalonde.design.selecting(rows: order), treatment: order.map { treatment[$0] }
    ).weights
    #expect(close(order.map { plain[$0] }, reversed, .published))
    var columns = (0..<lalonde.design.columns).map { lalonde.design.matrix.column($0) }
    columns[1] = columns[1].map { 1e6 + 1000 * $0 }
    columns[6] = columns[6].map { $0 / 1e7 }
    let scaled = try balancing.fit(
      DesignMatrix(matrix: Matrix(columns: columns), names: lalonde.design.names),
      treatment: treatment
    ).weights
    #expect(close(plain, scaled, .published))
    // Rows without sampling weight are as good as absent.
    let padded = lalonde.design.selecting(rows: Array(0..<614) + [0, 613])
    let zeros = try balancing.fit(
      padded, treatment: treatment + [true, false], samplingWeights: everybody + [0, 0]
    ).weights
    #expect(close(plain + [0, 0], zeros, .closedForm))
    guard tolerance == 0 else { return }
    let twice = (0..<614).flatMap { $0 % 3 == 0 ? [$0, $0] : [$0] }
    let repeated = try balancing.fit(
      lalonde.design.selecting(rows: twice), treatment: twice.map { treatment[$0] }
    ).weights
    let weighted = try balancing.fit(
      lalonde.design, treatment: treatment,
      samplingWeights: (0..<614).map { $0 % 3 == 0 ? 2 : 1 }
    ).weights
    #expect(close(twice.map { weighted[$0] }, repeated, .published))
  }

  @Test("Many rows: the same bytes on any number of threads, equal rows have equal weights")
  func manyRows() throws {
    var random = RandomStream(seed: 4, name: "entropy")
    let n = 140_000
    let x = (0..<n).map { _ in (random.uniform() * 8).rounded() }
    let z = (0..<n).map { _ in random.uniform() }
    let treatment = (0..<n).map { random.uniform() < 0.1 + 0.05 * x[$0] }
    let design = DesignMatrix(
      matrix: Matrix(columns: [x, z.map { $0 < 0.5 ? 1 : 0 }]), names: ["x", "z"])
    Parallel.setThreads(1)
    let one = try EntropyBalancing(estimand: .ate).fit(design, treatment: treatment)
    Parallel.setThreads(3)
    let three = try EntropyBalancing(estimand: .ate).fit(design, treatment: treatment)
    #expect(one.weights == three.weights)
    #expect(one.largestDifference < 1e-10)
    #expect(Set(one.weights).count <= 36)
  }
}
