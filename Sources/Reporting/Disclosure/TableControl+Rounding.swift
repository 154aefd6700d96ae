extension TableControl {
  /// Rounds every count that is still there, hidden ones too, so that declared sums hold.
  mutating func roundCounts() {
    guard let words = profile.rounding.words else { return }
    let width = table.columns.count
    let positions = table.columns.indices.filter {
      table.columns[$0].role == .count || table.columns[$0].role == .hiddenCount
    }
    var values: [Double?] = []
    var isShown: [Bool] = []
    for (cells, exact) in zip(table.rows, original.rows) {
      for position in cells.indices {
        values.append(positions.contains(position) ? exact[position].number : nil)
        isShown.append(cells[position] != .suppressed)
      }
    }
    let sums = RoundedSums(
      values: values, isShown: isShown, relations: relations(), rounding: profile.rounding)
    let numbers = sums.rounded()
    // What hidden counts round to is needed below even where they are withheld.
    rounded = numbers
    for position in positions {
      var isAny = false
      for row in table.rows.indices {
        guard table.rows[row][position].number != nil, let number = numbers[row * width + position]
        else { continue }
        table.rows[row][position] = .number(number)
        isAny = true
      }
      guard isAny, table.columns[position].role == .count else { continue }
      logColumn(table.columns[position].name, rule: "rounding", action: words)
      table.roundingNote = "Counts are \(words), and what is made of them is made of these."
    }
  }

  /// A decision about a whole column.
  mutating func logColumn(_ column: String, rule: String, action: String) {
    decisions.append(
      Disclosure.Decision(
        file: table.path, rowKey: "*", column: column, rule: rule, action: action))
  }

  /// Makes the statistics that rest on counts again from the rounded ones, and writes all others with
  /// so few digits that they don't tell the exact counts.
  mutating func remakeStatistics() {
    var remade: [Int: Double] = [:]
    for (position, column) in table.columns.enumerated() {
      guard column.type == .number || column.type == .flag,
        let remaking = remaking(of: column)
      else { continue }
      var (isRemade, isCoarse) = (false, false)
      for row in table.rows.indices {
        switch (table.rows[row][position], remaking.otherwise) {
        case (.suppressed, _), (.missing, _), (.text, _): continue
        case (let cell, let otherwise):
          let sources = remaking.rules.flatMap(\.columns)
          if sources.contains(where: { table[row, $0] == .suppressed }) {
            withhold(row: row, position: position, rule: "derived from a suppressed count")
          } else if let made = made(row, position, remaking.rules) {
            isRemade = true
            table.rows[row][position] = made
            if column.name == "estimate" { remade[row] = made.number }
          } else if case .coarse(let digits) = otherwise, let number = cell.number {
            isCoarse = true
            table.rows[row][position] = .number(coarse(number, digits: digits))
          }
        }
      }
      if isRemade {
        logColumn(column.name, rule: "derived from counts", action: "made again of rounded counts")
      }
      if isCoarse {
        logColumn(column.name, rule: "rounding", action: "written with few significant digits")
      }
    }
    if profile.rounding != .exact { remakeEstimates(remade) }
  }

  /// How a column is made again under the profile; nil where it stays as it is.
  private func remaking(of column: ResultTable.Column) -> ResultTable.Remaking? {
    let isDerived = if case .derived = column.role { true } else { false }
    let remaking = column.remaking ?? (isDerived ? ResultTable.Remaking() : nil)
    return profile.rounding != .exact || remaking?.isAlwaysCoarse == true ? remaking : nil
  }

  /// Rows of an estimate with its error, test and interval.
  private mutating func remakeEstimates(_ remade: [Int: Double]) {
    let places = RoundedEstimate.names.compactMap { name in
      table.position(of: name).flatMap { place in
        table.columns[place].remaking?.otherwise == .withError ? (name: name, place: place) : nil
      }
    }
    guard !places.isEmpty else { return }
    for row in table.rows.indices {
      var exact: [String: Double] = [:]
      for (name, place) in places where table.rows[row][place] != .suppressed {
        exact[name] = original.rows[row][place].number
      }
      roundClusters(row)
      guard !exact.isEmpty else { continue }
      let estimate = RoundedEstimate(
        exact, remade: remade[row], level: table[row, "conf.level"].number ?? 0.95,
        rounding: profile.rounding)
      for (name, place) in places {
        guard let value = estimate.values[name] else { continue }
        table.rows[row][place] = ResultTable.Cell(value)
      }
    }
    for (name, _) in places {
      logColumn(name, rule: "rounding", action: "written to few digits of the standard error")
    }
  }

  /// Clusters are matched sets of people where they are many, and count people like any count.
  private mutating func roundClusters(_ row: Int) {
    if let place = table.position(of: "n_clusters"), let count = table.rows[row][place].number,
      count >= Double(Self.fewestSets)
    {
      table.rows[row][place] = .number(profile.rounding.applied(to: count))
    }
    guard let place = table.position(of: "se_type"), let text = table.rows[row][place].text,
      let start = text.firstRange(of: "G=")?.upperBound
    else { return }
    let digits = text[start...].prefix { $0.isWholeNumber }
    guard let count = Double(digits), count >= Double(Self.fewestSets) else { return }
    let rounded = Int(profile.rounding.applied(to: count))
    table.rows[row][place] = .text(text[..<start] + "\(rounded)" + text[digits.endIndex...])
  }

  /// From this number on clusters are taken to be sets of people; sites are fewer, and public.
  private static let fewestSets = 30

  /// A statistic of rounded counts: by the first rule that gives the exact one from exact counts.
  ///
  /// - Returns: nil when no rule does; missing where rounded counts don't give one.
  private func made(
    _ row: Int, _ position: Int, _ rules: [ResultTable.CountRule]
  ) -> ResultTable.Cell? {
    let cell = original.rows[row][position]
    guard let exact = cell.number ?? cell.flag.map({ $0 ? 1 : 0 }) else { return nil }
    for rule in rules {
      if let value = special(rule, row, exact) { return ResultTable.Cell(value) }
      let known = { (name: String) in self.original[row, name].number }
      for level in rule.hasLevel ? ResultTable.CountRule.levels : [0.95] {
        guard let check = rule.value(level: level, known),
          (check - exact).magnitude <= 1e-9 * max(1, exact.magnitude)
        else { continue }
        let value = rule.value(level: level) { self.roundedCount(row, $0) }
        if case .flag = cell { return ResultTable.Cell(value.map { $0 == 1 }) }
        return ResultTable.Cell(value)
      }
    }
    return nil
  }

  /// Rules that need more than the counts of their row.
  private func special(
    _ rule: ResultTable.CountRule, _ row: Int, _ exact: Double
  ) -> Double? {
    switch rule {
    case .each(let count, let other):
      if let other, original[row, other].number != nil { return nil }
      guard let before = original[row, count].number, let after = roundedCount(row, count),
        after != 0
      else { return nil }
      return exact * (before / after)
    case .scaled(let counts):
      guard
        let before = ResultTable.CountRule.sum(counts, { self.original[row, $0].number }),
        let after = ResultTable.CountRule.sum(counts, { self.roundedCount(row, $0) })
      else { return nil }
      // Of nobody there is no amount to tell of.
      if before == 0 { return exact == 0 ? 0 : nil }
      return exact * (after / before)
    case .shareOfRows(let count, let within):
      let rows = table.rows.indices.filter { other in
        within.allSatisfy { table[other, $0] == table[row, $0] }
      }
      let before = rows.reduce(0) { $0 + (original[$1, count].number ?? 0) }
      let after = rows.reduce(0) { $0 + (roundedCount($1, count) ?? 0) }
      guard before > 0, after > 0, let own = original[row, count].number,
        (own / before - exact).magnitude < 1e-9
      else { return nil }
      return roundedCount(row, count).map { $0 / after }
    case .released(let names):
      guard
        let check = ResultTable.CountRule.sum(names, { self.original[row, $0].number }),
        (check - exact).magnitude <= 1e-6 * max(1, exact.magnitude)
      else { return nil }
      return ResultTable.CountRule.sum(names) { self.table[row, $0].number }
    case .releasedRatio(let a, let b):
      guard let top = original[row, a].number, let bottom = original[row, b].number, bottom != 0,
        (top / bottom - exact).magnitude <= 1e-9 * max(1, exact.magnitude),
        let newTop = table[row, a].number, let newBottom = table[row, b].number, newBottom != 0
      else { return nil }
      return newTop / newBottom
    default: return nil
    }
  }

  /// A rounded count of a row, or another number as it is.
  private func roundedCount(_ row: Int, _ column: String) -> Double? {
    guard let position = table.position(of: column) else { return nil }
    switch table.columns[position].role {
    case .count, .hiddenCount: return rounded[row * table.columns.count + position]
    default: return original.rows[row][position].number
    }
  }
}
