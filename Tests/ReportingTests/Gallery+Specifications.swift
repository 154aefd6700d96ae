import Foundation
import Reporting
import Statistics
import TestSupport

/// Charts of many combinations of choices.
extension Gallery {
  static func specificationCharts() throws -> [Figure] {
    try [specificationFew(), specificationMany(), specificationWithheld()]
  }

  private static func table(
    _ choices: [(String, [String])], people: Int, reach: Double, shift: Double
  ) throws -> ResultTable {
    var table = try ResultTable.specifications(choices.map { ($0.0, $0.0) })
    let count = choices.reduce(1) { $0 * $1.1.count }
    var draws = Draws(5)
    for index in 0..<count {
      var rest = index
      let estimate = shift + 0.12 * (draws.uniform() - 0.5)
      var row: [String: Cell] = [
        "specification": Cell(index + 1), "status": "estimated", "outcome": "job",
        "estimand": .text(index % 5 == 4 ? "ATE" : "ATT"), "same_question": .flag(index % 5 != 4),
        "as_reported": .flag(index == 0), "estimate": .number(estimate),
        "conf.low": .number(estimate - reach), "conf.high": .number(estimate + reach),
        "hidden_n_treated": Cell(people), "hidden_n_comparison": Cell(300),
      ]
      for (name, options) in choices.reversed() {
        row[name] = .text(options[rest % options.count])
        rest /= options.count
      }
      try table.append(row)
    }
    return table
  }

  private static func chart(_ choices: [(String, [String])], title: Prose) -> SpecificationChart {
    SpecificationChart(
      title: title, subtitle: "A job kept for 13 weeks, clients less others, 2015 to 2024",
      choices: choices.map {
        .init(column: $0.0, title: $0.0.replacingOccurrences(of: "choice_", with: "").capitalized)
      }, style: .percentagePoints(1).signed, measure: "Difference in percentage points")
  }

  static func specificationFew() throws -> Figure {
    let choices = [
      ("choice_covariates", ["all", "without motivation and without what was recorded late"]),
      ("choice_method", ["entropy balancing", "nearest neighbours", "weights"]),
    ]
    return try chart(choices, title: "All point one way, not all clear of no difference").figure(
      released(table(choices, people: 200, reach: 0.05, shift: 0.06)), name: "specification_few")
  }

  static func specificationMany() throws -> Figure {
    let choices = [
      ("choice_covariates", ["all", "few", "fewest"]),
      ("choice_method", ["entropy", "nearest", "weights", "full"]),
      ("choice_estimator", ["difference", "g-computation"]),
      ("choice_people", ["all", "before 2020", "from 2020", "with a diagnosis", "women"]),
    ]
    return try chart(choices, title: "The direction depends on the choices").figure(
      released(table(choices, people: 200, reach: 0.04, shift: 0.01)), name: "specification_many")
  }

  static func specificationWithheld() throws -> Figure {
    let choices = [("choice_method", ["entropy", "nearest"])]
    var control = Disclosure(profile: .acroDefault)
    return try chart(choices, title: "Estimates over the declared choices").figure(
      control.release(table(choices, people: 4, reach: 0.04, shift: 0.01)),
      name: "specification_withheld")
  }
}
