/// The verbs of several p-values and of margins.
extension Verb {
  /// Adjusted p-values.
  public static let adjust = Verb(
    name: "adjust",
    abstract: "Adjust p-values for being several.",
    discussion: """
      One row of data a p-value (--p). Prints row, name (with --name), p.value, p.adjusted and method. \
      Holm (1979) whatever the dependence, Bonferroni, Hochberg (1988, doi:10.1093/biomet/75.4.800), Benjamini \
      and Hochberg (1995, doi:10.1111/j.2517-6161.1995.tb02031.x) and Benjamini and Yekutieli (2001, \
      doi:10.1214/aos/1013699998). A study file adjusts its outcomes by itself, and also by joint \
      resampling (Romano and Wolf): see 'decisions'.
      """,
    formula: .none, keys: OptionKey.adjustPValues,
    example: "sibling adjust Data/infarction/p_values.csv --p p --name comparison --method bh")

  /// Non-inferiority and equivalence.
  public static let marginTest = Verb(
    name: "margin",
    abstract: "Ask whether an effect is no worse than a margin, or within two.",
    discussion: """
      Non-inferiority (--margin): the two-sided interval of --level against the margin, a one-sided test at \
      half of one less the level. Equivalence (--low, --high): two one-sided tests at one less the level \
      each (Schuirmann 1987, doi:10.1007/BF01068419); the interval printed is the one that decides, of 90% for a \
      level of 0.95. The verdict holds, fails (the interval lies wholly beyond) or is open. With a data file \
      every row is an estimate. Ratios are asked on the logarithmic scale: give logarithms.
      """,
    formula: .none, data: .optional, keys: OptionKey.marginTest,
    example: "sibling margin --estimate 0.02 --std-error 0.03 --margin -0.05")

  /// The verbs, in the order of the help page.
  static let decisions: [Verb] = [adjust, marginTest]

  /// The analyses behind them.
  static let decisionsAnalyses: [String: any VerbAnalysis.Type] = [
    adjust.name: AdjustAnalysis.self, marginTest.name: MarginAnalysis.self,
  ]
}
