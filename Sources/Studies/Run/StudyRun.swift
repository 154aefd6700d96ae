internal import Contracts
internal import LinearAlgebra
internal import Reporting
public import Statistics
internal import Tables

/// Runs a study from its file to its report: load, check the design, estimate, release, write.
public struct StudyRun {
  let file: StudyFile
  /// Draws the charts as PNG beside their SVG; nil leaves it at SVG.
  public var pictures: Pictures?

  /// A run of a checked study file.
  public init(_ file: StudyFile) { self.file = file }

  /// Runs every analysis and writes the report.
  ///
  /// Effects are withheld when the gate fails; the report then says so and holds none.
  /// - Throws: what is wrong with the data, the design or the disk; nothing is written then.
  public func run(
    into folder: String, progress: (String) -> Void
  ) throws(SiblingError) -> StudyResult {
    progress("reading \(file.path)")
    var state = try design()
    try fillDiagnostics(&state)
    if !state.gate.failed {
      progress("estimating")
      try effects(&state)
    }
    try cohortSections(&state)
    var performance = PerformancePhase(file)
    try performance.run(&state.tables)
    state.inputs = state.data == nil ? performance.inputs : state.inputs + performance.inputs
    try contractSections(&state)
    try evaluationSections(&state)
    progress("writing \(folder)")
    try write(state, performance, to: folder)
    return StudyResult(
      summary: state.findings.map { "note: \($0)" }, isWithheld: state.gate.failed)
  }

  /// What is known at some point of a run.
  struct State {
    var tables = StudyTables()
    var data: StudyData?
    var design: DesignPhase?
    var panel: PanelPhase?
    var gate: Gate
    var findings: [String] = []
    var inputs: [Manifest.Input] = []
  }

  /// Loads, applies the inclusion rules, matches, and asks the gate.
  ///
  /// Tables of the schema that have been read already are in `records`.
  /// - Returns: what is known before any effect is estimated.
  /// - Throws: what is wrong with the data or the design, located.
  func design(_ records: SchemaTables? = nil) throws(SiblingError) -> State {
    var facts = DesignFacts()
    facts.hasComparison = false
    var state = State(gate: Gate(facts))
    guard file.node["data"] != nil else {
      // Published totals: the files are read here so that `validate` finds what is wrong with them.
      var performance = PerformancePhase(file)
      var scratch = StudyTables()
      for section in ContractSections.all { try section.check(file) }
      for section in EvaluationSections.all { try section.check(file) }
      try performance.run(&scratch)
      state.inputs = performance.inputs
      return state
    }
    try EffectsPhase.check(file)
    try SurvivalPhase.check(file)
    try StatesPhase.check(file)
    try FurtherPhase.check(file)
    for section in CohortSections.all { try section.check(file) }
    for section in ContractSections.all { try section.check(file) }
    for section in EvaluationSections.all { try section.check(file) }
    let data = try StudyData.read(file, &state.tables, records)
    state.data = data
    state.findings = data.findings
    state.inputs = data.inputs
    let compared = ["treatment", "matching", "difference-in-differences", "event-study"]
    facts.hasComparison = compared.contains { file.node[$0] != nil }
    facts.isSiteLevel = file.node["assignment"]?["level"]?.text == "site"
    facts.unnamedGroups = file.node["assignment"]?["unnamed-groups"]?.text
    facts.mechanism = file.node["assignment"]?["mechanism"]?.text ?? "unknown"
    state.design = try DesignPhase.run(file, data.table, &state.tables)
    state.design?.addFacts(&facts)
    state.panel = try PanelPhase(file, data.table)
    if state.design == nil { state.panel?.addFacts(&facts) }
    if state.design == nil, state.panel == nil { try addArms(&facts, data.table) }
    try addSites(&facts, data.table)
    if facts.attainablePValue == nil, facts.treatedClusters > 0,
      facts.treatedClusters < facts.clusters
    {
      facts.attainablePValue = try AttainablePValue.completeRandomisation(
        treated: facts.treatedClusters, clusters: facts.clusters
      ).value
    }
    state.gate = Gate(facts)
    return state
  }

  /// Counts the people of both arms where nothing is matched.
  private func addArms(_ facts: inout DesignFacts, _ table: Table) throws(SiblingError) {
    guard let node = file.node["treatment"], let name = node["column"]?.text else { return }
    let treatment = try table.factor(name)
    let treated = try StudyData.treatedCode(treatment, node, table)
    facts.treatedClusters = treatment.codes.count { $0 == treated }
    facts.clusters = treatment.codes.count { $0 >= 0 }
  }

  /// Counts sites when whole sites were assigned.
  private func addSites(_ facts: inout DesignFacts, _ table: Table) throws(SiblingError) {
    guard facts.isSiteLevel else { return }
    guard let column = file.node["assignment"]?["site"]?.text else {
      throw SiblingError(
        .missingKey, "sites were assigned, but no column of sites is named",
        help: "add 'site: column' under 'assignment'", location: file.node["assignment"]?.location)
    }
    let sites = try table.factor(column)
    guard let node = file.node["treatment"], let name = node["column"]?.text else { return }
    let treatment = try table.factor(name)
    let treated = try StudyData.treatedCode(treatment, node, table)
    var arm = [Int8](repeating: -1, count: sites.levels.count)
    for (row, site) in sites.codes.enumerated() where site >= 0 && treatment.codes[row] >= 0 {
      let value: Int8 = treatment.codes[row] == treated ? 1 : 0
      guard arm[Int(site)] < 0 || arm[Int(site)] == value else {
        throw SiblingError(
          .badDesign, "a site has both treated and comparison rows, but sites were assigned",
          help: "check the site and treatment columns", location: table.location(row: row),
          column: column, cell: sites.levels[Int(site)])
      }
      arm[Int(site)] = value
    }
    facts.treatedClusters = arm.count { $0 == 1 }
    facts.clusters = arm.count { $0 >= 0 }
  }

