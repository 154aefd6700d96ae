internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// The panel of a study with an outcome on those rows only that nobody has treated yet.
struct UntreatedPanel {
  /// The event study whose columns and leads the study declares.
  var analysis: EventStudyAnalysis
  /// The rows of units that are not yet treated.
  let table: Table
  /// The first period in which anybody is treated; nil when nobody is.
  let firstStart: Double?
  /// All periods of the data, ascending.
  let periods: [Double]

  /// Reads the panel that the study's event study or first difference in differences names; nil for one
  /// without periods or in which people are seen once each.
  ///
  /// - Throws: what is wrong with its columns.
  init?(_ study: StudyFile, _ blind: BlindTable) throws(SiblingError) {
    guard
      let node = study.node["event-study"]
        ?? study.node["difference-in-differences"]?.elements.first(where: { $0["time"] != nil }),
      node["repeated-cross-sections"]?.text != "true"
    else { return nil }
    let keys: [OptionKey] = [
      .outcome, .unit, .time, .group, .treatment, .excludePeriods, .covariates, .panelFamily,
      .cluster, .leads,
    ]
    analysis = try EventStudyAnalysis(formula: nil, options: study.options(node, keys))
    let outcome = analysis.columns.outcome
    let recorded = try blind.recording(outcome)
    // Who starts in an excluded period is treated after it all the same.
    var all = analysis.columns
    all.excluded = []
    let rows = try PanelRows(all, table: recorded, settings: analysis.settings)
    let times = try recorded.doubles(analysis.columns.time)
    let excluded = Set(analysis.columns.excluded)
    periods = Set(times.filter { !$0.isNaN && !excluded.contains($0) }).sorted()
    firstStart = rows.groups.compactMap { $0 }.filter { $0 > 0 }.min()
    table = try blind.beforeTreatment(
      outcome, starts: rows.groups.map { $0 == 0 ? nil : $0 }, times: times)
    let present = Set(try table.doubles(analysis.columns.time))
    analysis.columns.excluded = analysis.columns.excluded.filter { present.contains($0) }
  }

  /// Outcomes of the units that are seen in every period before anybody is treated, a row each.
  ///
  /// - Throws: what is wrong with its columns.
  func rectangle() throws(SiblingError) -> [[Double]] {
    let before = periods.filter { $0 < firstStart ?? .infinity }
    let place = Dictionary(uniqueKeysWithValues: before.enumerated().map { ($1, $0) })
    let units = try table.factor(analysis.columns.unit)
    let times = try table.doubles(analysis.columns.time)
    let values = try table.doubles(analysis.columns.outcome)
    var rows = [[Double]](
      repeating: [Double](repeating: .nan, count: before.count), count: units.levels.count)
    for (row, unit) in units.codes.enumerated() where unit >= 0 {
      if let period = place[times[row]] { rows[Int(unit)][period] = values[row] }
    }
    return rows.filter { !$0.isEmpty && $0.allSatisfy(\.isFinite) }
  }
}
