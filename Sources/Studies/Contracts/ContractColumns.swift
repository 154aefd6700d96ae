internal import Contracts
internal import Statistics
internal import Tables

/// Columns of a table about contracts, cell by cell; what does not fit is refused where it stands.
///
/// A column that the table does not have is missing throughout.
struct ContractColumns {
  let table: Table

  init(_ table: Table) { self.table = table }

  /// A refusal at a cell.
  func wrong(
    _ code: SiblingError.Code, _ message: String, help: String? = nil, row: Int, _ name: String
  ) -> SiblingError {
    SiblingError(
      code, message, help: help, location: table.location(row: row, column: name), row: row,
      column: name, cell: table[name]?.asStrings[row])
  }

  /// A value for each row, nil throughout where there is no such column.
  func texts(_ name: String) -> [String?] {
    table[name]?.asStrings ?? [String?](repeating: nil, count: table.rowCount)
  }

  /// Texts that every row needs.
  ///
  /// - Throws: `unknownColumn`, or `missingValue` at the first cell without one.
  func required(_ name: String) throws(SiblingError) -> [String] {
    var result: [String] = []
    for (row, text) in try table.strings(name).enumerated() {
      guard let text else {
        throw wrong(
          .missingValue, "'\(name)' has no value, and every row needs one", row: row, name)
      }
      result.append(text)
    }
    return result
  }

  /// Days since 1970-01-01.
  ///
  /// - Throws: `wrongType` for a column of anything but dates.
  func days(_ name: String) throws(SiblingError) -> [Int32?] {
    guard let column = table[name], !isEmpty(column) else {
      return [Int32?](repeating: nil, count: table.rowCount)
    }
    return try table.dates(name).map { $0 == .min ? nil : $0 }
  }

  /// Numbers.
  ///
  /// - Throws: `wrongType` for a column of anything else.
  func numbers(_ name: String) throws(SiblingError) -> [Double?] {
    guard let column = table[name], !isEmpty(column) else {
      return [Double?](repeating: nil, count: table.rowCount)
    }
    return try table.doubles(name).map { $0.isNaN ? nil : $0 }
  }

  /// Whole numbers from 0 to a million.
  ///
  /// - Throws: `wrongType`, or `badCell` at the first number that is none.
  func counts(_ name: String) throws(SiblingError) -> [Int?] {
    var result: [Int?] = []
    for (row, number) in try numbers(name).enumerated() {
      guard let number else {
        result.append(nil)
        continue
      }
      guard let count = Int(exactly: number), (0...1_000_000).contains(count) else {
        throw wrong(.badCell, "'\(name)' takes a whole number from zero up", row: row, name)
      }
      result.append(count)
    }
    return result
  }

  /// Amounts in whole pence, from zero to a billion pounds.
  ///
  /// - Throws: `wrongType`, or `badCell` at the first amount that is negative, far too large, or no
  ///   whole number of pence.
  func amounts(_ name: String) throws(SiblingError) -> [Money?] {
    var result: [Money?] = []
    for (row, number) in try numbers(name).enumerated() {
      guard let number else {
        result.append(nil)
        continue
      }
      guard number >= 0 else {
        throw wrong(.badCell, "'\(name)' is a negative amount of money", row: row, name)
      }
      guard number <= 1e9 else {
        throw wrong(.badCell, "'\(name)' is more than a billion pounds", row: row, name)
      }
      do throws(SiblingError) {
        result.append(try Money(pounds: number))
      } catch {
        throw wrong(.badCell, "'\(name)': \(error.message)", help: error.help, row: row, name)
      }
    }
    return result
  }

  /// Shares in millionths.
  ///
  /// - Throws: `wrongType`, or `badCell` at the first share outside 0 to 1 or with more than six
  ///   decimals, which could not sum to 1 exactly.
  func millionths(_ name: String) throws(SiblingError) -> [Int?] {
    var result: [Int?] = []
    for (row, number) in try numbers(name).enumerated() {
      guard let number else {
        result.append(nil)
        continue
      }
      guard (0...1).contains(number) else {
        throw wrong(.badCell, "'\(name)' is not a share from 0 to 1", row: row, name)
      }
      let scaled = (number * 1_000_000).rounded()
      // A text of six decimals is read to the nearest double: far nearer than this.
      guard (number * 1_000_000 - scaled).magnitude <= 1e-6 else {
        throw wrong(
          .badCell, "'\(name)' has more than six decimals",
          help: "shares are counted in millionths, so that they sum to 1 exactly: write a third as"
            + " 0.333333, 0.333333 and 0.333334", row: row, name)
      }
      result.append(Int(scaled))
    }
    return result
  }

  /// The values of an enumeration.
  ///
  /// - Throws: `unknownLevel` at the first text that is none of them.
  func values<Value: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ type: Value.Type
  ) throws(SiblingError) -> [Value?] {
    let names = type.allCases.map(\.rawValue)
    var result: [Value?] = []
    for (row, text) in texts(name).enumerated() {
      guard let text else {
        result.append(nil)
        continue
      }
      guard let value = Value(rawValue: text) else {
        var error = wrong(
          .unknownLevel, "'\(name)' holds a word that has no meaning here",
          help: "it takes: " + names.joined(separator: ", "), row: row, name)
        error.suggestion = nearestName(to: text, among: names)
        throw error
      }
      result.append(value)
    }
    return result
  }

  private func isEmpty(_ column: Column) -> Bool {
    (0..<column.count).allSatisfy { column.isMissing($0) }
  }
}
