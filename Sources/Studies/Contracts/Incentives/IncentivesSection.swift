internal import Cohorts
internal import Contracts
internal import Reporting
internal import Statistics

/// What the rules of payment may have done to the records: bunching at thresholds, hours, claims.
enum IncentivesSection: ContractSection {
  /// The name of the section's notes.
  static let notes = "incentives"
  /// What the rows of a comparison are called in the column of arms.
  static let difference = "difference"

  private static func settings(
    _ study: StudyFile, _ node: StudyNode
  ) throws(SiblingError) -> BunchingSettings {
    var options = node.options(OptionKey.studyIncentives)
    options.set(.level, to: "\(study.level)")
    options.set(.seed, to: "\(study.seed)")
    // Lengths of a study file are weeks; days are what is audited.
    return try BunchingSettings(
      options, unit: .weeks, thresholds: .studyThresholds, placebo: .studyPlacebo)
  }

  static func check(_ study: StudyFile) throws(SiblingError) {
    try FlowWords.check(
      study, "incentives", "the audit of incentives needs the tables of a cohort"
    ) { () throws(SiblingError) in
      if let node = study.node["incentives"] { _ = try settings(study, node) }
    }
  }

  static func run(_ run: inout ContractRun, _ tables: inout StudyTables) throws(SiblingError) {
    guard let node = run.study.node["incentives"], let cohort = run.cohort else { return }
    guard cohort.jobs != nil else {
      tables.cohortNotes[notes, default: []].append(
        "without a table of jobs there are no lengths to audit")
      return
    }
    let settings = try settings(run.study, node)
    let jobs = try AuditedJobs(cohort)
    var said = jobs.notes
    var (found, bins): ([IncentiveFinding], [(threshold: Double, bin: BunchingAudit.Bin)]) =
      ([], [])
    for threshold in jobs.thresholds(settings.thresholds) {
      try audit(jobs, threshold, settings, &found, &bins, &said)
    }
    let made = [
      try bunching(found, level: run.study.level), try histogram(bins),
      try hours(jobs, run.study), try claims(cohort, jobs, run.study),
    ].filter { !$0.rows.isEmpty }
    tables.cohortNotes[notes, default: []] += said.distinct
    try FlowWords.add(made, run.study, note: notes, to: &tables)
  }

  /// One threshold, in days.
  private static func audit(
    _ jobs: AuditedJobs, _ threshold: Double, _ settings: BunchingSettings,
    _ found: inout [IncentiveFinding], _ bins: inout [(threshold: Double, bin: BunchingAudit.Bin)],
    _ said: inout [String]
  ) throws(SiblingError) {
    let (rows, unpaid) = jobs.rows(threshold)
    let weeks = NumberStyle.significant(3).text(threshold / 7)
    if unpaid > 0 {
      said.append(
        "\(unpaid) jobs of bond sites left out at \(weeks) weeks: no contract that pays for this length"
          + " was in force when they began")
    }
    guard !rows.isEmpty else { return }
    var audit = settings.audit(threshold)
    audit.unit = .days
    audit.placebos = settings.placebos?.map { $0 * 7 }
    do throws(SiblingError) {
      let result = try audit.fit(
        durations: rows.map { jobs.lengths[$0] }, ended: rows.map { jobs.ended[$0] },
        arms: jobs.armFactor(rows), sites: jobs.siteFactor(rows))
      found += result.findings
      bins += result.bins.map { (threshold, $0) }
      said += result.notes.map { named($0) }
    } catch {
      // Too few jobs are a finding about the records, not a failure of the run.
      guard error.code == .tooFewObservations else { throw error }
      said.append("\(weeks) weeks could not be audited: \(error.message)")
    }
  }

  /// A note with the test that it is about, where it does not say itself.
  private static func named(_ note: String) -> String {
    let marks = ["distribution function", "estimated density", "gaps closed"]
    guard marks.contains(where: { note.contains($0) }) else { return note }
    return "Density test: " + note.prefix(1).lowercased() + note.dropFirst()
  }

