internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// The joint test of trends before treatment, made of rows that nobody has treated yet.
///
/// Outcomes are regressed on units, periods and indicators of the periods before a unit's start, on rows
/// of units that are not yet or never treated: the test of Borusyak, Jaravel and Spiess (2024,
/// doi:10.1093/restud/rdae007), which no outcome after treatment can touch.
enum GatePreTrends {
  /// The finding of a study; nil where no outcome is seen in several periods.
  static func finding(_ study: StudyFile, _ blind: BlindTable) -> PreTrendFinding? {
    guard
      let node = study.node["event-study"]
        ?? study.node["difference-in-differences"]?.elements.first(where: { $0["time"] != nil })
    else {
      guard study.node["difference-in-differences"] != nil else { return nil }
      return PreTrendFinding(
        why: "one period before treatment can't show whether trends were alike")
    }
    do throws(SiblingError) {
      return try tested(study, node, blind)
    } catch {
      return PreTrendFinding(why: "the joint test can't be made: \(error.message)")
    }
  }

  private static func tested(
    _ study: StudyFile, _ node: StudyNode, _ blind: BlindTable
  ) throws(SiblingError) -> PreTrendFinding {
    let keys: [OptionKey] = [
      .outcome, .unit, .time, .group, .treatment, .excludePeriods, .covariates, .panelFamily,
      .cluster,
    ]
    var analysis = try EventStudyAnalysis(formula: nil, options: study.options(node, keys))
    guard !analysis.columns.unit.isEmpty else {
      return PreTrendFinding(why: "people are seen once each, in different periods")
    }
    analysis.estimator.bands = .pointwise
    let recorded = try blind.recording(analysis.columns.outcome)
    let rows = try PanelRows(
      with(analysis.columns, excluding: []), table: recorded, settings: analysis.settings)
    let times = try recorded.doubles(analysis.columns.time)
    let untreated = try blind.beforeTreatment(
      analysis.columns.outcome, starts: rows.groups, times: times)
    let present = Set(try untreated.doubles(analysis.columns.time))
    analysis.columns.excluded = analysis.columns.excluded.filter { present.contains($0) }
    guard let test = try analysis.fit(untreated).result.preTrend else {
      return PreTrendFinding(why: "nobody who was treated is seen in two periods before")
    }
    return PreTrendFinding(pValue: test.fPValue)
  }

  /// The columns with all periods in them: who starts in an excluded one is treated after it.
  private static func with(_ columns: PanelColumns, excluding: [Double]) -> PanelColumns {
    var columns = columns
    columns.excluded = excluding
    return columns
  }
}
