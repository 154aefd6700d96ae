internal import Cohorts
internal import Reporting
internal import Statistics

// How the outcome is counted, in words, a table and a chart.

extension DefinitionsSection {
  /// Adds the section.
  ///
  /// - Throws: `internalError` when a sentence asks for a cell that is not there.
  static func compose(_ report: inout Report) throws(SiblingError) {
    let context = report.context
    guard let counts = context.table("definitions"),
      let differences = context.table("definition_differences")
    else { return }
    report.section("How the outcome is counted")
    let weeks = try DefinitionNodes.followUpWeeks(context.study)
    // Weeks that the study file does not name are the default.
    let weeksText: Prose =
      context.study.quotedTexts.contains { $0.text == "\(weeks)" }
      ? Prose(plain: "\(weeks)") : Prose(fixed: "\(weeks)")
    report.document.paragraph(
      "Services of this kind count success in different ways. Here the same people's job records are scored under each definition of the study, over \(weeksText) weeks from acceptance unless a definition has a horizon of its own. Evidence that is missing leaves an outcome unknown; it never makes it a no. People who could not yet be followed to the horizon are counted apart."
    )
    let definitions = try DefinitionNodes.definitions(context.study)
    report.document.list(
      definitions.map { "**\(label: $0.label)**: \(label: $0.rule). \(label: sentence($0.source))" }
    )
    let arms = [
      SiteArm.sib.rawValue: capitalised(context.treatedLabel),
      SiteArm.nonSIB.rawValue: capitalised(context.comparisonLabel), "all": "All",
    ]
    report.document.table(
      counts,
      caption:
        "Accepted people under each definition. The share is of those whose outcome is known; its bounds are of all who could be followed, with everything unknown read as no and as yes.",
      columns: [
        .init("label", "Definition"), .init("arm", "Group", names: arms),
        .init("n_eligible", "Counted"), .init("n_immature", "Not yet observable"),
        .init("n_yes", "Yes"), .init("n_no", "No"), .init("n_unknown", "Unknown"),
        .init("rate", "Share", .percent(1)),
        .interval("Bounds", low: "rate_low", high: "rate_high", .percent(1)),
      ])
    try comparison(&report, differences)
    report.document.list(
      (context.cohortNotes["definitions"] ?? []).map { Prose(plain: sentence($0)) })
  }

  /// The difference between the arms under each definition: how far it moves.
  private static func comparison(
    _ report: inout Report, _ differences: Released<ResultTable>
  ) throws(SiblingError) {
    let context = report.context
    let table = differences.value
    let shown = table.rows.indices.filter { table[$0, "estimate"].number != nil }
    guard !shown.isEmpty else {
      report.document.paragraph(
        "The groups can't be compared under any of the definitions: too few outcomes are known in one of them, or the numbers were withheld."
      )
      return
    }
    report.document.paragraph(try words(report, differences, shown))
    if shown.count > 1 {
      var names: [String: String] = [:]
      for row in table.rows.indices {
        names[table[row, "definition"].plainText] = table[row, "label"].plainText
      }
      let chart = ForestPlot(
        title: changesSign(table, shown)
          ? "The direction depends on how the outcome is counted"
          : "How far the difference moves with the definition",
        subtitle: Prose(
          plain: "Share with the outcome, \(context.treatedLabel) less"
            + " \(context.comparisonLabel), not adjusted. " + context.placeAndPeriod),
        style: NumberStyle.percentagePoints(1).signed,
        axisTitle: "Difference in percentage points", labels: ["definition"],
        directions: ("fewer", "more"), names: names)
      try report.attempt(
        caption:
          "The difference under each definition, with intervals that cluster on sites where both groups have at least two."
      ) { () throws(SiblingError) in
        try chart.figure(differences.rows(at: shown), name: "definitions")
      }
    }
    report.document.table(
      differences,
      caption:
        "Difference of the shares, \(context.treatedLabel) less \(context.comparisonLabel), in percentage points. The bounds read everything unknown against one group and in favour of the other.",
      columns: [
        .init("label", "Definition"),
        .init("estimate", "Difference", .percentagePoints(1).signed.withoutWords),
        .interval("95% interval", .percentagePoints(1).signed.withoutWords),
        .init("p.value", "p", .pValue),
        .interval("Bounds", low: "low", high: "high", .percentagePoints(1).signed.withoutWords),
        .init("change", "Change from the first", .percentagePoints(1).signed.withoutWords),
      ])
    let silent = table.rows.indices.filter { table[$0, "note"].text != nil }
    report.document.list(
      silent.map {
        Prose(plain: "\(table[$0, "label"].plainText): \(table[$0, "note"].plainText).")
      })
  }

  private static func changesSign(_ table: ResultTable, _ rows: [Int]) -> Bool {
    let estimates = rows.compactMap { table[$0, "estimate"].number }
    return estimates.contains { $0 > 0 } && estimates.contains { $0 < 0 }
  }

  private static func words(
    _ report: Report, _ differences: Released<ResultTable>, _ shown: [Int]
  ) throws(SiblingError) -> Prose {
    let table = differences.value
    let context = report.context
    func label(_ row: Int) -> String { table[row, "label"].plainText }
    func match(_ row: Int) -> [String: ResultTable.Cell] {
      ["definition": table[row, "definition"]]
    }
    func interval(_ row: Int) throws(SiblingError) -> Prose {
      guard table[row, "conf.low"].number != nil else { return "no interval" }
      return try Wording(differences, where: match(row), strength: .descriptive).interval(
        .percentagePoints(1), more: "higher", less: "lower")
    }
    let first = shown[0]
    let estimate = try differences.cell("estimate", where: match(first))
    let size: Prose =
      table[first, "conf.low"].number == nil
      ? "differs by \(estimate, .percentagePoints(1).signed), without an interval, from that"
      : "is \(try interval(first)) than"
    var prose: Prose =
      "Counted as “\(label(first))”, and without any adjustment, the share with the outcome among \(context.treatedLabel) \(size) among \(context.comparisonLabel)."
    let sorted = shown.sorted {
      (table[$0, "estimate"].number ?? 0, $0) < (table[$1, "estimate"].number ?? 0, $1)
    }
    guard let lowest = sorted.first, let highest = sorted.last, sorted.count > 1 else {
      return prose
    }
    let low = try differences.cell(
      "estimate", where: match(lowest))
    let high = try differences.cell(
      "estimate", where: match(highest))
    prose =
      prose
      + " Over all definitions the difference moves from \(low, .percentagePoints(1).signed) (“\(label(lowest))”: \(try interval(lowest))) to \(high, .percentagePoints(1).signed) (“\(label(highest))”: \(try interval(highest)))."
    prose =
      prose
      + (changesSign(table, shown)
        ? " **It changes its sign: which group looks better depends on how the outcome is counted.**"
        : " It points the same way under every definition.")
    let isOpen = shown.contains { row in
      guard let from = table[row, "conf.low"].number, let to = table[row, "conf.high"].number
      else { return false }
      return from <= 0 && to >= 0
    }
    if isOpen {
      prose =
        prose
        + " Where an interval includes zero, the result under that definition is inconclusive, which should not be taken to mean that there is no difference."
    }
    return prose
  }
}
