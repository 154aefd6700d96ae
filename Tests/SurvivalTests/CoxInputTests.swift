import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("What Cox regression and survival times refuse or say")
struct CoxInputTests {
  private let time = [3.0, 5, 7, 2, 8, 4, 9, 6]
  private let event = [true, true, false, true, true, true, false, true]
  private let x = [1.0, 0.5, 2, 1.5, 0, 3, 2.5, 1]

  private func design(_ columns: [[Double]]) -> DesignMatrix {
    DesignMatrix(matrix: Matrix(columns: columns), names: columns.indices.map { "x\($0)" })
  }

  @Test("durations, intervals and codes")
  func times() throws {
    #expect(code { try SurvivalTimes(time: [], event: []) } == .noRows)
    #expect(code { try SurvivalTimes(time: [1], event: []) } == .sizeMismatch)
    #expect(code { try SurvivalTimes(time: [1, .nan], event: [true, true]) } == .missingValue)
    #expect(code { try SurvivalTimes(time: [1, .infinity], event: [true, true]) } == .badValue)
    let backwards = #expect(throws: SiblingError.self) {
      try SurvivalTimes(start: [0, 3], time: [1, 3], event: [true, true])
    }
    #expect(backwards?.code == .badInterval && backwards?.row == 1)
    let early = try SurvivalTimes(time: [0, -1, 2], event: [true, true, false])
    #expect(early.zeroDurations == 1 && early.negativeDurations == 1)
    #expect(try EventCoding.decode([1, 2, 2]).event == [false, true, true])
    #expect(try EventCoding.decode([1, 2, 2]).coding == .oneTwo)
    #expect(try EventCoding.decode([0, 1, 1]).event == [false, true, true])
    #expect(code { try EventCoding.decode([0, 1, 2]) } == .badValue)
    #expect(code { try EventCoding.decode([0, .nan]) } == .missingValue)
  }

  @Test("times that differ by rounding are one time, unless that is turned off")
  func ties() throws {
    let nearly = [0.1 + 0.2, 0.3, 1, 1 + 4e-9, 1 + 9e-9, 2]
    let event = [Bool](repeating: true, count: 6)
    let times = try SurvivalTimes(time: nearly, event: event)
    #expect(times.time == [0.3, 0.3, 1, 1, 1, 2] && times.collapsedTimes == 3)
    #expect(try KaplanMeier().fit(times).curves[0].events == [2, 3, 1])
    let apart = try SurvivalTimes(time: nearly, event: event, collapseTies: false)
    #expect(try KaplanMeier().fit(apart).curves[0].times.count == 6)
    #expect(
      code {
        try SurvivalTimes(start: [1, 0], time: [1 + 1e-10, 2], event: [true, true])
      } == .badInterval)
  }

  @Test("no events, no covariates, missing and infinite values, bad weights")
  func refusals() throws {
    let times = try SurvivalTimes(time: time, event: event)
    let quiet = try SurvivalTimes(time: time, event: event.map { _ in false })
    let model = CoxRegression()
    #expect(code { try model.fit(quiet, design([x])) } == .noEvents)
    let intercept = DesignMatrix(
      matrix: Matrix(columns: [x.map { _ in 1 }]), names: ["(Intercept)"])
    #expect(code { try model.fit(times, intercept) } == .badDesign)
    #expect(code { try model.fit(times, design([[1, 2]])) } == .sizeMismatch)
    var gap = x
    gap[5] = .nan
    let missing = #expect(throws: SiblingError.self) { try model.fit(times, design([x, gap])) }
    #expect(missing?.code == .missingValue && missing?.row == 5 && missing?.column == "x1")
    gap[5] = .infinity
    #expect(code { try model.fit(times, design([gap])) } == .badValue)
    var weights = [Double](repeating: 1, count: 8)
    weights[2] = 0
    #expect(code { try model.fit(times, design([x]), weights: weights) } == .badWeight)
    weights[2] = .nan
    #expect(code { try model.fit(times, design([x]), weights: weights) } == .badWeight)
    let unknown = Factor(codes: [0, 0, 0, -1, 0, 0, 0, 0], levels: ["a"])
    #expect(code { try model.fit(times, design([x]), strata: unknown) } == .missingValue)
    #expect(code { try model.fit(times, design([x]), cluster: unknown) } == .missingValue)
    #expect(code { try model.fit(times, design([x.map { _ in 4 }])) } == .rankDeficient)
    let own = Factor(codes: (0..<8).map { Int32($0) }, levels: (0..<8).map { "\($0)" })
    #expect(code { try model.fit(times, design([x]), strata: own) } == .rankDeficient)
  }

  @Test("combinations of earlier columns are left out and named")
  func dependent() throws {
    let times = try SurvivalTimes(time: time, event: event)
    let fit = try CoxRegression().fit(times, design([x, x.map { 3 - 2 * $0 }]))
    let alone = try CoxRegression().fit(times, design([x]))
    #expect(close(fit.coefficients[0], alone.coefficients[0], .closedForm))
    #expect(fit.coefficients[1].isNaN && fit.droppedTerms == ["x1"])
    #expect(fit.covariance[1, 1].isNaN && fit.estimates().rows[1].standardError == nil)
    #expect(fit.likelihoodRatio.degreesOfFreedom == 1)
    #expect(fit.notes.contains { $0.contains("x1") })
    #expect(fit.scoreResiduals()[0, 1].isNaN)
  }

  @Test("a coefficient that runs to infinity is named")
  func infinite() throws {
    // Whoever has the event soonest always has the larger covariate.
    let times = try SurvivalTimes(
      time: [1, 2, 3, 4, 5, 6], event: [true, true, true, true, true, true])
    let fit = try CoxRegression().fit(times, design([[1, 1, 1, 0, 0, 0]]))
    #expect(fit.infiniteTerms == ["x0"])
    #expect(fit.notes.contains { $0.contains("infinity") })
    let both = try CoxRegression().fit(
      times, design([[0.3, -1, 0.4, 0.1, -0.7, 0.2], [1, 1, 1, 0, 0, 0]]))
    #expect(both.infiniteTerms == ["x1"])
  }

  @Test("few events a coefficient, and ids with several events, are said or allowed for")
  func few() throws {
    let times = try SurvivalTimes(time: time, event: event)
    let fit = try CoxRegression().fit(times, design([x]))
    #expect(fit.notes.contains { $0.contains("6 events for 1 coefficients") })
    let id = Factor(codes: [0, 0, 1, 1, 2, 2, 3, 3], levels: ["a", "b", "c", "d"])
    let robust = try CoxRegression().fit(times, design([x]), id: id)
    #expect(robust.robustCovariance != nil && robust.clusters == 4)
    let single = Factor(codes: (0..<8).map { Int32($0) }, levels: (0..<8).map { "\($0)" })
    #expect(try CoxRegression().fit(times, design([x]), id: single).robustCovariance == nil)
  }

  @Test("rows that are at risk at no event change nothing")
  func inert() throws {
    let times = try SurvivalTimes(time: time, event: event)
    let more = try SurvivalTimes(
      start: time.map { _ in 0 } + [0, 3.2], time: time + [1, 3.7],
      event: event + [false, false])
    let fit = try CoxRegression(robust: true).fit(times, design([x]))
    let other = try CoxRegression(robust: true).fit(more, design([x + [50, -50]]))
    #expect(close(fit.coefficients, other.coefficients, .closedForm))
    #expect(other.martingaleResiduals().suffix(2) == [0, 0])
    #expect(close(fit.robustCovariance?[0, 0] ?? 0, other.robustCovariance?[0, 0] ?? 1))
  }
}
