public import Statistics

/// Counts of outcomes by month or quarter, checked.
public struct ReachedOutcomes: Sendable, Equatable {
  /// What was counted in a quarter: its months and their counts.
  struct Cell: Sendable, Equatable {
    /// The periods reported: the months they cover and the count.
    var units: [(months: UInt8, count: Int)] = []

    var months: UInt8 { units.reduce(0) { $0 | $1.months } }

    static func == (left: Cell, right: Cell) -> Bool {
      left.units.elementsEqual(right.units) { $0 == $1 }
    }
  }

  /// The cells by contract, stage and quarter.
  let cells: [String: [OutcomeStage: [PlanQuarter: Cell]]]

  /// Checks counts, in any order.
  ///
  /// - Throws: `badValue` for a negative or impossibly large count; `duplicateKey` for a period that
  ///   occurs twice or overlaps another; each with its row.
  public init(_ rows: [ReachedOutcome]) throws(SiblingError) {
    var cells: [String: [OutcomeStage: [PlanQuarter: Cell]]] = [:]
    for (row, reached) in rows.enumerated() {
      // Bounded so that sums over any table that fits in memory can't overflow.
      if let count = reached.count, !(0...1_000_000_000).contains(count) {
        throw SiblingError(
          .badValue, "a count is negative or above a thousand million", row: row, column: "count")
      }
      let seen = cells[reached.contract]?[reached.stage]?[reached.period.quarter]?.months ?? 0
      guard seen & reached.period.months == 0 else {
        throw SiblingError(
          .duplicateKey,
          "contract '\(reached.contract)' has two counts of \(reached.stage.plural) for"
            + " \(reached.period)", help: "give one row a contract, outcome and period", row: row,
          column: "period")
      }
      // A period that is not reported stands for nothing, but may stand only once.
      guard let count = reached.count else { continue }
      cells[reached.contract, default: [:]][reached.stage, default: [:]][
        reached.period.quarter, default: Cell()
      ].units.append((reached.period.months, count))
    }
    self.cells = cells
  }
}
