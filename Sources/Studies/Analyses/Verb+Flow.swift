/// Verbs that follow people through a service, and ask who gets in.
extension Verb {
  /// The verbs, in the order of the help page.
  static let flow: [Verb] = [funnel, creaming, equity]

  /// The analyses behind them.
  static let flowAnalyses: [String: any VerbAnalysis.Type] = [
    funnel.name: FunnelAnalysis.self,
    creaming.name: CreamingAnalysis.self,
    equity.name: EquityAnalysis.self,
  ]

  /// The funnel.
  public static let funnel = Verb(
    name: "funnel",
    abstract: "Follow people from referral to a sustained job, by arm, site or another group.",
    discussion: """
      The data are the clients; --jobs and --sites name the other files. One row a group and stage: \
      of those who reached the stage before (n_at_risk) how many reached this one, did not, can't be \
      known for want of evidence, or came too recently to tell; these add up. n_skipped counts people \
      who are recorded here but not at an earlier stage. estimate is the share of those at risk of whom \
      it is known, of_accepted the share of the accepted, both with Wilson's interval. A person counts \
      once: by the first accepted episode, else by the first. Where sites are not the groups, \
      statistic and p.value test whether a group's sites differ, and between_sd says by how much \
      (DerSimonian and Laird 1986, doi:10.1016/0197-2456(86)90046-2). --exclusions prints every \
      rule with the people it stopped. With --periods the data are counts by site and period.
      """,
    formula: .none, keys: OptionKey.funnel,
    example: """
      sibling funnel Data/ips-simulated/clients.csv --jobs Data/ips-simulated/jobs.csv \
      --sites Data/ips-simulated/sites.csv
      """)

  /// The creaming monitor.
  public static let creaming = Verb(
    name: "creaming",
    abstract: "Ask whether a service took on people who were likely to find work anyway.",
    discussion: """
      A logistic regression of the outcome on --covariates among accepted people of the reference gives \
      everybody referred an index: their chance of the outcome there; nobody's own outcome is in \
      their index. Rows: mean.index of accepted people by arm and quarter; acceptance, the share \
      accepted by fifth of the index, among people whom the service decided on; level.difference; \
      trend, the change of the index a year; acceptance.slope, by how much acceptance rises with 10 \
      points of the index; switch.change, the change of the index where a contract begins, and \
      switch.change.adjusted, less the comparison sites' own. Standard errors cluster on sites (CR2 with \
      Satterthwaite's degrees of freedom, doi:10.1080/07350015.2016.1247004) and take the index as known. \
      The verdict with its rule is told on standard error.
      """,
    formula: .none, keys: OptionKey.creaming,
    example: """
      sibling creaming Data/ips-simulated/clients.csv --jobs Data/ips-simulated/jobs.csv \
      --sites Data/ips-simulated/sites.csv --covariates '~ age + motivation_1_5'
      """)

  /// Equity.
  public static let equity = Verb(
    name: "equity",
    abstract: "Compare access and outcomes between groups of clients.",
    discussion: """
      For each --profile, group and arm: the share accepted of those referred, and engaged and with each \
      outcome of those accepted, among people of whom it is known (n; n_unknown are left out), with \
      Wilson's interval; the difference from the rest of the arm (Newcombe 1998), the ratio, Pearson's \
      test and Holm's adjustment. Clients count as independent there. The row heterogeneity tests \
      whether the arms' difference is the same in every group, with sites as clusters (CR2).
      """,
    formula: .none, keys: OptionKey.equity,
    example: """
      sibling equity Data/ips-simulated/clients.csv --jobs Data/ips-simulated/jobs.csv \
      --sites Data/ips-simulated/sites.csv --profile sex,ethnicity5
      """)
}
