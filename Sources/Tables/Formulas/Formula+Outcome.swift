internal import Statistics

extension Binder {
  /// The outcome of the rows used, as numbers or as survival times.
  mutating func outcomes() throws(SiblingError) -> ([Double]?, SurvivalResponse?) {
    switch formula.response {
    case .none: return (nil, nil)
    case .value: return (try response(outcome[0]), nil)
    case .interval: return (nil, try intervals())
    case .survival(let start, _, let event):
      let first = start == nil ? nil : try numbers(outcome[0])
      let timePart = outcome[start == nil ? 0 : 1]
      let time = try numbers(timePart)
      if let first {
        for (index, begin) in first.enumerated() where begin >= time[index] {
          let row = rows[index]
          throw SiblingError(
            .badInterval, "a row ends no later than it starts",
            help: "Surv(start, stop, event) needs start < stop in every row",
            location: table.location(row: row, of: timePart.syntax), row: row,
            column: timePart.syntax.columnNames.first)
        }
      }
      guard event != nil, let part = outcome.last else {
        return (
          nil,
          SurvivalResponse(
            start: first, time: time, event: [Bool](repeating: true, count: rows.count))
        )
      }
      if wantsCauses {
        let causes = try self.causes(part)
        return (
          nil,
          SurvivalResponse(
            start: first, time: time, event: causes.codes.map { $0 > 0 }, causes: causes)
        )
      }
      return (nil, SurvivalResponse(start: first, time: time, event: try events(part)))
    }
  }

  private mutating func response(_ part: Part) throws(SiblingError) -> [Double] {
    let name = part.syntax.text
    guard case .factor = part.values else {
      let values = try numbers(part)
      // The level may be meant for a treatment elsewhere: numbers that are not it stay as they are.
      guard let treatedLevel, let level = Self.number(treatedLevel),
        let other = values.first(where: { $0 != level }), values.contains(level),
        values.allSatisfy({ $0 == level || $0 == other })
      else { return values }
      return values.map { $0 == level ? 1 : 0 }
    }
    let factor = try factor(part)
    guard factor.levels.count <= 2 else {
      if case .name(let column) = part.syntax.bare.kind, table.inferenceHints[column] != nil {
        throw Evaluator(table: table, source: source).textWhereNumber(part.syntax)
      }
      throw source.error(
        .wrongType, "`\(name)` is text with \(factor.levels.count) levels where a number is needed",
        at: part.syntax.position,
        help: "write a comparison, such as \(name) == \"…\", or as.numeric(\(name))",
        column: part.syntax.columnNames.first)
    }
    guard let treatedLevel else {
      guard factor.levels.count == 2 else {
        throw SiblingError(
          .constantOutcome, "`\(name)` has one level in the rows used",
          column: part.syntax.columnNames.first)
      }
      notes.append("\(name): \"\(factor.levels[1])\" counts as 1, \"\(factor.levels[0])\" as 0")
      return factor.codes.map { Double($0) }
    }
    guard let code = factor.levels.firstIndex(of: treatedLevel) else {
      throw SiblingError(
        .unknownLevel, "`\(name)` has no level '\(treatedLevel)' in the rows used",
        suggestion: nearestName(to: treatedLevel, among: factor.levels),
        column: part.syntax.columnNames.first)
    }
    return factor.codes.map { $0 == Int32(code) ? 1 : 0 }
  }

  /// A level of numbers or truth values as a number.
  private static func number(_ level: String) -> Double? {
    switch level {
    case "TRUE", "true", "True": 1
    case "FALSE", "false", "False": 0
    default: Double(level)
    }
  }

