/// Verbs of Cox models beyond `cox` itself.
extension Verb {
  /// Predicted curves.
  public static let coxCurve = Verb(
    name: "cox-curve",
    abstract: "Survival curves and cumulative hazards that a Cox model predicts.",
    discussion: """
      For each person of --at (and each stratum) survival exp(−Λ(t)), the cumulative hazard Λ as \
      cumhaz, and their standard errors, which take in the coefficients' (Tsiatis 1981, \
      doi:10.1214/aos/1176345335). Counts are of the data, or of the stratum, not of people alike. \
      These are curves of single covariate values, not averages over a group.
      """,
    formula: .required, keys: OptionKey.coxCurve,
    example: """
      sibling cox-curve Data/lung/lung.csv 'Surv(time, status) ~ age + sex + ph.ecog' \
      --at 'age=60, sex=1, ph.ecog=1; age=60, sex=2, ph.ecog=1' --times 180,365
      """)

  /// The verbs, in the order of the help page.
  static let coxModels: [Verb] = [.coxCurve]

  /// The analyses behind them.
  static let coxModelsAnalyses: [String: any VerbAnalysis.Type] = [
    coxCurve.name: CoxCurveAnalysis.self
  ]
}
