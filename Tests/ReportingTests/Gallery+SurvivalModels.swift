import Foundation
import Reporting
import Statistics

/// Charts of proportional hazards, survival models and milestones.
extension Gallery {
  static func logLog() throws -> Figure {
    try LogLogChart(
      title: "The hazards look roughly proportional",
      subtitle: "First jobs, by weeks since the start, Maryland",
      names: ["1": "Financial aid", "0": "No aid"]
    ).figure(released(curves([("1", 216, 0.012), ("0", 216, 0.02)])), name: "log_log")
  }

  static func logLogFourArms() throws -> Figure {
    let table = try curves(
      [
        ("Tower Hamlets, people with learning disabilities", 900, 0.02), ("Enfield", 800, 0.021),
        ("Shropshire", 1200, 0.0205), ("Haringey & Barnet", 700, 0.0202),
      ], weeks: 90)
    return try LogLogChart(title: "Four curves on each other", subtitle: "Simulated", unit: "days")
      .figure(released(table), name: "log_log_four")
  }

  static func logLogOnePoint() throws -> Figure {
    var table = ResultTable.survival
    for (time, share) in [(0.0, 1.0), (3, 0.5), (7, 0)] {
      try table.append([
        "analysis": "a", "arm": "all", "time": .number(time), "survival": .number(share),
        "n_risk": 20,
      ])
    }
    return try LogLogChart(title: "One point only", subtitle: "Simulated")
      .figure(released(table), name: "log_log_point")
  }

  /// Smooths of residuals that fall over time, and the residuals.
  static func schoenfeldTables(
    _ terms: [(String, Double, Double)], events: Int
  ) throws -> (smooth: ResultTable, residuals: ResultTable) {
    var smooth = ResultTable.schoenfeldSmooth
    var residuals = ResultTable.schoenfeldResiduals
    var draws = Draws(21)
    func transformed(_ time: Double) -> Double { 1 - exp(-time / 30) }
    for (term, coefficient, slope) in terms {
      for step in 0...40 {
        let time = 1 + 51 * Double(step) / 40
        let far = Double(step - 20) / 20
        let value = coefficient + slope * far
        let error = (0.2 + 0.25 * far * far) * coefficient.magnitude
        try smooth.append([
          "analysis": "job", "term": .text(term), "time": .number(time),
          "transformed": .number(transformed(time)), "estimate": .number(value),
          "conf.low": .number(value - 1.96 * error), "conf.high": .number(value + 1.96 * error),
          "coefficient": .number(coefficient), "n_event": Cell(events),
          "near": Cell(Int(Double(events) * 0.4 * (1 - far * far)) + 1),
        ])
      }
      for event in 0..<events {
        let time = 1 + 51 * draws.uniform()
        let spread = (draws.uniform() + draws.uniform() + draws.uniform() - 1.5) * 6
        try residuals.append([
          "analysis": "job", "term": .text(term), "event": Cell(event), "time": .number(time),
          "transformed": .number(transformed(time)),
          "residual": .number(coefficient * (1 + spread)),
        ])
      }
    }
    return (smooth, residuals)
  }

  static func schoenfeld() throws -> Figure {
    let tables = try schoenfeldTables([("age", -0.06, -0.05)], events: 114)
    return try SchoenfeldChart(
      title: "Age mattered more in later weeks",
      subtitle: "Log hazard ratio a year of age, 432 men released, Maryland",
      transform: "Kaplan–Meier scale", names: ["age": "Age"]
    ).figure(
      released(tables.smooth), residuals: released(tables.residuals), name: "schoenfeld")
  }

  static func schoenfeldWithheld() throws -> Figure {
    var control = Disclosure(profile: .acroDefault)
    let tables = try schoenfeldTables(
      [("fin", -0.38, 0.1), ("age", -0.06, -0.05)], events: 60)
    return try SchoenfeldChart(
      title: "No points of single people, no ends", subtitle: "Log hazard ratios",
      transform: "Kaplan–Meier scale", names: ["fin": "Financial aid", "age": "Age"]
    ).figure(
      control.release(tables.smooth), residuals: control.release(tables.residuals),
      name: "schoenfeld_withheld")
  }

