/// Verbs of other panel estimators: decomposition and triple difference.
extension Verb {
  /// Goodman-Bacon's decomposition.
  public static let bacon = Verb(
    name: "bacon",
    abstract: "What a two-way fixed-effects coefficient compares with what, by which weights.",
    discussion: """
      One row for each pair of cohorts: the difference in differences of their mean outcomes, and its \
      weight in the coefficient of treatment with unit and period effects (Goodman-Bacon 2021, \
      doi:10.1016/j.jeconom.2021.03.014). Then a row for each type with its weight and weighted \
      mean, without cohorts, and the total, which is the coefficient: that is checked against a \
      regression, and the difference told on standard error. control_cohort is empty for the never \
      treated. Comparisons of later with earlier treated cohorts mislead where effects grow. The panel \
      must be balanced: units without some period are left out and counted. No covariates.
      """,
    formula: .none, keys: OptionKey.bacon,
    example: """
      sibling bacon Data/castle/castle.csv --outcome l_homicide --unit sid --time year \
      --group first_post
      """)

  /// The triple difference.
  public static let tripleDifference = Verb(
    name: "triple-difference",
    abstract: "The effect on those eligible, where others in the same places are not.",
    discussion: """
      Least squares on treatment times eligibility with effects of unit, of cohort (or --place) and \
      period, and of eligibility and period (Olden and Møen 2022, doi:10.1093/ectj/utac010). \
      --aggregate gives every cohort and period of treatment a coefficient of its own and averages \
      them by eligible treated unit-periods; the single coefficient is right for staggered starts only \
      if the effect is the same for all and does not grow. Standard errors are CR1 by --cluster, else \
      by --place, else by unit; weights of averages count as fixed.
      """,
    formula: .none, keys: OptionKey.tripleDifference,
    example: """
      sibling triple-difference Data/mpdta/mpdta.csv --outcome lemp --unit countyreal --time year \
      --group first.treat --derive 'large = lpop > 3' --eligible large
      """)

  /// The verbs, in the order of the help page.
  static let panelMethods: [Verb] = [bacon, tripleDifference]

  /// The analyses behind them.
  static let panelMethodsAnalyses: [String: any VerbAnalysis.Type] = [
    bacon.name: BaconAnalysis.self,
    tripleDifference.name: TripleDifferenceAnalysis.self,
  ]
}
