internal import Cohorts
internal import Reporting
internal import Statistics
internal import Tables

/// What unknown outcomes could change: readings, tipping points and attrition.
enum MissingEvidenceSection: CohortSection {
  static let showsEffects = true

  /// The part of the study file.
  static func node(_ study: StudyFile) -> StudyNode? { study.node["missing-evidence"] }

  /// The outcomes that are asked for: those named, or else the first.
  ///
  /// - Throws: `unknownColumn` for one that is not declared, located.
  static func outcomes(_ study: StudyFile) throws(SiblingError) -> [StudyNode] {
    let declared = study.node["outcomes"]?.elements ?? []
    guard let node = node(study) else { return [] }
    let wanted = node["outcomes"]?.elements ?? []
    guard !wanted.isEmpty else {
      guard let first = declared.first else {
        throw SiblingError(
          .missingKey, "there is no outcome whose missing evidence could be looked at",
          help: "declare it under 'outcomes'", location: node.location)
      }
      return [first]
    }
    var found: [StudyNode] = []
    for name in wanted {
      guard let outcome = declared.first(where: { $0["name"]?.text == name.text }) else {
        throw SiblingError(
          .unknownColumn, "'\(name.text ?? "")' is not a declared outcome",
          help: "declare it under 'outcomes'",
          suggestion: nearestName(
            to: name.text ?? "", among: declared.compactMap { $0["name"]?.text }),
          location: name.location)
      }
      guard !found.contains(where: { $0["name"]?.text == name.text }) else {
        throw SiblingError(
          .badValue, "the outcome '\(name.text ?? "")' stands twice", location: name.location)
      }
      found.append(outcome)
    }
    return found
  }

  /// The formula of the arms and covariates: the matched design's, or else the arms alone.
  static func formula(_ study: StudyFile) -> String {
    study.node["matching"]?["formula"]?.text
      ?? "\(study.node["treatment"]?["column"]?.text ?? "") ~ 1"
  }

  /// What the verbs' options would be.
  static func options(_ study: StudyFile, _ outcome: StudyNode) -> OptionValues {
    var options =
      node(study).map { study.options($0, OptionKey.missingEvidenceStudy) }
      ?? OptionValues()
    options.set(.outcome, to: outcome["name"]?.text ?? "")
    if let low = outcome["lower-bound"]?.text { options.set(.evidenceLower, to: low) }
    if let high = outcome["upper-bound"]?.text { options.set(.evidenceUpper, to: high) }
    if let site = study.siteColumn { options.set(.cluster, to: site) }
    if !options.isGiven(.evidenceEstimand), let matching = study.node["matching"] {
      let estimand = matching["estimand"]?.text ?? "ATT"
      options.set(.evidenceEstimand, to: estimand == "ATT" ? "ATT" : "ATE")
    }
    return options
  }

  /// Checks its part of the study file without data.
  ///
  /// - Throws: what is wrong with it, located.
  static func check(_ study: StudyFile) throws(SiblingError) {
    guard let node = node(study) else { return }
    guard study.node["treatment"]?["column"] != nil else {
      throw SiblingError(
        .missingKey, "missing evidence is compared between arms, and there is no treatment",
        help: "add a 'treatment' section", location: node.location)
    }
    for outcome in try outcomes(study) {
      let options = options(study, outcome)
      do throws(SiblingError) {
        _ = try MissingEvidenceAnalysis(formula: formula(study), options: options)
        _ = try TippingPointAnalysis(formula: formula(study), options: options)
      } catch {
        throw error.location == nil ? error.located(node.location) : error
      }
    }
  }

  /// Fills its tables; nothing where the study does not ask for it.
  ///
  /// - Throws: what is wrong with the data, located.
  static func run(_ run: CohortRun, _ tables: inout StudyTables) throws(SiblingError) {
    guard let node = node(run.study) else { return }
    var filled = EvidenceTables(gate: run.gate, level: run.study.level)
    for outcome in try outcomes(run.study) {
      let name = outcome["name"]?.text ?? ""
      do throws(SiblingError) {
        try filled.fill(
          name, formula: formula(run.study), options: options(run.study, outcome), run.table)
      } catch {
        throw error.location == nil ? error.located(node.location) : error
      }
    }
    for table in [filled.readings, filled.tipping, filled.attrition] where !table.rows.isEmpty {
      tables.cohort.append(table)
    }
    for (name, notes) in filled.notes { tables.cohortNotes["missing_evidence \(name)"] = notes }
  }

  /// Adds its section to the report; nothing without its tables.
  ///
  /// - Throws: `internalError` when a sentence asks for a cell that is not there.
  static func compose(_ report: inout Report) throws(SiblingError) {
    let study = report.context.study
    guard node(study) != nil else {
      guard study.node["effects"] != nil else { return }
      report.leaveOut(
        "What unknown outcomes could change",
        unlockedBy: "outcomes that may be unknown and a `missing-evidence` section")
      return
    }
    guard !report.context.gate.failed else { return }
    report.section("What unknown outcomes could change")
    report.document.paragraph(
      "An outcome that nobody recorded is not a “no”. This section shows how the difference between the groups depends on what is assumed of people whose outcome is unknown."
    )
    for outcome in try outcomes(study) {
      try EvidenceProse(OutcomeWords(outcome)).compose(&report)
    }
    guard report.context.table("missing_evidence") != nil else { return }
    report.document.paragraph(
      "**Methods.** Linear g-computation; known outcomes weighted by the inverse of the estimated probability of being known (Robins, Rotnitzky and Zhao 1995, doi:10.1080/01621459.1995.10476493); worst and best case (Horowitz and Manski 2000, doi:10.1080/01621459.2000.10473902) with one interval for the difference (Imbens and Manski 2004, doi:10.1111/j.1468-0262.2004.00555.x); trimming (Lee 2009, doi:10.1111/j.1467-937X.2009.00536.x); shifts from missing at random (Cro and others 2020, doi:10.1002/sim.8569; Liublinska and Rubin 2014, doi:10.1002/sim.6197). Where whole sites were assigned, standard errors are CR2 by site with Satterthwaite's degrees of freedom."
    )
  }
}
