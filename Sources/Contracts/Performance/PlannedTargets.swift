public import Statistics

/// Targets by month or quarter in their versions, checked and put in order.
///
/// The first version is the original plan. A later one replaces it in the periods that it states; in
/// those that it doesn't the earlier target stays. Versions stand in the order of the days on which
/// they were set, or of their names where one has no day.
public struct PlannedTargets: Sendable, Equatable {
  /// The plans of one quarter; nil = that plan states nothing for it, which is not zero.
  struct Cell: Sendable, Equatable {
    var original: Double?
    var latest: Double?
    /// The version that the latest plan comes from.
    var version = ""
    /// The months that either plan covers.
    var months: UInt8 = 0
  }

  /// The contracts in the order of their first row.
  let contracts: [String]
  /// The versions of each contract in their order.
  let versions: [String: [String]]
  /// The cells by contract, stage and quarter.
  let cells: [String: [OutcomeStage: [PlanQuarter: Cell]]]

  private struct Unit {
    var months: UInt8
    var expected: Double
    var row: Int
  }

  /// Checks targets of one case, in any order.
  ///
  /// - Parameters:
  ///   - rows: the targets; those of another case than `scenario` are passed over.
  ///   - scenario: the case, such as `median`; rows without a case are always taken.
  /// - Throws: `noRows` without targets of the case; `badValue` for an impossible number;
  ///   `duplicateKey` for a period that a version states twice; `dataQuality` for a target set after
  ///   its period had ended, a version set on two days, or a month that would replace a part of a
  ///   quarter's target; each with its row.
  public init(_ rows: [PlannedTarget], scenario: String) throws(SiblingError) {
    let kept = rows.indices.filter { rows[$0].scenario == nil || rows[$0].scenario == scenario }
    guard !kept.isEmpty else {
      let known = Set(rows.compactMap(\.scenario)).sorted()
      throw SiblingError(
        .noRows, "there are no targets of the case '\(scenario)'",
        help: known.isEmpty ? nil : "there are: " + known.joined(separator: ", "),
        suggestion: nearestName(to: scenario, among: known), column: "case")
    }
    var contracts: [String] = []
    var setOn: [String: [String: Int32?]] = [:]
    var units: [String: [String: [OutcomeStage: [PlanQuarter: [Unit]]]]] = [:]
    for row in kept {
      let target = rows[row]
      try Self.check(target, row)
      if setOn[target.contract] == nil { contracts.append(target.contract) }
      if let day = setOn[target.contract]?[target.version], day != target.setOn {
        throw SiblingError(
          .dataQuality,
          "version '\(target.version)' of the targets of '\(target.contract)' was set on two days",
          help: "give a revision a version of its own", row: row, column: "set_on")
      }
      setOn[target.contract, default: [:]][target.version] = .some(target.setOn)
      let before =
        units[target.contract]?[target.version]?[target.stage]?[target.period.quarter] ?? []
      guard !before.contains(where: { $0.months & target.period.months != 0 }) else {
        throw SiblingError(
          .duplicateKey,
          "a version of the targets of '\(target.contract)' has \(target.stage.plural) in"
            + " \(target.period) twice",
          help: "give one row a contract, version, case, period and outcome", row: row,
          column: "period")
      }
      units[target.contract, default: [:]][target.version, default: [:]][
        target.stage, default: [:]
      ][target.period.quarter, default: []].append(
        Unit(months: target.period.months, expected: target.expected, row: row))
    }
    var versions: [String: [String]] = [:]
    var cells: [String: [OutcomeStage: [PlanQuarter: Cell]]] = [:]
    for contract in contracts {
      let order = Self.order(setOn[contract] ?? [:])
      versions[contract] = order
      cells[contract] = try Self.cells(order.map { ($0, units[contract]?[$0] ?? [:]) })
    }
    self.contracts = contracts
    self.versions = versions
    self.cells = cells
  }

  private static func check(_ target: PlannedTarget, _ row: Int) throws(SiblingError) {
    guard target.expected.isFinite, (0...1e9).contains(target.expected) else {
      throw SiblingError(
        .badValue, "a target is negative, not a number or above a thousand million", row: row,
        column: "expected_n")
    }
    if let day = target.setOn, day > target.period.lastDay {
      throw SiblingError(
        .dataQuality,
        "a target for \(target.period) was set on \(CivilDate(days: day).isoText), after the period"
          + " had ended",
        help: "a target written when the result is known is no target; leave the row out", row: row,
        column: "set_on")
    }
  }

  /// The versions from the first to the last.
  private static func order(_ setOn: [String: Int32?]) -> [String] {
    let isDated = setOn.values.allSatisfy { $0 != nil }
    func key(_ version: String) -> (Int32, Int, String) {
      let day = isDated ? (setOn[version] ?? nil) ?? 0 : 0
      return (day, Int(version) ?? .max, version)
    }
    return setOn.keys.sorted { key($0) < key($1) }
  }

  private static func cells(
    _ versions: [(name: String, units: [OutcomeStage: [PlanQuarter: [Unit]]])]
  ) throws(SiblingError) -> [OutcomeStage: [PlanQuarter: Cell]] {
    var result: [OutcomeStage: [PlanQuarter: Cell]] = [:]
    for stage in OutcomeStage.allCases {
      let quarters = Set(versions.flatMap { ($0.units[stage] ?? [:]).keys })
      for quarter in quarters {
        var (cell, latest): (Cell, [Unit]) = (Cell(), [])
        for (place, version) in versions.enumerated() {
          guard let own = version.units[stage]?[quarter] else { continue }
          let months = own.reduce(0) { $0 | $1.months }
          if place == 0 { cell.original = sum(own) }
          let replaced = latest.filter { $0.months & months != 0 }
          if replaced.contains(where: { $0.months & ~months != 0 }) {
            throw SiblingError(
              .dataQuality,
              "version '\(version.name)' has a target for a part of \(quarter), where an earlier"
                + " version has one for the whole quarter",
              help: "state all three months, or the quarter", row: own[0].row, column: "period")
          }
          latest = latest.filter { $0.months & months == 0 } + own
          cell.months |= months
          cell.version = version.name
        }
        cell.latest = sum(latest)
        result[stage, default: [:]][quarter] = cell
      }
    }
    return result
  }

  /// The sum by month, so that the order of the rows does not matter.
  private static func sum(_ units: [Unit]) -> Double {
    units.sorted { $0.months < $1.months }.reduce(0) { $0 + $1.expected }
  }
}
