public import Statistics

/// What becomes of values that a recoding does not name.
public enum RecodingOthers: String, Sendable, CaseIterable {
  /// They stay as they are.
  case keep
  /// They become missing.
  case missing
  /// The first of them is an error.
  case refuse
}

extension Column {
  /// The column with values replaced by name: `["gcse": "l1_2", "n/k": nil]`; nil makes missing.
  ///
  /// Values are named by their text: numbers in any spelling (`1`, `1.0`), dates as yyyy-mm-dd, truth
  /// values as true and false. Missing values stay missing. The result is numbers when all values that
  /// are left are numbers and the column was numbers, or text of which every value is named; it is
  /// text otherwise.
  ///
  /// - Throws: `badCell` with the row of the first value that is not named, where others are refused.
  /// - Complexity: O(rows + distinct values).
  public func recoded(
    _ map: [String: String?], others: RecodingOthers = .keep
  ) throws(SiblingError) -> Column {
    let factor = asFactor
    let names = canonical(Array(map.keys))
    var replaced: [String?] = []
    var (keepsAny, keptOnlyNumbers) = (false, isNumeric)
    var used = [Bool](repeating: false, count: factor.levels.count)
    for code in factor.codes where code >= 0 { used[Int(code)] = true }
    for (code, level) in factor.levels.enumerated() {
      if let name = names[level], let value = map[name] {
        replaced.append(value)
        continue
      }
      switch others {
      case .keep:
        if used[code] { keepsAny = true }
        replaced.append(level)
      case .missing: replaced.append(nil)
      case .refuse:
        if let row = factor.codes.firstIndex(of: Int32(code)) {
          throw SiblingError(
            .badCell, "a value of column '\(name)' has no new code",
            help: "name it in the recoding, or say what becomes of others", row: row,
            column: name, cell: level)
        }
        replaced.append(nil)
      }
    }
    if !isNumeric { keptOnlyNumbers = !keepsAny }
    let numbers = replaced.map { $0.map { Self.number($0) } ?? .some(.nan) }
    let hasValue = numbers.contains { $0.map { !$0.isNaN } ?? false }
    if keptOnlyNumbers, hasValue, numbers.allSatisfy({ $0 != nil }) {
      let values = factor.codes.map { $0 < 0 ? Double.nan : numbers[Int($0)] ?? .nan }
      let whole = values.allSatisfy { $0.isNaN || $0.rounded() == $0 && $0.magnitude < 0x1p53 }
      let wasDoubles = if case .doubles = self.values { true } else { false }
      return Column(
        name: name,
        values: whole && !wasDoubles
          ? .integers(values.map { $0.isNaN ? Int.min : Int($0) }) : .doubles(values))
    }
    if case .dates(let days) = values, replaced.allSatisfy({ $0.map(isDate) ?? true }) {
      _ = days
      let dates = replaced.map { $0.flatMap { CivilDate(iso: $0)?.days } ?? Int32.min }
      return Column(
        name: name, values: .dates(factor.codes.map { $0 < 0 ? Int32.min : dates[Int($0)] }))
    }
    let levels = Set(replaced.compactMap { $0 }).sorted(by: Factor.precedes)
    var place: [String: Int32] = [:]
    for (code, level) in levels.enumerated() { place[level] = Int32(code) }
    let codes = replaced.map { $0.flatMap { place[$0] } ?? -1 }
    return Column(
      name: name,
      values: .text(
        Factor(codes: factor.codes.map { $0 < 0 ? -1 : codes[Int($0)] }, levels: levels)
          .droppingUnusedLevels()))
  }

  /// The names of a recoding that no value has, sorted: often a slip of the pen.
  public func absent(from map: [String: String?]) -> [String] {
    let factor = asFactor
    var used = Set<String>()
    for code in Set(factor.codes) where code >= 0 { used.insert(factor.levels[Int(code)]) }
    let names = canonical(Array(map.keys))
    let found = Set(names.compactMap { used.contains($0.key) ? $0.value : nil })
    return map.keys.filter { !found.contains($0) }.sorted(by: Factor.precedes)
  }

  private var isNumeric: Bool {
    switch values {
    case .integers, .doubles: true
    case .text, .booleans, .dates: false
    }
  }

  private func isDate(_ text: String) -> Bool { CivilDate(iso: text) != nil }

  /// For each value's text the name that means it: `1.0` is the name of `1` among numbers.
  private func canonical(_ names: [String]) -> [String: String] {
    var result: [String: String] = [:]
    for name in names.sorted(by: Factor.precedes) {
      if isNumeric, let number = Self.number(name) {
        let text =
          if case .integers = values, number.rounded() == number, number.magnitude < 0x1p53 {
            String(Int(number))
          } else {
            NumberText.shortest(number == 0 ? 0 : number)
          }
        result[text] = name
      } else {
        result[name] = name
      }
    }
    return result
  }

  /// The number that a text spells; nil for anything else, identifiers such as `007` among it.
  private static func number(_ text: String) -> Double? {
    let bytes = Array(text.utf8)
    switch bytes.withUnsafeBufferPointer({ DecimalText.parse($0) }) {
    case .none, .integer(_, padded: true): return nil
    case .integer(let value, _): return Double(value)
    case .double(let value): return value
    }
  }
}
