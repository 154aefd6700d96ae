internal import Cohorts
internal import Statistics
internal import Tables

// The outcomes of a weekly history.

extension StudyData {
  /// Adds the columns that a weekly history gives, and what was found on the way.
  mutating func addWeeklyOutcomes(_ node: StudyNode) throws(SiblingError) {
    let columns = WeeklyColumns(
      weeks: try weeks(node), lastWeek: node["last-week"]?.text ?? "",
      exited: node["exited"]?.text ?? "")
    let history = try WeeklyHistory(table: table, columns: columns)
    var definitions: [SustainmentDefinition] = []
    for definition in node["sustained"]?.elements ?? [] {
      func number(_ key: String) -> Int { definition[key]?.text.flatMap { Int($0) } ?? 0 }
      let made = SustainmentDefinition(
        weeks: number("weeks"), startedBy: number("start-by"),
        permittedGap: number("permitted-gap"), name: definition["name"]?.text)
      guard made.isObservable(within: history.weeks) else {
        throw SiblingError(
          .badValue,
          "a job started in week \(made.startedBy) can't be seen to last \(made.weeks) weeks within"
            + " \(history.weeks)", help: "bring 'start-by' forward",
          location: definition["start-by"]?.location)
      }
      definitions.append(made)
    }
    let outcomes = try WeeklyOutcomes(history, definitions: definitions)
    let sought = outcomes.columns()
    made = sought.map(\.name)
    for column in sought { table = try table.adding(column) }
    let isFull = history.lastWeek.indices.map {
      history.exited[$0] || history.lastWeek[$0] >= history.weeks
    }
    followUp = (isFull, Array(isFull.indices))
    for rule in DataFinding.Rule.allCases {
      let count = history.findings.count { $0.rule == rule }
      if count > 0 { findings.append("\(rule.sentence) (\(count) times)") }
    }
  }

  /// The weekly columns from the first to the last named, in file order.
  private func weeks(_ node: StudyNode) throws(SiblingError) -> [String] {
    let ends = (node["columns"]?.text ?? "").split(separator: ":").map(String.init)
    guard ends.count == 2 else {
      throw SiblingError(
        .badValue, "'columns' takes the first and the last weekly column: emp1:emp52",
        location: node["columns"]?.location)
    }
    for name in ends { _ = try table.column(name) }
    let names = table.names
    guard let first = names.firstIndex(of: ends[0]), let last = names.firstIndex(of: ends[1]),
      first <= last
    else {
      throw SiblingError(
        .badValue, "the first weekly column stands after the last",
        location: node["columns"]?.location)
    }
    return Array(names[first...last])
  }
}
