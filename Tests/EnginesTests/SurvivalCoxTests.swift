import Engines
import LinearAlgebra
import Statistics
import Survival
import Tables
import Testing

struct SurvivalCoxTests {
  /// A model to be fitted three ways.
  struct Model: Sendable, CustomTestStringConvertible {
    var formula: String
    var weights: String?
    var cluster: String?
    var robust: Bool?
    var ties = CoxRegression.Ties.efron
    var testDescription: String { "\(formula) \(weights ?? "-") \(cluster ?? "-") \(ties)" }
  }

  static let models = [
    Model(formula: "Surv(week, event) ~ treated + age + region"),
    Model(formula: "Surv(week, event) ~ treated + age + region", ties: .breslow),
    Model(formula: "Surv(start, week, event) ~ treated * age + strata(region)"),
    Model(formula: "Surv(week, event) ~ treated + age", weights: "whole"),
    Model(formula: "Surv(start, week, event) ~ treated + age", weights: "weight"),
    Model(formula: "Surv(start, week, event) ~ treated + age", weights: "weight", cluster: "site"),
    Model(formula: "Surv(week, event) ~ treated + age + band", cluster: "site"),
    Model(formula: "Surv(week, event) ~ treated + age + strata(band, region)", robust: true),
    Model(
      formula: "Surv(start, week, event) ~ treated + age + offset(offset)", weights: "weight",
      ties: .breslow),
    Model(formula: "Surv(week, event) ~ treated + offset(offset)", cluster: "site"),
  ]

  private let sample: SurvivalSample

  init() throws { sample = try SurvivalSample() }

  @Test(arguments: models, [CoxFromSums.Way.patterns, .times])
  func coxFromSumsIsTheModelOfTheRows(_ model: Model, _ way: CoxFromSums.Way) throws {
    let regression = CoxRegression(ties: model.ties, robust: model.robust)
    let rows = try sample.rows(model.formula, weights: model.weights, cluster: model.cluster)
    let expected = try regression.fit(
      rows.times, rows.frame.design, strata: rows.frame.strata, weights: rows.weights,
      offset: rows.frame.offset, cluster: rows.cluster)
    var sums = CoxFromSums(regression)
    sums.way = way
    sums.wantsConcordance = true
    let found = try sums.fit(
      sample.frame(model.formula, weights: model.weights, cluster: model.cluster)
    ).fit
    check(found, CoxSummary(expected, concordance: true))
  }

  private func check(_ found: CoxSummary, _ expected: CoxSummary) {
    #expect(found.names == expected.names)
    #expect(found.observations == expected.observations)
    #expect(found.events == expected.events)
    #expect(found.clusters == expected.clusters)
    #expect(found.notes == expected.notes)
    #expect(agree(found.coefficients, expected.coefficients))
    #expect(agree(found.standardErrors, expected.standardErrors))
    #expect(agree(found.robustStandardErrors, expected.robustStandardErrors))
    #expect(agree(found.logLikelihoodNull, expected.logLikelihoodNull))
    #expect(agree(found.logLikelihood, expected.logLikelihood))
    #expect(agree(found.likelihoodRatio.statistic, expected.likelihoodRatio.statistic))
    #expect(agree(found.score.statistic, expected.score.statistic))
    #expect(agree(found.wald.statistic, expected.wald.statistic))
    #expect(agree(found.robustScore?.statistic, expected.robustScore?.statistic))
    #expect(agree(found.concordance?.concordance, expected.concordance?.concordance))
    #expect(agree(found.concordance?.standardError, expected.concordance?.standardError))
  }

  @Test func patternsOfFewCategoriesAreOneFetch() throws {
    let counter = CountingEngine(sample.engine)
    let frame = try EngineFrame(
      "Surv(week, event) ~ treated + region", to: EngineData(counter, .named("t")))
    let before = counter.aggregates
    _ = try CoxFromSums(CoxRegression()).fit(frame)
    // The means, and the cells.
    #expect(counter.aggregates - before == 2)
  }

