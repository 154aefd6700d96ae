import Cohorts
import Foundation
import Tables
import TestSupport
import Testing

@Suite("Rules against counts by pandas")
struct ViolationGoldenTests {
  private func tables() throws -> [String: Table] {
    var tables: [String: Table] = [:]
    for name in ["clients", "jobs", "sites"] {
      tables[name] = try CSVReader().read(path: Golden.url("cohorts/messy_\(name).csv").path)
    }
    return tables
  }

  // Tests/Reference/cohorts/violations.py counts every rule in its own way.
  @Test("messy tables break each rule as often as pandas counts")
  func counts() throws {
    let golden = try Golden.csv("cohorts/violations.csv")
    let rules = try #require(golden["rule"])
    let columns = try #require(golden["column"])
    let expected = Golden.numbers(golden["count"])
    var found: [String: Int] = [:]
    for kind in CohortValidation(try tables()).violations {
      found["\(kind.rule.rawValue) \(kind.table).\(kind.column)", default: 0] += kind.count
    }
    #expect(found.count == rules.count)
    for (row, rule) in rules.enumerated() {
      #expect(found["\(rule) \(columns[row])"] == Int(expected[row]), "\(rule) \(columns[row])")
    }
  }

  @Test("shuffled rows break each rule as often, apart from which of two is the repeat")
  func shuffled() throws {
    let tables = try tables()
    func counts(_ tables: [String: Table]) -> [String] {
      CohortValidation(tables).violations.map {
        "\($0.rule) \($0.column) \($0.message) \($0.count)"
      }
    }
    // 7 and the number of rows have no common factor, so each row is taken once. Which of two rows of
    // one key a job belongs to is the first in the file, so clients keep their order.
    let turned = tables.mapValues { table -> Table in
      guard table["job_id"] != nil else { return table }
      return table.selecting(rows: (0..<table.rowCount).map { $0 * 7 % table.rowCount })
    }
    #expect(counts(tables) == counts(turned))
  }
}