  static func schoenfeldManyTerms() throws -> Figure {
    let tables = try schoenfeldTables(
      [
        ("fin", -0.38, 0.1), ("age", -0.06, -0.05), ("race", 0.31, 0.02), ("wexp", -0.15, 0.9),
        ("Number of weeks in contact with mental health services before referral", 1e-4, 2e-5),
        ("paro", -0.08, 0), ("prio", 12_000, 900),
      ], events: 80)
    return try SchoenfeldChart(title: "Seven terms", subtitle: "Log hazard ratios")
      .figure(
        released(tables.smooth), residuals: released(tables.residuals), name: "schoenfeld_many")
  }

  /// Curves of parametric models whose fit differs.
  static func modelTables(
    _ arms: [(String, Double)], _ names: [String]
  ) throws -> (models: ResultTable, comparison: ResultTable) {
    var models = ResultTable.survivalModels
    var comparison = ResultTable.modelComparison
    for (index, model) in names.enumerated() {
      let shape = 0.8 + 0.15 * Double(index)
      for (arm, hazard) in arms {
        for week in 0...60 {
          try models.append([
            "analysis": "job", "arm": .text(arm), "model": .text(model), "time": Cell(week),
            "survival": .number(
              exp(-pow(hazard * 26, 1 - shape) * pow(hazard * Double(week), shape))),
            "n_event": 90,
          ])
        }
      }
      let likelihood = -675.4 - (shape - 1.1) * (shape - 1.1) * 30
      let parameters = Double(2 + index / 2)
      try comparison.append([
        "analysis": "job", "model": .text(model), "df": .number(parameters),
        "loglik": .number(likelihood), "aic": .number(2 * parameters - 2 * likelihood),
        "bic": .number(5.5 * parameters - 2 * likelihood), "n_event": 114,
      ])
    }
    return (models, comparison)
  }

  private static let aid: [(String, Double)] = [("1", 0.012), ("0", 0.02)]

  static func models() throws -> Figure {
    let tables = try modelTables(aid, ["exponential", "weibull", "lognormal"])
    return try ModelFitChart(
      title: "The Weibull follows the observed curves",
      subtitle: "First jobs, by weeks since the start, Maryland", measure: "Still employed",
      names: ["1": "Financial aid", "0": "No aid", "weibull": "Weibull"]
    ).figure(
      released(tables.models), survival: released(curves([("1", 216, 0.012), ("0", 216, 0.02)])),
      name: "models")
  }

  private static let families = [
    "exponential", "weibull", "lognormal", "loglogistic",
    "Royston–Parmar spline with three knots on the scale of odds", "gompertz",
    "generalised gamma",
  ]

  static func modelsCompared() throws -> Figure {
    let tables = try modelTables([("all", 0.02)], families)
    return try ModelFitChart(
      title: "Seven models, the best four drawn", subtitle: "First jobs", measure: "Still employed"
    ).figure(
      released(tables.models), survival: released(curves([("all", 216, 0.02)])),
      comparison: released(tables.comparison), name: "models_compared")
  }

  static func modelsHeld() throws -> Figure {
    var control = Disclosure(profile: .acroDefault)
    let tables = try modelTables(aid, Array(families.prefix(4)))
    return try ModelFitChart(
      title: "Models over held curves", subtitle: "First jobs", measure: "Still employed"
    ).figure(
      control.release(tables.models),
      survival: control.release(curves([("1", 150, 0.012), ("0", 150, 0.02)])),
      comparison: control.release(tables.comparison), name: "models_held")
  }

  /// Differences of the share still employed at chosen weeks, by adjustment.
  static func forestMilestones() throws -> Figure {
    var table = ResultTable.estimates
    for (group, shift) in [("Unadjusted", 0.0), ("After matching", 0.012)] {
      for (week, difference, error) in [
        (6, 0.014, 0.012), (13, 0.028, 0.021), (26, 0.055, 0.033), (52, 0.083, 0.042),
      ] {
        try table.append([
          "analysis": "job", "estimand": "milestone difference", "estimator": .text(group),
          "outcome": "job", "term": .text("\(week) weeks"), "estimate": Cell(difference + shift),
          "conf.low": Cell(difference + shift - 1.96 * error),
          "conf.high": Cell(difference + shift + 1.96 * error), "conf.level": 0.95,
          "n_treated": 216, "n_comparison": 216,
        ])
      }
    }
    return try ForestPlot(
      title: "The gap widens, and no week settles it",
      subtitle: "Difference in the share still employed, at chosen weeks",
      style: .percentagePoints(1), axisTitle: "Difference in percentage points",
      labels: ["term"], group: "estimator", directions: ("Fewer still employed", "More")
    ).figure(released(table), name: "forest_milestones")
  }
}