  @Test(arguments: [CoxFromSums.Way.patterns, .times])
  func spellsOfOnePersonAreOneCluster(_ way: CoxFromSums.Way) throws {
    let formula = "Surv(week, event) ~ treated + age"
    let rows = try sample.rows(formula, id: "site")
    let expected = try CoxRegression().fit(rows.times, rows.frame.design, id: rows.id)
    var sums = CoxFromSums(CoxRegression(), id: "site")
    sums.way = way
    let found = try sums.fit(sample.frame(formula, id: "site")).fit
    check(found, CoxSummary(expected, concordance: false))
    let spells = try sample.frame("Surv(start, week, event) ~ treated", id: "site")
    #expect(throws: SiblingError.self) { try sums.fit(spells) }
  }

  @Test func rowOrderPlaysNoPart() throws {
    let turned = try SurvivalSample(repeated: Array((0..<400).reversed()))
    var sums = CoxFromSums(CoxRegression(robust: true))
    sums.way = .times
    let formula = "Surv(start, week, event) ~ treated + age"
    let (a, b) = (
      try sums.fit(sample.frame(formula)).fit, try sums.fit(turned.frame(formula)).fit
    )
    #expect(agree(a.coefficients, b.coefficients))
    #expect(agree(a.robustStandardErrors, b.robustStandardErrors))
  }

  @Test func columnsThatSayNothingAreLeftOutAlike() throws {
    let table = try sample.table.adding(
      Column(name: "twice", values: .doubles(sample.table.doubles("age").map { 2 * $0 + 1 })))
    let data = try EngineData(MemoryEngine(["t": table]), .named("t"))
    var sums = CoxFromSums(CoxRegression())
    sums.way = .times
    let found = try sums.fit(EngineFrame("Surv(week, event) ~ age + twice + treated", to: data)).fit
    #expect(found.coefficients[1].isNaN)
    #expect(found.notes.contains { $0.contains("twice is left out") })
    let frame = try Formula(parsing: "Surv(week, event) ~ age + twice + treated").bind(to: table)
    let response = try #require(frame.survival)
    let expected = try CoxRegression().fit(
      SurvivalTimes(time: response.time, event: response.event), frame.design)
    #expect(agree(found.coefficients, expected.coefficients))
  }

  @Test func aCoefficientThatRunsToInfinityIsSaid() throws {
    var event = try sample.table.doubles("event")
    let treated = try sample.table.doubles("treated")
    for row in event.indices where treated[row] == 1 { event[row] = 0 }
    let table = try sample.table.replacing(
      Column(name: "event", values: .integers(event.map { Int($0) })))
    let data = try EngineData(MemoryEngine(["t": table]), .named("t"))
    var sums = CoxFromSums(CoxRegression())
    sums.way = .times
    let found = try sums.fit(EngineFrame("Surv(week, event) ~ treated + age", to: data)).fit
    #expect(
      found.notes.contains {
        $0.hasPrefix(
          "the coefficient of treated runs to infinity: no row where it is 1 has the event")
      })
  }

  @Test func whatSumsCannotDoIsRefused() throws {
    let frame = try sample.frame("Surv(week, event) ~ treated")
    #expect(throws: SiblingError.self) { try CoxFromSums(CoxRegression(ties: .exact)).fit(frame) }
    #expect(throws: SiblingError.self) {
      try CoxFromSums(CoxRegression()).fit(sample.frame("Surv(week, event) ~ 1"))
    }
    #expect(throws: SiblingError.self) {
      try CoxFromSums(CoxRegression()).fit(sample.frame("week ~ treated"))
    }
  }

  @Test func scoresStayInTheEngineWhereCellsHaveAMinimum() throws {
    var data = try EngineData(sample.engine, .named("t"))
    data.minimumCell = 1
    var sums = CoxFromSums(CoxRegression())
    sums.wantsConcordance = true
    let frame = try EngineFrame("Surv(week, event) ~ treated", to: data)
    #expect(throws: SiblingError.self) { try sums.fit(frame) }
  }
}
