import Foundation
import Reporting
import Statistics
import TestSupport

/// Charts of what a design can find.
extension Gallery {
  static func planningCharts() throws -> [Figure] {
    try [planningBySites(), planningOneLine(), planningWithheld()]
  }

  /// 2.8·√(0.21(0.02 + 0.98/n)(1/5 + 1/m)): near enough for a picture.
  private static func curve(_ lines: [(String, Double)], people: Int = 400) throws -> ResultTable {
    var table = ResultTable.planningCurve
    for (name, others) in lines {
      for clients in [10, 20, 40, 60, 80, 100, 150, 200, 300] {
        let variance = 0.21 * (0.02 + 0.98 / Double(clients)) * (0.2 + 1 / others)
        try table.append([
          "outcome": "job", "line": .text(name), "clients": Cell(clients),
          "sites_treated": .number(5), "sites_comparison": .number(others),
          "detectable": Cell(2.8 * variance.squareRoot()), "n_treated": Cell(people),
          "n_comparison": Cell(1200),
        ])
      }
    }
    return table
  }

  static func planningBySites() throws -> Figure {
    let table = try curve([
      ("5 and 5 sites", 5), ("5 and 10 sites", 10), ("5 and 20 sites", 20), ("5 and 80 sites", 80),
    ])
    return try DetectableEffectChart(
      title: "More clients soon stop helping; more sites do not",
      subtitle: "Smallest difference found four times out of five, by clients of a site",
      style: .percentagePoints(1), measure: "Detectable difference, percentage points", here: 104
    ).figure(released(table), name: "planning_sites")
  }

  static func planningOneLine() throws -> Figure {
    try DetectableEffectChart(
      title: "One plan only", subtitle: "Simulated", style: .weeks(1),
      measure: "Detectable difference, weeks", axisTitle: "Clients of both arms", here: 299
    ).figure(released(curve([("This study's correlation", 20)])), name: "planning_one")
  }

  static func planningWithheld() throws -> Figure {
    var control = Disclosure(profile: .acroDefault)
    return try DetectableEffectChart(
      title: "Withheld", subtitle: "Few clients", style: .percentagePoints(1),
      measure: "Detectable difference, percentage points"
    ).figure(control.release(curve([("5 and 20 sites", 20)], people: 4)), name: "planning_withheld")
  }
}
