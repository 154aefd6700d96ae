internal import Reporting
internal import Statistics

// Where people are over time: out of work, in a job, gone.

extension Report {
  /// A chart of states for each analysis, and the time spent in each state.
  mutating func states() throws(SiblingError) {
    let nodes = (context.study.node["states"]?.elements ?? []).filter {
      context.rows("state_occupancy", where: ["analysis": ResultTable.Cell($0["name"]?.text)])
        != nil
    }
    guard !context.gate.failed, !nodes.isEmpty else { return }
    section("Where people are over time")
    for node in nodes {
      guard let name = node["name"]?.text,
        let rows = context.rows("state_occupancy", where: ["analysis": .text(name)])
      else { continue }
      let label = capitalised(node["label"]?.text ?? name)
      let unit = node["time-unit"]?.text ?? "units of time"
      document.heading(3, "\(label)")
      if let note = node["note"]?.text { document.paragraph(Prose(plain: note)) }
      let place = context.placeAndPeriod
      let arms = armLabels(rows.value.cells("arm").compactMap(\.text))
      try attempt(
        caption:
          "Share of everybody in each state (Aalen–Johansen): who is no longer followed counts as those who still are."
      ) { () throws(SiblingError) in
        try StateOccupancyChart(
          title: "\(label)", subtitle: Prose(plain: place), unit: unit, names: arms
        ).figure(rows, name: "states_\(name)")
      }
      try timesInStates(name, node, unit: unit, arms)
    }
  }

  private mutating func timesInStates(
    _ name: String, _ node: StudyNode, unit: String, _ arms: [String: String]
  ) throws(SiblingError) {
    let occupancy = context.rows("state_occupancy", where: ["analysis": .text(name)])
    let pair = armPair(occupancy?.value.cells("arm").compactMap(\.text) ?? [])
    let horizon = node[OptionKey.horizon.name]?.text ?? ""
    if let rows = context.rows(
      "estimates", where: ["analysis": .text(name), "estimand": "mean time in state"])
    {
      document.table(
        rows, caption: "Mean time in each state up to \(horizon) \(unit).",
        columns: [
          .init("term", "Group"), .init("outcome", "State"),
          .init("estimate", capitalised(unit), .decimals(1)),
          .interval("95% interval", .decimals(1)),
        ])
      let words = arms.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
      if !words.isEmpty { document.paragraph("\(words.joined(separator: "; ")).") }
    }
    guard
      let rows = context.rows(
        "estimates",
        where: ["analysis": .text(name), "estimand": "difference of mean time in state"])
    else { return }
    document.table(
      rows,
      caption:
        "Difference of the mean time in each state, \(pair.later) less \(pair.first), up to \(horizon) \(unit).",
      columns: [
        .init("outcome", "State"), .init("estimate", capitalised(unit), .decimals(1).signed),
        .interval("95% interval", .decimals(1).signed), .init("p.value", "p", .pValue),
      ])
  }
}
