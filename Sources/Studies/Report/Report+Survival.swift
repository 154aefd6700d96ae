internal import Reporting
internal import Statistics

// Time to event: curves, competing ends, differences and what makes them hard to read.

extension Report {
  /// Survival curves, restricted means and hazard ratios.
  mutating func survival() throws(SiblingError) {
    guard !context.gate.failed, let curves = context.table("survival") else { return }
    section("Time to event")
    for node in context.study.node["survival"]?.elements ?? [] {
      let name = node["name"]?.text ?? "survival"
      let rows = curves.rows(where: ["analysis": .text(name)])
      guard !rows.value.rows.isEmpty else { continue }
      let label = node["label"]?.text ?? name
      let event = node["event"]?.text ?? "the event"
      let unit = node["time-unit"]?.text ?? "units of time"
      document.heading(3, "\(capitalised(label))")
      if node["descriptive"]?.text == "true" {
        document.paragraph(Self.descriptiveWarning)
      }
      if let note = node["note"]?.text { document.paragraph(Prose(plain: note)) }
      let chart = SurvivalChart(
        title: "\(capitalised(label))",
        subtitle: Prose(plain: "Share without \(event); 95% intervals. " + context.placeAndPeriod),
        measure: "Without \(event)", unit: unit, eventName: capitalised(event),
        names: armLabels(node))
      try figure(
        chart.figure(rows, name: "survival_\(name)"),
        caption:
          "Kaplan–Meier curves. At risk is just before each time; events and censorings are up to and including it."
      )
      try incidence(name, armLabels(node))
      try hazardSentences(name, event: event, unit: unit)
    }
  }

  /// Cumulative incidence of competing ends.
  private mutating func incidence(
    _ name: String, _ arms: [String: String]
  ) throws(SiblingError) {
    guard let rows = context.rows("cumulative_incidence", where: ["analysis": .text(name)]) else {
      return
    }
    document.table(
      rows, caption: "Share that has ended by each cause, competing ends counted.",
      columns: [
        .init("arm", "Group"), .init("cause", "Cause"), .init("time", "By", .decimals(0)),
        .init("estimate", "Share", .percent(1)), .interval("95% interval", .percent(1)),
        .init("n_event", "So far", .integer),
      ])
    let words = arms.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    if !words.isEmpty { document.paragraph("\(words.joined(separator: "; ")).") }
  }

  /// `fin=yes` → the treated label, by the declared treatment column.
  private func armLabels(_ node: StudyNode) -> [String: String] {
    let treatment = context.study.node["treatment"]
    guard let column = treatment?["column"]?.text else { return [:] }
    var names: [String: String] = [:]
    let treated = treatment?["treated"]?.text
    for arm in armNamesInFile(node) where arm.hasPrefix("\(column)=") {
      let level = String(arm.dropFirst(column.count + 1))
      names[arm] = capitalised(
        level == treated ? context.treatedLabel : context.comparisonLabel)
    }
    return names
  }

  private func armNamesInFile(_ node: StudyNode) -> [String] {
    let rows = context.rows("survival", where: ["analysis": Cell(node["name"]?.text)])
    return Set(rows?.value.cells("arm").compactMap(\.text) ?? []).sorted()
  }

  private mutating func hazardSentences(
    _ name: String, event: String, unit: String
  ) throws(SiblingError) {
    var items: [Prose] = []
    if let mean = context.rows(
      "estimates", where: ["analysis": .text(name), "estimand": "restricted mean difference"])
    {
      let cells = try EffectCells(mean, row: 0)
      let style = NumberStyle.unit(unit, 1).signed
      items.append(
        "Mean time without \(event), up to the largest time that both groups reach, \(context.treatedLabel) less \(context.comparisonLabel): a difference between \(cells.low, style) and \(cells.high, style) (best estimate \(cells.estimate, style))."
      )
    }
    for (estimator, words) in [("cox", "unadjusted"), ("cox, adjusted", "adjusted")] {
      guard
        let rows = context.rows(
          "estimates",
          where: [
            "analysis": .text(name), "estimand": "hazard ratio", "estimator": .text(estimator),
          ])
      else { continue }
      let cells = try EffectCells(rows, row: 0)
      items.append(
        "Hazard ratio, \(words), \(context.treatedLabel) against \(context.comparisonLabel): between \(cells.low, .decimals(2)) and \(cells.high, .decimals(2)) (best estimate \(cells.estimate, .decimals(2)))."
      )
    }
    if let test = context.rows(
      "diagnostics", where: ["analysis": .text(name), "check": "proportional hazards (p)"])
    {
      let p = try test.cell(row: 0, "value")
      let holds = test.value[0, "status"] == "PASS"
      items.append(
        holds
          ? "The test of proportional hazards has p \(p, .pValue): no sign that the hazard ratio changes over time."
          : "The test of proportional hazards has p \(p, .pValue): the hazard ratio changes over time, so read the difference of means instead."
      )
    }
    document.list(items)
  }
}