  /// Whether a row is one of the tests that can raise a warning.
  private static func canWarn(_ row: IncentiveFinding) -> Bool {
    row.method == "placebo-rank"
      || (row.method == "difference-in-bunching" && !row.term.hasSuffix("exchanged"))
  }

  private static func bunching(
    _ rows: [IncentiveFinding], level: Double
  ) throws(SiblingError) -> ResultTable {
    let adjusted = HolmAdjustment.adjusted(rows.map { canWarn($0) ? $0.pValue : nil })
    var table = ResultTable.bunching
    for (row, holm) in zip(rows, adjusted) {
      var cells = cells(row)
      cells["threshold"] = Cell(row.threshold.map { $0 / 7 })
      cells["p.holm"] = Cell(holm)
      try table.append(cells)
    }
    return table
  }

  private static func histogram(
    _ bins: [(threshold: Double, bin: BunchingAudit.Bin)]
  ) throws(SiblingError) -> ResultTable {
    var table = ResultTable.bunchingHistogram
    for (threshold, entry) in bins {
      let bin = entry.bin
      try table.append([
        "arm": .text(entry.arm), "threshold": .number(threshold / 7), "from": .number(bin.low / 7),
        "to": .number(bin.high / 7), "n": Cell(bin.count),
        "counterfactual": Cell(bin.counterfactual), "smooth": Cell(bin.smooth),
        "excluded": .flag(bin.isExcluded), "round": .flag(bin.isRound),
      ])
    }
    return table
  }

  private static func hours(
    _ jobs: AuditedJobs, _ study: StudyFile
  ) throws(SiblingError) -> ResultTable {
    var table = ResultTable.hoursHeaping
    let rows = jobs.hours.indices.filter { !jobs.hours[$0].isNaN }
    guard !rows.isEmpty else { return table }
    let found = try HoursHeaping(level: study.level, seed: study.seed).fit(
      hours: rows.map { jobs.hours[$0] }, arms: jobs.armFactor(rows), sites: jobs.siteFactor(rows))
    for row in found.findings { try table.append(cells(row)) }
    return table
  }

  private static func claims(
    _ cohort: Cohort, _ jobs: AuditedJobs, _ study: StudyFile
  ) throws(SiblingError) -> ResultTable {
    var table = ResultTable.claimTiming
    let claims = try AuditedClaims.claims(cohort, jobs.paid)
    guard !claims.isEmpty else { return table }
    let found = try ClaimTiming(level: study.level).fit(claims, arm: SiteArm.sib.rawValue)
    for row in found { try table.append(cells(row)) }
    return table
  }

  /// Whether a p-value is of an excess alone, where those of the other rows count both directions.
  private static func isOneSided(_ row: IncentiveFinding) -> Bool {
    row.method == "placebo-rank"
      || (row.method == "hazard-jump" && !row.arm.contains(" against "))
  }

  private static func cells(_ row: IncentiveFinding) -> [String: Cell] {
    func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
    return [
      "method": .text(row.method),
      "term": .text(row.term + (isOneSided(row) ? " (p one-sided)" : "")),
      "arm": .text(row.arm.contains(" against ") ? difference : row.arm),
      "n": Cell(row.count), "n_inside": Cell(row.inside), "n_outside": Cell(row.outside),
      "n_rest": Cell(row.rest), "estimate": Cell(finite(row.estimate)),
      "std.error": Cell(finite(row.standardError)), "statistic": Cell(finite(row.statistic)),
      "df": Cell(row.degreesOfFreedom), "p.value": Cell(row.pValue),
      "conf.low": Cell(finite(row.interval?.low)), "conf.high": Cell(finite(row.interval?.high)),
      "detectable": Cell(finite(row.detectable?.amount)),
      "detectable_measure": Cell(row.detectable?.measure.rawValue),
      "detectable_share": Cell(finite(row.detectable?.shareMoved)),
      "convention": .text(row.convention),
    ]
  }
}
