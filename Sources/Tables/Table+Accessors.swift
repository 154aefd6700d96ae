public import Statistics

extension Column {
  /// The values as doubles, NaN where missing: booleans are 0 and 1; nil for text and dates.
  public var asDoubles: [Double]? {
    switch values {
    case .doubles(let values): values
    case .integers(let values): values.map { $0 == Int.min ? .nan : Double($0) }
    case .booleans(let values): values.map { $0 < 0 ? .nan : Double($0) }
    case .text, .dates: nil
    }
  }

  /// The values as a factor.
  ///
  /// Numbers and dates get levels in ascending order, booleans the levels `false` and `true` (those
  /// that occur); text keeps its levels.
  public var asFactor: Factor {
    switch values {
    case .text(let factor): return factor
    case .integers(let values):
      return Self.factor(values, missing: { $0 == Int.min }, text: { String($0) })
    case .doubles(let values):
      // −0 and 0 are one level.
      return Self.factor(
        values.map { $0 == 0 ? 0 : $0 }, missing: { $0.isNaN },
        text: { NumberText.shortest($0) })
    case .booleans(let values):
      return Self.factor(values, missing: { $0 < 0 }, text: { $0 == 1 ? "true" : "false" })
    case .dates(let values):
      return Self.factor(
        values, missing: { $0 == Int32.min }, text: { CivilDate(days: $0).isoText })
    }
  }

  /// The values as text, nil where missing; numbers as the shortest text, dates as yyyy-mm-dd.
  public var asStrings: [String?] {
    let factor = asFactor
    return factor.codes.map { $0 < 0 ? nil : factor.levels[Int($0)] }
  }

  private static func factor<T: Hashable & Comparable>(
    _ values: [T], missing: (T) -> Bool, text: (T) -> String
  ) -> Factor {
    var codes: [T: Int32] = [:]
    for value in values where !missing(value) { codes[value] = 0 }
    let levels = codes.keys.sorted()
    for (code, level) in levels.enumerated() { codes[level] = Int32(truncatingIfNeeded: code) }
    return Factor(
      codes: values.map { missing($0) ? -1 : codes[$0] ?? -1 }, levels: levels.map(text))
  }
}

extension Table {
  /// The values of a column as doubles, NaN where missing; booleans are 0 and 1.
  ///
  /// - Throws: `unknownColumn`; `wrongType` for text and dates, at the first cell that stands in the
  ///   way when the column is nearly numbers, else at the column's name.
  public func doubles(_ name: String) throws(SiblingError) -> [Double] {
    let column = try column(name)
    if let values = column.asDoubles { return values }
    throw wrongType(column, wanted: "a number")
  }

  /// The values of a column as a factor: text with its levels, all else in ascending order.
  ///
  /// - Throws: `unknownColumn`.
  public func factor(_ name: String) throws(SiblingError) -> Factor {
    try column(name).asFactor
  }

  /// The values of a column as text, nil where missing.
  ///
  /// - Throws: `unknownColumn`.
  public func strings(_ name: String) throws(SiblingError) -> [String?] {
    try column(name).asStrings
  }

  /// The values of a date column, `Int32.min` where missing.
  ///
  /// - Throws: `unknownColumn`; `wrongType` when it holds no dates.
  public func dates(_ name: String) throws(SiblingError) -> [Int32] {
    let column = try column(name)
    if case .dates(let days) = column.values { return days }
    throw wrongType(column, wanted: "a date")
  }

  /// The error that says a column is not of the type that is needed.
  public func wrongType(_ column: Column, wanted: String) -> SiblingError {
    let message = "column '\(column.name)' is \(column.typeName), and \(wanted) is needed"
    let isText = if case .text = column.values { true } else { false }
    if isText, wanted.contains("number"), let hint = inferenceHints[column.name] {
      let why =
        hint.offending == 0
        ? "numbers with leading zeros are kept as text"
        : "\(hint.offending) of \(hint.present) cells are not numbers, the first of them here"
      let help =
        hint.offending == 0
        ? "declare the column a number, or use factor(\(column.name))"
        : "correct them, or name the word that stands for a missing value"
      return SiblingError(
        .wrongType, "\(message): \(why)", help: help, location: hint.location,
        column: column.name, cell: hint.cell)
    }
    let help: String? =
      if isText, wanted.contains("date") {
        "declare how its dates are written, such as dd/mm/yyyy"
      } else if isText {
        "use it as a factor, or name another column"
      } else if case .dates = column.values {
        "derive a number from it, such as the days since a date"
      } else {
        nil
      }
    return SiblingError(
      .wrongType, message, help: help, location: headerLocation(column.name),
      column: column.name)
  }
}
