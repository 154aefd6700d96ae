import Reporting
import Statistics

extension Gallery {
  /// A grid of rates with an effect that is linear in both, and the same standard error everywhere.
  static func tippingTable(
    values: [Double], base: Double, slope: (Double, Double), error: Double, isRate: Bool = true
  ) throws -> ResultTable {
    var table = ResultTable.tippingPoint
    func row(_ kind: String, _ a: Double, _ b: Double) -> [String: Cell] {
      let estimate = base + slope.0 * a - slope.1 * b
      let (low, high) = (estimate - 1.96 * error, estimate + 1.96 * error)
      return [
        "outcome": "y", "kind": .text(kind), "mean_treated": Cell(a), "mean_comparison": Cell(b),
        "estimate": Cell(estimate), "conf.low": Cell(low), "conf.high": Cell(high),
        "side": .text(low > 0 ? "above 0" : high < 0 ? "below 0" : "includes 0"),
      ]
    }
    try table.append(row("at-random", isRate ? 0.45 : 0, isRate ? 0.38 : 0))
    for a in values {
      for b in values {
        var cells = row("grid", a, b)
        (cells["treated"], cells["comparison"]) = (Cell(a), Cell(b))
        try table.append(cells)
      }
    }
    return table
  }

  static func tippingCharts() throws -> [Figure] {
    let tenths = (0...10).map { Double($0) / 10 }
    return try [
      TippingPointChart(
        title: "Unknown outcomes could overturn the conclusion",
        subtitle: "In work for 13 weeks, services under a bond less others, England, 2022 to 2024",
        comparisonTitle: "Of 100 clients of other services with unknown outcome, in work",
        treatedTitle: "Of 100 clients of services under a bond with unknown outcome, in work",
        style: .perHundred(0)
      ).figure(
        released(tippingTable(values: tenths, base: 0.07, slope: (0.3, 0.2), error: 0.03)),
        name: "tipping"),
      TippingPointChart(
        title: "No assumption changes the conclusion", subtitle: "Simulated",
        comparisonTitle: "Comparison", treatedTitle: "Treated"
      ).figure(
        released(tippingTable(values: [0, 0.5, 1], base: 0.4, slope: (0.1, 0.1), error: 0.02)),
        name: "tipping_one_side"),
      TippingPointChart(
        title: "Shifts of weeks in work", subtitle: "Simulated",
        comparisonTitle: "Shift of the comparisons' weeks of unknown work, from missing at random",
        treatedTitle: "Shift of the treated's weeks of unknown work, from missing at random",
        style: .decimals(0).signed, showsRates: false
      ).figure(
        released(
          tippingTable(
            values: [-12, -8, -4, 0, 4, 8, 12], base: 2, slope: (0.3, 0.25), error: 0.9,
            isRate: false)),
        name: "tipping_units"),
    ]
  }
}

extension Gallery {
  /// Whether a grid with nothing to draw is refused.
  static func tippingNothing() throws {
    _ = try TippingPointChart(
      title: "", subtitle: "", comparisonTitle: "", treatedTitle: ""
    ).figure(released(tippingTable(values: [0.5], base: 0, slope: (1, 1), error: 1)))
  }
}
