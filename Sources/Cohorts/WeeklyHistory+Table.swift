public import Statistics
public import Tables

extension WeeklyHistory {
  /// The history that a table's columns hold, one row a person.
  ///
  /// - Throws: `unknownColumn`; `unknownLevel` or `badCell` for a status that is neither yes nor
  ///   no, `missingValue` for a person without last week or exit, each with row and column; and
  ///   what the columns throw together.
  public init(table: Table, columns: WeeklyColumns) throws(SiblingError) {
    var weeks: [[WeekStatus]] = []
    for name in columns.weeks { weeks.append(try Self.statuses(table, name)) }
    let lastWeek = try Self.wholeNumbers(table, columns.lastWeek)
    let exits = try Self.statuses(table, columns.exited)
    for (row, exit) in exits.enumerated() where exit == .unknown {
      throw Self.missing(table, row, columns.exited)
    }
    do {
      try self.init(
        weeks: weeks, lastWeek: lastWeek, exited: exits.map { $0 == .yes },
        weekNames: columns.weeks)
    } catch {
      var located = error
      if let row = error.row {
        located = error.located(table.location(row: row))
        located.column = columns.lastWeek
      }
      throw located
    }
  }

  private static func statuses(_ table: Table, _ name: String) throws(SiblingError) -> [WeekStatus]
  {
    let column = try table.column(name)
    switch column.values {
    case .booleans(let values):
      return values.map { $0 < 0 ? .unknown : $0 == 0 ? .no : .yes }
    case .text(let factor):
      let meanings = factor.levels.map { status(ofText: $0) }
      var result: [WeekStatus] = []
      result.reserveCapacity(factor.count)
      for (row, code) in factor.codes.enumerated() {
        guard code >= 0 else {
          result.append(.unknown)
          continue
        }
        guard let meaning = meanings[Int(code)] else {
          throw notAStatus(table, row, name, cell: factor.levels[Int(code)])
        }
        result.append(meaning)
      }
      return result
    case .integers(let values):
      return try numbers(table, name, values.map { $0 == Int.min ? .nan : Double($0) })
    case .doubles(let values):
      return try numbers(table, name, values)
    case .dates:
      throw SiblingError(
        .wrongType, "column '\(name)' holds dates, not whether somebody worked",
        location: table.location(row: 0), column: name)
    }
  }

  private static func numbers(
    _ table: Table, _ name: String, _ values: [Double]
  ) throws(SiblingError) -> [WeekStatus] {
    var result: [WeekStatus] = []
    result.reserveCapacity(values.count)
    for (row, value) in values.enumerated() {
      switch value {
      case 0: result.append(.no)
      case 1: result.append(.yes)
      default:
        guard value.isNaN else { throw notAStatus(table, row, name, cell: "\(value)") }
        result.append(.unknown)
      }
    }
    return result
  }

  private static func status(ofText text: String) -> WeekStatus? {
    switch text.lowercased() {
    case "yes", "y", "true", "1": .yes
    case "no", "n", "false", "0": .no
    default: nil
    }
  }

  private static func wholeNumbers(_ table: Table, _ name: String) throws(SiblingError) -> [Int] {
    let column = try table.column(name)
    switch column.values {
    case .integers(let values):
      for (row, value) in values.enumerated() where value == Int.min {
        throw missing(table, row, name)
      }
      return values
    case .doubles(let values):
      var result: [Int] = []
      for (row, value) in values.enumerated() {
        if value.isNaN { throw missing(table, row, name) }
        guard let whole = Int(exactly: value) else {
          throw SiblingError(
            .badCell, "a week is not a whole number", location: table.location(row: row),
            row: row, column: name, cell: "\(value)")
        }
        result.append(whole)
      }
      return result
    default:
      throw SiblingError(
        .wrongType, "column '\(name)' is \(column.typeName), not a number of weeks",
        location: table.location(row: 0), column: name)
    }
  }

  private static func missing(_ table: Table, _ row: Int, _ name: String) -> SiblingError {
    SiblingError(
      .missingValue, "column '\(name)' is empty for a person",
      help: "every person needs a last week under observation and whether it was an exit",
      location: table.location(row: row), row: row, column: name)
  }

  private static func notAStatus(
    _ table: Table, _ row: Int, _ name: String, cell: String
  ) -> SiblingError {
    SiblingError(
      .unknownLevel, "column '\(name)' holds something other than yes, no or nothing",
      help: "write yes/no, true/false or 1/0, and leave weeks without a record empty",
      location: table.location(row: row), row: row, column: name, cell: cell)
  }
}
