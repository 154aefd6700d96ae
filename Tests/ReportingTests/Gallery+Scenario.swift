import Reporting
import Statistics

/// Simulated futures of a contract.
extension Gallery {
  /// A fan for each split: cash falls for two quarters, then rises; the more by outcomes the wider.
  static func scenarioPaths(_ splits: [(String, Double)], quarters: Int) throws -> ResultTable {
    var table = ResultTable.scenarioPaths
    for (split, spread) in splits {
      for quarter in 0...quarters {
        let t = Double(quarter)
        let middle = -14_000 * min(t, 2) + 6000 * max(0, t - 2)
        var row: [String: Cell] = [
          "shortfall": Cell(0.2), "vacancy": Cell(0.0), "conversion": Cell(1.0),
          "split": .text(split), "quarter": Cell(t), "mean": Cell(middle),
        ]
        for (name, deviate) in [
          ("q05", -1.64), ("q25", -0.67), ("q50", 0), ("q75", 0.67), ("q95", 1.64),
        ] {
          row[name] = Cell(middle + deviate * spread * t.squareRoot())
        }
        try table.append(row)
      }
    }
    return table
  }

  static func scenarioBreakEven(
    _ splits: [(String, Double, Int)]
  ) throws -> ResultTable {
    var table = ResultTable.scenarioBreakEven
    for (split, block, count) in splits {
      for step in 0...6 {
        let shortfall = Double(step) / 10
        let need = (0.85 - block) / (1 - block) / (1 - shortfall)
        try table.append([
          "vacancy": Cell(0.0), "split": .text(split), "line": "surplus=0",
          "shortfall": Cell(shortfall), "conversion": step < count ? Cell(need) : nil,
          "place": step < count ? "inside" : "above",
        ])
      }
    }
    return table
  }

  static func scenarioCharts() throws -> [Figure] {
    try [
      ScenarioFanChart(
        title: "Paying by outcomes widens the range of cash",
        subtitle: "Cash without investors' money, 20% fewer referrals, simulated"
      ).figure(
        released(
          scenarioPaths(
            [
              ("0:100", 14_000), ("20:80", 11_000), ("27.5:72.5", 10_000), ("50:50", 7000),
              ("70:30", 4000), ("95:5", 700),
            ], quarters: 13)), name: "scenario_fan"),
      ScenarioFanChart(title: "One split", subtitle: "Simulated").figure(
        released(scenarioPaths([("100:0", 0)], quarters: 1)), name: "scenario_fan_one"),
      BreakEvenChart(
        title: "With fewer referrals, more must find work to break even",
        subtitle: "Expected surplus of nothing, simulated"
      ).figure(
        released(
          scenarioBreakEven([
            ("0:100", 0, 5), ("27.5:72.5", 0.275, 7), ("50:50", 0.5, 7), ("70:30", 0.7, 7),
          ])), name: "scenario_breakeven"),
      BreakEvenChart(title: "One point", subtitle: "Simulated").figure(
        released(scenarioBreakEven([("0:100", 0, 1), ("95:5", 0.95, 0)])),
        name: "scenario_breakeven_one"),
    ]
  }
}
