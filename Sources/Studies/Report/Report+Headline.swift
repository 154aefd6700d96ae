internal import Reporting
internal import Statistics

// The headline box: the interval first, the counterfactual in words, a natural frequency.

extension Report {
  /// The headline box of the report.
  mutating func headline() throws(SiblingError) {
    if let (title, paragraphs) = gateBanner { document.callout(title, paragraphs) }
    let (title, paragraphs) = try headlineText()
    document.callout(title, paragraphs)
    if let line = roundingLine { document.paragraph(line) }
    document.paragraph("**How sure.** \(howSure)")
    for section in EvaluationSections.all { document.list(try section.firstPage(self)) }
    document.list(shownWarnings(atMost: Self.mostWarnings))
    if let line = sumsLine { document.paragraph(line) }
  }

  /// The headline's title and paragraphs; in brief for the first page.
  func headlineText(
    isBrief: Bool = false
  ) throws(SiblingError) -> (title: Prose, paragraphs: [Prose]) {
    if context.gate.failed {
      return (
        "Effects are withheld",
        [
          "A check of the design failed before any effect was estimated: \(failedChecks). Numbers that the design can't support would mislead, so none are shown."
        ]
      )
    }
    if let matched = try matchedHeadline(isBrief) { return matched }
    if let panel = try panelHeadline() { return panel }
    if let survival = try survivalHeadline() { return survival }
    if let performance = try performanceHeadline() { return performance }
    for section in ContractSections.all {
      if let found = try section.headline(self) { return found }
    }
    if !context.leftOut.isEmpty {
      return (
        "No result from sums",
        ["What the study file asks for needs rows; the end of the report says what was left out."]
      )
    }
    if context.study.node["analyses"] != nil {
      return (
        "Analyses without a headline",
        ["The study file compares no groups; its analyses stand in the report."]
      )
    }
    return ("No result", ["The study file names no analysis."])
  }

  private var failedChecks: String {
    context.gate.checks.filter { $0.status == .fail }.map { "\($0.name) (\($0.detail))" }
      .joined(separator: "; ")
  }

  /// The primary matched effect.
  private func matchedHeadline(
    _ isBrief: Bool
  ) throws(SiblingError) -> (title: Prose, paragraphs: [Prose])? {
    guard let outcome = context.outcomes.first,
      let rows = context.rows(
        "estimates",
        where: ["analysis": .text(context.leadingAnalysis), "outcome": .text(outcome.name)])
    else { return nil }
    let sentence = EffectSentence(context: context, outcome: outcome)
    var paragraphs = try sentence.headline(rows, row: 0)
    paragraphs += try counts(rows) + fewSites(outcome, isBrief) + unknownOutcomes(outcome, rows)
    if let benchmark = try benchmarkSentence(outcome) { paragraphs.append(benchmark) }
    return (try sentence.title(rows, row: 0), paragraphs)
  }

  private func counts(_ rows: Released<ResultTable>) throws(SiblingError) -> [Prose] {
    let treated = try rows.cell(row: 0, "n_treated")
    let comparison = try rows.cell(row: 0, "n_comparison")
    if context.isRandomised {
      return [
        "\(treated, .integer) \(context.treatedLabel) are compared with \(comparison, .integer) \(context.comparisonLabel): everybody, as chance assigned them."
      ]
    }
    if context.hasUnequalWeights {
      return [
        "\(treated, .integer) \(context.treatedLabel) are compared with \(comparison, .integer) \(context.comparisonLabel), weighted to resemble them on what was recorded."
      ]
    }
    return [
      "\(treated, .integer) \(context.treatedLabel) are compared with \(comparison, .integer) \(context.comparisonLabel) who resemble them on what was recorded."
    ]
  }

  /// What the interval counts when few sites stand behind the effect, and what exchanging them says.
  private func fewSites(
    _ outcome: OutcomeWords, _ isBrief: Bool
  ) throws(SiblingError) -> [Prose] {
    guard context.leadingAnalysis == "few-sites",
      let lead = context.rows(
        "estimates", where: ["analysis": "few-sites", "outcome": .text(outcome.name)])
    else { return [] }
    let sites = try lead.cell(row: 0, "n_clusters")
    if isBrief {
      return [
        "**Only \(sites, .integer) sites stand behind this**; the interval counts sites, not people."
      ]
    }
    let style = outcome.difference.signed
    let isExchanged = lead.value[0, "se_type"].text?.hasPrefix("exchange") == true
    let how: Prose =
      isExchanged
      ? "The interval counts sites, not people: it holds the differences that exchanging treatment between them does not rule out"
      : "The interval counts sites, not people (CR2 with its degrees of freedom)"
    var other: Prose = ""
    if isExchanged,
      let robust = context.rows(
        "few_clusters",
        where: ["analysis": "matched", "outcome": .text(outcome.name), "method": "CR2"]),
      robust.value[0, "conf.low"].number != nil, robust.value[0, "conf.high"].number != nil
    {
      let cells = try EffectCells(robust, row: 0)
      other =
        " Another method, CR2, gives \(cells.low, style.withoutWords) to \(cells.high, style)."
    }
    return [
      "**Only \(sites, .integer) sites stand behind this.** \(how).\(other)"
    ]
  }

