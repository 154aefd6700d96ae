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
      let guards = (context.survivalNotes[name] ?? []).map {
        StudyNotes.named($0, armLabels(node))
      }
      document.list(guards.map { Prose(plain: capitalised($0) + ".") })
      try incidence(node, name, unit: unit)
      try contrasts(node, name, event: event, unit: unit)
      try checks(node, name, unit: unit)
      try models(node, name, unit: unit)
    }
  }

  /// Cumulative incidence of competing ends.
  private mutating func incidence(
    _ node: StudyNode, _ name: String, unit: String
  ) throws(SiblingError) {
    guard let rows = context.rows("cumulative_incidence", where: ["analysis": .text(name)]) else {
      return
    }
    let arms = armLabels(node)
    let label = node["label"]?.text ?? name
    let subtitle = Prose(plain: "Competing ends counted. " + context.placeAndPeriod)
    try figure(
      StackedIncidenceChart(
        title: "\(capitalised(label)): how it ends", subtitle: subtitle,
        measure: "Share ended by each cause", unit: unit, names: arms
      ).figure(rows, name: "incidence_stacked_\(name)"),
      caption: "Shares that have ended by each cause (Aalen–Johansen), one on the other.")
    try figure(
      CumulativeIncidenceChart(
        title: "\(capitalised(label)): share ended by each cause", subtitle: subtitle, unit: unit,
        names: arms
      ).figure(rows, name: "incidence_\(name)"),
      caption: "Shares that have ended by each cause, with 95% intervals.")
    let wanted = (node[OptionKey.times.name]?.elements ?? []).compactMap {
      $0.text.flatMap(Double.init)
    }
    let chosen = rows.value.rows.indices.filter { row in
      rows.value[row, "time"].number.map { wanted.contains($0) } ?? false
    }
    guard !chosen.isEmpty else { return }
    document.table(
      rows.rows(at: chosen),
      caption: "Share that has ended by each cause, competing ends counted.",
      columns: [
        .init("arm", "Group"), .init("cause", "Cause"), .init("time", "By", .decimals(0)),
        .init("estimate", "Share", .percent(1)), .interval("95% interval", .percent(1)),
        .init("n_event", "So far", .integer),
      ])
    let words = arms.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    if !words.isEmpty { document.paragraph("\(words.joined(separator: "; ")).") }
  }

  private func armLabels(_ node: StudyNode) -> [String: String] {
    let rows = context.rows("survival", where: ["analysis": Cell(node["name"]?.text)])
    return armLabels(rows?.value.cells("arm").compactMap(\.text) ?? [])
  }

  /// The two arms in a sentence, the later less the first: by their labels where they are the
  /// treatment's, or else as the curves call them.
  func armPair(_ node: StudyNode) -> (later: String, first: String) {
    let rows = context.rows("survival", where: ["analysis": Cell(node["name"]?.text)])
    return armPair(rows?.value.cells("arm").compactMap(\.text) ?? [])
  }

  /// The two arms of the rows of a table, in their order there.
  func armPair(_ names: [String]) -> (later: String, first: String) {
    var arms: [String] = []
    for arm in names where !arms.contains(arm) { arms.append(arm) }
    guard arms.count == 2 else { return ("the second arm", "the first") }
    let labels = armLabels(arms)
    func word(_ arm: String) -> String {
      labels[arm].map { $0.prefix(1).lowercased() + $0.dropFirst() } ?? arm
    }
    return (word(arms[1]), word(arms[0]))
  }

  /// `fin=yes` → the treated label, by the declared treatment column.
  func armLabels(_ arms: [String]) -> [String: String] {
    StudyNotes.armLabels(arms, context.study.node)
  }

  /// What differs between the arms: the restricted mean first, as it needs no proportional hazards.
  private mutating func contrasts(
    _ node: StudyNode, _ name: String, event: String, unit: String
  ) throws(SiblingError) {
    var items: [Prose] = []
    let pair = armPair(node)
    let style = NumberStyle.unit(unit, 1).signed
    let horizon = node[OptionKey.tau.name]?.text.map { "\($0) \(unit)" }
    if let mean = context.rows(
      "estimates", where: ["analysis": .text(name), "estimand": "restricted mean difference"])
    {
      let cells = try EffectCells(mean, row: 0)
      items.append(
        "Mean time without \(event), up to \(horizon ?? "the largest time that both groups reach"), \(pair.later) less \(pair.first): a difference between \(cells.low, style) and \(cells.high, style) (best estimate \(cells.estimate, style))."
      )
    }
    let crossing = context.rows(
      "diagnostics", where: ["analysis": .text(name), "check": "crossing curves"])
    if crossing != nil {
      items.append(
        "**The curves cross**, so one hazard ratio for all of the time hides what happens; read the difference of means."
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
        "Hazard ratio, \(words), \(pair.later) against \(pair.first): between \(cells.low, .decimals(2)) and \(cells.high, .decimals(2)) (best estimate \(cells.estimate, .decimals(2)))."
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
    guard
      let milestones = context.rows(
        "estimates", where: ["analysis": .text(name), "estimand": "survival difference"])
    else { return }
    let points = NumberStyle.percentagePoints(1).signed
    document.table(
      milestones,
      caption:
        "Share without \(event) at chosen times (\(unit)), \(pair.later) less \(pair.first), from the curves.",
      columns: [
        .init("term", "Difference at"),
        .init("estimate", "Percentage points", points.withoutWords),
        .interval("95% interval", points.withoutWords), .init("p.value", "p", .pValue),
      ])
  }

  /// The plots that check proportional hazards, at the end of an analysis.
  private mutating func checks(
    _ node: StudyNode, _ name: String, unit: String
  ) throws(SiblingError) {
    let label = capitalised(node["label"]?.text ?? name)
    let (arms, terms) = (armLabels(node), termLabels(node))
    if let rows = context.rows("survival", where: ["analysis": .text(name)]) {
      try attempt(caption: "log(−log S) against time, on a logarithmic axis.") {
        () throws(SiblingError) in
        try LogLogChart(
          title: "\(label): are the curves parallel?",
          subtitle: "Parallel lines speak for proportional hazards.", unit: unit, names: arms
        ).figure(rows, name: "log_log_\(name)")
      }
    }
    if let rows = context.rows("schoenfeld_smooth", where: ["analysis": .text(name)]) {
      try attempt(
        caption:
          "Scaled Schoenfeld residuals, smoothed (Grambsch and Therneau 1994), with 95% band."
      ) { () throws(SiblingError) in
        try SchoenfeldChart(
          title: "\(label): does the hazard ratio change?",
          subtitle: "Log hazard ratio over time, smoothed; a level line speaks for one ratio.",
          unit: unit, names: terms
        ).figure(rows, name: "schoenfeld_\(name)")
      }
    }
  }

  /// Parametric models beside the curves.
  private mutating func models(
    _ node: StudyNode, _ name: String, unit: String
  ) throws(SiblingError) {
    guard let rows = context.rows("survival_models", where: ["analysis": .text(name)]),
      let curves = context.rows("survival", where: ["analysis": .text(name)])
    else { return }
    let comparison = context.rows("model_comparison", where: ["analysis": .text(name)])
    let label = capitalised(node["label"]?.text ?? name)
    let measure = "Without \(node["event"]?.text ?? "the event")"
    let arms = armLabels(node)
    try attempt(
      caption: "Mean survival as the models of least AIC predict it, beside Kaplan–Meier curves."
    ) { () throws(SiblingError) in
      try ModelFitChart(
        title: "\(label): models beside the curves", subtitle: "Models that fit lie on the steps.",
        measure: measure, unit: unit, names: arms
      ).figure(rows, survival: curves, comparison: comparison, name: "models_\(name)")
    }
    guard let comparison else { return }
    document.table(
      comparison,
      caption:
        "Parametric models of the arm's effect, the least AIC first. A low AIC says best of these, not good: see the chart.",
      columns: [
        .init("model", "Model"), .init("df", "Parameters", .integer),
        .init("loglik", "Log-likelihood", .decimals(1)), .init("aic", "AIC", .decimals(1)),
        .init("bic", "BIC", .decimals(1)),
      ])
  }

  /// Adds a figure unless too little is left to draw, as after disclosure control.
  mutating func attempt(
    caption: Prose, _ draw: () throws(SiblingError) -> Figure
  ) throws(SiblingError) {
    do throws(SiblingError) {
      try figure(try draw(), caption: caption)
    } catch {
      guard error.code == .noRows else { throw error }
    }
  }

  /// `finyes` → the treated label, for the coefficient of the arm.
  private func termLabels(_ node: StudyNode) -> [String: String] {
    let treatment = context.study.node["treatment"]
    guard let column = treatment?["column"]?.text, let treated = treatment?["treated"]?.text else {
      return [:]
    }
    let name = capitalised(context.treatedLabel)
    return ["\(column)\(treated)": name, column: name]
  }
}
