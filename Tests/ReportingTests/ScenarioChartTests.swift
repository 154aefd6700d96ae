import Reporting
import Statistics
import Testing

@Suite struct ScenarioChartTests {
  @Test func aFanSaysWhereCashGoes() throws {
    let figure = try #require(try Gallery.scenarioCharts().first)
    #expect(figure.svg.contains("All by outcomes"))
    #expect(figure.svg.contains("27.5% block, 72.5% outcomes"))
    #expect(figure.summary.contains("All by outcomes: at the end £38,000 in the middle"))
    #expect(figure.summary.contains("the lower edge of the band reaches"))
    #expect(figure.sources == ["results/scenario_paths.csv"])
  }

  @Test func nothingToDrawIsRefused() throws {
    let fan = ScenarioFanChart(title: "", subtitle: "")
    #expect(throws: SiblingError.self) {
      try fan.figure(released(Gallery.scenarioPaths([], quarters: 3)))
    }
    #expect(throws: SiblingError.self) {
      try fan.figure(released(Gallery.scenarioPaths([("0:100", 1)], quarters: 0)))
    }
    let lines = BreakEvenChart(title: "", subtitle: "")
    #expect(throws: SiblingError.self) {
      try lines.figure(released(Gallery.scenarioBreakEven([("0:100", 0, 0)])))
    }
    let many = (0..<5).map { ("\($0 * 10):\(100 - $0 * 10)", Double($0) / 10, 7) }
    #expect(throws: SiblingError.self) {
      try lines.figure(released(Gallery.scenarioBreakEven(many)))
    }
  }
}
