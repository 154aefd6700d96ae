import Foundation
import Reporting
import Statistics

/// Outcomes against plans, and services beside each other.
extension Gallery {
  static func planCharts() throws -> [Figure] {
    try [expectedActual(), expectedActualOne(), siteFunnel(), siteFunnelCrowded()]
  }

  private static func quarters(
    _ contracts: [(name: String, quarters: Int, revisedFrom: Int?, known: Int)]
  ) throws -> ResultTable {
    var table = ResultTable.performanceQuarters
    var draws = Draws(5)
    for contract in contracts {
      var (first, latest, all) = (0.0, 0.0, 0.0)
      for quarter in 0..<contract.quarters {
        let plan = 4 + 6 * min(1, Double(quarter) / 5)
        let revised = contract.revisedFrom.map { quarter >= $0 ? plan * 0.8 : plan } ?? plan
        let reached = (plan * (0.5 + 0.8 * draws.uniform())).rounded()
        let isKnown = quarter < contract.known
        first += plan
        latest += revised
        all += reached
        func limits(_ count: Double) -> (Cell, Cell) {
          isKnown
            ? (Cell(max(0, count - 2 * count.squareRoot())), Cell(count + 2.2 * count.squareRoot()))
            : (nil, nil)
        }
        let (own, sum) = (limits(reached), limits(all))
        try table.append([
          "contract": .text(contract.name), "site": .text(contract.name),
          "outcome": "Job start", "period": .text("\(2019 + quarter / 4)-Q\(quarter % 4 + 1)"),
          "original": Cell(plan), "latest": Cell(revised), "actual": isKnown ? Cell(reached) : nil,
          "actual.low": own.0, "actual.high": own.1, "cumulative_original": Cell(first),
          "cumulative_latest": Cell(latest), "cumulative_actual": isKnown ? Cell(all) : nil,
          "cumulative_actual.low": sum.0, "cumulative_actual.high": sum.1,
        ])
      }
    }
    return table
  }

  static func expectedActual() throws -> Figure {
    try ExpectedActualChart(
      title: "Job starts: 84% of the latest plan so far",
      subtitle: "Job starts by quarter against plans, three simulated contracts, 2019 to 2023"
    ).figure(
      released(
        quarters([
          ("Haringey and Barnet", 18, 8, 18), ("Shropshire", 14, nil, 10),
          ("A contract with a name longer than most would ever give to one", 6, 2, 6),
        ])), name: "expected_actual")
  }

  static func expectedActualOne() throws -> Figure {
    try ExpectedActualChart(title: "One quarter only", subtitle: "Simulated")
      .figure(released(quarters([("A", 1, nil, 1)])), name: "expected_actual_one")
  }

  private static func funnel(
    _ sites: [(name: String, count: Double, base: Double)], wide: Double
  ) throws -> (ResultTable, ResultTable) {
    var (rates, limits) = (ResultTable.siteRates, ResultTable.siteRateLimits)
    let centre = sites.map(\.count).reduce(0, +) / sites.map(\.base).reduce(0, +)
    func reach(_ base: Double, _ z: Double) -> Double {
      z * (centre * (1 - centre) / base).squareRoot()
    }
    for site in sites {
      let rate = site.count / site.base
      let z = abs(rate - centre) / reach(site.base, 1)
      let side = rate < centre ? "below" : "above"
      try rates.append([
        "measure": "job_start/engagement", "cohort": "smi", "contract": .text(site.name),
        "site": .text(site.name), "numerator": Cell(site.count), "denominator": Cell(site.base),
        "rate": Cell(rate),
        "position": .text(z > 3.09 ? "\(side) 99.8%" : z > 1.96 ? "\(side) 95%" : "inside"),
      ])
    }
    let (least, most) = (sites.map(\.base).min() ?? 1, sites.map(\.base).max() ?? 1)
    for step in 0...30 {
      let base = least * 0.8 + (most * 1.06 - least * 0.8) * Double(step) / 30
      try limits.append([
        "measure": "job_start/engagement", "cohort": "smi", "base": Cell(base),
        "numerator": 100, "denominator": 300, "centre": Cell(centre),
        "limit_95.low": Cell(max(0, centre - reach(base, 1.96))),
        "limit_95.high": Cell(min(1, centre + reach(base, 1.96))),
        "limit_998.low": Cell(max(0, centre - reach(base, 3.09))),
        "limit_998.high": Cell(min(1, centre + reach(base, 3.09))),
        "wide_95.low": Cell(max(0, centre - reach(base, 1.96 * wide))),
        "wide_95.high": Cell(min(1, centre + reach(base, 1.96 * wide))),
      ])
    }
    return (rates, limits)
  }

  static func siteFunnel() throws -> Figure {
    let (rates, limits) = try funnel(
      [
        ("Haringey and Barnet", 219, 704), ("Enfield", 84, 239), ("Shropshire", 170, 496),
        ("Tower Hamlets MH", 358, 1171),
      ], wide: 1)
    return try SiteFunnelChart(
      title: "All services lie within 95% limits of chance",
      subtitle: "Job starts of engagements, four MHEP projects, 2019 to 2024",
      names: ["job_start/engagement": "Job starts, of engagements"], axis: "Engagements"
    ).figure(released(rates), limits: released(limits), name: "site_funnel")
  }

  static func siteFunnelCrowded() throws -> Figure {
    var sites: [(name: String, count: Double, base: Double)] = []
    for number in 0..<14 {
      // The last of them is far off.
      let count = number == 13 ? 86 : 40 + number % 3 * 2
      sites.append(("Service \(number + 1)", Double(count), Double(100 + number * 2)))
    }
    let (rates, limits) = try funnel(sites, wide: 1.6)
    return try SiteFunnelChart(
      title: "One service lies outside 99.8% limits of chance", subtitle: "Simulated",
      axis: "Engagements"
    ).figure(released(rates), limits: released(limits), name: "site_funnel_crowded")
  }
}
