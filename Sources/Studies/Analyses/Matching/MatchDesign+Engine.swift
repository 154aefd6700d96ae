internal import Engines
internal import Statistics
internal import Tables

extension MatchDesign {
  /// The design's formula bound to the rows of an engine as to a table, and what is said of zero weights.
  ///
  /// The rows are those with weight that miss nothing of what the design, its settings and `needed` read.
  /// - Throws: what is wrong with the formula or the columns; the engine's failures.
  func engineFrame(
    _ whole: EngineData, _ settings: CommonSettings, needing needed: [String] = []
  ) throws(SiblingError) -> (frame: EngineFrame, notes: [String]) {
    let parsed = try Formula(parsing: formula)
    var data = whole
    if let level = settings.treated { try Self.code(&data, parsed.responseColumn, level) }
    if let name = parsed.responseColumn, try parsed.termColumns(in: data.names).contains(name) {
      throw SiblingError(
        .badDesign, "the treatment '\(name)' is among its own covariates",
        help: "leave it out of the right side", column: name)
    }
    let rows = try EngineWeighting.withoutZeroWeights(data, settings)
    var options = EngineFrame.Options()
    options.weights = settings.weights
    options.clusters = settings.clusters
    options.alsoComplete = columns + needed
    options.missingIsError = settings.missingIsError
    return (try EngineFrame(formula, to: rows.data, options), rows.notes)
  }

  /// Codes the treatment 1 where it has the treated level and 0 elsewhere.
  private static func code(
    _ data: inout EngineData, _ name: String?, _ level: String
  ) throws(SiblingError) {
    guard let name else {
      throw SiblingError(
        .invalidOption, "--treated needs a formula with a plain column on its left side")
    }
    let factor = try data.factor(name)
    let levels = try data.levels(of: factor).names
    guard levels.contains(level) else {
      throw SiblingError(
        .unknownLevel, "'\(level)' is not a level of '\(name)'",
        help: levels.count <= 3
          ? "its levels are: " + levels.joined(separator: ", ")
          : "it has \(levels.count) levels; look at the column in the data", column: name)
    }
    let kind = data.columns.first { $0.name == name }?.kind
    let value: String
    switch kind {
    case .integer, .number, .boolean: value = level
    default: value = "\"" + level.replacing("\"", with: "\\\"") + "\""
    }
    try data.derive("`\(name)` = `\(name)` == \(value)")
  }
}
