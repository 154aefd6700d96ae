/// Verbs of synthetic controls.
extension Verb {
  /// Synthetic controls and synthetic difference-in-differences.
  public static let synth = Verb(
    name: "synth",
    abstract: "Compare the treated with a weighted combination of never treated units.",
    discussion: """
      For one or a few treated units. synthetic-control weighs donors so that they follow the treated \
      before the start (Abadie, Diamond and Hainmueller 2010, doi:10.1198/jasa.2009.ap08746), each \
      treated unit by itself; sdid weighs donors and periods, with intercepts (Arkhangelsky et al. \
      2021, doi:10.1257/aer.20190159), each cohort by itself; did weighs equally. ATT is the average \
      by treated unit-periods; g= and unit= rows are its parts. Donors are units never treated; \
      units without a row in some period are left out and counted. Weights are exact and proved: the \
      duality gap is told on standard error. With placebo inference every donor takes the treated \
      unit's place: their spread is the standard error, and the row rmspe.ratio ranks root mean \
      squared gaps after over before; no p-value there can be below one over the assignments. \
      Conformal inference shifts residuals (Chernozhukov, Wüthrich and Zhu 2021, \
      doi:10.1080/01621459.2021.1920957) and inverts the test. jackknife and bootstrap need \
      several treated units. Covariates: for synthetic-control their means before the start become \
      predictors, all predictors then standardised; for sdid and did they are taken out of the \
      outcome with slopes from the never treated.
      """,
    formula: .none, keys: OptionKey.synthetic,
    example: """
      sibling synth Data/castle/castle.csv --outcome homicide --unit sid --time year \
      --group first_post --where 'first_post == 0 | first_post == 2006' --gaps
      """)

  /// The verbs, in the order of the help page.
  static let synthetic: [Verb] = [synth]

  /// The analyses behind them.
  static let syntheticAnalyses: [String: any VerbAnalysis.Type] = [
    synth.name: SyntheticAnalysis.self
  ]
}
