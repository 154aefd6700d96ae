internal import LinearAlgebra
internal import Statistics
internal import Tables

/// Checks of each column by itself: is it there, of its kind, within its limits, and why missing.
struct FieldChecks {
  let checked: CheckedTable

  /// What is wrong with the columns, field by field.
  func findings() -> [Finding] {
    let fields = checked.schema.fields
    var found = Parallel.mapBlocks(fields.count) { self.findings(fields[$0]) }.flatMap { $0 }
    for field in fields { found += reasons(field) }
    found += extraIdentifiers()
    return found
  }

  private func findings(_ field: SchemaField) -> [Finding] {
    guard let column = checked.table[field.name] else {
      return field.isRequired
        ? [Finding(.missingColumn, checked.name, wholeTable: field.name)] : []
    }
    let missing = column.missingRows()
    var found: [Finding?] = []
    if field.isRequired { found.append(finding(.missingRequired, field, missing)) }
    guard missing.count < column.count else { return found.compactMap { $0 } }
    switch field.kind {
    case .identifier: found += identifier(column, field)
    case .date: found += date(column, field)
    case .period: found.append(levels(column, field, .notAPeriod) { SchemaPeriod($0) != nil })
    case .category(let values):
      found.append(
        values.isEmpty
          ? spellings(column, field)
          : levels(column, field, .unknownCategory, like: values) { values.contains($0) })
    case .flag:
      if case .booleans = column.values { break }
      found.append(
        levels(column, field, .unknownCategory, like: ["y", "n"]) { CheckedTable.flag($0) != nil })
    case .integer(let least, let most): found += number(column, field, least, most, isWhole: true)
    case .number(let least, let most): found += number(column, field, least, most, isWhole: false)
    case .text: break
    }
    return found.compactMap { $0 }
  }

  private func finding(
    _ rule: DataRule, _ field: SchemaField, _ rows: RowList, other: String = ""
  ) -> Finding? {
    Finding(rule, checked.name, field.name, other: other, rows)
  }

  /// Rows whose level does not pass; the values of the schema nearest to them are suggested.
  private func levels(
    _ column: Column, _ field: SchemaField, _ rule: DataRule, like values: [String] = [],
    _ passes: (String) -> Bool
  ) -> Finding? {
    let factor = column.asFactor
    let isBad = factor.levels.map { !passes($0) }
    guard isBad.contains(true) else { return nil }
    let rows = RowList(
      factor.codes.indices.lazy.filter { factor.codes[$0] >= 0 && isBad[Int(factor.codes[$0])] })
    guard !values.isEmpty else { return finding(rule, field, rows) }
    let suggestion: @Sendable (Int) -> String? = { row in
      nearestName(to: Self.trimmed(factor.levels[Int(factor.codes[row])]), among: values)
    }
    return Finding(rule, checked.name, field.name, rows, suggestion: suggestion)
  }

  /// Rows with the rarer of two spellings that differ only in capitals or blanks.
  private func spellings(_ column: Column, _ field: SchemaField) -> Finding? {
    guard case .text(let factor) = column.values, factor.levels.count <= 1000 else { return nil }
    var counts = [Int](repeating: 0, count: factor.levels.count)
    for code in factor.codes where code >= 0 { counts[Int(code)] += 1 }
    var commonest: [String: Int] = [:]
    for (code, level) in factor.levels.enumerated() where counts[code] > 0 {
      let key = Self.trimmed(level).lowercased()
      if let other = commonest[key], counts[other] >= counts[code] { continue }
      commonest[key] = code
    }
    let isRare = factor.levels.enumerated().map { code, level in
      counts[code] > 0 && commonest[Self.trimmed(level).lowercased()] != code
    }
    guard isRare.contains(true) else { return nil }
    return finding(
      .twoSpellings, field,
      RowList(
        factor.codes.indices.lazy.filter {
          factor.codes[$0] >= 0 && isRare[Int(factor.codes[$0])]
        }))
  }

  private func date(_ column: Column, _ field: SchemaField) -> [Finding?] {
    guard case .dates(let days) = column.values else {
      if case .text = column.values {
        return [levels(column, field, .notADate) { CivilDate(iso: $0) != nil }]
      }
      let rows = (0..<column.count).lazy.filter { !column.isMissing($0) }
      return [finding(.notADate, field, RowList(rows))]
    }
    guard let first = CivilDate(year: 1990, month: 1, day: 1)?.days,
      let last = CivilDate(year: 2100, month: 12, day: 31)?.days
    else { return [] }
    var rows = RowList()
    for row in days.indices where days[row] != missingDay && (days[row] < first || days[row] > last)
    {
      rows.add(row)
    }
    return [finding(.placeholderDate, field, rows)]
  }

  private func number(
    _ column: Column, _ field: SchemaField, _ least: Double?, _ most: Double?, isWhole: Bool
  ) -> [Finding?] {
    var found: [Finding?] = []
    if case .text = column.values {
      found.append(levels(column, field, .notANumber) { Double($0)?.isFinite == true })
    } else if case .dates = column.values {
      return [
        finding(.notANumber, field, RowList((0..<column.count).filter { !column.isMissing($0) }))
      ]
    }
    guard let values = checked.numbers(field.name) else { return found }
    let isAge = checked.name == "clients" && field.name == "age"
    let low = isAge ? 14 : least ?? -.infinity
    let high = isAge ? 100 : most ?? .infinity
    var (outside, broken) = (RowList(), RowList())
    for row in values.indices {
      let value = values[row]
      if value < low || value > high { outside.add(row) }
      if isWhole, value != value.rounded(), !value.isNaN { broken.add(row) }
    }
    found.append(
      finding(
        isAge ? .impossibleAge : .outOfRange, field, outside,
        other: isAge ? "" : SchemaField.range(least, most)))
    found.append(finding(.notWhole, field, broken))
    return found
  }

  /// Reasons for missing values: one of five, and only where the value is missing.
  private func reasons(_ field: SchemaField) -> [Finding] {
    guard let name = field.reasonName, let column = checked.table[name] else { return [] }
    let factor = column.asFactor
    let known = factor.levels.map { SchemaField.reasons.contains($0) }
    let value = checked.table[field.name]
    var (unknown, needless) = (RowList(), RowList())
    for (row, code) in factor.codes.enumerated() where code >= 0 {
      if !known[Int(code)] { unknown.add(row) }
      if let value, !value.isMissing(row) { needless.add(row) }
    }
    return [
      Finding(
        .unknownReason, checked.name, name, unknown,
        suggestion: { row in
          nearestName(to: factor.levels[Int(factor.codes[row])], among: SchemaField.reasons)
        }),
      Finding(.reasonThoughFilled, checked.name, name, other: field.name, needless),
    ].compactMap { $0 }
  }

  /// The text without blanks at its ends.
  private static func trimmed(_ text: String) -> String {
    let inner = text.drop { $0.isWhitespace }
    return String(String(inner.reversed().drop { $0.isWhitespace }).reversed())
  }
}
