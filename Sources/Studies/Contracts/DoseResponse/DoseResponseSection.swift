internal import LinearAlgebra
internal import Reporting
internal import Statistics
internal import Tables

/// Whether the effect goes with the outcome share or the intensity of management across sites (exploratory).
enum DoseResponseSection: ContractSection {
  static let key = "dose-response"

  /// The decoded part of the study file.
  private struct Settings {
    var outcomes: [String]
    /// Empty = those that the tables allow.
    var doses: [String]
    var regression: DoseResponseSettings
  }

  private static func settings(_ study: StudyFile) throws(SiblingError) -> Settings? {
    guard let node = study.node[key] else { return nil }
    let regression = try DoseResponseSettings(study.options(node, OptionKey.doseResponseOfStudies))
    let declared = (study.node["outcomes"]?.elements ?? []).compactMap { $0["name"]?.text }
    let asked = node["outcomes"]?.elements ?? []
    for element in asked {
      guard let name = element.text, !declared.contains(name) else { continue }
      throw SiblingError(
        .badValue, "'\(name)' is not one of the study's outcomes",
        suggestion: nearestName(to: name, among: declared), location: element.location)
    }
    let outcomes = asked.isEmpty ? Array(declared.prefix(1)) : asked.compactMap(\.text)
    guard !outcomes.isEmpty else {
      throw SiblingError(
        .missingKey, "dose-response needs an outcome", help: "declare one under 'outcomes'",
        location: node.location)
    }
    let doses = (node["doses"]?.elements ?? []).compactMap(\.text).distinct
    return Settings(outcomes: outcomes.distinct, doses: doses, regression: regression)
  }

  static func check(_ study: StudyFile) throws(SiblingError) {
    try FlowWords.check(study, key, "dose-response needs the tables of a cohort") {
      () throws(SiblingError) in _ = try settings(study)
    }
  }

  static func run(_ run: inout ContractRun, _ tables: inout StudyTables) throws(SiblingError) {
    guard let settings = try settings(run.study), !run.isWithheld,
      let node = run.study.node[key], let cohort = run.cohort, let table = run.table
    else { return }
    var notes: [String] = []
    let sites = try table.factor(run.study.siteColumn ?? "site_id")
    var clients: [String: Int] = [:]
    for code in sites.codes where code >= 0 { clients[sites.levels[Int(code)], default: 0] += 1 }
    var doses: [SiteDose] = []
    do throws(SiblingError) {
      for name in settings.doses.isEmpty ? SiteDose.standard(cohort) : settings.doses {
        doses.append(try SiteDose(name, cohort, clients: clients))
      }
    } catch {
      throw error.location == nil ? error.located((node["doses"] ?? node).location) : error
    }
    if doses.isEmpty { notes.append("no table of the study says what its sites differ in") }
    var (points, slopes, lines) = (
      ResultTable.doseResponse, [DoseSlope](), ResultTable.doseResponseLine
    )
    for outcome in settings.outcomes {
      guard let effects = try effects(run, table, outcome, sites) else {
        notes.append(
          "\(outcome): an effect by site needs treated sites with several clients and two"
            + " comparison sites")
        continue
      }
      notes += effects.notes
      for dose in doses {
        try append(effects, outcome, dose, level: run.study.level, to: &points)
        do throws(SiblingError) {
          let slope = try DoseSlope(outcome, dose, effects, settings.regression)
          slopes.append(slope)
          try slope.appendLine(to: &lines)
        } catch {
          notes.append("\(dose.name), \(outcome): no line is drawn: \(error.message)")
        }
      }
    }
    var slopeTable = ResultTable.doseResponseSlope
    let adjusted = HolmAdjustment.adjusted(slopes.map(\.pValue))
    for (slope, holm) in zip(slopes, adjusted) { try slopeTable.append(slope.cells(holm: holm)) }
    tables.cohortNotes[key] = notes.distinct
    try FlowWords.add([points, slopeTable, lines], run.study, note: key, to: &tables)
  }

  /// The effects by site under the study's design, or of everybody where it has none.
  private static func effects(
    _ run: ContractRun, _ table: Table, _ outcome: String, _ sites: Factor
  ) throws(SiblingError) -> EffectsBySite? {
    let values = try table.doubles(outcome)
    guard let design = run.design else {
      let arms = try run.study.arms(table)
      return EffectsBySite(
        outcome: values, treated: arms.codes.map { $0 == 0 },
        weights: arms.codes.map { $0 < 0 ? 0 : 1 }, sites: sites)
    }
    let sample = try design.sample(for: outcome, in: table)
    return EffectsBySite(
      outcome: sample.rows.map { values[$0] }, treated: sample.treated, weights: sample.weights,
      sites: sites.selecting(sample.rows))
  }

  private static func append(
    _ effects: EffectsBySite, _ outcome: String, _ dose: SiteDose, level: Double,
    to table: inout ResultTable
  ) throws(SiblingError) {
    for site in effects.sites {
      let reach = StudentT(degreesOfFreedom: site.degreesOfFreedom).upperQuantile((1 - level) / 2)
      try table.append([
        "outcome": .text(outcome), "dose": .text(dose.name), "site": .text(site.name),
        "dose_value": Cell(dose.values[site.name]), "estimate": Cell(site.estimate),
        "own.error": Cell(site.ownError), "std.error": Cell(site.standardError),
        "df": Cell(site.degreesOfFreedom),
        "conf.low": Cell(site.estimate - reach * site.standardError),
        "conf.high": Cell(site.estimate + reach * site.standardError), "n": Cell(site.clients),
        "n_comparison": Cell(effects.comparison.clients), "n_yes": Cell(site.yes),
        "n_no": Cell(site.no), "n_comparison_yes": Cell(effects.comparison.yes),
        "n_comparison_no": Cell(effects.comparison.no),
      ])
    }
  }
}
