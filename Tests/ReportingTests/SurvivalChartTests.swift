import Foundation
import Statistics
import Testing

@testable import Reporting

/// What the charts of survival models show, and what they refuse.
@Suite struct SurvivalChartTests {
  private func survival(_ rows: [(Double, Double, Int)]) throws -> ResultTable {
    var table = ResultTable.survival
    for (time, share, censored) in rows {
      try table.append([
        "analysis": "a", "arm": "x", "time": .number(time), "survival": .number(share),
        "n_risk": 30, "n_event": 1, "n_censor": .init(censored),
      ])
    }
    return table
  }

  /// How many lines of a color and width a picture has.
  private func count(_ pattern: String, in figure: Figure) -> Int {
    figure.svg.components(separatedBy: pattern).count - 1
  }

  @Test func strokesMarkCensoring() throws {
    let table = try survival([(1, 0.9, 2), (3, 0.8, 0), (8, 0.6, 1)])
    let stroke = "stroke=\"\(Palette.series[0])\" stroke-width=\"1.5\""
    var chart = SurvivalChart(title: "", subtitle: "", measure: "In work")
    #expect(count(stroke, in: try chart.figure(released(table))) == 2)
    chart.marksCensoring = false
    #expect(count(stroke, in: try chart.figure(released(table))) == 0)
    chart.marksCensoring = true
    let many = try survival((1...41).map { (Double($0), 1 - Double($0) / 50, 1) })
    #expect(count(stroke, in: try chart.figure(released(many))) == 0)
  }

  @Test func riskTableEndsWithTheCurve() throws {
    let chart = SurvivalChart(title: "", subtitle: "", measure: "", ticks: [0, 2, 4])
    // Thirty less four: 26 are left when the table ends, so that nothing is known later.
    let cut = try chart.figure(released(try survival([(1, 0.9, 3)])))
    #expect(count(">26<", in: cut) == 0)
    let whole = try chart.figure(released(try survival([(1, 0.9, 29)])))
    // Two ticks after the end have nobody at risk.
    #expect(count(">0</text>", in: whole) == count(">0</text>", in: cut) + 2)
  }

  @Test func hugeCurvesMakeSmallPictures() throws {
    let table = try survival((0..<10_000).map { (Double($0), 1 - Double($0) / 12_000, 0) })
    let figure = try SurvivalChart(title: "", subtitle: "", measure: "").figure(released(table))
    #expect(figure.svg.utf8.count < 100_000)
  }

  @Test func heldCurvesSaySo() throws {
    let words = "(disclosure control)"
    #expect(count(words, in: try Gallery.survivalHeld()) == 1)
    #expect(count(words, in: try Gallery.incidenceHeld()) == 1)
    #expect(count(words, in: try Gallery.statesWithheld()) == 1)
    #expect(count(words, in: try Gallery.modelsHeld()) == 1)
    #expect(try Gallery.all().count { $0.svg.contains(words) } == 5)
    // Those censored since the step before have no stroke at its time.
    #expect(!(try Gallery.survivalHeld()).svg.contains("(strokes on the curves)"))
  }