  /// Events by R's rule: 0/1, truth values, or exactly {1, 2} where 2 is the event.
  private mutating func events(_ part: Part) throws(SiblingError) -> [Bool] {
    let name = part.syntax.text
    switch part.values {
    case .booleans(let values):
      try part.values.checkFinite(part.syntax, rows: rows, table: table)
      return rows.map { values[$0] == 1 }
    case .factor, .dates:
      throw source.error(
        .wrongType, "the event `\(name)` is \(part.values.typeName), not 0/1 or true/false",
        at: part.syntax.position, help: "write it as a comparison: \(name) == \"…\"",
        column: part.syntax.columnNames.first)
    case .integers, .doubles: break
    }
    let values = try numbers(part)
    // The coding is read off every row that has an event, as R reads it, not only those used.
    let (all, everyRow) = (present(part.values), Array(0..<table.rowCount))
    let (hasZero, hasOne, hasTwo) = (all.contains(0), all.contains(1), all.contains(2))
    // Where rows were left out, the whole column says what a code means.
    let isKnown = table.oneTwoColumns.contains(part.syntax.columnNames.first ?? "")
    let isOneTwo =
      !hasZero && ((hasTwo && hasOne) || (isKnown && part.syntax.columnNames.count == 1))
    if let odd = all.first(where: { $0 != 1 && $0 != (isOneTwo ? 2 : 0) }) {
      let row = everyRow.first { self.number(part.values, $0) == odd }
      throw SiblingError(
        .badValue,
        odd == 2 && !hasOne && !hasZero
          ? "the event `\(name)` is 2 throughout, so that its coding can't be told"
          : "the event `\(name)` is neither 0/1 nor exactly 1/2 in this row",
        help: "write it as a comparison: Surv(time, \(name) == 2)",
        location: row.flatMap { table.location(row: $0, of: part.syntax) }, row: row,
        column: part.syntax.columnNames.first, cell: numberText(odd))
    }
    if isOneTwo { notes.append("\(name): 2 is the event, 1 is censored") }
    if !isOneTwo, hasOne, !hasZero {
      notes.append("\(name) is 1 throughout: every row has the event")
    }
    return values.map { $0 == (isOneTwo ? 2 : 1) }
  }

  private func present(_ values: FrameValues) -> [Double] {
    switch values {
    case .integers(let values): values.filter { $0 != Int.min }.map { Double($0) }
    case .doubles(let values): values.filter { !$0.isNaN }
    default: []
    }
  }

  private func number(_ values: FrameValues, _ row: Int) -> Double {
    switch values {
    case .integers(let values): Double(values[row])
    case .doubles(let values): values[row]
    default: .nan
    }
  }

  /// Causes as a factor whose first level is censored.
  private mutating func causes(_ part: Part) throws(SiblingError) -> Factor {
    let name = part.syntax.text
    var causes = try factor(part)
    switch part.values {
    case .factor(let whole):
      // The first level is censored even when no used row has it.
      guard let censored = whole.levels.first else { return causes }
      if causes.levels.first != censored {
        causes = Factor(codes: causes.codes.map { $0 + 1 }, levels: [censored] + causes.levels)
      }
      notes.append("\(name): \"\(censored)\" is censored")
    case .integers, .doubles:
      let values = try numbers(part)
      if let index = values.firstIndex(where: { $0 < 0 || $0 != $0.rounded() }) {
        let row = rows[index]
        throw SiblingError(
          .badValue, "the cause `\(name)` is not a whole number from 0 in this row",
          help: "0 is censored and 1, 2, … are causes; write factor(\(name)) for other codes",
          location: table.location(row: row, of: part.syntax), row: row,
          column: part.syntax.columnNames.first)
      }
      if causes.levels.first != "0" {
        causes = Factor(codes: causes.codes.map { $0 + 1 }, levels: ["0"] + causes.levels)
        notes.append("\(name): no row is 0, so no row is censored")
      }
    case .booleans:
      causes = Factor(
        codes: try numbers(part).map { Int32($0) }, levels: ["FALSE", "TRUE"])
    case .dates:
      throw source.error(
        .wrongType, "the cause `\(name)` is a date", at: part.syntax.position,
        column: part.syntax.columnNames.first)
    }
    return causes
  }
}
