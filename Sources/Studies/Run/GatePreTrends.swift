internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// The joint test of trends before treatment, made of rows that nobody has treated yet.
///
/// Outcomes are regressed on units, periods and indicators of the periods before a unit's start, on rows
/// of units that are not yet or never treated: the test of Borusyak, Jaravel and Spiess (2024,
/// doi:10.1093/restud/rdae007), which no outcome after treatment can touch. `FewUnitsTrends` has the p-value.
enum GatePreTrends {
  /// The finding of a study; nil where no outcome is seen in several periods.
  static func finding(_ study: StudyFile, _ blind: BlindTable) -> PreTrendFinding? {
    guard study.node["difference-in-differences"] != nil || study.node["event-study"] != nil else {
      return nil
    }
    do throws(SiblingError) {
      guard let panel = try UntreatedPanel(study, blind) else {
        return PreTrendFinding(
          why: "one period before treatment can't show whether trends were alike")
      }
      guard let p = try tested(panel) else {
        return PreTrendFinding(why: FewUnitsTrends.why)
      }
      return PreTrendFinding(pValue: p)
    } catch {
      return PreTrendFinding(why: "the joint test can't be made: \(error.message)")
    }
  }

  /// The p-value of the joint test with as many leads as the study asks for, or as few as it takes: with
  /// few units the covariance of many leads can't be estimated; nil where that of two can't be.
  private static func tested(_ panel: UntreatedPanel) throws(SiblingError) -> Double? {
    var analysis = panel.analysis
    analysis.estimator.bands = .pointwise
    let declared = analysis.estimator.leads
    for leads in [declared] + [6, 5, 4, 3, 2].filter({ $0 < declared ?? .max }) {
      analysis.estimator.leads = leads
      let fit = try analysis.fit(panel.table)
      if let p = FewUnitsTrends.pValue(fit.result, fit.panel) { return p }
    }
    return nil
  }
}
