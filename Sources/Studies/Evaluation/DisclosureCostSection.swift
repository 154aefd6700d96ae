internal import Reporting
internal import Statistics

/// What disclosure control cost in accuracy.
///
/// Its table can only be made once the others are released, so that nothing is filled here.
enum DisclosureCostSection: EvaluationSection {
  static let showsEffects = false
  static let place = EvaluationPlace.afterDisclosure

  static func run(_ run: EvaluationRun, _ tables: inout StudyTables) throws(SiblingError) {}

  static func compose(_ report: inout Report) throws(SiblingError) {
    guard let cost = report.context.table("disclosure_cost") else { return }
    report.document.heading(3, "What it cost")
    let withheld = cost.rows(where: ["measure": "withheld"])
    if withheld.value.rows.isEmpty {
      report.document.paragraph("No cell was withheld.")
    } else {
      report.document.table(
        withheld, caption: "Cells that were withheld, and their share of the cells with a number.",
        columns: [
          .init("file", "File"), .init("value", "Withheld", .integer),
          .init("share", "Share", .percent()),
        ])
    }
    let curves = cost.value.rows.indices.filter {
      cost.value[$0, "measure"] == "survival change"
    }
    guard !curves.isEmpty else { return }
    report.document.paragraph(
      """
      Released curves lie off the exact ones by no more than this. The bounds are whole steps of the \
      threshold over the people of the curve, so that they tell of nobody. Restricted means in the \
      tables of effects are those of the exact curves; their differences from what the released \
      curves would give are bounded in the file.
      """)
    report.document.table(
      cost.rows(at: curves), caption: "The largest change of a curve.",
      columns: [
        .init("analysis", "Analysis"),
        .init("arm", "Group", names: report.context.armNames),
        .init("value", "At most, points", .perHundred(1)),
      ])
  }
}

extension Report {
  /// What disclosure control did.
  mutating func disclosure() {
    section("Disclosure control")
    if context.profile == "none" {
      document.paragraph(
        "The data are public or simulated, so the profile `none` was used: nothing was suppressed or rounded."
      )
    } else {
      document.paragraph(
        "The profile `\(markdown: context.profile)` was applied to every table before text and charts were made. `disclosure_log.csv` lists every decision. Withheld numbers read [c]."
      )
      document.list(disclosureRules())
    }
    let held = context.cohortNotes.values.flatMap { $0 }.filter { $0.contains("held back") }
      .sorted()
    document.list(held.map { Prose(plain: sentence($0)) })
    guard context.profile != "none" else { return }
    document.paragraph(
      "These checks assist an output checker and do not replace one. Tables were released together: what sums and differences between them would tell of few people was withheld too. What statistics tell of the counts behind them, sums that nobody declared, and other releases were not looked at; `sibling disclosure check --against` compares this one with earlier ones."
    )
  }

  /// The rules that were applied, a sentence each.
  private func disclosureRules() -> [Prose] {
    guard let rules = context.table("disclosure_rules") else { return [] }
    func cell(_ rule: String, _ column: String = "value") -> ReleasedCell? {
      try? rules.cell(column, where: ["rule": .text(rule)])
    }
    func words(_ rule: String) -> String { cell(rule, "setting")?.cell.text ?? "" }
    var items: [Prose] = []
    if let reason = cell("reason", "setting")?.cell.text {
      items.append(Prose(plain: "The study chose its own rules. Its reason: \(sentence(reason))"))
    }
    if let minimum = cell("minimum count") {
      let zeros = words("zeros") == "withheld" ? ", those of nobody too," : ""
      items.append(
        "Counts of people below \(minimum, .integer)\(zeros) were withheld, with the statistics that rest on them and the counts that would have given them away."
      )
    }
    if words("rounding") != "none" {
      items.append(
        "Counts that are shown are \(words("rounding")); a total is the sum of its rounded parts, or is rounded by itself where a part is withheld, so that totals can differ a little. Shares, ratios and their intervals are made of the rounded counts. Estimates are written to few digits of their standard errors, and other statistics with few digits: many would tell the exact counts."
      )
    }
    if context.table("survival") != nil {
      items.append(
        words("curves") != "held"
          ? "Survival curves, their numbers at risk and their intervals are made of cumulative counts that are rounded to the middle of steps of six; a curve ends where few people are left."
          : words("rounding") != "none"
            ? "Steps of survival curves wait until enough people have left since the step before."
            : "Events and censorings of survival curves are shown once enough of them have come since the last that are shown; the curves, their numbers at risk and their intervals are made of these."
      )
    }
    if let df = cell("residual degrees of freedom") {
      items.append(
        "Statistics with fewer than \(df, .integer) residual degrees of freedom, where these count people, were withheld."
      )
    }
    if let share = cell("dominance share"), let ratio = cell("dominance ratio") {
      items.append(
        "Sums of money were withheld where two sites gave \(share, .percent()) or more, or where all others together gave less than \(ratio, .percent()) of what the greatest gave."
      )
    }
    return items
  }
}
