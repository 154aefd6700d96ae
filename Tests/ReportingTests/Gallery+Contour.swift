import Reporting
import Statistics

extension Gallery {
  /// The estimate over a grid of shares, and covariates as benchmarks.
  static func contourTables(
    estimate: Double, error: Double, degrees: Double, top: (Double, Double),
    benchmarks: [(String, Double, Double, Double)]
  ) throws -> (grid: ResultTable, points: ResultTable) {
    let bias = try OmittedVariableBias(
      estimate: estimate, standardError: error, degreesOfFreedom: degrees)
    var grid = ResultTable.hiddenBiasContour
    for i in 0...24 {
      for j in 0...24 {
        let (d, y) = (top.0 * Double(i) / 24, top.1 * Double(j) / 24)
        try grid.append([
          "outcome": "y", "r2_treatment": Cell(d), "r2_outcome": Cell(y),
          "estimate": Cell(bias.adjusted(treatmentShare: d, outcomeShare: y).estimate),
        ])
      }
    }
    var points = ResultTable.hiddenBias
    for (name, multiple, d, y) in benchmarks {
      try points.append([
        "analysis": "benchmark", "outcome": "y", "item": .text(name), "setting": Cell(multiple),
        "r2_treatment": Cell(d), "r2_outcome": Cell(y),
        "estimate": Cell(bias.adjusted(treatmentShare: d, outcomeShare: y).estimate),
      ])
    }
    return (grid, points)
  }

  static func contour() throws -> Figure {
    let tables = try contourTables(
      estimate: 1548, error: 520, degrees: 604, top: (0.25, 0.25),
      benchmarks: [
        ("educ", 1, 0.01, 0.011), ("educ", 2, 0.02, 0.022), ("educ", 3, 0.03, 0.033),
        ("re74", 1, 0.06, 0.04), ("re74", 2, 0.12, 0.085), ("re74", 3, 0.18, 0.13),
      ])
    return try SensitivityContourChart(
      title: "No recorded covariate is strong enough",
      subtitle: "Earnings in 1978, participants less comparisons, United States",
      style: .dollars().signed, names: ["educ": "Years of schooling", "re74": "Earnings 1974"]
    ).figure(released(tables.grid), benchmarks: released(tables.points), name: "contour")
  }

  static func contourCrowded() throws -> Figure {
    let tables = try contourTables(
      estimate: 0.2, error: 0.01, degrees: 90, top: (0.9, 0.95),
      benchmarks: (0..<12).map {
        ("a covariate with a name that is far too long to stand anywhere \($0)", 1, 0.001, 0.9)
      } + [("edge", 2, 0.9, 0.95), ("outside", 3, 0.94, 0.99)])
    return try SensitivityContourChart(
      title: "A crowd of benchmarks", subtitle: "Simulated", style: .percentagePoints(1)
    ).figure(
      released(tables.grid), benchmarks: released(tables.points), name: "contour_crowded")
  }

  static func contourNegative() throws -> Figure {
    let tables = try contourTables(
      estimate: -3e-6, error: 2e-6, degrees: 5000, top: (0.05, 0.05), benchmarks: [])
    return try SensitivityContourChart(title: "A tiny negative estimate", subtitle: "Simulated")
      .figure(released(tables.grid), name: "contour_negative")
  }
}
