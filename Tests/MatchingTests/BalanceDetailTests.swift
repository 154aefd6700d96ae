import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

/// Powers, products, thresholds, quantiles and densities.
@Suite("Balance in detail")
struct BalanceDetailTests {
  let lalonde: Lalonde
  let weights: [Double]

  init() throws {
    lalonde = try Lalonde()
    weights = Golden.numbers(lalonde.golden["w_subclass6"])
  }

  private func assess(
    _ assessment: BalanceAssessment = BalanceAssessment(), rows: [Int]? = nil,
    weights given: [Double]? = nil
  ) throws -> Balance {
    let rows = rows ?? Array(lalonde.treatment.indices)
    let weights = given ?? weights
    return try assessment.assess(
      treatment: rows.map { lalonde.treatment[$0] }, weights: rows.map { weights[$0] },
      covariates: lalonde.balanceCovariates.map { covariate in
        BalanceCovariate(
          name: covariate.name, level: covariate.level, values: rows.map { covariate.values[$0] })
      }, score: rows.map { lalonde.score[$0] })
  }

  /// Every number of a row, NaN where it has none.
  private func numbers(_ row: Balance.Row) -> [Double] {
    [
      row.meanTreated, row.meanComparison, row.standardizedMeanDifference ?? .nan,
      row.varianceRatio ?? .nan, row.meanDistributionDifference ?? .nan,
      row.kolmogorovSmirnov ?? .nan, row.standardDeviation ?? .nan,
    ]
  }

