internal import Statistics

extension StatisticalAssembly {
  /// The column of a numeric variable.
  mutating func numbers(
    _ variable: StatisticalVariable, _ labels: [ValueLabel], _ given: [Double],
    _ reasons: inout [ValueLabel.Value: Int]
  ) throws(SiblingError) -> Column.Values {
    var values = given
    declaredMissing(&values, &reasons)
    let name = variable.name
    guard options.dateFormats[name] == nil else {
      throw refusal(
        .wrongType, "'\(name)' is stored as numbers, so that a date format has no meaning", name,
        help: "leave the format out; dates stored as such are read as dates")
    }
    let declared = options.types[name]
    let measure = variable.measure(kind)
    switch (declared, measure) {
    case (nil, .day(let calendar)), (.date, .day(let calendar)):
      return try days(variable, values, calendar, keepsTime: false)
    case (nil, .moment(let calendar)):
      return try days(variable, values, calendar, keepsTime: true)
    case (.date, .moment(let calendar)):
      return try days(variable, values, calendar, keepsTime: false)
    case (.date, _):
      throw refusal(
        .wrongType, "'\(name)' is not stored as a date", name,
        help: "derive a date from it, or declare it a number")
    case (.text, .day(let calendar)), (.text, .moment(let calendar)):
      let dates = try days(variable, values, calendar, keepsTime: false)
      return .text(Column(name: name, values: dates).asFactor)
    case (.text, _):
      return .text(texts(values, labels))
    case (.boolean, _):
      if let row = values.firstIndex(where: { !$0.isNaN && $0 != 0 && $0 != 1 }) {
        throw badCell(name, row, values[row], "0 or 1")
      }
      return .booleans(values.map { $0.isNaN ? -1 : $0 == 0 ? 0 : 1 })
    case (.integer, _):
      if let row = values.firstIndex(where: { !$0.isNaN && !Self.isWhole($0) }) {
        throw badCell(name, row, values[row], "a whole number")
      }
      return .integers(Self.integers(values))
    case (.number, _): return .doubles(values)
    case (nil, .period(let unit)):
      notes.append(
        "'\(name)' counts \(unit) since the start of 1960, as Stata does; it is read as a number")
    case (nil, .duration): notes.append("'\(name)' is a length of time, read as seconds")
    case (nil, .plain): break
    }
    if let factor = labelling(variable, values, labels) { return .text(factor) }
    let isEmpty = !values.contains { !$0.isNaN }
    if !isEmpty, variable.isShownWhole, values.allSatisfy({ $0.isNaN || Self.isWhole($0) }) {
      return .integers(Self.integers(values))
    }
    return .doubles(values)
  }

  /// Numbers that the user declared to stand for a missing value.
  private func declaredMissing(
    _ values: inout [Double], _ reasons: inout [ValueLabel.Value: Int]
  ) {
    var words: [Double] = []
    for word in options.missingWords {
      let bytes = Array(word.utf8)
      switch bytes.withUnsafeBufferPointer({ DecimalText.parse($0) }) {
      case .integer(let number, _): words.append(Double(number))
      case .double(let number): words.append(number)
      case .none: continue
      }
    }
    for word in words {
      for row in values.indices where values[row] == word {
        values[row] = .nan
        reasons[.number(word), default: 0] += 1
      }
    }
  }

  /// Dates out of days or moments; moments with a time of day as days with a fraction.
  private mutating func days(
    _ variable: StatisticalVariable, _ values: [Double], _ calendar: StatisticalCalendar,
    keepsTime: Bool
  ) throws(SiblingError) -> Column.Values {
    let name = variable.name
    var partial = 0
    var dates = [Int32](repeating: Int32.min, count: values.count)
    for (row, value) in values.enumerated() where !value.isNaN {
      let day = calendar.days(value)
      // Years -32767 to 32767, those that a calendar date can have.
      guard day.magnitude < 1.1e7 else { throw badCell(name, row, value, "a date") }
      let whole = day.rounded(.down)
      if whole != day { partial += 1 }
      dates[row] = Int32(whole)
    }
    guard partial > 0 else { return .dates(dates) }
    if keepsTime {
      notes.append(
        "'\(name)' has times of day; it is read as days since 1970-01-01 with a fraction (declare it"
          + " a date to have the day alone)")
      return .doubles(values.map { calendar.days($0) })
    }
    notes.append("'\(name)' holds times of day (\(partial) rows), of which the day is kept")
    return .dates(dates)
  }

  private func badCell(
    _ name: String, _ row: Int, _ value: Double, _ wanted: String
  ) -> SiblingError {
    refusal(
      .badCell, "row \(row + 1) of column '\(name)' is not \(wanted)", name,
      help: "correct it, or declare another type or another word for missing values", row: row,
      cell: NumberText.shortest(value))
  }

  private static func isWhole(_ value: Double) -> Bool {
    value.magnitude <= 0x1p53 && value.rounded() == value
  }

  private static func integers(_ values: [Double]) -> [Int] {
    values.map { $0.isNaN ? Int.min : Int($0) }
  }
}