  /// How many outcomes are unknown, and how far the difference could move with them.
  private func unknownOutcomes(
    _ outcome: OutcomeWords, _ lead: Released<ResultTable>
  ) throws(SiblingError) -> [Prose] {
    guard
      let all = context.rows("missing_evidence", where: ["outcome": .text(outcome.name)]),
      let bounds = context.rows(
        "missing_evidence", where: ["outcome": .text(outcome.name), "reading": "bounds"])
    else { return [] }
    let one = try all.cell(row: 0, "unknown_treated")
    let zero = try all.cell(row: 0, "unknown_comparison")
    guard one.number != 0 || zero.number != 0 else { return [] }
    let low = try bounds.cell(row: 0, "conf.low")
    let high = try bounds.cell(row: 0, "conf.high")
    let style = outcome.difference.signed
    var words: Prose =
      "**The outcome is unknown** for \(one, .integer) of \(try all.cell(row: 0, "n_treated"), .integer) \(context.treatedLabel) and \(zero, .integer) of \(try all.cell(row: 0, "n_comparison"), .integer) \(context.comparisonLabel), left out above."
    if let from = low.number, let to = high.number {
      words =
        "\(words) Whatever it is for them, the difference lies between \(low, style.withoutWords) and \(high, style), chance allowed for."
      let (a, b) = (lead.value[0, "conf.low"].number, lead.value[0, "conf.high"].number)
      if from <= 0, to >= 0, let a, let b, a > 0 || b < 0 {
        words =
          "\(words) **So the reading above rests on what is assumed of them**: see the section on unknown outcomes."
      }
    }
    return [words]
  }

  private func benchmarkSentence(_ outcome: OutcomeWords) throws(SiblingError) -> Prose? {
    guard let node = context.study.node["benchmark"], node["outcome"]?.text == outcome.name,
      let rows = context.rows("estimates", where: ["analysis": "benchmark"])
    else { return nil }
    let cells = try EffectCells(rows, row: 0)
    let label = node["label"]?.text ?? "the benchmark"
    return
      "For comparison, \(label) gives \(cells.estimate, outcome.difference.signed) (95% interval \(cells.low, outcome.difference.signed.withoutWords) to \(cells.high, outcome.difference.signed))."
  }

  /// The panel's effect.
  private func panelHeadline() throws(SiblingError) -> (title: Prose, paragraphs: [Prose])? {
    guard let outcome = context.outcomes.first,
      let rows = context.rows("estimates", where: ["analysis": "difference-in-differences"])
    else { return nil }
    let sentence = EffectSentence(context: context, outcome: outcome)
    return (
      try sentence.title(rows, row: 0),
      try sentence.headline(rows, row: 0) + leadNotes(rows)
    )
  }

  /// What must stand beside the leading panel estimate.
  private func leadNotes(_ rows: Released<ResultTable>) -> [Prose] {
    guard rows.value[0, "estimator"] == "twfe" else { return [] }
    return context.panelNotes.prefix(1).map { Prose(plain: $0) }
  }

  /// The restricted mean of the first survival analysis that compares like with like: it needs no
  /// proportional hazards, so it leads.
  private func survivalHeadline() throws(SiblingError) -> (title: Prose, paragraphs: [Prose])? {
    for node in context.study.node["survival"]?.elements ?? []
    where node["descriptive"]?.text != "true" {
      guard let name = node["name"]?.text,
        let rows = context.rows(
          "estimates",
          where: ["analysis": .text(name), "estimand": "restricted mean difference"])
      else { continue }
      let cells = try EffectCells(rows, row: 0)
      let style = NumberStyle.unit(node["time-unit"]?.text ?? "units of time", 1).signed
      let label = node["label"]?.text ?? name
      let pair = armPair(node)
      let (low, high) = (rows.value[0, "conf.low"].number, rows.value[0, "conf.high"].number)
      let title: Prose
      switch Wording.verdict(low: low, high: high) {
      case .favourable: title = "Longer, \(pair.later): \(label)"
      case .unfavourable: title = "Shorter, \(pair.later): \(label)"
      case .inconclusive: title = "Inconclusive: \(label)"
      case .unavailable: title = "No interval can be shown: \(label)"
      }
      var paragraphs: [Prose] = [
        "Mean time without \(node["event"]?.text ?? "the event"), \(pair.later) less \(pair.first): a difference between \(cells.low, style.withoutWords) and \(cells.high, style) (95% interval; best estimate \(cells.estimate, style))."
      ]
      if let low, let high, low <= 0, high >= 0 {
        paragraphs.append(
          "The result is inconclusive: the interval includes zero. This should not be taken to mean that there is no difference."
        )
      }
      return (title, paragraphs)
    }
    return nil
  }

