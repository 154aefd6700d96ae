import Foundation
import Reporting
import Statistics

/// Charts of the funnel, of creaming and of equity.
extension Gallery {
  static func flowCharts() throws -> [Figure] {
    try [
      funnel(), funnelWithheld(), funnelFour(), creaming(), creamingShort(), creamingOneQuarter(),
      equity(), equityWithheld(),
    ]
  }

  /// A share with a rough interval.
  private static func share(_ yes: Int, _ known: Int) -> (Cell, Cell, Cell) {
    guard known > 0 else { return (.missing, .missing, .missing) }
    let p = Double(yes) / Double(known)
    let reach = 1.96 * (p * (1 - p) / Double(known)).squareRoot()
    return (Cell(p), Cell(max(0, p - reach)), Cell(min(1, p + reach)))
  }

  private static let stages = [
    "referred", "accepted", "engaged", "job_start", "sustained_6", "sustained_13", "sustained_26",
  ]

  static func funnelTable(_ groups: [(String, [Int])]) throws -> ResultTable {
    var table = ResultTable.funnel
    for (group, reached) in groups {
      for (place, count) in reached.enumerated() {
        let before = place == 0 ? count : reached[place - 1]
        let (unknown, immature) = (place > 2 ? before / 20 : 0, place > 1 ? before / 12 : 0)
        let risk = max(count, before)
        let known = max(count, risk - unknown - immature)
        let own = share(count, known)
        let accepted =
          place > 1 ? share(count, max(count, reached[1] * 9 / 10)) : (.missing, .missing, .missing)
        try table.append([
          "by": "arm", "group": .text(group), "stage": .text(stages[place]),
          "n_at_risk": Cell(risk), "n_reached": Cell(count), "n_not_reached": Cell(known - count),
          "n_unknown": Cell(risk - known - min(immature, risk - known)),
          "n_immature": Cell(min(immature, risk - known)), "n_skipped": 0, "estimate": own.0,
          "conf.low": own.1, "conf.high": own.2, "of_accepted": accepted.0,
          "of_accepted.low": accepted.1, "of_accepted.high": accepted.2,
          "n_accepted_yes": Cell(count), "n_accepted_no": Cell(max(0, reached[1] * 9 / 10 - count)),
        ])
      }
    }
    return table
  }

  private static let words = [
    "sib": "SIB-funded sites", "non_sib": "Comparison sites", "referred": "Referred",
    "accepted": "Accepted", "engaged": "Engaged", "job_start": "Started a job",
    "sustained_6": "In work for 6 weeks", "sustained_13": "In work for 13 weeks",
    "sustained_26": "In work for 26 weeks",
  ]

  static func funnel() throws -> Figure {
    let table = try funnelTable([
      ("non_sib", [4200, 3300, 2600, 1020, 900, 690, 410]),
      ("sib", [1250, 940, 830, 340, 310, 240, 130]),
    ])
    return try FunnelChart(
      title: "More accepted people started a job at SIB-funded sites",
      subtitle: "From referral to a sustained job within a year, simulated, 2016 to 2022",
      names: words
    ).figure(released(table), name: "funnel")
  }

  static func funnelWithheld() throws -> Figure {
    let table = try funnelTable([
      ("non_sib", [120, 80, 60, 18, 14, 9, 4]), ("sib", [60, 40, 31, 12, 8, 5, 0]),
    ])
    var control = Disclosure(profile: .acroDefault)
    return try FunnelChart(
      title: "Small numbers are held back", subtitle: "From referral to a sustained job",
      names: words
    ).figure(control.release(table), name: "funnel_withheld")
  }

  static func funnelFour() throws -> Figure {
    let table = try funnelTable([
      ("Tower Hamlets, learning disabilities and autism", [300, 0, 0, 0]),
      ("Enfield", [310, 310, 300, 290]), ("Shropshire", [2, 1, 1, 0]),
      ("Haringey & Barnet", [700, 400, 300, 20]),
    ])
    return try FunnelChart(title: "Four sites differ in whom they accept", subtitle: "By site")
      .figure(released(table), name: "funnel_four")
  }

