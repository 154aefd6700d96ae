internal import Cohorts
internal import Contracts
internal import Matching
internal import Statistics
internal import Tables

/// What the study's primary analysis says of one simulated cohort, beside the truth.
struct WorldTrial {
  /// The true effect on the treated who were accepted.
  var truth: Double
  /// The adjusted difference, judged by its sites.
  var adjusted: Estimate?
  /// The raw difference, judged by its sites.
  var raw: Estimate?
  /// The lowest and highest effect that unknown outcomes leave possible, chance included.
  var bounds: ClosedRange<Double>?
  /// Whether the creaming monitor raised its flag.
  var creamingIsFlagged = false
  /// Whether jobs of the treated ended too often right after 13 weeks.
  var thresholdIsFlagged = false

  /// Runs a study's design on a cohort in memory.
  ///
  /// - Throws: what is wrong with the design on these data.
  init(_ study: StudyFile, _ cohort: Cohort, truth: Double, outcome: String) throws(SiblingError) {
    self.truth = truth
    var tables = StudyTables()
    var data = try StudyData(study, cohort)
    _ = try data.join(study)
    try data.finish(study, &tables)
    let blind = BlindTable(data.table, hiding: data.hidden)
    guard let design = try DesignPhase.run(study, blind, &tables),
      let site = study.siteColumn
    else {
      throw SiblingError(
        .missingKey, "a check on worlds needs a matched or weighted design of assigned sites",
        help: "add 'matching', and 'assignment: {level: site, site: site_id, …}'")
    }
    let sites = try data.table.factor(site)
    let values = try data.table.doubles(outcome)
    func judged(_ sample: MatchedSample, _ values: [Double]) throws(SiblingError) -> Estimate? {
      try FewSitesEffect(sample, outcome: values, sites: sites)?.row(
        outcome: outcome, estimand: design.design.estimand.rawValue, level: study.level,
        seed: study.seed, listed: 999)?.estimate
    }
    adjusted = try judged(design.sample, values)
    raw = try judged(EffectsPhase.everybody(design.sample), values)
    bounds = try Self.bounds(study, data.table, design, outcome, judged)
    try audit(study, data)
  }

  /// The limits of the effect under the worst and the best reading of unknown outcomes.
  private static func bounds(
    _ study: StudyFile, _ table: Table, _ design: DesignPhase, _ outcome: String,
    _ judged: (MatchedSample, [Double]) throws(SiblingError) -> Estimate?
  ) throws(SiblingError) -> ClosedRange<Double>? {
    guard table["\(outcome)_low"] != nil, table["\(outcome)_high"] != nil else { return nil }
    let low = try table.doubles("\(outcome)_low")
    let high = try table.doubles("\(outcome)_high")
    let arms = try study.arms(table)
    let everybody = try design.design.apply(to: table, settings: design.settings)
    func reading(treatedLow: Bool) throws(SiblingError) -> Estimate? {
      let values = arms.codes.enumerated().map { row, arm in
        arm < 0 ? .nan : (arm == 0) == treatedLow ? low[row] : high[row]
      }
      return try judged(everybody, values)
    }
    guard let bottom = try reading(treatedLow: true)?.interval?.low,
      let top = try reading(treatedLow: false)?.interval?.high, bottom <= top
    else { return nil }
    return bottom...top
  }

  /// The flags of the creaming monitor and of the hazard after the threshold.
  private mutating func audit(_ study: StudyFile, _ data: StudyData) throws(SiblingError) {
    let table = data.table
    let lengths = try table.doubles("first_job_weeks")
    let ended = try table.doubles("first_job_lost")
    let known = lengths.indices.filter { !lengths[$0].isNaN && !ended[$0].isNaN }
    let found = try ThresholdHazard(level: study.level).fit(
      weeks: known.map { lengths[$0] }, ended: known.map { ended[$0] == 1 },
      arms: try study.arms(table).selecting(known))
    let treated = found.arms.first { $0.name == "treated" }
    thresholdIsFlagged = (treated?.excessPValue ?? 1) <= 1 - study.level
    // Where the index can't be fitted, the monitor says so and raises no flag.
    creamingIsFlagged = (try? CreamingSection.isFlagged(study, data.cohort)) ?? false
  }
}
