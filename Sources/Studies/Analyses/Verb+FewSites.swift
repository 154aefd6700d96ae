/// Verbs of inference with few clusters.
extension Verb {
  /// One coefficient by every method for few clusters.
  public static let fewClusters = Verb(
    name: "few-clusters",
    abstract: "Test one coefficient by every method for few clusters, side by side.",
    discussion: """
      One row a method, the smallest attainable p-value first: by exchanging launches, and by sign flips \
      of the treated clusters. CR0 to CR3; the wild cluster bootstrap restricted (WCR) and not (WCU), with \
      plain (1) or leave-one-out (3) residuals and errors; RI-coefficient and RI-t exchange whole launch \
      paths between clusters, for which --time names the period unless an absorbed effect is it; \
      conley-taber and ferman-pinto take the treated's errors from the other clusters; ibragimov-muller and \
      cluster-t test one number a cluster; placebo gives the launches to untreated clusters. A method that can't be had says why in the convention. No \
      method is chosen: where they disagree, standard error says so, with the estimate without each \
      cluster, the effective number of clusters and the detectable effect (MacKinnon, Nielsen and Webb 2023, \
      doi:10.1016/j.jeconom.2022.04.001).
      """,
    formula: .required, keys: OptionKey.fewClusters,
    example: """
      sibling few-clusters Data/grunfeld/grunfeld.csv 'inv ~ capital' --term capital \
      --cluster firm --absorb firm,year
      """)

  /// The verbs, in the order of the help page.
  static let fewSites: [Verb] = [.fewClusters]

  /// The analyses behind them.
  static let fewSitesAnalyses: [String: any VerbAnalysis.Type] = [
    fewClusters.name: FewClusterAnalysis.self
  ]
}
