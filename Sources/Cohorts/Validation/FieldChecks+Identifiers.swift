internal import Statistics
internal import Tables

// Numbers that identify a person to the state must never be in the data.

extension FieldChecks {
  /// What is wrong with a column of identifiers.
  func identifier(_ column: Column, _ field: SchemaField) -> [Finding?] {
    if case .doubles(let values) = column.values {
      let rows = values.indices.lazy.filter { !values[$0].isNaN }
      return [Finding(.numberAsIdentifier, checked.name, field.name, RowList(rows))]
    }
    return national(column)
  }

  /// National identifiers in columns that the schema does not have.
  func extraIdentifiers() -> [Finding] {
    let known = Set(checked.schema.names + checked.schema.reasonNames)
    return checked.table.columns.filter { !known.contains($0.name) }.flatMap { national($0) }
      .compactMap { $0 }
  }

  private func national(_ column: Column) -> [Finding?] {
    var (health, insurance) = (RowList(), RowList())
    switch column.values {
    case .integers(let values):
      for (row, value) in values.enumerated() where Self.isHealthNumber(value) { health.add(row) }
    case .text(let factor):
      let kinds = factor.levels.map { Self.kind($0) }
      guard kinds.contains(where: { $0 != 0 }) else { break }
      for (row, code) in factor.codes.enumerated() where code >= 0 {
        if kinds[Int(code)] == 1 { health.add(row) }
        if kinds[Int(code)] == 2 { insurance.add(row) }
      }
    default: break
    }
    return [
      Finding(
        .nationalIdentifier, checked.name, column.name, other: "an NHS number", health),
      Finding(
        .nationalIdentifier, checked.name, column.name, other: "a National Insurance number",
        insurance),
    ]
  }

  /// 1 for what looks like an NHS number, 2 for a National Insurance number, 0 for neither.
  static func kind(_ text: String) -> Int8 {
    // A number may be written in groups.
    guard (8...16).contains(text.utf8.count) else { return 0 }
    let bytes = text.utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "-") }
    if bytes.count == 10, bytes.allSatisfy({ $0 >= 48 && $0 <= 57 }) {
      return isHealthNumber(bytes.reduce(0) { $0 * 10 + Int($1) - 48 }) ? 1 : 0
    }
    return isInsuranceNumber(bytes) ? 2 : 0
  }

  /// Whether ten digits end in the check digit of an NHS number: weights 10 to 2, modulus 11.
  static func isHealthNumber(_ value: Int) -> Bool {
    guard value >= 1_000_000_000, value < 10_000_000_000 else { return false }
    var (sum, rest) = (0, value / 10)
    for weight in 2...10 {
      sum += rest % 10 * weight
      rest /= 10
    }
    let check = 11 - sum % 11
    return check != 10 && check % 11 == value % 10
  }

  /// Whether bytes have the shape of a National Insurance number: two letters that are issued, six
  /// digits, and A to D, which may be absent.
  private static func isInsuranceNumber(_ bytes: [UInt8]) -> Bool {
    guard bytes.count == 8 || bytes.count == 9 else { return false }
    guard bytes[2..<8].allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return false }
    let letters = bytes.map { $0 >= 97 && $0 <= 122 ? $0 - 32 : $0 }
    let (one, two) = (letters[0], letters[1])
    guard one >= 65, one <= 90, two >= 65, two <= 90, !"DFIQUV".utf8.contains(one),
      !"DFIQUVO".utf8.contains(two)
    else { return false }
    let prefix = String(decoding: letters[0..<2], as: UTF8.self)
    guard !["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"].contains(prefix) else { return false }
    return letters.count == 8 || (letters[8] >= 65 && letters[8] <= 68)
  }
}