  @Test("Products and powers are what the same columns made by hand give")
  func products() throws {
    let assessment = BalanceAssessment(
      estimand: .ate, includesInteractions: true, powers: [2, 3])
    let balance = try assess(assessment)
    let black = lalonde.balanceCovariates.first { $0.level == "black" }?.values ?? []
    let married = lalonde.column("married")
    let age = lalonde.column("age")
    let byHand = try BalanceAssessment(estimand: .ate).assess(
      treatment: lalonde.treatment, weights: weights,
      covariates: [
        BalanceCovariate(name: "age^2", values: age.map { $0 * $0 }),
        BalanceCovariate(name: "age^3", values: age.map { $0 * $0 * $0 }),
        BalanceCovariate(
          name: "age:race", level: "black", values: zip(age, black).map { $0 * $1 }),
        BalanceCovariate(
          name: "race:married", level: "black", values: zip(black, married).map { $0 * $1 }),
      ])
    for expected in byHand.rows where expected.covariate != "ess" {
      let found = try #require(
        balance.rows.first {
          $0.covariate == expected.covariate && $0.level == expected.level
            && $0.stage == expected.stage
        })
      #expect(close(numbers(found), numbers(expected), .closedForm), "\(expected.covariate)")
      #expect(found.isProduct)
    }
    // 9 columns: 36 pairs less the 3 of one factor's levels; 4 of them have powers.
    #expect(balance.covariates(.adjusted).count == 1 + 9 + 2 * 4 + 33)
    #expect(!balance.rows.contains { $0.covariate == "race:race" || $0.covariate == "married^2" })
    // What is added changes nothing of what was there, nor what counts as the worst.
    let plain = try assess(BalanceAssessment(estimand: .ate))
    let kept = balance.rows.filter { !$0.isProduct }
    #expect(kept == plain.rows)
    #expect(balance.worst(.adjusted) == plain.worst(.adjusted))
  }

  @Test("Whole weights are the same as repeated rows")
  func repeatedRows() throws {
    let counts = lalonde.treatment.indices.map { Double(($0 * 7) % 4) }
    let weighted = try assess(weights: counts)
    let rows = counts.enumerated().flatMap { [Int](repeating: $0.offset, count: Int($0.element)) }
    let repeated = try assess(rows: rows, weights: [Double](repeating: 1, count: counts.count))
    for (one, two) in zip(weighted.covariates(.adjusted), repeated.covariates(.unadjusted)) {
      #expect(close(one.meanTreated, two.meanTreated, .closedForm))
      #expect(close(one.meanComparison, two.meanComparison, .closedForm))
      // The grid of distinct values is the whole sample's, the greatest distance is everybody's.
      #expect(
        close(one.kolmogorovSmirnov ?? .nan, two.kolmogorovSmirnov ?? .nan, .closedForm))
    }
  }

  @Test("The weighted distance of distribution functions against every threshold tried out")
  func kolmogorovSmirnov() throws {
    // Ties within and between the groups, rows without weight among them.
    let values: [Double] = [1, 1, 2, 2, 2, 3, 4, 4, 5, 5, 5, 7]
    let treatment = [
      true, false, true, false, false, true, false, true, false, true, true, false,
    ]
    let weights = [1, 0.5, 2, 0, 1.5, 1, 3, 0, 0.25, 1, 2, 1]
    let rows = try BalanceAssessment().assess(
      treatment: treatment, weights: weights,
      covariates: [BalanceCovariate(name: "x", values: values)]
    ).covariates(.adjusted)
    var gaps: [Double] = []
    for cut in Set(values).sorted() {
      let shares = [true, false].map { group -> Double in
        let all = values.indices.filter { treatment[$0] == group }
        let sum = all.reduce(0) { $0 + weights[$1] }
        return all.filter { values[$0] <= cut }.reduce(0) { $0 + weights[$1] } / sum
      }
      gaps.append((shares[0] - shares[1]).magnitude)
    }
    #expect(close(rows[0].kolmogorovSmirnov ?? .nan, gaps.max() ?? .nan, .closedForm))
    #expect(
      close(
        rows[0].meanDistributionDifference ?? .nan, gaps.reduce(0, +) / Double(gaps.count),
        .closedForm))
  }

  @Test("Row order does not matter, whether values are counted or sorted")
  func rowOrder() throws {
    let n = 9000
    let treatment = (0..<n).map { ($0 * 7919) % 5 < 2 }
    let weights = (0..<n).map { Double(($0 * 31) % 4) }
    let columns = [
      BalanceCovariate(name: "many", values: (0..<n).map { Double(($0 * 104_729) % 8009) / 7 }),
      BalanceCovariate(name: "few", values: (0..<n).map { Double(($0 * 31) % 13) }),
    ]
    func run(_ order: [Int]) throws -> Balance {
      try BalanceAssessment(estimand: .ato).assess(
        treatment: order.map { treatment[$0] }, weights: order.map { weights[$0] },
        covariates: columns.map { column in
          BalanceCovariate(name: column.name, values: order.map { column.values[$0] })
        })
    }
    let one = try run(Array(0..<n))
    let two = try run((0..<n).map { ($0 * 6007) % n })
    for (left, right) in zip(one.rows, two.rows) {
      #expect(close(numbers(left), numbers(right), .closedForm))
      #expect(close(left.overlap ?? .nan, right.overlap ?? .nan, .converged))
    }
    // The long column was sorted, the short one counted: a coarser copy must agree with its ranks.
    let ranked = try BalanceAssessment().assess(
      treatment: treatment, weights: weights,
      covariates: [
        BalanceCovariate(name: "a", values: columns[0].values),
        BalanceCovariate(
          name: "b", values: columns[0].values.map { ($0 * 7 / 4).rounded(.down) }),
      ])
    let found = ranked.covariates(.unadjusted)
    #expect((found[0].kolmogorovSmirnov ?? 0) >= (found[1].kolmogorovSmirnov ?? 1))
  }

  @Test("Minus zero is zero")
  func negativeZero() throws {
    let rows = try BalanceAssessment().assess(
      treatment: [true, false, true, false], weights: [1, 1, 1, 1],
      covariates: [BalanceCovariate(name: "x", values: [0, -0.0, 1, 1])]
    ).covariates(.unadjusted)
    #expect(rows[0].kolmogorovSmirnov == 0)
    #expect(rows[0].varianceRatio == nil)
  }

  @Test("A constant has no difference, however its sums round")
  func constants() throws {
    let balance = try BalanceAssessment().assess(
      treatment: (0..<300).map { $0 % 7 == 0 }, weights: (0..<300).map { 0.1 * Double($0 % 3) },
      covariates: [BalanceCovariate(name: "x", values: [Double](repeating: 0.1, count: 300))])
    for row in balance.rows where row.covariate == "x" {
      #expect(row.meanTreated == 0.1 && row.meanComparison == 0.1)
      #expect(row.standardizedMeanDifference == 0 && row.kolmogorovSmirnov == 0)
    }
  }

  @Test("Thresholds judge what exists, and differences without a scale fail")
  func thresholds() throws {
    let limits = BalanceThresholds(
      standardizedMeanDifference: 0.1, varianceRatio: 2, kolmogorovSmirnov: 0.2)
    let balance = try assess()
    for row in balance.rows where row.covariate != "ess" {
      let difference = try #require(row.standardizedMeanDifference)
      #expect(
        limits.isBalanced(row, .standardizedMeanDifference) == (difference.magnitude <= 0.1))
      #expect(
        limits.isBalanced(row, .varianceRatio) == row.varianceRatio.map { $0 >= 0.5 && $0 <= 2 })
    }
    let rows = balance.covariates(.unadjusted).filter { $0.covariate != "distance" }
    let counted = balance.exceeding(.standardizedMeanDifference, of: limits, .unadjusted)
    #expect(counted.judged == 9)
    #expect(
      counted.exceeding == rows.count { ($0.standardizedMeanDifference ?? 0).magnitude > 0.1 })
    #expect(limits.isBalanced(balance.rows[balance.rows.count - 1], .kolmogorovSmirnov) == nil)
    let scaleless = try BalanceAssessment().assess(
      treatment: [true, true, false, false], weights: [1, 1, 1, 1],
      covariates: [BalanceCovariate(name: "x", values: [1, 1, 1, 0])])
    #expect(scaleless.rows[0].standardizedMeanDifference == nil)
    #expect(limits.isBalanced(scaleless.rows[0], .standardizedMeanDifference) == false)
  }

  @Test("Weighted quantiles are those of repeated rows")
  func quantiles() throws {
    let values: [Double] = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]
    let treatment = values.indices.map { $0 % 2 == 0 }
    let weights: [Double] = [1, 2, 0, 1, 3, 1, 2, 1, 1, 4]
    let grid = [0.05, 0.25, 0.5, 0.75, 0.95]
    let pairs = try CovariateComparison(
      treatment: treatment, weights: weights,
      covariate: BalanceCovariate(name: "x", values: values)
    ).quantiles(grid)
    for pair in pairs {
      for (group, found) in [(true, pair.treated), (false, pair.comparison)] {
        let repeated = values.indices.filter { treatment[$0] == group }.flatMap { row in
          [Double](
            repeating: values[row], count: pair.stage == .unadjusted ? 1 : Int(weights[row]))
        }.sorted()
        let place = Int((pair.probability * Double(repeated.count)).rounded(.up)) - 1
        #expect(found == repeated[max(0, place)])
      }
    }
    // Treated 3, 4, 5, 2, 5: the median 4 has three at or below and three at or above it.
    let median = try #require(pairs.first { $0.probability == 0.5 })
    #expect(median.treated == 4 && median.treatedBeyond == 3)
    #expect(throws: SiblingError.self) {
      try CovariateComparison(
        treatment: treatment, weights: weights,
        covariate: BalanceCovariate(name: "x", values: values)
      ).quantiles([1])
    }
  }

  @Test("Densities integrate to one and count the people near")
  func densities() throws {
    let comparison = try CovariateComparison(
      treatment: lalonde.treatment, weights: weights,
      covariate: BalanceCovariate(name: "age", values: lalonde.column("age")))
    let points = (0...400).map { Double($0) * 0.25 - 10 }
    let all = comparison.densities(at: points)
    for stage in Balance.Stage.allCases {
      for group in CovariateComparison.Group.allCases {
        let curve = all.filter { $0.stage == stage && $0.group == group }
        #expect((curve.reduce(0) { $0 + $1.density } * 0.25 - 1).magnitude < 1e-6)
      }
    }
    let bandwidth = try #require(comparison.bandwidth)
    let point = try #require(
      all.first { $0.stage == .unadjusted && $0.group == .treated && $0.value == 25 })
    #expect(
      point.people
        == lalonde.treatment.indices.count {
          lalonde.treatment[$0] && (lalonde.column("age")[$0] - 25).magnitude <= 2 * bandwidth
        })
  }

  @Test("Powers that are none and products too large are refused with their place")
  func refusals() throws {
    let huge = [BalanceCovariate(name: "x", values: [1e200, 1, 2, 3])]
    let power = try #require(throws: SiblingError.self) {
      try BalanceAssessment(powers: [1]).assess(
        treatment: [true, false, true, false], weights: [1, 1, 1, 1], covariates: huge)
    }
    #expect(power.code == .badValue)
    let overflow = try #require(throws: SiblingError.self) {
      try BalanceAssessment(powers: [2]).assess(
        treatment: [true, false, true, false], weights: [1, 1, 1, 1], covariates: huge)
    }
    #expect(overflow.code == .badValue && overflow.column == "x^2" && overflow.row == 0)
  }
}