  /// Achievements against targets.
  private func performanceHeadline() throws(SiblingError) -> (title: Prose, paragraphs: [Prose])? {
    guard let table = context.table("performance") else { return nil }
    // Projects for other clients have no like to be pooled with, so they stay out of the headline.
    let isPooled =
      table.value.firstRow(where: ["contract": "all", "cohort": "smi"]) != nil
    let cohort: ResultTable.Cell = isPooled ? "smi" : "all"
    var sentences: [Prose] = []
    if isPooled {
      sentences.append(
        "The projects for people with severe mental illness together; projects for other clients have no like to be pooled with and are reported apart."
      )
    }
    for stage in ["Engagement", "Job start", "Sustained job"] {
      let match: [String: ResultTable.Cell] = [
        "contract": "all", "outcome": .text(stage), "cohort": cohort,
      ]
      guard table.value.firstRow(where: match) != nil else { continue }
      let low = try table.cell("conf.low", where: match)
      let high = try table.cell("conf.high", where: match)
      let actual = try table.cell("actual", where: match)
      let target = try table.cell("target", where: match)
      let ratio = try table.cell("ratio", where: match)
      sentences.append(
        "**\(stage)**: between \(low, .percent()) and \(high, .percent()) of target (95% interval; \(actual, .integer) achieved of \(target, .integer) planned, \(ratio, .percent())).\(try rangeOfProjects(table, stage, isPooled ? cohort : nil))"
      )
    }
    // Reached only where nothing is compared: an effect would lead.
    sentences.append(
      "There is no comparison group: the figures say how far the contracts met what they had agreed, not what would have happened without them."
    )
    return ("Achievements against contract targets", sentences)
  }

  /// The lowest and the highest project, which one ratio of them all would hide.
  private func rangeOfProjects(
    _ table: Released<ResultTable>, _ stage: String, _ cohort: ResultTable.Cell?
  ) throws(SiblingError) -> Prose {
    let all = table.value
    var found: [(row: Int, ratio: Double)] = []
    for row in all.rows.indices
    where all[row, "contract"] != "all" && all[row, "outcome"] == .text(stage)
      && (cohort == nil || all[row, "cohort"] == cohort)
    {
      // What is withheld may be the lowest or the highest.
      guard let ratio = all[row, "ratio"].number else { return "" }
      found.append((row, ratio))
    }
    guard found.count > 1, let low = found.min(by: { $0.ratio < $1.ratio }),
      let high = found.max(by: { $0.ratio < $1.ratio }), low.ratio < high.ratio
    else { return "" }
    let (least, most) = (
      try table.cell(row: low.row, "ratio"), try table.cell(row: high.row, "ratio")
    )
    return
      " Projects range from \(least, .percent()) (\(all[low.row, "site"].plainText)) to \(most, .percent()) (\(all[high.row, "site"].plainText))."
  }

  /// The summary's table: every declared outcome with its leading estimate; without rows where there
  /// is none.
  func summaryRows() throws(SiblingError) -> [[Prose]] {
    guard !context.gate.failed else { return [] }
    var rows: [[Prose]] = []
    for outcome in context.outcomes {
      guard
        let found = context.rows(
          "estimates",
          where: ["analysis": .text(context.leadingAnalysis), "outcome": .text(outcome.name)])
          ?? context.rows(
            "estimates",
            where: ["analysis": "difference-in-differences", "outcome": .text(outcome.name)])
      else { continue }
      let cells = try EffectCells(found, row: 0)
      let style = outcome.difference.signed
      rows.append([
        "\(capitalised(outcome.label))",
        "\(cells.low, style.withoutWords) to \(cells.high, style)", "\(cells.estimate, style)",
        "\(try EffectSentence(context: context, outcome: outcome).verdict(found, row: 0))",
      ])
    }
    return rows
  }
}
