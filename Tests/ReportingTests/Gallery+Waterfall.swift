import Foundation
import Reporting
import Statistics

/// Waterfalls of payments by payer.
extension Gallery {
  static func waterfallCharts() throws -> [Figure] {
    try [waterfall(), waterfallMany(), waterfallOne(), waterfallWithheld()]
  }

  /// Rows of payers: what was due for engagements, job starts and sustained jobs, cut off, and block.
  private static func table(
    _ rows: [(String, [Double], cut: Double, block: Double)], claims: Int = 200
  ) throws -> ResultTable {
    var table = ResultTable.contractWaterfall
    for (payer, due, cut, block) in rows {
      try table.append([
        "payer": .text(payer), "n_engagement": Cell(claims), "n_job_start": Cell(claims),
        "n_sustained": Cell(claims), "block": Cell(block), "engagement": Cell(due[0]),
        "job_start": Cell(due[1]), "sustained": Cell(due[2]), "unfunded": Cell(cut),
        "total": Cell(block + due.reduce(0, +) - cut),
      ])
    }
    return table
  }

  private static let names = [
    "commissioner": "Commissioner", "sof": "Social Outcomes Fund",
    "cbo": "Commissioning Better Outcomes", "mhep_bii": "MHEP (Big Issue Invest)",
  ]

  static func waterfall() throws -> Figure {
    try PayerWaterfallChart(
      title: "The largest part falls to the Social Outcomes Fund",
      subtitle: "Block and outcomes by payer, pounds, three made-up contracts, 2016 to 2019",
      names: names
    ).figure(
      released(
        table([
          ("mhep_bii", [180_000, 0, 0], 0, 0), ("commissioner", [630_000, 0, 0], 41_200, 398_750),
          ("sof", [63_000, 512_000, 480_000], 65_000, 0),
          ("cbo", [27_000, 190_000, 176_000], 63_000, 0),
        ])), name: "payer_waterfall")
  }

  static func waterfallMany() throws -> Figure {
    try PayerWaterfallChart(
      title: "Seven payers share the payments", subtitle: "Simulated"
    ).figure(
      released(
        table(
          (1...7).map { number in
            ("A payer with a long name, number \(number)", [1e6 / Double(number), 12, 3], 2, 0)
          })), name: "payer_waterfall_many")
  }

  static func waterfallOne() throws -> Figure {
    try PayerWaterfallChart(title: "Block only", subtitle: "One payer, no outcomes").figure(
      released(table([("commissioner", [0, 0, 0], 0, 60_000)])), name: "payer_waterfall_one")
  }

  static func waterfallWithheld() throws -> Figure {
    var control = Disclosure(profile: .acroDefault)
    return try PayerWaterfallChart(
      title: "Outcomes are withheld", subtitle: "Few claims", names: names
    ).figure(
      control.release(
        table(
          [("commissioner", [700, 0, 0], 0, 60_000), ("sof", [100, 1350, 1650], 0, 0)], claims: 3)),
      name: "payer_waterfall_withheld")
  }
}
