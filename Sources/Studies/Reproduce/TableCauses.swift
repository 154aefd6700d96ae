/// Which sections of the study file the rows of a result table depend on.
///
/// A table that is not listed may depend on any of them: a cause too many is weighed by the reader,
/// one too few would mislead.
enum TableCauses {
  /// Sections that give words only, never a number.
  static let wording: Set<String> = [
    "study", "title", "question", "sources", "setting", "limitations", "labels",
  ]

  /// Whether a setting can move the numbers of a row.
  ///
  /// - Parameters:
  ///   - key: a flattened key, such as `survival[first_job].times`.
  ///   - table: the table's name.
  ///   - analysis: the row's `analysis`, which is the entry's name where a section has several.
  /// - Returns: false only where it is known not to.
  static func mayMove(key: String, table: String, analysis: String) -> Bool {
    let section = StudyKeys.section(of: key)
    // A plan holds wording too, and the evidence weighs what only the authors say.
    if ["deviations", "checklists"].contains(table) { return true }
    if section == "evidence" || section == "plan" {
      return ["evidence", "maryland", "robins_i"].contains(table)
    }
    // Its rules are those of the profile, whatever the data.
    if table == "disclosure_rules" { return ["disclosure", "public"].contains(section) }
    if wording.contains(section) || isWording(key) { return false }
    if always.contains(section) { return true }
    // Other designs are for the table of sensitivity alone.
    if key.hasPrefix("matching.alternatives") { return table == "sensitivity" }
    guard let own = sections(of: table) else { return true }
    guard own.contains(section) else { return false }
    // An entry moves its own rows and no other's.
    guard let entry = StudyKeys.entry(of: key) else { return true }
    if section == "analyses" { return table == "analysis_\(entry)" || analysis == entry }
    if section == "survival" || section == "states", !analysis.isEmpty { return analysis == entry }
    return true
  }

  /// Whether a setting only names something.
  private static func isWording(_ key: String) -> Bool {
    let last = key.split(separator: ".").last.map(String.init) ?? key
    return ["label", "comparison-label", "exit-label", "phrase", "unit", "note"].contains(last)
  }

  /// Sections that every number rests on.
  private static let always: Set<String> = [
    "data", "attrition", "treatment", "disclosure", "public",
  ]

  private static let design: Set<String> = ["matching", "assignment", "seed"]
  private static let effects = design.union([
    "effects", "outcomes", "level", "gate", "benchmark", "difference-in-differences",
    "few-clusters",
  ])
  private static let survival: Set<String> = [
    "survival", "matching", "assignment", "level", "seed", "gate",
  ]
  private static let panel: Set<String> = [
    "difference-in-differences", "event-study", "few-clusters", "analyses", "assignment",
    "outcomes",
    "level", "seed", "gate",
  ]

  /// The sections of the leading estimates, which other tables weigh.
  private static let leading = effects.union(panel).union(survival)

  private static func sections(of table: String) -> Set<String>? {
    if table.hasPrefix("analysis_") {
      return design.union(["analyses", "level", "few-clusters", "outcomes", "gate"])
    }
    switch table {
    case "attrition": return []
    case "balance", "overlap", "quantiles", "densities": return design
    case "estimates", "sensitivity": return effects
    case "hidden_bias", "hidden_bias_contour": return effects.union(["hidden-bias"])
    case "survival", "cumulative_incidence", "survival_models", "model_comparison",
      "schoenfeld_smooth", "schoenfeld_residuals":
      return survival
    case "state_occupancy": return ["states", "level", "gate"]
    case "event_study", "group_time", "decomposition", "trend_bounds", "synthetic",
      "synthetic_weights", "series":
      return panel
    case "few_clusters": return panel.union(effects)
    case "imputed_effects", "imputed_columns": return effects.union(["imputation"])
    case "missing_evidence", "tipping_point": return effects.union(["missing-evidence"])
    case "triangulation", "agreement":
      return leading.union(["decisions", "imputation", "missing-evidence"])
    case "several_outcomes", "margins": return leading.union(["decisions"])
    case "specifications", "specification_summary": return effects.union(["specifications"])
    case "outcomes_known", "important_differences": return ["outcomes"]
    default: return nil
    }
  }
}
