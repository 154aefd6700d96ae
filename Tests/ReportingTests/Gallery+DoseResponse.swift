import Foundation
import Reporting
import Statistics
import TestSupport

/// Charts of effects by dose.
extension Gallery {
  static func doseCharts() throws -> [Figure] {
    try [doseLine(), doseThree(), doseWithheld()]
  }

  private static func points(_ sites: [(String, Double, Double, Double)], people: Int) throws
    -> ResultTable
  {
    var table = ResultTable.doseResponse
    for (name, dose, effect, reach) in sites {
      try table.append([
        "outcome": "job", "dose": "share", "site": .text(name), "dose_value": .number(dose),
        "estimate": .number(effect), "own.error": .number(reach / 2.2),
        "std.error": .number(reach / 2), "df": .number(30), "conf.low": .number(effect - reach),
        "conf.high": .number(effect + reach), "n": Cell(people), "n_comparison": Cell(900),
      ])
    }
    return table
  }

  private static let sites: [(String, Double, Double, Double)] = [
    ("Haringey and Barnet", 0.72, 0.05, 0.09), ("Enfield", 0.74, 0.11, 0.12),
    ("Shropshire", 0.745, 0.115, 0.08), ("Tower Hamlets", 0.9, 0.02, 0.06),
    ("Staffordshire", 0.95, 0.16, 0.1),
  ]

  static func doseLine() throws -> Figure {
    var line = ResultTable.doseResponseLine
    for step in 0...20 {
      let x = 0.72 + 0.23 * Double(step) / 20
      let middle = 0.06 + 0.2 * (x - 0.72)
      let reach = 0.06 + 0.9 * (x - 0.83) * (x - 0.83) * 8
      try line.append([
        "outcome": "job", "dose": "share", "step": Cell(step), "dose_value": .number(x),
        "estimate": .number(middle), "conf.low": .number(middle - reach),
        "conf.high": .number(middle + reach), "n_smallest": .number(60),
      ])
    }
    return try DoseResponseChart(
      title: "No clear pattern of effects by outcome share",
      subtitle: "Effect on keeping a job for 13 weeks, by site. Exploratory.",
      style: .percentagePoints(1), doseStyle: .percent(), measure: "Effect, percentage points",
      axisTitle: "Share of the income expected by plan that outcomes pay"
    ).figure(
      released(points(sites, people: 60)), line: released(line), name: "dose_response_line")
  }

  static func doseThree() throws -> Figure {
    try DoseResponseChart(
      title: "Effects by management contacts: no line is drawn", subtitle: "Three sites",
      measure: "Effect, weeks", axisTitle: "Management contacts for each specialist a quarter"
    ).figure(
      released(points(Array(sites.prefix(3)), people: 60)), name: "dose_response_three")
  }

  static func doseWithheld() throws -> Figure {
    var control = Disclosure(profile: .acroDefault)
    return try DoseResponseChart(
      title: "Withheld", subtitle: "Few clients", measure: "Effect", axisTitle: "Outcome share"
    ).figure(control.release(points(sites, people: 4)), name: "dose_response_withheld")
  }
}
