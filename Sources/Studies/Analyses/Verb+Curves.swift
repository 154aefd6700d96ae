/// Verbs of curves beyond `km`: milestones, interval-censored times, power.
extension Verb {
  /// Milestones.
  public static let milestones = Verb(
    name: "milestones",
    abstract: "Survival at chosen times by arm, with differences and ratios between arms.",
    discussion: """
      For each time a row an arm (`sex=2@26`), then the second arm against the first: difference@26, and \
      ratio@26, whose standard error is that of its logarithm. Standard errors are Greenwood's, or the \
      infinitesimal jackknife with weights or --cluster, which may be matched pairs. n_risk counts \
      those under observation just before the time, n_event the events up to it. Past an arm's last \
      follow-up nothing is estimated (Klein et al. 2007, doi:10.1002/sim.2864).
      """,
    formula: .required, keys: OptionKey.milestones,
    example: """
      sibling milestones Data/rossi/rossi_weekly.csv 'Surv(week, arrest) ~ fin' --times 13,26,52
      """)

  /// The verbs, in the order of the help page.
  static let curves: [Verb] = [.milestones]

  /// The analyses behind them.
  static let curvesAnalyses: [String: any VerbAnalysis.Type] = [
    milestones.name: MilestonesAnalysis.self
  ]
}
