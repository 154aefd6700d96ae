internal import Cohorts
internal import Reporting
internal import Statistics
internal import Tables

/// How the outcome is counted: the same clients under every definition of the study.
///
/// It compares the arms, so a failed gate withholds it.
enum DefinitionsSection: CohortSection {
  static let showsEffects = true

  /// Decodes the definitions.
  ///
  /// - Throws: what is wrong with one of them, located.
  static func check(_ study: StudyFile) throws(SiblingError) {
    _ = try DefinitionNodes.followUpWeeks(study)
    _ = try DefinitionNodes.definitions(study)
  }

  /// Counts the analysed clients under every definition.
  ///
  /// - Throws: what is wrong with the data, located.
  static func run(_ run: CohortRun, _ tables: inout StudyTables) throws(SiblingError) {
    let definitions = try DefinitionNodes.definitions(run.study)
    guard let cohort = run.cohort, cohort.jobs != nil, !definitions.isEmpty else { return }
    let fit: HarmonisedDefinitions
    do throws(SiblingError) {
      fit = try DefinitionHarmoniser(
        definitions, followUpWeeks: try DefinitionNodes.followUpWeeks(run.study),
        level: run.study.level
      ).fit(cohort, rows: run.clientRows)
    } catch {
      throw error.location == nil
        ? error.located(run.study.node["data"]?["definitions"]?.location) : error
    }
    var counts = ResultTable.definitions
    var differences = ResultTable.definitionDifferences
    for (place, definition) in definitions.enumerated() {
      let own = fit.counts.filter { $0.definition == definition.name }
      let allMature = own.allSatisfy { $0.immature == 0 }
      for count in own { try counts.append(cells(count, definition, allMature: allMature)) }
      try differences.append(cells(fit.differences[place], own, definition, fit.level))
    }
    tables.cohort += [counts, differences]
    tables.cohortNotes[counts.name] = fit.notes.map { note in
      let own = definitions.first { note.hasPrefix("\($0.name): ") }
      return own.map { "“\($0.label)”" + note.dropFirst($0.name.count) } ?? note
    }
  }

  private static func cells(
    _ count: HarmonisedDefinitions.Counts, _ definition: OutcomeDefinition, allMature: Bool
  ) -> [String: Cell] {
    // Where everybody counts, nobody can be left out: no number, and none to protect.
    let leavesOut = definition.eligible != .everybody || count.notEligible > 0
    return [
      "definition": .text(count.definition), "arm": .text(count.arm),
      "label": .text(definition.label), "n": .number(Double(count.accepted)),
      "n_not_eligible": leavesOut ? .number(Double(count.notEligible)) : .missing,
      "n_eligible": .number(Double(count.eligible)),
      // That follow-up ends before the data cut for all is a fact of dates, not of people.
      "n_immature": allMature ? .missing : .number(Double(count.immature)),
      "n_mature": .number(Double(count.mature)),
      "n_yes": .number(Double(count.yes)), "n_no": .number(Double(count.no)),
      "n_unknown": .number(Double(count.unknown)), "rate": Cell(count.rate),
      "rate_low": Cell(count.rateLow), "rate_high": Cell(count.rateHigh),
    ]
  }

  private static func cells(
    _ difference: HarmonisedDefinitions.Difference, _ counts: [HarmonisedDefinitions.Counts],
    _ definition: OutcomeDefinition, _ level: Double
  ) -> [String: Cell] {
    func count(
      _ arm: SiteArm, _ value: (HarmonisedDefinitions.Counts) -> Int
    ) -> Cell {
      .number(Double(counts.first { $0.arm == arm.rawValue }.map(value) ?? 0))
    }
    return [
      "definition": .text(difference.definition), "label": .text(definition.label),
      "estimate": Cell(difference.estimate), "std.error": Cell(difference.standardError),
      "df": Cell(difference.degreesOfFreedom), "statistic": Cell(difference.statistic),
      "p.value": Cell(difference.pValue), "conf.low": Cell(difference.interval?.low),
      "conf.high": Cell(difference.interval?.high), "conf.level": .number(level),
      "low": Cell(difference.low), "high": Cell(difference.high),
      "change": Cell(difference.change), "n_treated": count(.sib) { $0.yes + $0.no },
      "n_comparison": count(.nonSIB) { $0.yes + $0.no },
      "n_clusters": .number(Double(difference.sites.sib + difference.sites.nonSIB)),
      "note": Cell(difference.note), "n_yes_sib": count(.sib, \.yes),
      "n_no_sib": count(.sib, \.no), "n_yes_non_sib": count(.nonSIB, \.yes),
      "n_no_non_sib": count(.nonSIB, \.no),
    ]
  }
}
