/// Options of group-time effects: repeated cross-sections, bootstrap and bands.
extension OptionKey {
  static let repeatedCrossSections = OptionKey(
    "repeated-cross-sections", .flag,
    "A row is a person seen once; the people of each period are compared with those of another."
      + " --unit is not needed and not used.")
  static let unbalanced = OptionKey(
    "unbalanced", .flag,
    "Keep units without a row in some period: rows are compared as repeated cross-sections and"
      + " standard errors clustered by unit. Without it such units are left out and counted.")
  static let multiplierDraws = OptionKey(
    "bootstrap", .integer,
    "Draws of the multiplier bootstrap, such as 1000: Rademacher signs by unit or cluster; the"
      + " standard error is the draws' interquartile range over a normal's. Analytic if absent.")
  static let bands = OptionKey(
    "bands", .choice(["pointwise", "uniform"]), default: "pointwise",
    "Whether each interval covers its own effect, or all of a table's cover all effects at once"
      + " (sup-t; by the bootstrap's draws, or 20000 Gaussian ones without). `overall` keeps its own"
      + " interval.")

  static let groupTimeInference: [OptionKey] = [
    repeatedCrossSections, unbalanced, multiplierDraws, bands,
  ]
}
