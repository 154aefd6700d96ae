internal import Statistics

extension StatisticalAssembly {
  /// The labels of a variable's values as text, when every value has one.
  ///
  /// A variable with labels for some of its values stays as it is: labels such as "refused" among
  /// amounts are told, because the codes then count as amounts.
  mutating func labelling(
    _ variable: StatisticalVariable, _ values: [Double], _ labels: [ValueLabel]
  ) -> Factor? {
    var index: [Double: Int] = [:]
    var meanings: [ValueLabel] = []
    for label in labels {
      guard case .number(let number) = label.value, index[number] == nil else { continue }
      index[number] = meanings.count
      meanings.append(label)
    }
    guard !meanings.isEmpty else { return nil }
    var used = [Bool](repeating: false, count: meanings.count)
    var codes = [Int32](repeating: -1, count: values.count)
    var (last, lastPlace) = (Double.nan, 0)
    var unlabelled = false
    for (row, value) in values.enumerated() where !value.isNaN {
      if value != last {
        guard let place = index[value] else {
          unlabelled = true
          continue
        }
        (last, lastPlace) = (value, place)
      }
      used[lastPlace] = true
      codes[row] = Int32(lastPlace)
    }
    let present = meanings.indices.filter { used[$0] }
    guard !present.isEmpty else { return nil }
    if unlabelled {
      let shown = present.prefix(6).map { "\(meanings[$0].value.text) \(meanings[$0].label)" }
      notes.append(
        "'\(variable.name)' has labels for some of its values only and stays a number, in which these"
          + " count as they stand: \(shown.joined(separator: ", "))\(present.count > 6 ? ", …" : "")"
      )
      return nil
    }
    guard Set(present.map { meanings[$0].label }).count == present.count else {
      notes.append(
        "two codes of '\(variable.name)' have the same label, so it is read as codes")
      return nil
    }
    labelled.append(variable.name)
    return Factor(codes: codes, levels: meanings.map(\.label)).droppingUnusedLevels()
      .sortedByCodePoint()
  }

  /// Numbers as text: their labels where they have one, else their digits.
  func texts(_ values: [Double], _ labels: [ValueLabel]) -> Factor {
    let factor = Column(name: "", values: .doubles(values)).asFactor
    var meanings: [String: String] = [:]
    for label in labels {
      if case .number = label.value { meanings[label.value.text] = label.label }
    }
    return Self.merged(factor.codes, factor.levels.map { meanings[$0] ?? $0 })
  }

  /// The column of a text variable.
  mutating func text(
    _ variable: StatisticalVariable, _ labels: [ValueLabel],
    _ cells: (codes: [Int32], texts: ByteInterner)
  ) throws(SiblingError) -> Column.Values {
    let missing = MissingWords(options.missingWords)
    let levels: [String?] = cells.texts.entries.map {
      missing.contains(CSVField.trimmed($0)) ? nil : String(decoding: $0, as: UTF8.self)
    }
    let name = variable.name
    if let pattern = options.dateFormats[name] {
      let format = try DateFormat(pattern)
      let dates = try converted(cells.codes, levels, name, "a date written \(pattern)") {
        format.date($0)?.days
      }
      return .dates(dates.map { $0 ?? Int32.min })
    }
    func number(_ text: String) -> Double? {
      let bytes = Array(text.utf8)
      switch bytes.withUnsafeBufferPointer({ DecimalText.parse(CSVField.trimmed($0)) }) {
      case .none: return nil
      case .integer(let value, _): return Double(value)
      case .double(let value): return value
      }
    }
    switch options.types[name] {
    case .date:
      let dates = try converted(cells.codes, levels, name, "a date written yyyy-mm-dd") {
        CivilDate(iso: $0)?.days
      }
      return .dates(dates.map { $0 ?? Int32.min })
    case .number:
      let numbers = try converted(cells.codes, levels, name, "a number", number)
      return .doubles(numbers.map { $0 ?? .nan })
    case .integer:
      let numbers = try converted(cells.codes, levels, name, "a whole number") { Int($0) }
      return .integers(numbers.map { $0 ?? Int.min })
    case .boolean:
      let words: [String: Int8] = [
        "true": 1, "TRUE": 1, "1": 1, "false": 0, "FALSE": 0, "0": 0,
      ]
      let truths = try converted(cells.codes, levels, name, "true or false") { words[$0] }
      return .booleans(truths.map { $0 ?? -1 })
    case .text, nil: break
    }
    var meanings: [String: String] = [:]
    for label in labels {
      if case .text(let text) = label.value { meanings[text] = label.label }
    }
    let plain = Self.plain(cells.codes, levels, order: cells.texts.sortedCodes())
    guard options.types[name] == nil, !plain.levels.isEmpty else { return .text(plain) }
    let labels = plain.levels.compactMap { meanings[$0] }
    guard labels.count == plain.levels.count, Set(labels).count == labels.count else {
      return .text(plain)
    }
    labelled.append(name)
    return .text(Self.merged(plain.codes, labels))
  }

  /// The levels of a text turned into something else, once each.
  private func converted<Value>(
    _ codes: [Int32], _ levels: [String?], _ name: String, _ wanted: String,
    _ convert: (String) -> Value?
  ) throws(SiblingError) -> [Value?] {
    var values: [Value?] = []
    for (code, level) in levels.enumerated() {
      guard let level else {
        values.append(nil)
        continue
      }
      let value = convert(level)
      if value == nil, let row = codes.firstIndex(of: Int32(code)) {
        throw refusal(
          .badCell, "row \(row + 1) of column '\(name)' is not \(wanted)", name,
          help: "correct it, or declare another type or another word for missing values", row: row,
          cell: level)
      }
      values.append(value)
    }
    return codes.map { $0 < 0 ? nil : values[Int($0)] }
  }

  /// The factor of distinct texts whose order is known; those without text are missing.
  private static func plain(_ codes: [Int32], _ levels: [String?], order: [Int32]) -> Factor {
    var place = [Int32](repeating: -1, count: levels.count)
    var sorted: [String] = []
    for code in order {
      guard let level = levels[Int(code)] else { continue }
      place[Int(code)] = Int32(sorted.count)
      sorted.append(level)
    }
    return Factor(codes: codes.map { $0 < 0 ? -1 : place[Int($0)] }, levels: sorted)
  }

  /// A factor with levels in code-point order; equal levels become one, those without text missing.
  private static func merged(_ codes: [Int32], _ levels: [String?]) -> Factor {
    let order = Set(levels.compactMap { $0 }).sorted(by: Factor.precedes)
    var place: [String: Int32] = [:]
    for (code, level) in order.enumerated() { place[level] = Int32(code) }
    let renumbered = levels.map { $0.flatMap { place[$0] } ?? -1 }
    return Factor(codes: codes.map { $0 < 0 ? -1 : renumbered[Int($0)] }, levels: order)
  }
}
