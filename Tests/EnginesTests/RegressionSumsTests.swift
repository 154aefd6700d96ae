import Engines
import Matching
import Statistics
import Tables
import Testing

struct RegressionSumsTests {
  private func frame(
    _ formula: String, _ table: Table, weights: String? = nil, clusters: [String] = []
  ) throws -> EngineFrame {
    var options = EngineFrame.Options()
    options.weights = weights
    options.clusters = clusters
    return try EngineFrame(
      formula, to: EngineData(MemoryEngine(["t": table]), .named("t")), options)
  }

  /// The largest relative difference between the sums' rows and those of the estimator in memory.
  private func difference(
    _ formula: String, _ family: Family, _ link: Link, weights: String? = nil,
    _ kind: EngineCovariance = .classical, clusters: [String] = [], rows: Int = 2000,
    grouping: EngineRegression.Grouping = .never, keeps: Bool = false
  ) throws -> Double {
    let table = try RegressionTable.make(rows)
    let bound = try Formula(parsing: formula).bind(
      to: table, missing: .drop, alsoComplete: clusters + (weights.map { [$0] } ?? []))
    let response = try #require(bound.response)
    let weight = try weights.map { try bound.numbers(of: $0) }
    let factors = try clusters.map { try bound.factor(of: $0) }
    let estimator: CovarianceEstimator =
      switch kind {
      case .classical: .classical
      case .heteroskedastic(let type): .heteroskedastic(type)
      case .cluster(let type): .cluster(type, factors)
      }
    let expected: EstimateTable
    if family == .gaussian, bound.offset == nil {
      expected = try LeastSquares().fit(bound.design, response: response, weights: weight)
        .estimates(covariance: estimator)
    } else {
      expected = try GeneralizedLinearModel(family: family, link: link)
        .fit(bound.design, response: response, weights: weight, offset: bound.offset)
        .estimates(covariance: estimator)
    }
    var model = EngineRegression(family: family, link: link)
    model.grouping = grouping
    model.keepsColumns = keeps
    let found = try model.fit(frame(formula, table, weights: weights, clusters: clusters))
      .estimates(covariance: kind)
    #expect(found.observations == expected.observations)
    #expect(found.clusters == expected.clusters)
    #expect(found.notes == expected.notes)
    #expect(found.rows.map(\.term) == expected.rows.map(\.term))
    #expect(found.rows.map(\.convention) == expected.rows.map(\.convention))
    #expect(found.rows.map(\.degreesOfFreedom) == expected.rows.map(\.degreesOfFreedom))
    #expect(
      found.rows.map { $0.standardError == nil } == expected.rows.map { $0.standardError == nil })
    var worst = 0.0
    for (a, b) in zip(found.rows, expected.rows) {
      for (u, v) in [(a.estimate, b.estimate), (a.standardError ?? 1, b.standardError ?? 1)] {
        worst = max(worst, ((u - v) / v).magnitude)
      }
    }
    return worst
  }

  @Test(arguments: [false, true])
  func logitIsThatOfRows(keeps: Bool) throws {
    #expect(try difference("t ~ x + z + g", .binomial, .logit, keeps: keeps) < 1e-9)
    #expect(
      try difference(
        "t ~ x + z + g", .binomial, .logit, weights: "w", .heteroskedastic(.hc1), keeps: keeps)
        < 1e-9)
    #expect(
      try difference(
        "t ~ x * g + twice", .binomial, .logit, weights: "w", .cluster(.cr1),
        clusters: ["site", "d"], keeps: keeps) < 1e-9)
  }

  @Test func probitAndComplementaryLogLogAreThoseOfRows() throws {
    #expect(
      try difference(
        "t ~ x + z + g + offset(e)", .binomial, .probit, .cluster(.cr0), clusters: ["site"])
        < 1e-9)
    #expect(
      try difference("t ~ x + g", .binomial, .complementaryLogLog, weights: "w") < 1e-9)
  }

  @Test func leastSquaresIsThatOfRows() throws {
    #expect(try difference("y ~ x + z + g", .gaussian, .identity, weights: "w") < 1e-9)
    #expect(
      try difference(
        "y ~ x + z + g", .gaussian, .identity, weights: "w", .cluster(.cr1), clusters: ["site"])
        < 1e-9)
    #expect(
      try difference("y ~ x + twice + g - 1", .gaussian, .identity, .heteroskedastic(.hc0)) < 1e-9)
    #expect(
      try difference("y ~ x + offset(e)", .gaussian, .identity, .heteroskedastic(.hc1)) < 1e-9)
  }

  @Test func countsWithAnOffsetAreThoseOfRows() throws {
    #expect(
      try difference(
        "k ~ x + z + g + offset(log(e))", .poisson, .log, .heteroskedastic(.hc1)) < 1e-9)
  }

  @Test func groupingIdenticalRowsChangesNothing() throws {
    #expect(
      try difference(
        "t ~ g + factor(d)", .binomial, .logit, weights: "w", .cluster(.cr1), clusters: ["site"],
        grouping: .whereFew) < 1e-9)
    #expect(
      try difference(
        "k ~ g + z", .poisson, .log, .heteroskedastic(.hc1), rows: 25_000, grouping: .whereFew,
        keeps: true) < 1e-9)
    // Too many patterns to be grouped.
    #expect(
      try difference("t ~ g + x", .binomial, .logit, rows: 25_000, grouping: .whereFew) < 1e-9)
  }

  @Test func weightsAreRepeatedRows() throws {
    let table = try RegressionTable.make(600)
    let weights = try table.doubles("w")
    let rows = weights.indices.flatMap { [Int](repeating: $0, count: Int(weights[$0])) }
    let repeated = table.selecting(rows: rows)
    for grouping in [EngineRegression.Grouping.never, .whereFew] {
      var model = EngineRegression(family: .binomial)
      model.grouping = grouping
      let weighted = try model.fit(frame("t ~ x + g", table, weights: "w"))
      let plain = try model.fit(frame("t ~ x + g", repeated))
      for (a, b) in zip(weighted.coefficients, plain.coefficients) {
        #expect(((a - b) / b).magnitude < 1e-10)
      }
    }
  }

  @Test func theOrderOfRowsDoesNotMatter() throws {
    let table = try RegressionTable.make(700)
    let reversed = table.selecting(rows: Array((0..<700).reversed()))
    let model = EngineRegression(family: .binomial)
    let (a, b) = (
      try model.fit(frame("t ~ x + g", table)), try model.fit(frame("t ~ x + g", reversed))
    )
    for (u, v) in zip(a.coefficients, b.coefficients) { #expect(((u - v) / v).magnitude < 1e-11) }
  }

  @Test func separationIsToldAsOfRows() throws {
    let table = try RegressionTable.make(500)
    let groups = try table.factor("g")
    let outcome = groups.codes.enumerated().map { $0.element == 1 || $0.offset % 3 == 0 ? 1.0 : 0 }
    let changed = try table.replacing(Column(name: "t", values: .doubles(outcome)))
    let bound = try Formula(parsing: "t ~ x + g").bind(to: changed, missing: .drop)
    let expected = #expect(throws: SiblingError.self) {
      try GeneralizedLinearModel(family: .binomial).fit(
        bound.design, response: bound.response ?? [])
    }
    for grouping in [EngineRegression.Grouping.never, .whereFew] {
      var model = EngineRegression(family: .binomial)
      model.grouping = grouping
      let found = #expect(throws: SiblingError.self) {
        try model.fit(frame("t ~ x + g", changed))
      }
      #expect(found?.code == .separation)
      #expect(found?.message == expected?.message)
    }
  }

  @Test func badOutcomesAndWeightsAreRefused() throws {
    let table = try RegressionTable.make(300)
    func code(_ formula: String, _ family: Family, weights: String? = nil) -> SiblingError.Code? {
      let error = #expect(throws: SiblingError.self) {
        try EngineRegression(family: family).fit(frame(formula, table, weights: weights))
      }
      return error?.code
    }
    #expect(code("k ~ x", .binomial) == .badValue)
    #expect(code("I(0 - k) ~ x", .poisson) == .badValue)
    #expect(code("I(t - t) ~ x", .gaussian) == .constantOutcome)
    #expect(code("t ~ z", .binomial, weights: "x") == .badWeight)
    #expect(
      #expect(throws: SiblingError.self) {
        try EngineRegression(family: .gaussian).fit(frame("y ~ x", table))
          .estimates(covariance: .heteroskedastic(.hc3))
      }?.code == .invalidOption)
  }

  @Test(arguments: Estimand.allCases)
  func weightsOfScoresAreThoseOfRows(estimand: Estimand) throws {
    let table = try RegressionTable.make(2000)
    let bound = try Formula(parsing: "t ~ x + z + g").bind(to: table, missing: .drop)
    let treated = (bound.response ?? []).map { $0 == 1 }
    let score = try PropensityScore().fit(bound.design, treatment: treated)
    for (trim, stabilizes) in [(nil, false), (0.95, true)] as [(Double?, Bool)] {
      let expected = try PropensityWeights(
        estimand: estimand, trimQuantile: trim, stabilizes: stabilizes
      ).weights(treatment: treated, probability: score.probability)
      let fit = try EnginePropensity.fit(
        frame("t ~ x + z + g", table), estimand: estimand, trimQuantile: trim,
        stabilizes: stabilizes)
      var found: [Double] = []
      try fit.frame.data.engine.stream(
        RowQuery(
          fit.frame.data.source, keep: fit.frame.data.keep, layers: fit.layers,
          columns: [GroupKey("w", .number(fit.weight()))])
      ) { block in
        if case .numbers(let values) = block.columns[0] { found += values }
      }
      #expect(found.count == expected.count)
      let worst = zip(found, expected).reduce(0.0) { max($0, (($1.0 - $1.1) / $1.1).magnitude) }
      #expect(worst < 1e-10)
    }
  }
}
