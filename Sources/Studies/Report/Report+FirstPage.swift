internal import Reporting
internal import Statistics

// The page for a policy analyst: question, headline, how sure, what can't be said, the main numbers,
// warnings, where to read on. It fits a sheet of A4.

extension Report {
  /// Words that a sheet of A4 holds beside a small table.
  static let wordsOfPage = 500
  /// Warnings that the first page shows at most.
  static let mostWarnings = 6

  /// Composes `summary.md`: with as many warnings as the page holds; the contracts' lines go before the
  /// third warning does.
  mutating func summarise() throws(SiblingError) {
    let most = stride(from: Self.mostWarnings, through: 3, by: -1).map { ($0, true) }
    for (warnings, hasContracts) in most + [(3, false), (2, false)] {
      summary = try firstPage(warnings, hasContracts)
      let text = summary.markdown.split(separator: "\n").filter { !$0.hasPrefix("|") }
      if text.map({ $0.split(separator: " ").count }).reduce(0, +) <= Self.wordsOfPage { return }
    }
  }

  private func firstPage(
    _ count: Int, _ hasContracts: Bool
  ) throws(SiblingError) -> Document {
    var page = Document(path: "summary.md")
    page.heading(1, Prose(plain: context.study.title))
    page.paragraph("**The question.** \(context.study.question)")
    if let (title, paragraphs) = gateBanner { page.callout(title, paragraphs) }
    let (title, paragraphs) = try headlineText(isBrief: true)
    page.callout(title, paragraphs)
    if let line = roundingLine { page.paragraph(line) }
    page.paragraph("**How sure.** \(howSure)")
    page.paragraph("**What can't be said.** \(whatCannotBeSaid)")
    let rows = try summaryRows()
    if !rows.isEmpty {
      page.table(
        headings: [
          "Outcome",
          "\(NumberStyle.percent().text(context.study.level)) interval of the difference",
          "Best estimate", "Reading",
        ],
        rows: rows)
    }
    for section in EvaluationSections.all { page.list(try section.firstPage(self)) }
    if hasContracts { page.list(try contractLines()) }
    page.list(shownWarnings(atMost: count))
    if let line = sumsLine { page.paragraph(line) }
    page.paragraph(
      "**Read on.** [report.md](report.md) holds the design, every check and every number; [results/](results/) the numbers as files."
    )
    return page
  }

  /// That the study was made from sums, and that parts of it could not be; nil for a study by rows.
  var sumsLine: Prose? {
    guard context.isBySums else { return nil }
    if context.study.disclosureProfile.holdsEngineCells {
      return
        "**By sums.** No row and no cell of few people left the engine. What needs them, checks among it, is not here: the end of the report lists it."
    }
    return
      "**By sums.** No row left the engine. What needs rows, checks among it, is not here: the end of the report lists it, and `by: rows` gives it."
  }

  /// What rounding for disclosure control does to the numbers of the page; nil where nothing is rounded.
  var roundingLine: Prose? {
    guard let rules = context.table("disclosure_rules"),
      let words = try? rules.cell("setting", where: ["rule": "rounding"]).cell.text,
      words != "none"
    else { return nil }
    return
      "**Rounded.** For disclosure control counts are \(words), and effects that counts make are those of the rounded counts, so that small differences between numbers may be rounding."
  }

  /// The rating and what the design supports; where nothing is compared the rating says both.
  var howSure: Prose {
    context.gate.verdict == .descriptive && !hasComparison
      ? "\(confidence) The figures are **descriptive**." : "\(confidence) \(designVerdict)"
  }

  private var hasComparison: Bool {
    EvidenceReader(study: context.study, gate: context.gate, released: [:]).hasComparison
  }

  /// The rating and what lowers it; where it starts stands in its section.
  var confidence: Prose {
    guard let table = context.table("evidence")?.value,
      let row = table.firstRow(where: ["domain": "rating"])
    else { return "Confidence in the evidence was not rated." }
    let word = table[row, "judgement"].plainText
    guard table.rows.count > 1 else {
      return "Confidence is **not rated**: \(table[row, "why"].plainText)."
    }
    var prose: Prose = "Confidence in the evidence is **\(word)**."
    for (judgement, words) in [
      (EvidenceRating.Judgement.serious, "Serious concern"), (.some, "Some concern"),
      (.notEvaluated, "Not evaluated, which counts against it"),
    ] {
      let names = table.rows.indices.filter {
        table[$0, "judgement"].text == judgement.rawValue
      }.compactMap { table[$0, "domain"].text }
      if !names.isEmpty { prose = "\(prose) \(words): \(listed(names))." }
    }
    return prose
  }

  /// What the design supports, in one sentence.
  private var designVerdict: Prose {
    "The design supports \(context.gate.verdict == .associational ? "an" : "a") **\(context.gate.verdict.rawValue)** reading: \(context.gate.reason)."
  }

  /// The claim that a hurried reader is likeliest to make and that these data can't bear.
  var whatCannotBeSaid: Prose {
    let programme = context.setting("short-name") ?? "the programme"
    if context.gate.failed, context.table("estimates") == nil {
      return "Anything about an effect, in either direction."
    }
    guard hasComparison else {
      return
        "What would have happened without the contracts: a target is what was agreed, and nothing is compared."
    }
    switch context.gate.verdict {
    case .causal:
      return "That other people, places or years would see the same."
    case .descriptive:
      return "That \(programme) made a difference, or that it made none."
    case .associational:
      let isChange = context.designWords == nil
      let why: Prose =
        isChange
        ? "something else may have changed in the same places at the same time"
        : context.study.siteColumn != nil
          ? "whatever else differs between the sites is part of the difference"
          : "people who look alike on what was recorded may differ in what was not"
      return "That \(programme) caused the difference: \(why)."
    }
  }

  /// What contracts achieved and risk, where an effect leads the page.
  private func contractLines() throws(SiblingError) -> [Prose] {
    guard context.study.node["data"] != nil else { return [] }
    var lines: [Prose] = []
    if let line = try targetLine() { lines.append(line) }
    if let table = context.table("scenario") {
      lines.append(try ScenarioProse(context, table).firstPage())
    }
    return lines
  }

  /// How far all contracts together met what they had agreed.
  private func targetLine() throws(SiblingError) -> Prose? {
    guard let table = context.table("performance") else { return nil }
    let isPooled = table.value.firstRow(where: ["contract": "all", "cohort": "smi"]) != nil
    var parts: [Prose] = []
    for stage in ["Job start", "Sustained job"] {
      let match: [String: ResultTable.Cell] = [
        "contract": "all", "outcome": .text(stage), "cohort": isPooled ? "smi" : "all",
      ]
      guard table.value.firstRow(where: match) != nil else { continue }
      let (low, high) = (
        try table.cell("conf.low", where: match), try table.cell("conf.high", where: match)
      )
      guard low.number != nil, high.number != nil else { continue }
      parts.append(
        "\(stage.lowercased())s between \(low, .percent()) and \(high, .percent())"
      )
    }
    guard !parts.isEmpty else { return nil }
    let all = parts.dropFirst().reduce(parts[0]) { "\($0), \($1)" }
    return "**Against targets** (all contracts, 95% intervals): \(all) of what was agreed."
  }
}
