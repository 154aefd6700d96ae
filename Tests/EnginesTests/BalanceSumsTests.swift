import Engines
import Matching
import Statistics
import Tables
import Testing

struct BalanceSumsTests {
  /// Rows with a positive weight or none: balance leaves out people of weight zero.
  private static func table() throws -> Table {
    let base = try RegressionTable.make(2000)
    let weights = try base.doubles("w").map { $0 == 0 ? Double.nan : $0 }
    return try base.replacing(Column(name: "w", values: .doubles(weights)))
  }

  private static let formula = "t ~ x + z + g + d"

  private func rows(
    _ estimand: Estimand, weights: String?, by: String?
  ) throws -> [Balance] {
    let frame = try Formula(parsing: Self.formula).bind(
      to: Self.table(), missing: .drop, alsoComplete: [weights, by].compactMap { $0 })
    let treated = (frame.response ?? []).map { $0 == 1 }
    let sampling = try weights.map { try frame.numbers(of: $0) }
    let score = try PropensityScore().fit(frame.design, treatment: treated, weights: sampling)
    var weight = try PropensityWeights(estimand: estimand).weights(
      treatment: treated, probability: score.probability, samplingWeights: sampling)
    if let sampling { weight = zip(weight, sampling).map { $0 * $1 } }
    var covariates = try ["x", "z"].map {
      BalanceCovariate(name: $0, values: try frame.numbers(of: $0))
    }
    covariates += BalanceCovariate.levels(of: try frame.factor(of: "g"), name: "g")
    covariates.append(BalanceCovariate(name: "d", values: try frame.numbers(of: "d")))
    let factor = try by.map { try frame.factor(of: $0) }
    return try (0..<(factor?.levels.count ?? 1)).map { level in
      let chosen = treated.indices.filter { factor?.codes[$0] ?? Int32(level) == Int32(level) }
      return try BalanceAssessment(estimand: estimand).assess(
        treatment: chosen.map { treated[$0] }, weights: chosen.map { weight[$0] },
        covariates: covariates.map { covariate in
          BalanceCovariate(
            name: covariate.name, level: covariate.level,
            values: chosen.map { covariate.values[$0] })
        }, score: chosen.map { score.probability[$0] },
        sampling: sampling.map { sampling in chosen.map { sampling[$0] } })
    }
  }

  private func sums(
    _ estimand: Estimand, weights: String?, by: String?, mostValues: Int = 100_000
  ) throws -> (parts: [EngineBalance.Part], notes: [String]) {
    var options = EngineFrame.Options()
    options.weights = weights
    options.alsoComplete = by.map { [$0] } ?? []
    let frame = try EngineFrame(
      Self.formula, to: EngineData(MemoryEngine(["t": Self.table()]), .named("t")), options)
    let data = frame.data
    let group = try data.factor("g")
    var balance = try EngineBalance(
      EnginePropensity.fit(frame, estimand: estimand),
      covariates: [
        EngineBalance.Covariate("x", .number(try data.number("x"))),
        EngineBalance.Covariate("z", .number(try data.number("z"))),
        EngineBalance.Covariate("g", .factor(group, try data.levels(of: group))),
        EngineBalance.Covariate("d", .number(try data.number("d"))),
      ],
      by: by)
    balance.mostValues = mostValues
    return try balance.assess(BalanceAssessment(estimand: estimand))
  }

  private func isNear(_ a: Double?, _ b: Double?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return (a - b).magnitude <= 1e-9 * max(b.magnitude, 1e-2) || (a.isNaN && b.isNaN)
  }

  @Test(arguments: Estimand.allCases, [nil, "w"] as [String?])
  func everyStatisticIsThatOfRows(estimand: Estimand, weights: String?) throws {
    for by in [nil, "site"] as [String?] {
      let expected = try rows(estimand, weights: weights, by: by)
      let found = try sums(estimand, weights: weights, by: by)
      #expect(found.parts.count == expected.count)
      #expect(found.notes == [])
      for (part, other) in zip(found.parts, expected) {
        let own = try #require(part.balance)
        #expect(own.denominator == other.denominator)
        #expect(own.rows.map(\.covariate) == other.rows.map(\.covariate))
        #expect(own.rows.map(\.level) == other.rows.map(\.level))
        #expect(own.rows.map(\.components) == other.rows.map(\.components))
        for (a, b) in zip(own.rows, other.rows) {
          #expect(isNear(a.meanTreated, b.meanTreated))
          #expect(isNear(a.meanComparison, b.meanComparison))
          #expect(isNear(a.standardizedMeanDifference, b.standardizedMeanDifference))
          #expect(isNear(a.varianceRatio, b.varianceRatio))
          #expect(isNear(a.meanDistributionDifference, b.meanDistributionDifference))
          #expect(isNear(a.kolmogorovSmirnov, b.kolmogorovSmirnov))
          #expect(isNear(a.overlap, b.overlap))
        }
      }
    }
  }

  @Test(arguments: Estimand.allCases)
  func manyValuesLeaveMomentsOnly(estimand: Estimand) throws {
    let expected = try #require(rows(estimand, weights: "w", by: nil).first)
    let found = try sums(estimand, weights: "w", by: nil, mostValues: 100)
    let own = try #require(found.parts.first?.balance)
    // The score and x have a value for each person; z and d have few.
    #expect(found.notes.count == 2)
    for (a, b) in zip(own.rows, expected.rows) {
      #expect(isNear(a.meanTreated, b.meanTreated))
      #expect(isNear(a.standardizedMeanDifference, b.standardizedMeanDifference))
      #expect(isNear(a.varianceRatio, b.varianceRatio))
      let isCoarse = a.covariate == "x" || a.covariate == Balance.distanceName
      #expect(
        isCoarse
          ? a.kolmogorovSmirnov == nil && a.overlap == nil
          : isNear(a.kolmogorovSmirnov, b.kolmogorovSmirnov))
    }
  }

  @Test func peopleOfLevelsAreCounted() throws {
    let part = try #require(sums(.att, weights: nil, by: nil).parts.first)
    let table = try #require(part.balance)
    let levels = table.rows.indices.filter {
      table.rows[$0].covariate == "g" && table.rows[$0].stage == .unadjusted
    }
    let total = levels.reduce(0) { $0 + (part.people[$1].inLevel?.treated ?? 0) }
    #expect(levels.count == 3)
    #expect(total == part.people[0].all.treated)
  }
}