  @Test func logLogIsTheLogarithmOfTheCumulativeHazard() throws {
    let table = try survival([(0, 1, 0), (2, exp(-0.1), 0), (20, exp(-1), 0), (30, 0, 0)])
    let figure = try LogLogChart(title: "", subtitle: "").figure(released(table))
    // log(0.1) and log(1): the times without some, but not all surviving have no point.
    #expect(figure.summary.contains("x from −2.30 at 2 to 0.00 at 20 weeks"))
    #expect(throws: SiblingError.self) {
      try LogLogChart(title: "", subtitle: "").figure(
        released(try survival([(1, 1, 0), (2, 0, 1)])))
    }
  }

  @Test func incidencesChooseTheirPanels() throws {
    let causes = ["a", "b", "c", "d", "e"].map { ($0, 0.004) }
    let chart = CumulativeIncidenceChart(title: "", subtitle: "")
    let table = try released(Gallery.incidences([("arm", 300), ("other", 300)], causes))
    let figure = try chart.figure(table)
    #expect(count(">arm</text>", in: figure) == 1 && figure.summary.contains("e: arm "))
    var byArm = chart
    byArm.panels = .arms
    let error = #expect(throws: SiblingError.self) { try byArm.figure(table) }
    #expect(error?.code == .badValue && error?.message.contains("not 5") == true)
    let arms = (1...5).map { ("arm \($0)", 100) }
    #expect(throws: SiblingError.self) {
      try chart.figure(released(Gallery.incidences(arms, causes)))
    }
    #expect(throws: SiblingError.self) { try chart.figure(released(.cumulativeIncidence)) }
    #expect(throws: SiblingError.self) { try chart.figure(released(.survival)) }
  }

  /// Areas add up to one, whatever is merged or withheld.
  @Test func areasAddUp() throws {
    func shares(_ summary: String) -> [[Double]] {
      let panels = summary.components(separatedBy: "; ")
      return panels.map { panel in
        panel.matches(of: /(\d+)%/).compactMap { Double($0.output.1) }
      }
    }
    var control = Disclosure(profile: .acroDefault)
    for figure in [
      try Gallery.stacked(), try Gallery.stackedManyCauses(), try Gallery.states(),
      try Gallery.statesWithheld(),
      try StackedIncidenceChart(title: "", subtitle: "").figure(
        control.release(
          Gallery.incidences([("a", 200), ("b", 90)], [("quit", 0.02), ("x", 0.01)]))),
    ] {
      for panel in shares(figure.summary) {
        #expect(panel.count > 1)
        // Rounded to whole percent.
        #expect((panel.reduce(0, +) - 100).magnitude <= 2, "\(figure.name)")
      }
    }
    let many = try Gallery.stackedManyCauses()
    #expect(count(">Other</text>", in: many) > 0 && !many.svg.contains(">Retired</text>"))
  }

  @Test func onlyWithheldStatesLeaveAGap() throws {
    let withheld = try Gallery.statesWithheld()
    #expect(withheld.svg.contains("Withheld [c]"))
    #expect(withheld.svg.contains("[c] withheld by disclosure control"))
    #expect(!(try Gallery.states()).svg.contains("[c]"))
    var table = ResultTable.stateOccupancy
    try table.append(["analysis": "a", "arm": "x", "state": "job", "time": 3, "estimate": 0.5])
    var control = Disclosure(profile: .acroDefault)
    let error = #expect(throws: SiblingError.self) {
      try StateOccupancyChart(title: "", subtitle: "").figure(control.release(table))
    }
    #expect(error?.code == .noRows)
  }

  @Test func residualsShowOnlyWhereRowsOfPeopleMay() throws {
    let shown = try Gallery.schoenfeld()
    // One event a point, and one in the legend.
    #expect(count("<circle", in: shown) == 115)
    #expect(shown.sources == ["results/schoenfeld_smooth.csv", "results/schoenfeld_residuals.csv"])
    let withheld = try Gallery.schoenfeldWithheld()
    #expect(count("<circle", in: withheld) == 0)
    #expect(withheld.sources == ["results/schoenfeld_smooth.csv"])
    #expect(!withheld.svg.contains("One event"))
    let many = try Gallery.schoenfeldTables([("age", -0.06, 0)], events: 9000)
    let thinned = try SchoenfeldChart(title: "", subtitle: "").figure(
      released(many.smooth), residuals: released(many.residuals))
    #expect(count("<circle", in: thinned) == 1801 && thinned.svg.contains("One event in 5"))
  }

  @Test func ticksStandAtTransformedTimes() throws {
    var table = ResultTable.schoenfeldSmooth
    for (time, place) in [(10.0, 0.0), (20, 0.8), (30, 1)] {
      try table.append([
        "analysis": "a", "term": "x", "time": .number(time), "transformed": .number(place),
        "estimate": 1, "conf.low": 0.5, "conf.high": 1.5, "coefficient": 1,
      ])
    }
    let chart = SchoenfeldChart(title: "", subtitle: "", unit: "days", ticks: [10, 15, 20, 30])
    let figure = try chart.figure(released(table))
    func x(_ text: String) throws -> Double {
      let match = try Regex("x=\"([0-9.]+)\"[^>]*>\(text)<")
      let found = try #require(figure.svg.firstMatch(of: match)?.output[1].substring)
      return try #require(Double(found))
    }
    let (start, end) = (try x("10"), try x("30"))
    #expect(((try x("15")) - start - 0.4 * (end - start)).magnitude < 0.02)
    #expect(((try x("20")) - start - 0.8 * (end - start)).magnitude < 0.02)
  }

  @Test func modelsAreChosenByTheirCriterion() throws {
    let figure = try Gallery.modelsCompared()
    // In the legend and in the table, or in the table only.
    #expect(count(">loglogistic<", in: figure) == 2 && count(">gompertz<", in: figure) == 1)
    #expect(figure.summary.contains("weibull has the lowest AIC. 4 of 7 models are drawn."))
    let names = ["a", "b", "c", "d", "e"]
    let tables = try Gallery.modelTables([("all", 0.02)], names)
    let error = #expect(throws: SiblingError.self) {
      try ModelFitChart(title: "", subtitle: "", measure: "").figure(
        released(tables.models), survival: released(.survival))
    }
    #expect(error?.code == .badValue)
    // Without a Kaplan–Meier curve of the arm the models still stand.
    let four = try Gallery.modelTables([("all", 0.02)], Array(names.prefix(4)))
    let alone = try ModelFitChart(title: "", subtitle: "", measure: "").figure(
      released(four.models), survival: released(.survival))
    #expect(!alone.svg.contains("Kaplan–Meier</text>"))
  }

  @Test func stepsAreReadFromTheLeft() throws {
    let table = try survival([(8, 0.6, 0), (1, 0.9, 0), (3, 0.8, 0)])
    let curve = StepCurve(start: 1, table: table, rows: [0, 1, 2], value: "survival")
    #expect(
      [0, 0.9, 1, 2.9, 3, 8, 99].map { curve.value(at: $0) } == [1, 1, 0.9, 0.9, 0.8, 0.6, 0.6])
  }
}
