import Statistics
import Survival
import TestSupport
import Testing

@Suite("Quantiles and readings of survival curves")
struct QuantileTests {
  private func check(
    _ found: [CurveQuantile], _ golden: JSON, arms: Int, source: SourceLocation = #_sourceLocation
  ) {
    func flat(_ name: String) -> [Double] {
      arms == 1 ? golden[name].doubles : golden[name].array.flatMap(\.doubles)
    }
    #expect(close(found.map(\.time), flat("quantile"), .closedForm), sourceLocation: source)
    #expect(close(found.map(\.low), flat("lower"), .closedForm), sourceLocation: source)
    #expect(close(found.map(\.high), flat("upper"), .closedForm), sourceLocation: source)
  }

  @Test("lung: quartiles and medians by sex, aml by group")
  func peers() throws {
    let lung = try Sample.allLung()
    let fit = try KaplanMeier().fit(lung.times, by: lung.factor("sex"))
    let golden = try Golden.json("survival/survfit_survdiff_rmst.json")["lung_quantiles"]
    check(try fit.quantiles([0.25, 0.5, 0.75]), golden, arms: 2)
    #expect(try fit.quantiles().map(\.time) == [270, 426])
    let aml = try Sample("aml.csv", time: "time", event: "cens", ["group"])
    check(
      try KaplanMeier().fit(aml.times, by: aml.factor("group"))
        .quantiles([0.1, 0.25, 0.5, 0.75, 0.9]),
      try Golden.json("survival/survival.json")["q_aml"], arms: 2)
  }

  @Test("the midpoint of a stretch that is flat at the quantile, at the end too")
  func flat() throws {
    let golden = try Golden.json("survival/competing.json")
    let time = [1.0, 2, 3, 4, 5, 6, 7, 8]
    let ends = [true, true, true, true, false, false, false, false]
    let first = try KaplanMeier().fit(try SurvivalTimes(time: time, event: ends))
    check(try first.quantiles([0.25, 0.5, 0.6]), golden["flat_end"], arms: 1)
    let goesOn = [true, true, true, true, false, true, true, true]
    let second = try KaplanMeier().fit(try SurvivalTimes(time: time, event: goesOn))
    check(try second.quantiles([0.25, 0.5, 0.6, 0.9]), golden["flat"], arms: 1)
    #expect(code { try second.quantiles([1]) } == .invalidOption)
  }

  @Test("lung at four times: counts since the time before")
  func readings() throws {
    let golden = try Golden.json("survival/survival.json")["at"]
    let lung = try Sample.allLung()
    let curves = try KaplanMeier().fit(lung.times, by: lung.factor("sex"))
      .at(times: [365, 100, 500, 200])
    func both(_ path: KeyPath<Curve, [Double]>) -> [Double] { curves.flatMap { $0[keyPath: path] } }
    #expect(both(\.atRisk) == golden["n.risk"].doubles)
    #expect(both(\.events) == golden["n.event"].doubles)
    #expect(both(\.censored) == golden["n.censor"].doubles)
    #expect(close(both(\.estimate), golden["surv"].doubles, .converged))
    #expect(close(both(\.standardError), golden["se"].doubles, .converged))
    #expect(close(both(\.low), golden["lower"].doubles, .converged))
    #expect(close(both(\.high), golden["upper"].doubles, .converged))
    let outside = try KaplanMeier().fit(lung.times).at(times: [1, 5000])[0]
    #expect(outside.estimate[0] == 1 && outside.estimate[1].isNaN && outside.atRisk[1] == 0)
  }
}
