import Foundation
import Reporting
import Statistics

/// Forest plots and event studies.
extension Gallery {
  static func estimates(
    _ rows: [(String, String, Double, Double?, Double?)]
  ) throws -> ResultTable {
    var table = ResultTable.estimates
    for (estimator, subgroup, estimate, low, high) in rows {
      try table.append([
        "analysis": "primary", "estimand": "ATT", "estimator": .text(estimator),
        "outcome": "job", "subgroup": .text(subgroup), "term": "ATT", "estimate": Cell(estimate),
        "conf.low": Cell(low), "conf.high": Cell(high), "conf.level": 0.95,
        "n_treated": 185, "n_comparison": 429,
      ])
    }
    return table
  }

  static func forest() throws -> Figure {
    let table = try estimates([
      ("Difference in means", "", 0.032, -0.06, 0.124), ("G-computation", "", 0.041, -0.02, 0.102),
      ("Doubly robust", "", 0.038, -0.024, 0.1), ("Site-level t", "", 0.05, -0.11, 0.21),
    ])
    return try ForestPlot(
      title: "Jobs may have risen; the interval includes none",
      subtitle: "Difference in the share with a job, per accepted client", style: .percent(1),
      axisTitle: "Difference in percentage points", directions: ("Fewer jobs", "More jobs")
    ).figure(released(table), name: "forest")
  }

  static func forestMoney() throws -> Figure {
    let table = try released(
      estimates([
        ("Unadjusted difference", "", -8497.52, -9893, -7102),
        ("Nearest neighbour, caliper 0.2, then g-computation", "", 1368.3, -96, 2833),
        ("Difference-in-differences, two periods, 1975 to 1978", "", 3621.2, 2480.5, 4762),
        ("Experimental benchmark", "", 1794.34, 551, 3038),
      ]))
    return try ForestPlot(
      title: "Matching comes near the experiment, the raw gap doesn't",
      subtitle: "Effect on earnings in 1978, dollars a year", style: .dollars(),
      axisTitle: "Effect on yearly earnings", directions: ("Earned less", "Earned more"),
      benchmark: (
        try table.cell("estimate", where: ["estimator": "Experimental benchmark"]), "Experiment"
      )
    ).figure(table, name: "forest_money")
  }

  static func forestRatios() throws -> Figure {
    let table = try estimates([
      ("Cox", "Men", 0.69, 0.47, 1.0), ("Cox", "Women", 0.85, 0.31, 2.31),
      ("Weibull", "Men", 0.71, 0.5, 1.02), ("Weibull", "Women", 0.9, 0.33, 2.4),
    ])
    return try ForestPlot(
      title: "Arrest came later with financial aid", subtitle: "Hazard ratios",
      axisTitle: "Hazard ratio (logarithmic scale)", labels: ["subgroup"], group: "estimator",
      null: 1, isLogarithmic: true, directions: ("Fewer arrests", "More arrests")
    ).figure(released(table), name: "forest_ratios")
  }

  static func forestWide() throws -> Figure {
    let table = try estimates([
      ("a", "", 1.2e-5, 1.1e-5, 1.3e-5), ("b", "", 1e-5, -4e-4, 4e-4), ("c", "", 1.1e-5, nil, nil),
      ("d", "", 1.4e-5, 1e-5, 1.6e-5),
    ])
    return try ForestPlot(
      title: "One interval leaves the picture", subtitle: "Very small numbers",
      style: .significant(2), axisTitle: "Effect"
    ).figure(released(table), name: "forest_wide")
  }

  static func events(_ rows: [(Int, Double?, Double)]) throws -> ResultTable {
    var table = ResultTable.eventStudy
    for (time, estimate, error) in rows {
      let isReference = estimate == nil
      let value = estimate ?? 0
      try table.append([
        "analysis": "panel", "rel_time": Cell(time), "estimate": Cell(value),
        "std.error": isReference ? nil : Cell(error),
        "conf.low": isReference ? nil : Cell(value - 1.96 * error),
        "conf.high": isReference ? nil : Cell(value + 1.96 * error),
        "reference": .flag(isReference), "n": 2500,
      ])
    }
    return table
  }

  static func eventStudy() throws -> Figure {
    let table = try events([
      (-4, 0.0033, 0.0245), (-3, 0.0252, 0.018), (-2, 0.0246, 0.0142), (-1, nil, 0),
      (0, -0.0199, 0.0118), (1, -0.051, 0.0169), (2, -0.1373, 0.0364), (3, -0.1008, 0.0343),
    ])
    return try EventStudyChart(
      title: "Teen employment fell after minimum wages rose",
      subtitle: "Effect on log teen employment, 500 US counties, 2003 to 2007", unit: "years",
      start: "Minimum wage rises"
    ).figure(released(table), name: "event_study")
  }

  static func eventStudyLong() throws -> Figure {
    var draws = Draws(5)
    let table = try events(
      (-30...40).map { time in
        (time, time == -1 ? nil : Double(max(0, time)) * 120 + draws.uniform() * 900, 400)
      })
    return try EventStudyChart(
      title: "Seventy periods", subtitle: "Pounds a quarter", style: .pounds(), unit: "quarters"
    ).figure(released(table), name: "event_long")
  }

  static func eventStudyTwoPoints() throws -> Figure {
    try EventStudyChart(title: "Two periods only", subtitle: "Simulated", unit: "years")
      .figure(released(events([(-1, nil, 0), (0, 0, 0)])), name: "event_two")
  }

  static func eventStudySmallNumbers() throws -> Figure {
    try EventStudyChart(title: "Tiny effects", subtitle: "Simulated", style: .significant(2))
      .figure(
        released(events([(-2, 1e-6, 2e-6), (-1, nil, 0), (0, -3e-6, 1e-6), (1, -9e-6, 4e-6)])),
        name: "event_small")
  }
}
