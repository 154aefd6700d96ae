internal import Cohorts
internal import Reporting
internal import Statistics
internal import Tables

/// What the study's own design could find: from its sites, its clients and the comparisons' spread.
enum PlanningSection: CohortSection {
  static let showsEffects = false

  /// The decoded part of the study file.
  struct Settings {
    var outcome: OutcomeWords
    var correlation: Double?
    var baseline: Double?
    var deviation: Double?
    var test: MinimumDetectableEffect
    var clients: [Double]
    var comparisonSites: [Int]
    var correlations: [Double]

    var isShare: Bool { outcome.kind == "binary" }
    /// Whether outcomes of the comparison sites are needed.
    func readsOutcomes(_ study: StudyFile) -> Bool {
      (study.siteColumn != nil && correlation == nil)
        || (isShare ? baseline == nil : deviation == nil)
    }
  }

  static func settings(_ study: StudyFile) throws(SiblingError) -> Settings? {
    guard let node = study.node["planning"] else { return nil }
    let options = node.options(OptionKey.studyPlanning)
    let share = 1e-6...(1 - 1e-6)
    let declared = study.node["outcomes"]?.elements ?? []
    let name = node["outcome"]?.text ?? declared.first?["name"]?.text
    guard let outcome = declared.first(where: { $0["name"]?.text == name }) else {
      throw SiblingError(
        .badValue, "planning needs one of the study's outcomes",
        suggestion: name.flatMap { nearestName(to: $0, among: study.outcomeColumns) },
        location: node["outcome"]?.location ?? node.location)
    }
    let words = OutcomeWords(outcome)
    let test = MinimumDetectableEffect(
      level: try options.number(.testLevel, in: share) ?? 0.05,
      power: try options.number(.powerWanted, in: share) ?? 0.8)
    guard test.power > test.level else {
      throw options.wrong(.powerWanted, "must lie above the test's level")
    }
    if words.kind == "binary", options.isGiven(.declaredDeviation) {
      throw options.wrong(.declaredDeviation, "is for outcomes that are no shares")
    }
    let isShare = words.kind == "binary"
    var settings = Settings(
      outcome: words,
      correlation: try options.number(.declaredCorrelation, in: 0...0.999),
      baseline: isShare
        ? try options.number(.declaredBaseline, in: share)
        : try options.number(.declaredBaseline),
      deviation: try options.number(.declaredDeviation, in: 1e-100...1e100), test: test,
      clients: try options.numbers(.curveClients), comparisonSites: [],
      correlations: try options.numbers(.curveCorrelations))
    guard settings.clients.allSatisfy({ $0 >= 1 && $0 <= 1e9 }), settings.clients.count <= 100
    else { throw options.wrong(.curveClients, "takes up to 100 numbers from 1 up") }
    guard settings.correlations.allSatisfy({ $0 >= 0 && $0 < 1 }), settings.correlations.count <= 3
    else { throw options.wrong(.curveCorrelations, "takes up to three numbers from 0 to below 1") }
    let counts = try options.numbers(.curveSites)
    guard counts.count <= 3, counts.allSatisfy({ $0 >= 1 && $0 == $0.rounded() && $0 < 1e6 })
    else { throw options.wrong(.curveSites, "takes up to three whole numbers from 1 up") }
    settings.comparisonSites = counts.map { Int($0) }
    guard counts.isEmpty || settings.correlations.isEmpty else {
      throw options.wrong(.curveSites, "can't be given with iccs: one kind of line at a time")
    }
    if study.siteColumn == nil {
      for key in [OptionKey.declaredCorrelation, .curveSites, .curveCorrelations]
      where options.isGiven(key) {
        throw options.wrong(key, "needs whole sites that were assigned, under 'assignment'")
      }
    } else if counts.isEmpty, settings.correlations.isEmpty {
      settings.correlations = [0.01, 0.05]
    }
    return settings
  }

  static func check(_ study: StudyFile) throws(SiblingError) { _ = try settings(study) }

  static func run(_ run: CohortRun, _ tables: inout StudyTables) throws(SiblingError) {
    guard let settings = try settings(run.study) else { return }
    let facts = try PlanningFacts(
      run.study, run.table, outcome: settings.readsOutcomes(run.study) ? settings.outcome.name : nil
    )
    do throws(SiblingError) {
      let plan = try StudyPlan(run.study, settings, facts)
      tables.cohort.append(try plan.table())
      tables.cohort.append(try plan.curve())
    } catch {
      // A design that can't find anything is a finding, not a failure of the run.
      tables.cohortNotes["planning"] = ["What it could find can't be told: \(error.message)."]
    }
  }

  static func compose(_ report: inout Report) throws(SiblingError) {
    let notes = report.context.cohortNotes["planning"] ?? []
    let table = report.context.table("planning")
    guard table != nil || !notes.isEmpty else { return }
    report.section("What this design could find")
    if let table { try report.planned(table) }
    for note in notes { report.document.paragraph(Prose(plain: sentence(note))) }
  }
}
