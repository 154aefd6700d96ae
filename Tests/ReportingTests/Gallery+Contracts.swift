import Foundation
import Reporting
import Statistics

/// Targets and payments.
extension Gallery {
  static func performance(_ rows: [(String, String, Double, Double, String)]) throws -> ResultTable
  {
    var table = ResultTable.performance
    for (contract, outcome, target, actual, note) in rows {
      try table.append([
        "contract": .text(contract), "outcome": .text(outcome), "target": Cell(target),
        "actual": Cell(actual), "ratio": target == 0 ? nil : Cell(actual / target),
        "difference": Cell(actual - target), "note": note.isEmpty ? nil : .text(note),
      ])
    }
    return table
  }

  static func targets() throws -> Figure {
    let outcomes = [
      "Engagement", "Job start", "Sustained, under 16 hours", "Sustained, 16 hours or more",
    ]
    let projects: [(String, [Double], [Double])] = [
      ("Haringey and Barnet", [799, 379, 113, 93], [704, 219, 51, 53]),
      ("Enfield", [546, 181, 55, 55], [239, 84, 16, 40]),
      ("Shropshire", [419, 197, 66, 56], [496, 170, 18, 60]),
      ("Tower Hamlets, learning disabilities", [370, 182, 40, 17], [75, 111, 96, 9]),
      ("Tower Hamlets, mental health", [1223, 454, 193, 158], [1171, 358, 68, 126]),
    ]
    let table = try performance(
      projects.flatMap { project, target, actual in
        outcomes.indices.map { index in
          let note =
            project.hasSuffix("disabilities") && index < 2
            ? "Fewer engagements than job starts were published; the source does not say why." : ""
          return (project, outcomes[index], target[index], actual[index], note)
        }
      })
    return try TargetsChart(
      title: "Job starts fell short of target in every project",
      subtitle: "Outcomes achieved of the contract's target, five MHEP projects, 2019 to 2024"
    ).figure(released(table), name: "targets")
  }

  static func targetsHard() throws -> Figure {
    try TargetsChart(title: "Awkward targets", subtitle: "Simulated").figure(
      released(
        performance([
          ("A", "No target", 0, 12, ""), ("A", "Nothing achieved", 1_200_000, 0, ""),
          ("A", "Far above", 2, 90, "Ninety against two"),
          (
            "B with a name that is much longer than any heading has a right to be, even here", "x",
            10, 10, "Exactly met"
          ),
        ])), name: "targets_hard")
  }

  static func payments() throws -> Figure {
    var table = ResultTable.payments
    var draws = Draws(2)
    for (index, contract) in [
      "Haringey and Barnet", "Enfield", "Shropshire", "Tower Hamlets LD", "Tower Hamlets MH",
    ].enumerated() {
      var totals = [0.0, 0, 0]
      for quarter in 0..<(17 + index) {
        let month = 6 + 3 * quarter
        let date =
          "\(2019 + (month - 1) / 12)-\((month - 1) % 12 + 1 < 10 ? "0" : "")\((month - 1) % 12 + 1)"
        for line in totals.indices { totals[line] += draws.uniform() * 90_000 / Double(line + 1) }
        try table.append([
          "contract": .text(contract), "quarter_end": .text(date),
          "first_plan_total": Cell(totals[0]), "latest_plan_total": Cell(totals[1]),
          "actual_total": quarter < 15 ? Cell(totals[1] * 0.97) : nil, "currency": "GBP",
        ])
      }
    }
    return try PaymentsChart(
      title: "Payments ran below the first plan everywhere",
      subtitle: "Cumulative outcome payments by quarter, pounds, five MHEP projects"
    ).figure(released(table), name: "payments")
  }

  static func paymentsOne() throws -> Figure {
    var table = ResultTable.payments
    for (date, amount) in [("2020-03", 0.0), ("2020-06", 0)] {
      try table.append([
        "contract": "One", "quarter_end": .text(date), "first_plan_total": Cell(amount),
        "latest_plan_total": Cell(amount), "actual_total": Cell(amount),
      ])
    }
    return try PaymentsChart(title: "Nothing was paid", subtitle: "Two quarters")
      .figure(released(table), name: "payments_one")
  }
}
