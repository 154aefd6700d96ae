internal import Reporting
internal import Statistics
internal import Tables

// The rows of a verb under a disclosure profile: the same rules as a report's.

extension AnalysisOutput {
  /// Numbers of people that the contract's columns name.
  private static let countNames: Set<String> = [
    "n", "n_risk", "n_event", "n_censor", "n_treated", "n_comparison", "events_treated",
    "events_comparison", "nevent",
  ]
  /// Numbers that say which row it is.
  private static let labelNames: Set<String> = ["group", "time", "quantile", "tau", "conf.level"]

  /// The rows that a profile lets out, withheld cells blank and marked in a column `…_flag`.
  ///
  /// - Throws: `disclosure` for rows of single people, or where no safe suppression exists;
  ///   `invalidOption` for an unknown profile.
  func released(under profile: String) throws(SiblingError) -> AnalysisOutput {
    let rules = try DisclosureProfile.named(profile)
    guard rules.minimumCount != nil else { return self }
    guard !hasRowsOfPeople else {
      throw SiblingError(
        .disclosure, "rows of single people can't be released under '\(profile)'",
        help: "release balance and effects instead, or of claims their sums (contract reconcile)")
    }
    var disclosure = Disclosure(profile: rules)
    let safe = try disclosure.release(
      try resultTable(name: "output", summary: "Rows of one verb.")
    ).value
    var output = AnalysisOutput(columns: [], notes: notes.map(Self.masked))
    output.money = money
    for column in columns {
      let cells = safe.cells(column.name)
      output.columns.append(Self.column(like: column, cells))
      if cells.contains(.suppressed) {
        output.columns.append(
          .texts("\(column.name)_flag", cells.map { $0 == .suppressed ? "c" : nil }))
      }
    }
    if let note = safe.roundingNote { output.notes.append(note) }
    let withheld = safe.rows.reduce(0) { $0 + $1.count { $0 == .suppressed } }
    output.notes.append("\(withheld) cells were withheld")
    return output
  }

  /// A note without its numbers, which may be counts of few people; a source's year stays.
  static func masked(_ note: String) -> String {
    var result = ""
    var rest = Substring(note)
    while let start = rest.firstIndex(where: \.isNumber) {
      result += rest[..<start]
      let end =
        rest[start...].firstIndex { !$0.isNumber && $0 != "." && $0 != "," } ?? rest.endIndex
      var number = rest[start..<end]
      // What ends a sentence is no part of its last number.
      while number.last == "." || number.last == "," { number.removeLast() }
      // A digit of a name, such as `motivation_1_5` or CR2, is no count.
      let before = start > rest.startIndex ? rest[rest.index(before: start)] : result.last ?? " "
      let after = number.endIndex < rest.endIndex ? rest[number.endIndex] : " "
      // What is quoted was given by the user: a level, a path, a value of an option.
      let isQuoted = (before == "'" && after == "'") || (before == "`" && after == "`")
      let isName = before.isLetter || before == "_" || after == "_" || isQuoted
      // "(Sävje 2022)": no count of few people has four digits.
      let isYear =
        number.endIndex < rest.endIndex && rest[number.endIndex] == ")"
        && Int(number).map { (1900...2099).contains($0) } ?? false
      result += isYear || isName ? String(number) : "[c]"
      rest = rest[number.endIndex...]
    }
    return result + rest
  }

  /// The rows as a result table, each column declared for disclosure control; the first column
  /// numbers the rows.
  ///
  /// - Throws: `internalError` when the columns are not a table.
  func resultTable(name: String, summary: String) throws(SiblingError) -> ResultTable {
    var table = try declared(name, summary)
    for row in 0..<(columns.first?.count ?? 0) {
      var cells: [String: ResultTable.Cell] = [:]
      if !isPlainCurve { cells[Self.rowColumn] = .number(Double(row + 1)) }
      for column in columns { cells[column.name] = Self.cell(column, row) }
      for (name, counts) in people { cells["sibling_\(name)"] = .number(Double(counts[row])) }
      try table.append(cells)
    }
    return table
  }

