internal import DifferenceInDifferences
internal import Engines
internal import Reporting
internal import Statistics
internal import Tables

// Effects of panels from sums, into the tables that the panel phase fills from rows.

extension SumsRun {
  /// Adds the overall effect, and of group-time effects every cohort's.
  mutating func panel(
    _ found: DifferenceAnalysis.EngineFit, _ analysis: DifferenceAnalysis, _ node: StudyNode,
    _ name: String, _ tables: inout StudyTables, _ gate: String
  ) throws(SiblingError) {
    let (overall, clusters, told) = try Self.overall(found, analysis)
    notes += told
    guard var estimate = overall else { return }
    estimate.term = "ATT"
    var row = EffectRow(
      analysis: "difference-in-differences", estimand: "ATT", estimator: analysis.estimatorName,
      outcome: node["outcome"]?.text ?? "", estimate: estimate, scale: "difference")
    row.clusters = clusters
    if let columns = analysis.panelColumns, let units = try units(columns) {
      (row.treated, row.comparison) = (units.starts.count, units.all - units.starts.count)
    }
    if let reason = Self.doubt(row) {
      leftOut.append(LeftOut(section: name, reason: reason))
    } else {
      try tables.estimates.append(row.cells(level: study.level, gate: gate))
    }
    guard case .groupTimes(let result, _, let smallest) = found else { return }
    if let least = study.disclosureProfile.minimumCount, smallest < least {
      leftOut.append(
        LeftOut(
          section: "Effects by cohort and period",
          reason:
            "a cohort has so few units that the others and the overall effect would tell of it"))
      return
    }
    try PanelPhase.fillCohorts(result, &tables)
  }

  /// The overall effect, the clusters behind its error, and what is said of it.
  private static func overall(
    _ found: DifferenceAnalysis.EngineFit, _ analysis: DifferenceAnalysis
  ) throws(SiblingError) -> (Estimate?, clusters: Int?, notes: [String]) {
    switch found {
    case .coefficient(let table): return (table.rows.first, table.clusters, table.notes)
    case .effects(let effects, _):
      return (
        (effects["overall"] ?? effects["ATT"])?.estimate, effects.clusters, effects.notes
      )
    case .groupTimes(let result, let table, _):
      let average = try result.aggregate(
        analysis.aggregation ?? .simple, balance: analysis.balance)
      return (average["overall"], average.clusters, table.notes)
    }
  }

  /// Why an effect has no uncertainty that one could stand behind: exchanges of launches would give it, and they are
  /// made of rows.
  private static func doubt(_ row: EffectRow) -> String? {
    if row.estimate.interval == nil {
      return "a cohort of one or two units has no standard error that one could stand behind, and"
        + " exchanges of launches, which need none, are made of rows in memory"
    }
    let treated = row.treated ?? 0
    let all = row.clusters ?? treated + (row.comparison ?? 0)
    guard all < FewClustersPhase.few || treated < FewClustersPhase.fewOfAnArm else { return nil }
    return
      "so few clusters stand behind it that the usual standard error is too small, and exchanges of"
      + " launches, which take its place, are made of rows in memory"
  }
}
