internal import DifferenceInDifferences
internal import LinearAlgebra
internal import Matching
internal import Reporting
internal import Statistics
internal import Tables

/// The study's effects judged by every method for few clusters.
///
/// It runs whether or not the study asks for it when fewer than 40 clusters stand behind an effect: the
/// usual standard errors are then too small, and the report must say by how much others differ.
struct FewClustersPhase {
  let study: StudyFile
  private let inference: FewClusterInference
  /// Fewer clusters than this are few.
  static let few = 40

  /// So few treated or untreated clusters are few, however many there are.
  static let fewOfAnArm = 10

  /// Whether few clusters stand behind the effect of a panel.
  static func isFew(_ panel: PanelDesign, _ clusters: Factor) -> Bool {
    var isTreated = [Bool](repeating: false, count: clusters.levels.count)
    for (row, code) in clusters.codes.enumerated()
    where panel.groups[Int(panel.unit.codes[row])] != nil {
      isTreated[Int(code)] = true
    }
    let treated = isTreated.count { $0 }
    return clusters.levels.count < few || treated < fewOfAnArm
  }

  /// Decodes the section.
  ///
  /// - Throws: `invalidOption`, located.
  init(_ study: StudyFile) throws(SiblingError) {
    self.study = study
    let node = study.node["few-clusters"]
    let options = node.map { study.options($0, OptionKey.fewClustersOfStudies) } ?? OptionValues()
    inference = try FewClusterInference(
      level: study.level, options: options, seed: study.seed)
  }

  /// Judges the coefficient of treatment with unit and period effects.
  ///
  /// - Throws: what is wrong with the panel or its clusters.
  func panel(
    _ data: BoundPanel, name: String, outcome: String, _ tables: inout StudyTables
  ) throws(SiblingError) {
    let panel = data.panel
    let clusters = try data.bound.singleCluster() ?? panel.unit
    guard !panel.isCrossSections, Self.isFew(panel, clusters.droppingUnusedLevels()) else { return }
    var columns = [panel.treatment]
    var names = ["ATT"]
    if let covariates = data.covariates {
      for j in 0..<covariates.columns {
        columns.append(covariates.matrix.column(j))
        names.append(covariates.names[j])
      }
    }
    let period = Factor(codes: panel.period, levels: panel.periods.map { "\($0)" })
    let sample = try FewClusterSample(
      outcome: data.outcome, design: DesignMatrix(matrix: Matrix(columns: columns), names: names),
      term: 0, clusters: clusters, absorbed: [panel.unit, period], weights: data.bound.weights)
    let used = data.bound.weights.map { weights in weights.indices.filter { weights[$0] > 0 } }
    try judge(
      sample, time: used.map { period.selecting($0) } ?? period, name: name, outcome: outcome,
      &tables)
  }

  /// Judges the difference of means of a matched or weighted design whose sites were assigned.
  ///
  /// - Throws: what is wrong with the outcome or the sites, located.
  func matched(
    _ phase: DesignPhase, _ table: Table, gate: String, _ tables: inout StudyTables
  ) throws(SiblingError) {
    guard study.node["assignment"]?["level"]?.text == "site", let site = study.siteColumn else {
      return
    }
    try study.cached("few clusters", gate: gate, &tables) {
      (tables: inout StudyTables) throws(SiblingError) in
      try judge(phase, table, site, gate: gate, &tables)
    }
  }

  private func judge(
    _ phase: DesignPhase, _ table: Table, _ site: String, gate: String,
    _ tables: inout StudyTables
  ) throws(SiblingError) {
    let sites = try table.factor(site)
    for node in study.node["effects"]?.elements ?? [] {
      guard let outcome = node["outcome"]?.text else { continue }
      let values = try table.doubles(outcome)
      guard
        let effect = try FewSitesEffect(
          phase.sample(for: outcome, in: table), outcome: values, sites: sites),
        effect.isFew
      else { continue }
      try judge(effect.sample, time: nil, name: "matched", outcome: outcome, &tables)
      guard
        let row = try effect.row(
          outcome: outcome, estimand: phase.design.estimand.rawValue, level: study.level,
          seed: study.seed)
      else { continue }
      try tables.estimates.append(row.cells(level: study.level, gate: gate))
    }
  }

  private func judge(
    _ sample: FewClusterSample, time: Factor?, name: String, outcome: String,
    _ tables: inout StudyTables
  ) throws(SiblingError) {
    let found = try inference.table(sample, time: time)
    for (index, row) in found.rows.enumerated() {
      let low = row.interval?.low.isFinite == true ? row.interval?.low : nil
      let high = row.interval?.high.isFinite == true ? row.interval?.high : nil
      let estimate = row.pValue == nil ? nil : row.estimate ?? found.estimate
      let isFloor = row.method == "attainable-p"
      try tables.fewClusters.append([
        "analysis": .text(name), "outcome": .text(outcome), "method": .text(row.method),
        "convention": .text(row.convention), "estimate": Cell(isFloor ? nil : estimate),
        "std.error": Cell(row.standardError), "df": Cell(row.degreesOfFreedom),
        "statistic": Cell(row.statistic), "p.value": Cell(row.pValue), "conf.low": Cell(low),
        "conf.high": Cell(high),
        "size": Cell(found.sizes.isEmpty ? nil : found.sizes[index]?.rate),
        "note": row.note.map { .text($0) } ?? .missing, "n_clusters": Cell(sample.clusterCount),
        "n": Cell(found.observations),
      ])
    }
    // A note of which a number had to be masked says nothing any more.
    let notes = found.notes(term: "treatment").filter {
      study.disclosure == "none" || AnalysisOutput.masked($0) == $0
    }
    tables.fewClusterNotes["\(name) \(outcome)"] = notes
  }
}
