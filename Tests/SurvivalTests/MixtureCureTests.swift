import Foundation
import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Mixture cure models")
struct MixtureCureTests {
  /// Lung, with everyone whose age is divisible by three followed for 1100 days without event.
  private func data() throws -> (times: SurvivalTimes, latency: DesignMatrix, share: DesignMatrix) {
    let lung = try Sample.lung()
    let cured = lung["age"].map { $0.truncatingRemainder(dividingBy: 3) == 0 }
    let times = try SurvivalTimes(
      time: cured.indices.map { cured[$0] ? 1100 : lung.times.time[$0] },
      event: cured.indices.map { !cured[$0] && lung.times.event[$0] })
    return (
      times, lung.design.selecting(columns: [0, 1]).withIntercept,
      lung.design.selecting(columns: [1]).withIntercept
    )
  }

  @Test("scipy's maxima", arguments: MixtureCure.Family.allCases)
  func scipy(_ family: MixtureCure.Family) throws {
    let golden = try Golden.json("survival/parametric_survival.json")["cure_\(family.rawValue)"]
    let (times, latency, share) = try data()
    let result = try MixtureCure(family: family).fit(times, latency, incidence: share)
    #expect(close(result.fit.coefficients, golden["coef"].doubles))
    #expect(close(result.fit.standardErrors, golden["se"].doubles, .stopsEarly))
    #expect(close(result.fit.logLikelihood, golden["loglik"].double, .closedForm))
    #expect(
      result.fit.names == [
        "incidence:(Intercept)", "incidence:sex", "latency:(Intercept)", "latency:age",
        "latency:sex", "Log(scale)",
      ])
    #expect(result.curedShare > 0.25 && result.curedShare < 0.45)
    #expect(result.alpha < 0.05)
  }

  @Test("whole weights as repeated rows, row order, a start at zero, the share's standard error")
  func properties() throws {
    let (times, latency, share) = try data()
    let weights = times.time.indices.map { Double(1 + $0 % 3) }
    let rows = times.time.indices.flatMap { [Int](repeating: $0, count: 1 + $0 % 3) }
    let weighted = try MixtureCure().fit(times, latency, incidence: share, weights: weights)
    let many = try MixtureCure().fit(
      try times.selecting(rows), latency.selecting(rows: rows),
      incidence: share.selecting(rows: rows))
    #expect(close(weighted.fit.coefficients, many.fit.coefficients, .converged))
    #expect(close(weighted.fit.standardErrors, many.fit.standardErrors, .converged))
    #expect(close(weighted.curedShare, many.curedShare, .converged))
    let backwards = Array(times.time.indices.reversed())
    let plain = try MixtureCure().fit(times, latency, incidence: share)
    let again = try MixtureCure().fit(
      try times.selecting(backwards), latency.selecting(rows: backwards),
      incidence: share.selecting(rows: backwards))
    #expect(close(again.fit.coefficients, plain.fit.coefficients, .converged))
    let atZero = try SurvivalTimes(
      start: times.time.map { _ in 0 }, time: times.time, event: times.event)
    let late = try MixtureCure().fit(atZero, latency, incidence: share)
    #expect(late.fit.coefficients == plain.fit.coefficients)
    // Without covariates the share is a function of one log odds.
    let ones = share.selecting(columns: [0])
    let single = try MixtureCure().fit(times, ones, incidence: ones)
    let never = single.curedShare
    #expect(close(never, 1 / (1 + exp(single.fit.coefficients[0])), .closedForm))
    #expect(
      close(
        single.curedShareError, never * (1 - never) * single.fit.standardErrors[0], .closedForm))
  }

  @Test("follow-up that ends with an event is refused, short follow-up said")
  func followUp() throws {
    let lung = try Sample.lung()
    let ones = DesignMatrix(
      matrix: Matrix(columns: [lung["age"].map { _ in 1 }]), names: ["(Intercept)"])
    // The last event comes at 883 days, the last censoring at 1022.
    let ended = try SurvivalTimes(
      time: lung.times.time.map { min($0, 883) },
      event: lung.times.time.indices.map {
        lung.times.event[$0] || lung.times.time[$0] > 883
      })
    #expect(code { try MixtureCure().fit(ended, ones, incidence: ones) } == .dataQuality)
    // Cut at 200 days nothing looks like a plateau: everyone would have the event in the end.
    let short = try SurvivalTimes(
      time: lung.times.time.map { min($0, 200) },
      event: lung.times.time.indices.map {
        lung.times.event[$0] && lung.times.time[$0] < 200
      })
    #expect(code { try MixtureCure().fit(short, ones, incidence: ones) } == .separation)
    // A plateau of a day after the last event, one event in the day before it: (1 − 1/n)ⁿ.
    let (times, latency, share) = try data()
    let last = times.time.indices.reduce(0) { times.event[$1] ? max($0, times.time[$1]) : $0 }
    let plateau = try SurvivalTimes(
      time: times.time.map { min($0, last + 1) }, event: times.event)
    let result = try MixtureCure().fit(plateau, latency, incidence: share)
    let n = Double(times.count)
    #expect(close(result.alpha, pow(1 - 1 / n, n), .closedForm))
    #expect(result.fit.notes.contains { $0.hasPrefix("follow-up may be too short") })
  }
}
