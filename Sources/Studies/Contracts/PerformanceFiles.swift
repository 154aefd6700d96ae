internal import Contracts
internal import Statistics
internal import Tables

/// Published totals, payments and projects as their files hold them.
enum PerformanceFiles {
  /// The projects of a file.
  struct Projects {
    /// Their most that may be paid, in the file's order.
    var maxima: [ContractMaximum] = []
    /// Their names and kinds of clients, by identifier.
    var names: [String: String] = [:]
    var cohorts: [String: String] = [:]
    /// What investors committed, where it is published.
    var investments: [String: Money] = [:]
  }

  /// The projects' names, kinds of clients and amounts.
  ///
  /// - Throws: what is wrong with a cell, located.
  static func projects(_ table: Table) throws(SiblingError) -> Projects {
    let ids = try required(table, "project")
    let sites = try required(table, "site")
    let maxima = try table.doubles("max_outcome_payment_gbp")
    let kinds = table["cohort"] == nil ? nil : try table.strings("cohort")
    let investments = table["investment_gbp"] == nil ? nil : try table.doubles("investment_gbp")
    var projects = Projects()
    for row in ids.indices {
      projects.names[ids[row]] = sites[row]
      projects.cohorts[ids[row]] = kinds?[row]
      projects.investments[ids[row]] = try money(table, investments, row, "investment_gbp")
      projects.maxima.append(
        ContractMaximum(
          project: ids[row], site: sites[row],
          maximum: try money(table, maxima, row, "max_outcome_payment_gbp")))
    }
    return projects
  }

  /// Targets and achievements of whole contracts.
  ///
  /// - Throws: what is wrong with a cell, located.
  static func counts(_ table: Table, _ projects: Projects) throws(SiblingError) -> [OutcomeCount] {
    let ids = try required(table, "project")
    let sites = try required(table, "site")
    let stages = try required(table, "outcome")
    let bands = try required(table, "hours_band")
    let target = try counts(table, "target")
    let achieved = try counts(table, "achieved")
    var counts: [OutcomeCount] = []
    for row in ids.indices {
      guard let band = HoursBand(rawValue: bands[row]) else {
        throw unknown(table, row, "hours_band", bands[row], HoursBand.allCases.map(\.rawValue))
      }
      counts.append(
        OutcomeCount(
          project: ids[row], site: sites[row], cohort: projects.cohorts[ids[row]] ?? "",
          stage: try stage(table, row, stages[row]), band: band, target: target[row],
          achieved: achieved[row]))
    }
    return counts
  }

  /// The first and last month that a project's figures cover, where the file says.
  ///
  /// - Throws: what is wrong with a cell, located.
  static func months(_ table: Table) throws(SiblingError) -> [String: (from: String, to: String)] {
    guard table["from"] != nil, table["to"] != nil else { return [:] }
    let ids = try required(table, "project")
    let (from, to) = (try table.strings("from"), try table.strings("to"))
    var months: [String: (from: String, to: String)] = [:]
    for row in ids.indices {
      guard let first = from[row], let last = to[row] else { continue }
      let known = months[ids[row]] ?? (first, last)
      months[ids[row]] = (min(known.from, first), max(known.to, last))
    }
    return months
  }

  /// Payments by quarter.
  ///
  /// - Throws: what is wrong with a cell, located.
  static func payments(_ table: Table) throws(SiblingError) -> [PaymentQuarter] {
    let ids = try required(table, "project")
    let quarters = try required(table, "quarter_end")
    let names = ["first_plan_gbp", "latest_plan_gbp", "actual_gbp"]
    var amounts: [[Double]] = []
    for name in names { amounts.append(try table.doubles(name)) }
    var rows: [PaymentQuarter] = []
    for row in ids.indices {
      var sums: [Money?] = []
      for (column, name) in zip(amounts, names) {
        sums.append(try money(table, column, row, name))
      }
      let quarter: CalendarMonth
      do throws(SiblingError) {
        quarter = try CalendarMonth(quarters[row])
      } catch {
        throw error.located(table.location(row: row, column: "quarter_end"))
      }
      rows.append(
        PaymentQuarter(
          project: ids[row], quarter: quarter, firstPlan: sums[0], latestPlan: sums[1],
          actual: sums[2]))
    }
    return rows
  }

  /// The texts of a column without gaps.
  ///
  /// - Throws: `unknownColumn`; `missingValue` for an empty cell, located.
  static func required(_ table: Table, _ name: String) throws(SiblingError) -> [String] {
    var result: [String] = []
    for (row, text) in try table.strings(name).enumerated() {
      guard let text else {
        throw SiblingError(
          .missingValue, "'\(name)' is empty", location: table.location(row: row, column: name),
          column: name)
      }
      result.append(text)
    }
    return result
  }

  /// The whole numbers of a column without gaps.
  ///
  /// - Throws: `badCell` for anything else, located.
  static func counts(_ table: Table, _ name: String) throws(SiblingError) -> [Int] {
    var result: [Int] = []
    for (row, value) in try table.doubles(name).enumerated() {
      guard let count = Int(exactly: value) else { throw notWhole(table, row, name) }
      result.append(count)
    }
    return result
  }

  static func notWhole(_ table: Table, _ row: Int, _ name: String) -> SiblingError {
    SiblingError(
      .badCell, "'\(name)' must be a whole number",
      location: table.location(row: row, column: name), column: name)
  }

  /// The outcome of a cell.
  ///
  /// - Throws: `unknownLevel`, located.
  static func stage(
    _ table: Table, _ row: Int, _ text: String
  ) throws(SiblingError) -> OutcomeStage {
    guard let stage = OutcomeStage(rawValue: text) else {
      throw unknown(table, row, "outcome", text, OutcomeStage.allCases.map(\.rawValue))
    }
    return stage
  }

  private static func money(
    _ table: Table, _ column: [Double]?, _ row: Int, _ name: String
  ) throws(SiblingError) -> Money? {
    guard let pounds = column?[row], !pounds.isNaN else { return nil }
    do throws(SiblingError) {
      return try Money(pounds: pounds)
    } catch {
      throw error.located(table.location(row: row, column: name))
    }
  }

  private static func unknown(
    _ table: Table, _ row: Int, _ name: String, _ text: String, _ known: [String]
  ) -> SiblingError {
    SiblingError(
      .unknownLevel, "'\(name)' holds a word that has no meaning here",
      help: "it takes: " + known.joined(separator: ", "),
      suggestion: nearestName(to: text, among: known),
      location: table.location(row: row, column: name), column: name, cell: text)
  }
}
