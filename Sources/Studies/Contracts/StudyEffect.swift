internal import Cohorts
internal import Contracts
internal import Reporting
internal import Statistics
internal import Tables

/// The study's leading effect on the outcome that is priced, with each site's part in it.
struct StudyEffect {
  var known: CostEffectiveness.KnownEffect
  /// Each site's weighted sum of outcomes and of weights; nil without a design.
  var sites: ValueFit.SiteEffects?

  /// The effect; or why there is none, in words.
  ///
  /// - Throws: what is wrong with the design or a column, located.
  static func found(
    _ run: ContractRun, _ tables: StudyTables, _ settings: ValueSettings
  ) throws(SiblingError) -> (StudyEffect?, String?) {
    guard let definition = settings.flow.definitions.last, let table = run.table,
      let site = run.study.siteColumn, let design = run.design
    else {
      return (
        nil,
        "that takes a matched design with sites that were assigned, and an effect on the outcome"
      )
    }
    let outcome = definition.column
    let estimates = tables.estimates
    let isRandomised = run.study.node["assignment"]?["mechanism"]?.text == "randomised"
    let row =
      isRandomised
      ? estimates.firstRow(where: ["analysis": "unadjusted", "outcome": .text(outcome)])
      : estimates.firstRow(where: ["analysis": "few-sites", "outcome": .text(outcome)])
        ?? estimates.firstRow(where: ["analysis": "matched", "outcome": .text(outcome)])
    guard let row, let estimate = estimates[row, "estimate"].number,
      estimates[row, "scale"] == "difference"
    else { return (nil, "the study estimates no effect on '\(outcome)' as a difference") }
    let sample = try design.sample(for: outcome, in: table)
    let values = try table.doubles(outcome)
    let factor = try table.factor(site)
    // The bond's sites must be the treated: costs are compared by the arm of the sites' table.
    let arms = try table.factor(table["arm"] == nil ? "site_arm" : "arm")
    var sums: ValueFit.SiteEffects = [:]
    for (place, row) in sample.rows.enumerated() {
      let (code, weight) = (factor.codes[row], sample.weights[place])
      guard code >= 0, weight > 0, values[row].isFinite else { continue }
      let isBond = arms.codes[row] >= 0 && arms.levels[Int(arms.codes[row])] == "sib"
      guard isBond == sample.treated[place] else {
        return (nil, "the treated of the study are not the clients of the sites with a bond")
      }
      let name = factor.levels[Int(code)]
      sums[name, default: (0, 0)].sum += weight * values[row]
      sums[name, default: (0, 0)].weight += weight
    }
    var interval: ConfidenceInterval?
    if let low = estimates[row, "conf.low"].number, let high = estimates[row, "conf.high"].number {
      interval = ConfidenceInterval(low: low, high: high, level: run.study.level)
    }
    return (
      StudyEffect(
        known: .init(
          estimate: estimate, standardError: estimates[row, "std.error"].number,
          degreesOfFreedom: estimates[row, "df"].number, interval: interval), sites: sums), nil
    )
  }
}
