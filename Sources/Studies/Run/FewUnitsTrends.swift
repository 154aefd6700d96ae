internal import DifferenceInDifferences
internal import Statistics

/// Joint tests of trends before treatment by a reference that allows for few units.
///
/// By the usual ones noise in a panel of 24 units, a quarter of them treated, has its trends called unlike in
/// a quarter of runs at 5%, and cells of three small cohorts in nearly every run.
enum FewUnitsTrends {
  /// What is said where no test is made.
  static let why =
    "too few units are seen in periods before they start: a joint test would find trends where there are none"

  /// The p-value of an event study's leads; nil without a test, or with too few units for one.
  static func pValue(_ result: EventStudyResult, _ panel: PanelDesign) -> Double? {
    guard let test = result.preTrend else { return nil }
    let tested = Set(test.terms)
    let seen = result.rows.filter { tested.contains($0.estimate.term) }.map(\.rows).min() ?? 0
    // Without units that are never treated the last to start are what others are compared with.
    let others = panel.neverTreated > 0 ? panel.neverTreated : panel.cohorts.last?.units ?? 0
    // Coarser clusters are taken to be spread like the units.
    let share = result.clusters.map { min(1, Double($0) / Double(max(1, panel.units))) } ?? 1
    func clusters(_ units: Int) -> Int { Int((Double(units) * share).rounded()) }
    return test.fewUnitsPValue(
      clusters(min(seen, panel.treatedUnits)), against: clusters(others))
  }

  /// The p-value of all cells before treatment; nil without a test, or with too few units for one.
  ///
  /// The units of a cohort tell its own cells only.
  static func pValue(_ result: GroupTimeResult, _ panel: PanelDesign) -> Double? {
    guard let test = result.preTest else { return nil }
    let tested = Set(test.terms)
    let cells = result.cells.filter { tested.contains($0.estimate.term) }
    let atOnce = Dictionary(grouping: cells, by: \.group).values.map(\.count).max()
    let share = result.clusters.map { min(1, Double($0) / Double(max(1, panel.units))) } ?? 1
    func clusters(_ units: Int?) -> Int { Int((Double(units ?? 0) * share).rounded()) }
    return test.fewUnitsPValue(
      clusters(cells.map(\.treatedUnits).min()), against: clusters(cells.map(\.controlUnits).min()),
      atOnce: atOnce)
  }
}