  static func creamingTable(
    _ arms: [(String, [(String, Double, Double?)])]
  ) throws -> ResultTable {
    var table = ResultTable.creaming
    for (arm, points) in arms {
      for (quarter, value, reach) in points {
        try table.append([
          "term": "mean.index", "arm": .text(arm), "period": .text(quarter),
          "estimate": Cell(value), "conf.low": Cell(reach.map { value - $0 }),
          "conf.high": Cell(reach.map { value + $0 }), "n": 80, "n_sites": 5,
        ])
      }
    }
    return table
  }

  static func creaming() throws -> Figure {
    var draws = Draws(5)
    let quarters = (0..<16).map { "\(2016 + $0 / 4) Q\($0 % 4 + 1)" }
    let table = try creamingTable(
      [("non_sib", 0.0, 0.02), ("sib", 0.006, 0.045)].map { arm, slope, reach in
        (
          arm,
          quarters.enumerated().map { place, quarter in
            (quarter, 0.34 + slope * Double(place) + 0.02 * (draws.uniform() - 0.5), reach)
          }
        )
      })
    return try CreamingChart(
      title: "SIB-funded sites took on ever easier clients",
      subtitle: "Mean predicted chance of a job of people accepted, by quarter, simulated",
      names: words, launches: ["2016 Q2", "2017 Q2"]
    ).figure(released(table), name: "creaming")
  }

  static func creamingShort() throws -> Figure {
    let table = try creamingTable([
      ("sib", [("2019 Q1", 0.3, 0.05), ("2019 Q2", 0.31, nil), ("2019 Q4", 0.35, 0.04)]),
      ("non_sib", [("2019 Q1", 0.305, nil), ("2019 Q3", 0.32, nil), ("2019 Q4", 0.352, nil)]),
    ])
    return try CreamingChart(
      title: "Few quarters, one of them empty", subtitle: "Mean predicted chance of a job",
      launches: ["2019 Q1", "2030 Q1"]
    ).figure(released(table), name: "creaming_short")
  }

  static func creamingOneQuarter() throws -> Figure {
    let table = try creamingTable([("sib", [("2019 Q1", 0.3, 0.05)])])
    return try CreamingChart(
      title: "A single quarter", subtitle: "Mean predicted chance of a job", names: words
    ).figure(released(table), name: "creaming_one")
  }

  static func equityTable(_ cells: [(String, String, Int, Int)]) throws -> ResultTable {
    var table = ResultTable.equity
    for (group, arm, yes, known) in cells {
      let own = share(yes, known)
      try table.append([
        "measure": "job_start", "profile": "ethnicity5", "group": .text(group),
        "arm": .text(arm), "n": Cell(known), "n_yes": Cell(yes), "n_no": Cell(known - yes),
        "n_unknown": 14, "estimate": own.0, "conf.low": own.1, "conf.high": own.2,
      ])
    }
    return table
  }

  private static let groups: [(String, String, Int, Int)] = [
    ("Asian or Asian British", "non_sib", 110, 380), ("Asian or Asian British", "sib", 45, 120),
    ("Black, Black British, Caribbean or African", "non_sib", 140, 520),
    ("Black, Black British, Caribbean or African", "sib", 60, 210),
    ("Mixed or multiple", "non_sib", 31, 90), ("Mixed or multiple", "sib", 4, 12),
    ("White", "non_sib", 600, 1700), ("White", "sib", 170, 430),
    ("(missing)", "non_sib", 12, 33), ("(missing)", "sib", 0, 3),
  ]

  static func equity() throws -> Figure {
    try EquityChart(
      title: "Job starts differ little between ethnic groups",
      subtitle: "Started a job within a year of acceptance, simulated, 2016 to 2022",
      axisTitle: "Share of accepted people of whom it is known, with 95% intervals",
      names: words.merging(["(missing)": "Not recorded"]) { first, _ in first }
    ).figure(released(equityTable(groups)), name: "equity")
  }

  static func equityWithheld() throws -> Figure {
    var control = Disclosure(profile: .acroDefault)
    return try EquityChart(
      title: "Small groups are held back", subtitle: "Started a job", axisTitle: "Share",
      names: words
    ).figure(control.release(equityTable(groups)), name: "equity_withheld")
  }
}