  /// Whether arm and time tell the rows apart, so that they need no number: of a curve whose steps
  /// are held it would tell how many.
  private var isPlainCurve: Bool {
    let names = Set(columns.map(\.name))
    return names.isSuperset(of: ["arm", "time", "n_risk", "n_event", "n_censor"])
      && names.isDisjoint(with: ["cause", "state", "estimate"])
  }

  /// The column that numbers the rows of a result table.
  static let rowColumn = "row"

  /// The columns with what each is to disclosure control.
  private func declared(_ name: String, _ summary: String) throws(SiblingError) -> ResultTable {
    let isCount = Self.countNames.union(self.counts)
    let counts = columns.map(\.name).filter { isCount.contains($0) }
    let hidden = people.keys.sorted().map { "sibling_\($0)" }
    let isCurve = ["arm", "time", "n_risk", "n_event", "n_censor"].allSatisfy { name in
      columns.contains { $0.name == name }
    }
    var declared: [ResultTable.Column] =
      isPlainCurve ? [] : [.label(Self.rowColumn, "The row", type: .number)]
    for column in columns where column.name != Self.rowColumn {
      switch column.values {
      case .text where derivedTexts.contains(column.name) || column.name == "se_type":
        declared.append(.derived(column.name, from: counts + hidden, type: .text))
      case .text, .dates: declared.append(.text(column.name))
      case .booleans: declared.append(.flag(column.name))
      case .integers, .doubles:
        if isCount.contains(column.name) {
          declared.append(.count(column.name))
        } else if !timesOfPeople.contains(column.name),
          Self.labelNames.contains(column.name) || labels.contains(column.name)
        {
          declared.append(.number(column.name))
        } else {
          // A verb's shares and averages are functions of few counts: where counts are rounded, two
          // digits keep to what the rounded ones tell. Clusters are rounded like counts.
          declared.append(
            .derived(column.name, from: isCurve ? ["n_risk"] : counts + hidden).coarse(
              column.name == "n_clusters" ? 12 : 2))
        }
      }
    }
    declared += hidden.map { .hiddenCount($0) }
    if !isCurve, columns.contains(where: { $0.name == "std.error" }) {
      declared = ResultTable.Column.estimates(declared)
    }
    if isCurve {
      // A curve rule reads arm and time as labels.
      declared = declared.map { column in
        column.name == "arm"
          ? .label("arm") : column.name == "time" ? .label("time", type: .number) : column
      }
    }
    return try ResultTable(
      name: name, summary: summary, columns: declared, sums: sums,
      curve: isCurve
        ? ResultTable.CurveRule(
          arms: ["arm"], time: "time", atRisk: "n_risk", leaving: ["n_event", "n_censor"],
          statistics: isPlainCurve ? ["survival", "std.error", "conf.low", "conf.high"] : []) : nil,
      blocks: blocks)
  }

  private static func cell(_ column: Column, _ row: Int) -> ResultTable.Cell {
    guard !column.isMissing(row) else { return .missing }
    switch column.values {
    case .integers(let values): return .number(Double(values[row]))
    case .doubles(let values): return ResultTable.Cell(values[row])
    case .booleans(let values): return .flag(values[row] == 1)
    case .text, .dates: return ResultTable.Cell(column.asStrings[row])
    }
  }

  private static func column(like column: Column, _ cells: [ResultTable.Cell]) -> Column {
    switch column.values {
    case .integers: .integers(column.name, cells.map { $0.number.map { Int($0) } })
    case .doubles: .numbers(column.name, cells.map(\.number))
    case .text, .dates, .booleans:
      .texts(column.name, cells.map { $0 == .missing ? nil : $0.plainText })
    }
  }
}
