internal import Statistics
internal import Tables

/// Columns of a table as the records want them; a column that is not there is missing throughout.
enum RecordColumns {
  /// Days since 1970, `missingDay` where missing.
  ///
  /// - Throws: `wrongType` for a column of anything else.
  static func dates(_ table: Table, _ name: String) throws(SiblingError) -> [Int32] {
    guard let column = table[name], !isEmpty(column) else {
      return [Int32](repeating: missingDay, count: table.rowCount)
    }
    return try table.dates(name)
  }

  /// Numbers, NaN where missing.
  ///
  /// - Throws: `wrongType` for a column of anything else.
  static func doubles(_ table: Table, _ name: String) throws(SiblingError) -> [Double] {
    guard let column = table[name], !isEmpty(column) else {
      return [Double](repeating: .nan, count: table.rowCount)
    }
    return try table.doubles(name)
  }

  /// Numbers of episodes, 1 where missing.
  ///
  /// - Throws: `wrongType` for a column of anything else, `badCell` at the first number that is not
  ///   whole or far too large.
  static func episodes(_ table: Table) throws(SiblingError) -> [Int32] {
    let numbers = try doubles(table, "episode_no")
    var episodes = [Int32](repeating: 1, count: numbers.count)
    for (row, number) in numbers.enumerated() where !number.isNaN {
      guard let episode = Int32(exactly: number) else {
        throw SiblingError(
          .badCell, "'episode_no' is not the number of an episode",
          help: "episodes are counted 1, 2, 3",
          location: table.location(row: row, column: "episode_no"), column: "episode_no")
      }
      episodes[row] = episode
    }
    return episodes
  }

  /// The places of a category's values in its enumeration, −1 where missing.
  ///
  /// - Throws: `unknownLevel` at the first value that is none of them.
  static func category<Category: CaseIterable & RawRepresentable<String>>(
    _ table: Table, _ name: String, _ type: Category.Type
  ) throws(SiblingError) -> [Int8] {
    guard table[name] != nil else { return [Int8](repeating: -1, count: table.rowCount) }
    let names = type.allCases.map(\.rawValue)
    return try codes(table, name, like: names.joined(separator: ", ")) { text in
      names.firstIndex(of: text).map { Int8($0) }
    }
  }

  /// Truth values: 1, 0 and −1 where missing.
  ///
  /// - Throws: `unknownLevel` at the first value that is neither yes nor no.
  static func flags(_ table: Table, _ name: String) throws(SiblingError) -> [Int8] {
    guard let column = table[name] else { return [Int8](repeating: -1, count: table.rowCount) }
    if case .booleans(let values) = column.values { return values }
    return try codes(table, name, like: "y or n, yes or no, true or false, 1 or 0") { text in
      switch text.lowercased() {
      case "y", "yes", "true", "1": 1
      case "n", "no", "false", "0": 0
      default: nil
      }
    }
  }

  private static func codes(
    _ table: Table, _ name: String, like allowed: String, _ meaning: (String) -> Int8?
  ) throws(SiblingError) -> [Int8] {
    let factor = try table.factor(name)
    let meanings = factor.levels.map(meaning)
    var result = [Int8](repeating: -1, count: factor.count)
    for (row, code) in factor.codes.enumerated() where code >= 0 {
      guard let meant = meanings[Int(code)] else {
        throw SiblingError(
          .unknownLevel, "column '\(name)' holds a value that the schema does not have",
          help: "it takes: \(allowed)", location: table.location(row: row, column: name),
          column: name, cell: factor.levels[Int(code)])
      }
      result[row] = meant
    }
    return result
  }

  private static func isEmpty(_ column: Column) -> Bool {
    (0..<column.count).allSatisfy { column.isMissing($0) }
  }
}
