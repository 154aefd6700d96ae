/// Options of regressions with unit and period effects: `regress --absorb`, `did --method twfe` and
/// `event-study`.
extension OptionKey {
  static let smallSample = OptionKey(
    "small-sample", .choice(["nested", "none", "full", "off"]), default: "nested",
    "Which absorbed effects K counts in CR1's factor (N − 1)/(N − K): those not nested in the"
      + " clusters (nested), none, all (full); off leaves only G/(G − 1).")
  static let panelFamily = OptionKey(
    "family", .choice(["gaussian", "poisson"]), default: "gaussian",
    "Whether effects add to the outcome's mean or multiply it (poisson; estimates are logarithms of"
      + " ratios). For unit and period effects.")
  static let eventBands = OptionKey(
    "bands", .choice(["pointwise", "uniform"]), default: "pointwise",
    "Whether each interval covers its own effect, or all together cover all effects (sup-t, 20,000"
      + " draws, --seed).")
  static let seriesUnit = OptionKey(
    "unit", .text, "Column that identifies a series, for --vcov NW:LAG on several of them.")
  static let seriesTime = OptionKey(
    "time", .text, "Column of the period, for --vcov NW:LAG; the order of rows if absent.")

  /// Those that `did` takes besides.
  static let fixedEffects: [OptionKey] = [smallSample, panelFamily]
}
