import Foundation
import Reporting
import Statistics

/// Jobs by length around a payment threshold.
extension Gallery {
  static func incentiveCharts() throws -> [Figure] {
    try [bunching(), bunchingOneArm(), bunchingWithheld()]
  }

  /// Weekly bins around 13 weeks with a heap at months; `excess` jobs are moved right after it.
  private static func histogram(_ arms: [(String, Double, Int)]) throws -> ResultTable {
    var table = ResultTable.bunchingHistogram
    for (arm, size, excess) in arms {
      for week in 1..<39 {
        let isMonth = [4, 8, 13, 17, 21, 26, 30, 34].contains(week)
        let smooth = size * exp(-Double(week) / 20)
        let expected = smooth * (isMonth ? 1.4 : 1)
        let wave = 1 + 0.08 * sin(Double(week * 7))
        let moved = week == 13 ? excess : week == 14 ? excess / 2 : week == 12 ? -excess / 2 : 0
        try table.append([
          "arm": .text(arm), "threshold": 13, "from": Cell(week), "to": Cell(week + 1),
          "n": Cell(max(0, Int((expected * wave).rounded()) + moved)),
          "counterfactual": Cell(expected), "smooth": Cell(smooth),
          "excluded": .flag((11..<15).contains(week)), "round": .flag(isMonth),
        ])
      }
    }
    return table
  }

  static func bunching() throws -> Figure {
    try BunchingChart(
      title: "More jobs than expected end right after 13 weeks",
      subtitle: "Jobs that ended, by length in weeks. England, 2016 to 2024",
      names: ["sib": "Clients of bond services", "non_sib": "Clients of other services"]
    ).figure(released(histogram([("sib", 60, 36), ("non_sib", 150, 0)])), name: "bunching")
  }

  static func bunchingOneArm() throws -> Figure {
    try BunchingChart(
      title: "One arm only", subtitle: "Simulated", names: [:]
    ).figure(released(histogram([("all", 9000, 0)])), name: "bunching_one")
  }

  static func bunchingWithheld() throws -> Figure {
    var control = Disclosure(profile: .acroDefault)
    return try BunchingChart(title: "Withheld", subtitle: "Few jobs", names: [:]).figure(
      control.release(histogram([("sib", 24, 4), ("non_sib", 60, 0)])), name: "bunching_withheld")
  }
}
