internal import DifferenceInDifferences
internal import Reporting
internal import Statistics
internal import Tables

/// What a panel of few sites needs, and what its two-way coefficient is made of.
extension PanelPhase {
  /// Judges the effect by exchanging launches where fewer than 40 clusters stand behind it, or where it
  /// has no standard error.
  ///
  /// The usual standard errors count on many clusters, and a cohort of two sites has none that one can
  /// stand behind. Nothing changes where whole clusters do not launch together.
  ///
  /// - Throws: what is wrong with the data, located.
  mutating func exchange(
    _ row: inout EffectRow, _ analysis: DifferenceAnalysis, _ columns: PanelColumns
  ) throws(SiblingError) {
    let data = try BoundPanel(
      columns, covariates: analysis.covariates, table: table, settings: analysis.settings)
    let clusters = try data.bound.singleCluster()?.droppingUnusedLevels() ?? data.panel.unit
    let rows = data.panel.rows
    guard !data.panel.isCrossSections,
      FewClustersPhase.isFew(data.panel, clusters)
        || (row.estimate.interval == nil && rows <= 50_000)
    else { return }
    // A draw is a fit; so many that they take seconds, and enough for a p-value of 0.05.
    let draws = rows <= 5000 ? 1999 : rows <= 50_000 ? 499 : 199
    let test = LaunchRandomization(draws: draws, level: study.level, seed: study.seed)
    do throws(SiblingError) {
      let result = try analysis.exchanged(test, table, columns)
      row.estimate = DifferenceAnalysis.judged(row.estimate, by: result)
      if let interval = row.estimate.interval, !interval.low.isFinite || !interval.high.isFinite {
        row.estimate.interval = nil
      }
      row.clusters = clusters.levels.count
      let floor = NumberText.significant(result.attainable, digits: 2)
      let note =
        "Where sites are few, or a cohort has one or two of them, the p-value and limits of an effect"
        + " come from exchanging the launches between sites (\(result.used)"
        + (result.isExact ? " exchanges, all there are" : " exchanges drawn")
        + "): they hold however few launched, if each exchange was as likely. No p-value below"
        + " \(floor) can come of it."
      if !notes.contains(note) { notes.append(note) }
    } catch {
      guard error.code == .badDesign || error.code == .constantTreatment else { throw error }
      notes.append(
        "Launches can't be exchanged between the \(clusters.levels.count) clusters:"
          + " \(error.message)")
    }
  }

  /// What the coefficient of staggered starts averages, where the decomposition holds.
  ///
  /// - Throws: what is wrong with the data, located.
  mutating func decompose(
    _ analysis: DifferenceAnalysis, _ columns: PanelColumns, _ tables: inout StudyTables
  ) throws(SiblingError) {
    guard analysis.covariates == nil, analysis.twoWay.family == .gaussian else { return }
    let data = try BoundPanel(
      columns, covariates: nil, table: table, settings: analysis.settings)
    guard data.panel.cohorts.count > 1, data.panel.isBalanced, data.bound.weights == nil,
      try mayTellCohorts(data.panel)
    else { return }
    let result = try data.bound.locating { () throws(SiblingError) in
      try BaconDecomposition().fit(data.panel, outcome: data.outcome)
    }
    let name = Self.analysisName("twfe", in: tables.decomposition)
    for dyad in result.dyads {
      try tables.decomposition.append([
        "analysis": .text(name), "type": .text(dyad.kind.rawValue),
        "treated_cohort": .number(dyad.treatedCohort), "control_cohort": Cell(dyad.controlCohort),
        "weight": .number(dyad.weight), "estimate": .number(dyad.estimate),
        "n_treated": Cell(dyad.treatedUnits), "n_comparison": Cell(dyad.controlUnits),
      ])
    }
  }
}
