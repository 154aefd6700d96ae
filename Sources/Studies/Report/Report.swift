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
    // What is compared by change leads where nothing is matched.
    let panelLeads = context.designWords == nil
    if panelLeads { try report.panel() }
    try report.fewClusters()
    try report.survival()
    try report.states()
    if !panelLeads { try report.panel() }
    try report.subgroups()
    try report.furtherAnalyses()
    for section in EvaluationSections.at(.afterEffects) { try section.compose(&report) }
    try report.sensitivity()
    for section in CohortSections.following { try section.compose(&report) }
    try report.hiddenBias()
    // Without clients the contracts are the result; beside an effect they follow its checks.
    let contractsLead = context.study.node["data"] == nil
    if contractsLead { try report.contracts() }
    try report.diagnostics()
    for section in EvaluationSections.at(.afterDiagnostics) { try section.compose(&report) }
    report.limitations()
    report.deviations()
    if !contractsLead { try report.contracts() }
    report.glossary()
    report.methods()
    report.disclosure()
    for section in EvaluationSections.at(.afterDisclosure) { try section.compose(&report) }
    report.checklists()
    report.reproducibility()
    report.whatWouldUnlock()
    try report.summarise()
    return report
  }

  /// Performance, payments and money.
  private mutating func contracts() throws(SiblingError) {
    try performance()
    for section in ContractSections.all { try section.compose(&self) }
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
    // Where rows may not leave the engine there is no other way to ask for.
    let remedy: Prose =
      study["data"]?["by"] != nil && context.study.disclosureProfile.holdsEngineCells
      ? "wider groups, a larger source or another profile" : "`by: rows`"
    for part in context.leftOut {
      leaveOut(
        Prose(plain: part.section),
        unlockedBy: "\(remedy); from sums it can't be had, because \(part.reason)")
    }
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
}
