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
      that of R's cmprsk. n_event counts exits for the cause, n_risk those at risk of any (Aalen and \
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
      and censoring distribution. For the hazard of one cause fit cox 'Surv(time, cause == 1) ~ x'.
      """,
    formula: .required, keys: OptionKey.fineGray,
    example: """
      sibling finegray Data/unempdur/unempdur.csv 'Surv(spell, cause) ~ ui + age + logwage' \
      --derive 'cause = censor1 + 2 * censor2' --cause 1
      """)

  /// The verbs, in the order of the help page.
  static let competing: [Verb] = [.incidence, .gray, .fineGray]

  /// The analyses behind them.
  static let competingAnalyses: [String: any VerbAnalysis.Type] = [
    incidence.name: IncidenceAnalysis.self,
    gray.name: GrayAnalysis.self,
    fineGray.name: FineGrayAnalysis.self,
  ]
}
