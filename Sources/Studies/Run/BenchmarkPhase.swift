internal import Matching
internal import Reporting
internal import Statistics
internal import Tables

/// A known answer, computed from an experiment's data to stand beside the estimate.
struct BenchmarkPhase {
  let study: StudyFile
  let gate: String

  /// Fills the benchmark's row of the estimates table.
  ///
  /// - Throws: what is wrong with the file; `badValue` when it contradicts the published figure.
  func run(
    _ tables: inout StudyTables, _ inputs: inout [Manifest.Input]
  ) throws(SiblingError) {
    guard let node = study.node["benchmark"], let name = node["file"]?.text else { return }
    let path = study.resolve(name)
    let table = try TableFile.read(path: path)
    inputs.append(try StudyData.input(name, path: path))
    let outcome = node["outcome"]?.text ?? ""
    let column = study.node["treatment"]?["column"]?.text ?? ""
    let bound = try BoundFormula(
      "`\(column)` ~ 1", to: table, settings: try CommonSettings(OptionValues()),
      alsoComplete: [outcome])
    let treated = try Treatment.flags(bound.frame)
    let effect = try MatchedEffect(level: study.level).estimate(
      outcome: try bound.frame.numbers(of: outcome), treatment: treated,
      weights: [Double](repeating: 1, count: treated.count), estimand: .ate)
    if let published = node["estimate"]?.text.flatMap({ Double($0) }),
      (effect.estimate.estimate - published).magnitude > 0.005 * published.magnitude
    {
      throw SiblingError(
        .badValue, "the benchmark computed from '\(name)' is not the published one",
        help: "check the file, or the figure under 'estimate'",
        location: node["estimate"]?.location)
    }
    try tables.estimates.append(
      EffectRow(analysis: "benchmark", estimator: "experiment", outcome: outcome, effect: effect)
        .cells(level: study.level, gate: gate))
  }
}
