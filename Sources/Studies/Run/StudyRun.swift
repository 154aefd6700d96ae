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
    defer { state.sums?.close() }
    try fillDiagnostics(&state)
    if !state.gate.failed {
      progress("estimating")
      try state.reveal()
      try effects(&state)
    }
    try cohortSections(&state)
    var performance = PerformancePhase(file)
    try performance.run(&state.tables)
    state.inputs =
      state.data == nil && state.sums == nil
      ? performance.inputs : state.inputs + performance.inputs
    try contractSections(&state)
    try evaluationSections(&state)
    progress("writing \(folder)")
    try write(state, performance, to: folder)
    return StudyResult(
      summary: state.findings.map { "note: \($0)" }, isWithheld: state.gate.failed)
  }

  private func effects(_ state: inout State) throws(SiblingError) {
    let gate = state.gate.verdict.rawValue
    if let engine = try StudyEngine(file), var sums = state.sums {
      try engine.locating(engine.source ?? "") { () throws(SiblingError) in
        try sums.effects(&state.tables, gate: gate)
      }
      state.sums = sums
      state.findings += sums.findings
    }
    guard let table = state.data?.table else { return }
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
      design: state.design, gate: state.gate.verdict.rawValue, isWithheld: state.gate.failed)
    for section in CohortSections.all where !(state.gate.failed && section.showsEffects) {
      try file.cached(Self.phaseName(section), gate: run.gate, &state.tables) {
        (tables: inout StudyTables) throws(SiblingError) in
        try section.run(run, &tables)
      }
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
      gate: state.gate, fewSites: state.sums?.fewSites ?? [:])
    for section in EvaluationSections.all where !(state.gate.failed && section.showsEffects) {
      try file.cached(
        Self.phaseName(section), gate: "\(state.gate)", weighs: true, &state.tables
      ) { (tables: inout StudyTables) throws(SiblingError) in
        try section.run(run, &tables)
      }
    }
  }

  private func fillDiagnostics(_ state: inout State) throws(SiblingError) {
    for check in state.gate.checks {
      try state.tables.diagnostics.append([
        "analysis": "gate", "check": .text(check.name), "value": Cell(shown(check)),
        "threshold": Cell(check.threshold), "comparator": .text(check.comparator),
        "status": .text(check.status.rawValue),
      ])
    }
  }

  /// The value of a check, unless it would tell of few people whom the profile hides.
  private func shown(_ check: Gate.Check) -> Double? {
    guard let least = file.disclosureProfile.minimumCount,
      check.people.contains(where: { $0 < least })
    else { return check.value }
    return nil
  }

  private func write(
    _ state: State, _ performance: PerformancePhase, to folder: String
  ) throws(SiblingError) {
    var disclosure = Disclosure(profile: file.disclosureProfile)
    var released: [String: Released<ResultTable>] = [:]
    var output = ReportFolder(path: folder)
    if let pictures { output.draw = { svg throws(SiblingError) in try pictures.png(svg) } }
    for safe in try disclosure.release(
      state.tables.filled + StudyNotes.numbers(state, performance, file))
    {
      released[safe.value.name] = safe
      try output.write(safe)
    }
    let cost = try DisclosureCost.tables(
      exact: state.tables.filled, released: Array(released.values), profile: file.disclosureProfile)
    for safe in try disclosure.release(cost) {
      released[safe.value.name] = safe
      try output.write(safe)
    }
    let context = ReportContext(
      study: file, gate: state.gate, released: released,
      designWords: state.design?.design.words ?? state.sums?.designWords,
      population: (state.design?.sample.population).map { StudyNotes.shown($0, file) }
        ?? state.sums?.estimand,
      findings: state.findings.map { StudyNotes.shown($0, file) },
      anomalies: performance.anomalies.map(\.sentence),
      projectNames: performance.names, paymentsAsOf: performance.asOf,
      panelNotes: state.panel?.notes ?? [],
      hiddenBiasRemarks: state.tables.hiddenBiasRemarks,
      fewClusterNotes: state.tables.fewClusterNotes, furtherNotes: state.tables.furtherNotes,
      cohortNotes: StudyNotes.shown(state.tables.cohortNotes, file),
      survivalNotes: state.tables.survivalNotes,
      hasUnequalWeights: state.design?.sample.hasUnequalWeights
        ?? (state.sums?.designWords != nil), profile: file.disclosure,
      leftOut: state.sums?.leftOut ?? [],
      withheld: disclosure.decisions.isEmpty
        ? "Nothing had to be withheld." : "Some numbers were withheld.")
    let report = try Report.compose(context)
    try output.write(report.document)
    try output.write(report.summary)
    let manifest = try manifest(state)
    output.trace(file.quotedTexts + manifest.quotedTexts)
    try output.commit(manifest: manifest, disclosure: disclosure)
  }

  /// What the manifest says of a gate that failed and was overridden.
  private func gateDetails(_ gate: Gate) -> [JSONValue.Member] {
    guard gate.isOverridden, let reason = gate.override else { return [] }
    let failed = gate.checks.filter { $0.status == .fail }.map { JSONValue.string($0.name) }
    return [.init("gate_override", ["reason": .string(reason), "failed": .array(failed)])]
  }

  private func manifest(_ state: State) throws(SiblingError) -> Manifest {
    var manifest = Manifest(
      study: file.name, command: file.command, version: SiblingVersion.text)
    manifest.studyFile = file.fileName
    manifest.studyHash = SHA256.hexadecimal(file.bytes)
    manifest.isWithheld = state.gate.failed
    manifest.settings = StudyKeys(file).manifestMembers
    manifest.seed = Int(file.seed)
    manifest.inputs = state.inputs
    manifest.planHash = state.plan.hash
    if let engine = try StudyEngine(file) { manifest.details.append(engine.manifestMember) }
    manifest.details += try PlanSection.details(file, state) + gateDetails(state.gate)
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
