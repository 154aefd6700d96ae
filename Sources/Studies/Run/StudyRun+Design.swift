internal import Reporting
internal import Statistics
internal import Tables

// Everything before the gate: data, inclusion rules, the design without outcomes, and the facts that the
// checks rest on.

extension StudyRun {
  /// What is known at some point of a run.
  struct State {
    /// The plan as the study file states it, hashed before any data are read.
    var plan: AnalysisPlan
    var tables = StudyTables()
    var data: StudyData?
    var design: DesignPhase?
    var panel: PanelPhase?
    /// The study by sums; nil for one by rows.
    var sums: SumsRun?
    var gate: Gate
    var findings: [String] = []
    var inputs: [Manifest.Input] = []

    /// Lets the design's sample and the panel reach the outcomes, once the gate has been asked.
    ///
    /// - Throws: `internalError` at most.
    mutating func reveal() throws(SiblingError) {
      guard let table = data?.table else { return }
      design = try design?.reaching(table)
      panel?.table = table
    }
  }

  /// Loads, applies the inclusion rules, matches, and asks the gate.
  ///
  /// Tables of the schema that have been read already are in `records`. With `leavingOutcomes` the checks
  /// that must know something of outcomes are left for later.
  /// - Returns: what is known before any effect is estimated.
  /// - Throws: what is wrong with the data or the design, located.
  func design(
    _ records: SchemaTables? = nil, leavingOutcomes: Bool = false
  ) throws(SiblingError) -> State {
    let settings = try GateSettings(file)
    var facts = DesignFacts()
    facts.hasComparison = false
    var state = State(
      plan: AnalysisPlan(file),
      gate: Gate(facts, limits: settings.limits, override: settings.override))
    for section in EvaluationSections.all { try section.check(file) }
    guard file.node["data"] != nil else {
      // Published totals: the files are read here so that `validate` finds what is wrong with them.
      var performance = PerformancePhase(file)
      var scratch = StudyTables()
      for section in ContractSections.all { try section.check(file) }
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
    if let engine = try StudyEngine(file), engine.isBySums {
      var sums = try SumsRun(file, engine, &state.tables)
      try engine.locating(engine.source ?? "") { () throws(SiblingError) in
        try sums.design(
          &facts, &state.tables, leavingOutcomes: leavingOutcomes, settings)
      }
      state.inputs = [sums.input]
      state.sums = sums
      state.gate = Gate(facts, limits: settings.limits, override: settings.override)
      return state
    }
    let data = try StudyData.read(file, &state.tables, records)
    state.data = data
    state.findings = data.findings
    state.inputs = data.inputs
    // From here to the gate nothing has a table with outcomes but through the doors of this one.
    let blind = BlindTable(data.table, hiding: data.hidden)
    let compared = ["treatment", "matching", "difference-in-differences", "event-study"]
    facts.hasComparison = compared.contains { file.node[$0] != nil }
    facts.isSiteLevel = file.node["assignment"]?["level"]?.text == "site"
    facts.unnamedGroups = file.node["assignment"]?["unnamed-groups"]?.text
    facts.mechanism = file.node["assignment"]?["mechanism"]?.text ?? "unknown"
    facts.minimumCount = file.disclosureProfile.minimumCount
    facts.leavesOutcomes = leavingOutcomes
    state.design = try DesignPhase.run(file, blind, &state.tables)
    state.design?.addFacts(&facts)
    state.panel = try PanelPhase(file, blind)
    if state.design == nil { state.panel?.addFacts(&facts) }
    if state.design == nil, state.panel == nil { try addArms(&facts, blind.table) }
    try addSites(&facts, blind.table)
    if facts.attainablePValue == nil, facts.treatedClusters > 0,
      facts.treatedClusters < facts.clusters
    {
      facts.attainablePValue = try AttainablePValue.completeRandomisation(
        treated: facts.treatedClusters, clusters: facts.clusters
      ).value
    }
    if facts.hasComparison { try addEvidence(&facts, state, data, blind, settings) }
    state.gate = Gate(facts, limits: settings.limits, override: settings.override)
    return state
  }

  /// What must be known of outcomes and of what is missing, without a look at any difference.
  private func addEvidence(
    _ facts: inout DesignFacts, _ state: State, _ data: StudyData, _ blind: BlindTable,
    _ settings: GateSettings
  ) throws(SiblingError) {
    facts.chosenBy = data.chosenBy
    facts.followed = data.followed
    if let sample = state.design?.sample {
      var isUsed = [Bool](repeating: false, count: blind.table.rowCount)
      for row in sample.rows { isUsed[row] = true }
      facts.covariates = KnownShare.counting(
        isUsed, among: Array(isUsed.indices), arms: try file.arms(blind.table))
    }
    if !facts.leavesOutcomes {
      // Rules that leave out those whose outcome is unknown must not hide how many they are.
      let all = data.eligible.map { BlindTable($0, hiding: data.hidden) } ?? blind
      let arms = try file.arms(all.table)
      for name in file.outcomeColumns {
        guard let known = all.known(name) else { continue }
        facts.outcomes.append(
          (name, KnownShare.counting(known, among: Array(known.indices), arms: arms)))
      }
      facts.preTrends = GatePreTrends.finding(file, blind)
    }
    facts.detectable = try GatePower(
      study: file, blind: blind, design: state.design, panel: state.panel?.panel,
      leavesOutcomes: facts.leavesOutcomes
    ).effects(settings.smallest)
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
}
