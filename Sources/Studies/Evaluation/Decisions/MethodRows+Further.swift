internal import Matching
internal import Reporting
internal import Statistics
internal import Tables

extension MethodRows {
  /// Cheap methods of the kinds that are missing yet, where the design permits them.
  ///
  /// - Throws: what is wrong with the data, located.
  mutating func addFurther(_ main: MatchDesign.Method) throws(SiblingError) {
    let (run, outcome) = (self.run, self.outcome)
    guard let design = run.design, let table = run.table, items[0].scale == "difference",
      let node = run.study.node["effects"]?.elements.first(where: {
        $0["outcome"]?.text == outcome
      })
    else { return }
    let phase = EffectsPhase(
      study: run.study, phase: design, table: table, gate: run.gate.verdict.rawValue)
    let families = Set(items.filter { $0.role != .beside }.map(\.family))
    if !families.contains(.doublyRobust) {
      try further(.doublyRobust, "augmented weighting") { () throws(SiblingError) in
        var analysis = try phase.analysis(node, outcome: outcome, estimator: "aipw")
        analysis.standardError = nil
        let sample = try design.sample(for: outcome, in: table)
        return EffectRow(
          analysis: "aipw", estimator: "aipw", outcome: outcome,
          effect: try analysis.estimate(on: EffectsPhase.everybody(sample)).effect)
      }
    }
    let isLarge = design.sample.treated.count > Self.largest
    for (family, method) in [
      (MethodFamily.weighting, MatchDesign.Method.entropy), (.matching, .nearest),
    ] where !families.contains(family) && !(family == .matching && isLarge) {
      try further(family, method.methodName) { () throws(SiblingError) in
        var options = run.study.options(run.study.node, [])
        options.set(.estimand, to: design.design.estimand.rawValue)
        if method == .nearest { options.set(.caliper, to: "0.2") }
        let other = try MatchDesign(
          formula: design.design.formula, options: options, method: method)
        let analysis = try phase.analysis(
          node, outcome: outcome, estimator: "difference", design: other)
        return try phase.leading(
          analysis,
          on: try other.apply(to: table, settings: design.settings, alsoComplete: [outcome]),
          outcome: outcome)
      }
    }
  }

  /// With more rows than this nearest neighbours are no longer cheap.
  private static let largest = 50_000

  /// A further method; what makes it impossible becomes a note.
  ///
  /// - Throws: nothing that a method can't do by itself.
  private mutating func further(
    _ family: MethodFamily, _ name: String,
    _ estimate: () throws(SiblingError) -> EffectRow
  ) throws(SiblingError) {
    do throws(SiblingError) {
      let row = try estimate()
      var cells = row.cells(level: run.study.level, gate: run.gate.verdict.rawValue)
      for column in ["n_treated", "n_comparison", "events_treated", "events_comparison"] {
        cells["hidden_\(column)"] = cells[column]
      }
      let kept = Set(ResultTable.triangulation.columns.map(\.name))
      cells = cells.filter { kept.contains($0.key) }
      for label in ["outcome", "scale", "estimand"] { cells[label] = nil }
      items.append(
        Item(
          scale: row.scale, family: family, method: name, source: "here", role: .compared,
          estimand: row.estimand, cells: cells))
    } catch {
      guard error.code != .internalError else { throw error }
      notes.append("\(name) could not be added: \(error.message)")
    }
  }
}
