/// Verbs of competing exits, states and several jobs.
extension Verb {
  /// Cumulative incidence.
  public static let incidence = Verb(
    name: "cif",
    abstract: "Cumulative incidence of competing exits by arm (Aalen–Johansen).",
    discussion: """
      The share that has left for each cause, the other causes being exits too: 1 − Kaplan–Meier \
      with them censored would overstate it. 0 or the first level of the cause is censored. \
      std.error is the infinitesimal jackknife, by --cluster where given, or with --variance cuminc \
      that of R's cmprsk; the jackknife takes rows, not whole weights, as people. n_event counts exits for the cause, n_risk those at risk of any (Aalen and \
      Johansen 1978, doi:10.2307/4615704).
      """,
    formula: .required, keys: OptionKey.incidence,
    example: """
      sibling cif Data/unempdur/unempdur.csv 'Surv(spell, cause) ~ ui' \
      --derive 'cause = censor1 + 2 * censor2' --times 4,13,26
      """)

  /// Gray's test.
  public static let gray = Verb(
    name: "gray",
    abstract: "Compare cumulative incidences between arms, cause by cause (Gray's test).",
    discussion: """
      Whoever left for another cause stays in the comparison, so that shares that leave are \
      compared and not rates; weights are (1 − F(t−))^rho. strata() in the formula compares within \
      strata. Weights must count whole numbers of people (Gray 1988, doi:10.1214/aos/1176350951).
      """,
    formula: .required, keys: OptionKey.gray,
    example: """
      sibling gray Data/unempdur/unempdur.csv 'Surv(spell, cause) ~ ui' \
      --derive 'cause = censor1 + 2 * censor2'
      """)

  /// Fine–Gray regression.
  public static let fineGray = Verb(
    name: "finegray",
    abstract: "Fine–Gray regression: log subdistribution-hazard ratios of one cause.",
    discussion: """
      std.error is Fine and Gray's (1999, doi:10.1080/01621459.1999.10474144), which allows for the \
      estimated censoring distribution, as cmprsk's crr prints it; with late entry (Surv(start, stop, \
      cause)) the weights are Geskus's and taken as known. robust.se (clusters, weights that are not \
      whole, or --robust) sums the same influences by cluster; statistic and interval use it where \
      there is one. Ties are Breslow's. strata() in the formula gives each stratum its own baseline \
      and censoring distribution. --at with --times prints predicted cumulative incidences, whose \
      errors allow for the same. For the hazard of one cause fit cox 'Surv(time, cause == 1) ~ x'.
      """,
    formula: .required, keys: OptionKey.fineGray,
    example: """
      sibling finegray Data/unempdur/unempdur.csv 'Surv(spell, cause) ~ ui + age + logwage' \
      --derive 'cause = censor1 + 2 * censor2' --cause 1
      """)

  /// State occupation.
  public static let states = Verb(
    name: "states",
    abstract: "Share of people in each state over time, and mean time in each, by arm.",
    discussion: """
      The Aalen–Johansen estimator from spells: Surv(start, stop, state) ~ arm with --id, where state \
      is the one entered at stop (0 or the first level: none) and --initial the one held until then; \
      any number of states, with returns. Or from weekly columns: ~ arm with --weekly, --last-week and \
      --exit; weeks without a record are gaps, and follow-up may be censored. --tau prints the mean \
      time in each state, such as weeks worked in 52, and later arms' less the first's. std.error is \
      the infinitesimal jackknife by person or --cluster (Aalen and Johansen 1978, \
      doi:10.2307/4615704). n_event counts moves into the state, n_risk those observed in it.
      """,
    formula: .required, keys: OptionKey.states,
    example: """
      sibling states Data/rossi/rossi_weekly.csv '~ fin' --weekly emp1:emp52 --last-week week \
      --exit arrest --tau 52
      """)

  /// Mean cumulative count.
  public static let meanCount = Verb(
    name: "mcc",
    abstract: "Mean cumulative count of recurrent events by arm, such as jobs.",
    discussion: """
      How often the event has happened by a time, on average, when other events end follow-up for \
      good (Dong et al. 2015, doi:10.1093/aje/kwu289). Rows are parts of a person's follow-up, \
      Surv(start, stop, event), or events of a person that is followed from the beginning, \
      Surv(time, event), the last row saying how follow-up ended: 0 (or the first level) censored. \
      With --weekly, --last-week and --exit it counts the starts of jobs, exits ending follow-up. \
      std.error is the infinitesimal jackknife by person or --cluster, to first order Ghosh and Lin's \
      (2000, doi:10.1111/j.0006-341X.2000.00554.x).
      """,
    formula: .required, keys: OptionKey.meanCount,
    example: """
      sibling mcc Data/rossi/rossi_weekly.csv '~ fin' --weekly emp1:emp52 --last-week week \
      --exit arrest --times 13,26,52
      """)

  /// The verbs, in the order of the help page.
  static let competing: [Verb] = [.incidence, .gray, .fineGray, .states, .meanCount]

  /// The analyses behind them.
  static let competingAnalyses: [String: any VerbAnalysis.Type] = [
    incidence.name: IncidenceAnalysis.self,
    gray.name: GrayAnalysis.self,
    fineGray.name: FineGrayAnalysis.self,
    states.name: StateAnalysis.self,
    meanCount.name: MeanCountAnalysis.self,
  ]
}
