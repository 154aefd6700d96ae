/// Verbs of curves beyond `km`: milestones and interval-censored times; `power` stands with them.
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
    formula: .required, keys: OptionKey.milestoneOptions,
    example: """
      sibling milestones Data/rossi/rossi_weekly.csv 'Surv(week, arrest) ~ fin' --times 13,26,52
      """)

  /// The estimate from interval-censored times.
  public static let turnbull = Verb(
    name: "turnbull",
    abstract: "Survival from times that are known to intervals only.",
    discussion: """
      The left side is Surv(low, high, type = "interval2"): the event lies after low and by high. Equal \
      ends are an exact time, a missing or infinite high is a row without the event at low, a missing low \
      one that had it by high. Prints the intervals that can hold mass, their mass and the survival after \
      each (Turnbull 1976, doi:10.1111/j.2517-6161.1976.tb01597.x); where within an interval its mass \
      lies the data don't say. --bounds assumes nothing of it: low and high are the lowest and highest \
      Kaplan–Meier survival over all placings of the times, with limits that cover them.
      """,
    formula: .required, keys: OptionKey.turnbull,
    example: """
      sibling turnbull Data/unempdur/unempdur.csv 'Surv(from, to, type = "interval2") ~ ui' \
      --derive 'from = 2 * (spell - 1)' --derive 'to = ifelse(censor1 == 1, 2 * spell, 1/0)'
      """)

  /// The verbs, in the order of the help page.
  static let curves: [Verb] = [.milestones, .turnbull, .power]

  /// The analyses behind them.
  static let curvesAnalyses: [String: any VerbAnalysis.Type] = [
    milestones.name: MilestonesAnalysis.self, turnbull.name: TurnbullAnalysis.self,
    power.name: PowerAnalysis.self,
  ]
}
