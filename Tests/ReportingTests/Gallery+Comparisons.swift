import Foundation
import Reporting
import Statistics
import TestSupport

/// Charts of one covariate's distribution, and the love plot of many products.
extension Gallery {
  static func loveInteractions() throws -> Figure {
    var draws = Draws(9)
    let names = ["Age", "Schooling", "Earnings 1974", "Earnings 1975", "Married", "Race", "Site"]
    var rows: [(String, String, Double, Double?)] = []
    for (left, one) in names.enumerated() {
      for two in names.dropFirst(left + 1) {
        for level in ["black", "hispan", "white", "other"] {
          rows.append(
            ("\(one) × \(two)", level, draws.uniform() * 1.6 - 0.8, draws.uniform() * 0.3 - 0.15))
        }
      }
    }
    return try LovePlot(
      title: "A few products of covariates are still apart",
      subtitle: "Standardised mean differences, participants less comparisons"
    ).figure(released(balance(rows)), name: "love_products")
  }

  /// Quantiles of exponential earnings, some people having none.
  static func quantileTable(people: Int) throws -> ResultTable {
    var table = ResultTable.quantiles
    for (stage, shift) in [("unadjusted", 2.4), ("adjusted", 1.06)] {
      for step in 1..<50 {
        let probability = Double(step) / 50
        func earnings(_ scale: Double, _ none: Double) -> Double {
          probability <= none ? 0 : -scale * log(1 - (probability - none) / (1 - none))
        }
        let beyond = Int((Double(people) * min(probability, 1 - probability)).rounded())
        try table.append([
          "analysis": "matched", "covariate": "re74", "stage": .text(stage),
          "probability": .number(probability), "quantile_treated": Cell(earnings(4000, 0.6)),
          "quantile_comparison": Cell(earnings(4000 * shift, 0.6 / shift)),
          "beyond_treated": Cell(beyond), "beyond_comparison": Cell(3 * beyond),
        ])
      }
    }
    return table
  }

  static func qq() throws -> Figure {
    try QQChart(
      title: "Earnings are alike after matching",
      subtitle: "Earnings in 1974, each point is one quantile in both groups", style: .dollars(),
      armNames: ("Participants", "Survey comparisons")
    ).figure(released(quantileTable(people: 185)), name: "qq")
  }

  static func qqWithheld() throws -> Figure {
    var control = Disclosure(profile: .acroDefault)
    return try QQChart(
      title: "The ends are withheld where few people stand", subtitle: "Earnings in 1974",
      style: .dollars()
    ).figure(control.release(quantileTable(people: 60)), name: "qq_withheld")
  }

  static func densityTable(people: Double) throws -> ResultTable {
    var table = ResultTable.densities
    func normal(_ x: Double, _ mean: Double, _ deviation: Double) -> Double {
      exp(-(x - mean) * (x - mean) / (2 * deviation * deviation)) / (deviation * 2.5066)
    }
    for (stage, mean) in [("unadjusted", 40.0), ("adjusted", 27)] {
      for (arm, center, spread) in [("treated", 26.0, 7.0), ("comparison", mean, 9)] {
        for age in stride(from: 6.0, through: 70, by: 1) {
          let height = normal(age, center, spread)
          try table.append([
            "analysis": "matched", "covariate": "age", "stage": .text(stage), "arm": .text(arm),
            "value": .number(age), "density": Cell(height),
            "near": Cell((people * height * 8).rounded()),
          ])
        }
      }
    }
    return table
  }

  static func density() throws -> Figure {
    try DensityChart(
      title: "Matching finds comparisons as young as the participants",
      subtitle: "Kernel density of age in each group, 1975", axisTitle: "Age",
      armNames: ("Participants", "Survey comparisons"),
      stageNames: ("Before matching", "After matching")
    ).figure(released(densityTable(people: 400)), name: "density")
  }

  static func densityWithheld() throws -> Figure {
    var control = Disclosure(profile: .acroDefault)
    return try DensityChart(
      title: "Curves end where few people are", subtitle: "Kernel density of age", axisTitle: "Age"
    ).figure(control.release(densityTable(people: 150)), name: "density_withheld")
  }
}
