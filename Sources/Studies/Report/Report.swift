internal import Reporting
internal import Statistics

/// The report of a study: sections composed from released tables, in the order of the house.
///
/// A section whose data are absent is left out, and the end of the report says what would unlock it.
struct Report {
  let context: ReportContext
  var document = Document(path: "report.md")
  var summary = Document(path: "summary.md")
  private var number = 0
  /// Sections that were left out, with what would unlock them.
  private var absent: [Prose] = []

  init(_ context: ReportContext) { self.context = context }

  /// Composes both documents.
  ///
  /// - Throws: `internalError` when a sentence asks for a cell that is not there.
  static func compose(_ context: ReportContext) throws(SiblingError) -> Report {
    var report = Report(context)
    report.document.heading(1, Prose(plain: context.study.title))
    try report.headline()
    report.whatCanBeSaid()
    report.question()
    report.settingAndDefinitions()
    try report.flow()
    for section in CohortSections.leading { try section.compose(&report) }
    try report.balance()
    try report.primaryResult()
    try report.subgroups()
    try report.panel()
    try report.fewClusters()
    try report.survival()
    try report.states()
    try report.furtherAnalyses()
    for section in EvaluationSections.at(.afterEffects) { try section.compose(&report) }
    try report.sensitivity()
    for section in CohortSections.following { try section.compose(&report) }
    try report.hiddenBias()
    try report.performance()
    for section in ContractSections.all { try section.compose(&report) }
    try report.diagnostics()
    for section in EvaluationSections.at(.afterDiagnostics) { try section.compose(&report) }
    report.limitations()
    report.deviations()
    report.methods()
    report.glossary()
    report.disclosure()
    for section in EvaluationSections.at(.afterDisclosure) { try section.compose(&report) }
    report.checklists()
    report.reproducibility()
    report.whatWouldUnlock()
    try report.summarise()
    return report
  }

  /// Begins a numbered section.
  mutating func section(_ title: Prose) {
    number += 1
    document.heading(2, "\(structure: "\(number)"). \(title)")
  }

  /// Adds a figure to the report.
  mutating func figure(_ figure: Figure, caption: Prose) throws(SiblingError) {
    document.figure(figure, caption: caption)
  }

  /// Notes that a section is left out.
  mutating func leaveOut(_ section: Prose, unlockedBy input: Prose) {
    absent.append("\(section): \(input).")
  }

  private mutating func whatWouldUnlock() {
    let study = context.study.node
    if study["matching"] == nil {
      leaveOut(
        "Balance and matched effects",
        unlockedBy: "client-level covariates and a `matching` section")
    }
    if study["hidden-bias"] == nil, study["effects"] != nil {
      leaveOut(
        "What something unrecorded could do", unlockedBy: "a `hidden-bias` section")
    }
    if study["survival"] == nil {
      leaveOut(
        "Sustainment curves", unlockedBy: "durations with their ends and a `survival` section")
    }
    if study["event-study"] == nil {
      leaveOut(
        "Event study", unlockedBy: "outcomes in several periods before and after, `event-study`")
    }
    if study["performance"] == nil {
      leaveOut(
        "Payments and performance against targets",
        unlockedBy: "the contracts' targets and payments and a `performance` section")
    }
    for section in ContractSections.all {
      if let (name, input) = section.leftOut(self) { leaveOut(name, unlockedBy: input) }
    }
    for section in EvaluationSections.all {
      if let (name, input) = section.leftOut(self) { leaveOut(name, unlockedBy: input) }
    }
    if study["effects"]?.elements.contains(where: { $0["subgroup"] != nil }) != true {
      leaveOut("Subgroups", unlockedBy: "a column of groups, `subgroup` in `effects`")
    }
    section("What this report leaves out")
    document.list(absent)
  }

  /// One page for a policy analyst: the headline, what may be said, the main figure's numbers.
  private mutating func summarise() throws(SiblingError) {
    summary.heading(1, Prose(plain: context.study.title))
    summary.paragraph("**The question.** \(context.study.question)")
    let (title, paragraphs) = try headlineText()
    summary.callout(title, paragraphs)
    try summaryTable()
    for section in EvaluationSections.all { summary.list(try section.firstPage(self)) }
    summary.paragraph("**How sure.** \(evidence)")
    summary.list(warnings)
    summary.paragraph(
      "**Read on.** [report.md](report.md) holds the design, every check and every number; [results/](results/) the numbers as files."
    )
  }

  /// The warnings and failures of the design, in words.
  var warnings: [Prose] {
    let checks = context.gate.checks.filter { $0.status == .warn || $0.status == .fail }.map {
      check -> Prose in
      let match: [String: ResultTable.Cell] = ["analysis": "gate", "check": .text(check.name)]
      let cell = try? context.table("diagnostics")?.cell("value", where: match)
      var value: Prose = ""
      if let cell, cell.number != nil { value = " (\(cell, .significant(3)))" }
      return "**\(check.status.rawValue)**, \(check.name)\(value): \(check.detail)."
    }
    // Tests of a model's assumptions that came out badly belong on the first page too.
    guard let table = context.table("diagnostics") else { return checks }
    let models = table.value.rows.indices.filter {
      table.value[$0, "status"] == "WARN" && table.value[$0, "analysis"] != "gate"
    }.compactMap { row -> Prose? in
      guard let value = try? table.cell(row: row, "value") else { return nil }
      let analysis = table.value[row, "analysis"].plainText
      let check = table.value[row, "check"].plainText
      guard value.number != nil else {
        return "**WARN**, \(markdown: analysis), \(markdown: check)."
      }
      return "**WARN**, \(markdown: analysis), \(markdown: check): \(value, .significant(2))."
    }
    return checks + models + sections
  }

  /// What sections about the cohort found that belongs on the first page.
  private var sections: [Prose] {
    var found: [Prose] = []
    if let table = context.table("creaming"),
      let row = table.value.firstRow(where: ["term": "verdict"]),
      table.value[row, "verdict"] == "flagged"
    {
      found.append(
        "**WARN**, creaming monitor: flagged; see the section on whether easier clients were taken on."
      )
    }
    if let table = context.table("threshold_hazard"),
      let row = table.value.firstRow(where: ["arm": "treated"]),
      let low = table.value[row, "conf.low"].number, low > 1
    {
      found.append(
        "**WARN**, payment threshold: jobs of the treated ended more often right after the length that is paid for."
      )
    }
    return found + ContractSections.all.flatMap { $0.warnings(self) }
  }

  /// The confidence in the evidence, in words.
  var evidence: Prose {
    let counts = Dictionary(grouping: context.gate.checks, by: \.status).mapValues(\.count)
    func count(_ status: Gate.Status) -> String { "\(counts[status] ?? 0)" }
    return
      "The design supports \(context.gate.verdict == .associational ? "an" : "a") **\(context.gate.verdict.rawValue)** reading: \(context.gate.reason). Of the checks of the design, \(count(.pass)) passed, \(count(.warn)) gave a warning, \(count(.fail)) failed and \(count(.notEvaluated)) were not evaluated."
  }
}
