internal import DifferenceInDifferences
internal import Matching
internal import Statistics

/// What the design of a study finds with the power asked for, for the gate.
///
/// Sites and people come from the design. Of outcomes those of the comparison group alone are read, of a
/// panel those before anybody was treated, and none where the section `planning` declares what they would
/// tell.
struct GatePower {
  let study: StudyFile
  let blind: BlindTable
  let design: DesignPhase?
  /// The panel where rows are units in periods.
  let panel: PanelDesign?
  /// Whether outcomes may not be read at all.
  let leavesOutcomes: Bool

  /// The smallest effect found in each outcome, beside the one that matters.
  ///
  /// - Throws: what is wrong with the section `planning`.
  func effects(
    _ smallest: [(outcome: String, effect: Double)]
  ) throws(SiblingError) -> [DetectableEffect] {
    let planned = try PlanningSection.settings(study)
    var found: [DetectableEffect] = []
    for (name, effect) in smallest {
      var one = DetectableEffect(outcome: name, declared: effect)
      do throws(SiblingError) {
        try fill(&one, settings(name, planned))
      } catch {
        // That a design has no such number is a finding and not a failure of the run.
        one.why = error.message
      }
      found.append(one)
    }
    return found
  }

  private func settings(
    _ name: String, _ planned: PlanningSection.Settings?
  ) -> PlanningSection.Settings {
    if let planned, planned.outcome.name == name { return planned }
    let node = study.node["outcomes"]?.elements.first { $0["name"]?.text == name }
    return PlanningSection.Settings(
      outcome: OutcomeWords(node ?? study.node), correlation: nil, baseline: nil, deviation: nil,
      test: planned?.test ?? MinimumDetectableEffect(), clients: [], comparisonSites: [],
      correlations: [])
  }

  private func fill(
    _ one: inout DetectableEffect, _ settings: PlanningSection.Settings
  ) throws(SiblingError) {
    if let panel, design == nil {
      try fill(&one, panel, settings.test)
      return
    }
    guard study.node["treatment"] != nil else {
      one.why = "the study file names no treatment"
      return
    }
    let reads = settings.readsOutcomes(study)
    guard !reads || !leavesOutcomes else {
      one.why = "left to the run, which reads how the comparison group's outcomes spread"
      return
    }
    let table = reads ? try blind.comparisonsOnly(one.outcome, study) : blind.table
    var facts = try PlanningFacts(study, table, outcome: reads ? one.outcome : nil)
    // Weighted people are worth fewer than there are of them.
    if study.siteColumn == nil, let sample = design?.sample {
      (facts.treated, facts.comparison) = (
        Self.worth(sample, ofTreated: true), Self.worth(sample, ofTreated: false)
      )
    }
    one.people = [facts.treated, facts.comparison]
    if reads, settings.isShare { one.people += [facts.events.with, facts.events.without] }
    let plan = try StudyPlan(study, settings, facts)
    // An effect on a share that goes the bad way is as large.
    one.found = try plan.improvement().map(\.magnitude)
  }

  /// What a panel finds: from how its outcomes moved before anybody was treated, as if all started with the
  /// first.
  private func fill(
    _ one: inout DetectableEffect, _ design: PanelDesign, _ test: MinimumDetectableEffect
  ) throws(SiblingError) {
    guard !leavesOutcomes else {
      one.why = "left to the run, which reads how outcomes moved before treatment"
      return
    }
    guard let panel = try UntreatedPanel(study, blind),
      panel.analysis.columns.outcome == one.outcome, let start = panel.firstStart,
      let spread = SpreadBeforeTreatment(try panel.rectangle())
    else {
      one.why =
        "it takes three periods before anybody is treated to see how outcomes move by themselves"
      return
    }
    guard design.neverTreated > 0 else {
      one.why = "every unit is treated in the end, which the formula does not cover"
      return
    }
    let plan = PlannedDifferenceInDifferences(
      treatedSites: design.treatedUnits, comparisonSites: design.neverTreated,
      periodsBefore: panel.periods.count { $0 < start },
      periodsAfter: panel.periods.count { $0 >= start }, standardDeviation: spread.deviation,
      autocorrelation: spread.autocorrelation, test: test)
    one.found = try plan.detectableEffect()
    one.people = [design.treatedUnits, design.neverTreated]
  }

  /// How many equally weighted people those of an arm are worth: (Σw)²/Σw² (Kish 1965).
  private static func worth(_ sample: MatchedSample, ofTreated isTreated: Bool) -> Int {
    var (sum, squares) = (0.0, 0.0)
    for (weight, treated) in zip(sample.weights, sample.treated) where treated == isTreated {
      sum += weight
      squares += weight * weight
    }
    return squares > 0 ? Int((sum * sum / squares).rounded()) : 0
  }
}