  private func effects(_ state: inout State) throws(SiblingError) {
    guard let table = state.data?.table else { return }
    let gate = state.gate.verdict.rawValue
    if let design = state.design {
      let effects = EffectsPhase(study: file, phase: design, table: table, gate: gate)
      try effects.run(&state.tables)
      try HiddenBiasPhase(file, effects)?.run(&state.tables)
      try FewClustersPhase(file).matched(design, table, gate: gate, &state.tables)
    }
    try BenchmarkPhase(study: file, gate: gate).run(&state.tables, &state.inputs)
    try state.panel?.run(&state.tables, gate: gate)
    try SurvivalPhase(study: file, table: table, phase: state.design, gate: gate)
      .run(&state.tables)
    try StatesPhase(study: file, table: table, gate: gate).run(&state.tables)
    try FurtherPhase(
      study: file, table: table, cohort: state.data?.cohort, phase: state.design, gate: gate
    ).run(&state.tables)
  }

  /// The sections about the cohort; those that show effects are withheld when the gate fails.
  private func cohortSections(_ state: inout State) throws(SiblingError) {
    guard let data = state.data else { return }
    let run = CohortRun(
      study: file, cohort: data.cohort, table: data.table, clientRows: data.clientRows,
      design: state.design, gate: state.gate.verdict.rawValue)
    for section in CohortSections.all where !(state.gate.failed && section.showsEffects) {
      try section.run(run, &state.tables)
    }
  }

  /// The sections about contracts; files that they read by themselves are inputs too.
  private func contractSections(_ state: inout State) throws(SiblingError) {
    var run = ContractRun(
      study: file, cohort: state.data?.cohort, table: state.data?.table,
      clientRows: state.data?.clientRows ?? [], design: state.design,
      gate: state.gate.verdict.rawValue, isWithheld: state.gate.failed)
    for section in ContractSections.all { try section.run(&run, &state.tables) }
    state.inputs += run.inputs.filter { input in
      !state.inputs.contains { $0.path == input.path }
    }
  }

  /// The sections that weigh the evaluation; those that show effects are withheld when the gate fails.
  private func evaluationSections(_ state: inout State) throws(SiblingError) {
    let run = EvaluationRun(
      study: file, table: state.data?.table, design: state.design, panel: state.panel,
      gate: state.gate)
    for section in EvaluationSections.all where !(state.gate.failed && section.showsEffects) {
      try section.run(run, &state.tables)
    }
  }

  private func fillDiagnostics(_ state: inout State) throws(SiblingError) {
    for check in state.gate.checks {
      try state.tables.diagnostics.append([
        "analysis": "gate", "check": .text(check.name), "value": Cell(check.value),
        "threshold": Cell(check.threshold), "comparator": .text(check.comparator),
        "status": .text(check.status.rawValue),
      ])
    }
  }

  private func write(
    _ state: State, _ performance: PerformancePhase, to folder: String
  ) throws(SiblingError) {
    var disclosure = Disclosure(profile: try .named(file.disclosure))
    var released: [String: Released<ResultTable>] = [:]
    var output = ReportFolder(path: folder)
    if let pictures { output.draw = { svg throws(SiblingError) in try pictures.png(svg) } }
    for safe in try disclosure.release(state.tables.filled) {
      released[safe.value.name] = safe
      try output.write(safe)
    }
    let context = ReportContext(
      study: file, gate: state.gate, released: released,
      designWords: state.design?.design.words, population: state.design?.sample.population,
      findings: state.findings, anomalies: performance.anomalies.map(\.sentence),
      projectNames: performance.names, paymentsAsOf: performance.asOf,
      panelNotes: state.panel?.notes ?? [],
      hiddenBiasRemarks: state.tables.hiddenBiasRemarks,
      fewClusterNotes: state.tables.fewClusterNotes, furtherNotes: state.tables.furtherNotes,
      cohortNotes: state.tables.cohortNotes,
      survivalNotes: state.tables.survivalNotes,
      hasUnequalWeights: state.design?.sample.hasUnequalWeights ?? false, profile: file.disclosure,
      withheld: disclosure.decisions.isEmpty
        ? "Nothing had to be withheld." : "Some numbers were withheld.")
    let report = try Report.compose(context)
    try output.write(report.document)
    try output.write(report.summary)
    try output.commit(manifest: manifest(state), disclosure: disclosure)
  }

  private func manifest(_ state: State) -> Manifest {
    var manifest = Manifest(
      study: file.name, command: "sibling run \(file.path)", version: SiblingVersion.text)
    manifest.seed = Int(file.seed)
    manifest.inputs = state.inputs
    manifest.planHash = SHA256.hexadecimal(file.bytes)
    manifest.gate = state.gate.verdict.rawValue
    manifest.kernel = BLASInformation.kernel
    return manifest
  }
}

/// What a run has to say when it is done.
public struct StudyResult: Sendable {
  /// Lines for the terminal.
  public let summary: [String]
  /// Whether the gate failed and effects were withheld.
  public let isWithheld: Bool
}
