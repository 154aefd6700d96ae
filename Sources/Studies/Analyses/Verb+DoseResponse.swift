/// The verb of dose and response across sites.
extension Verb {
  /// Meta-regression across sites.
  public static let doseResponseAcrossSites = Verb(
    name: "dose-response",
    abstract: "Ask whether effects of sites go with what the sites differ in (exploratory).",
    discussion: """
      One row of data a site: its effect, the effect's standard error (--std-error) and what sites differ \
      in. A random-effects meta-regression: effects lie about a line with a variance between sites (REML \
      or Paule and Mandel 1982, doi:10.6028/jres.087.022) besides their own errors; standard errors are \
      Knapp and Hartung's with t, n - p degrees of freedom (2003, doi:10.1002/sim.1482). Rows: the \
      coefficients; for each covariate permutation (p-value of exchanging doses between sites, its smallest \
      possible value in attainable), leave-one-out (the range of the slope without each site) and \
      detectable (the slope found four times out of five at the 5% level); tau2 with its interval; I2; R2, \
      the share of the variance between sites accounted for; Q; and prediction, whose interval is of a new \
      site's own effect. Fewer than four sites give no slope. Sites choose their contracts: a slope is no \
      effect of the dose, and says nothing of clients.
      """,
    formula: .required, keys: OptionKey.doseResponse,
    example: """
      sibling dose-response Data/bcg/trials.csv 'log_risk_ratio ~ latitude' --std-error std_error
      """)

  /// The verbs, in the order of the help page.
  static let doseResponse: [Verb] = [doseResponseAcrossSites]

  /// The analyses behind them.
  static let doseResponseAnalyses: [String: any VerbAnalysis.Type] = [
    doseResponseAcrossSites.name: DoseResponseAnalysis.self
  ]
}
