import Contracts
import Foundation
import TestSupport
import Testing

/// The published figures under Data/mhep, read without the Tables room.
enum MHEP {
  static func rows(_ file: String) throws -> [[String: String]] {
    let url = Golden.projectFolder.appendingPathComponent("Data/mhep/\(file)")
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let header = try #require(lines.first)
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
  }

  static func counts() throws -> [OutcomeCount] {
    var cohort: [String: String] = [:]
    for row in try rows("projects.csv") { cohort[row["project"] ?? ""] = row["cohort"] }
    return try rows("targets.csv").map { row in
      let project = try #require(row["project"])
      return OutcomeCount(
        project: project, site: try #require(row["site"]),
        cohort: try #require(cohort[project]),
        stage: try #require(OutcomeStage(rawValue: row["outcome"] ?? "")),
        band: try #require(HoursBand(rawValue: row["hours_band"] ?? "")),
        target: try #require(Int(row["target"] ?? "")),
        achieved: try #require(Int(row["achieved"] ?? "")))
    }
  }

  static func payments() throws -> [PaymentQuarter] {
    func amount(_ text: String?) throws -> Money? {
      guard let text, !text.isEmpty else { return nil }
      return try Money(pounds: try #require(Double(text)))
    }
    return try rows("payments.csv").map { row in
      PaymentQuarter(
        project: try #require(row["project"]),
        quarter: try CalendarMonth(try #require(row["quarter_end"])),
        firstPlan: try amount(row["first_plan_gbp"]),
        latestPlan: try amount(row["latest_plan_gbp"]), actual: try amount(row["actual_gbp"]))
    }
  }

  static func maxima() throws -> [ContractMaximum] {
    try rows("projects.csv").map { row in
      ContractMaximum(
        project: try #require(row["project"]), site: try #require(row["site"]),
        maximum: try Money(pounds: try #require(Double(row["max_outcome_payment_gbp"] ?? ""))))
    }
  }
}
