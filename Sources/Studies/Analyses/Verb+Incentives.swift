/// The verb of incentive audits.
extension Verb {
  /// The verbs, in the order of the help page.
  static let incentives: [Verb] = [bunching]

  /// The analyses behind them.
  static let incentivesAnalyses: [String: any VerbAnalysis.Type] = [
    bunching.name: BunchingAnalysis.self
  ]

  /// The audit of job lengths at payment thresholds.
  public static let bunching = Verb(
    name: "bunching",
    abstract: "Ask whether jobs end just after the length that a contract pays for.",
    discussion: """
      The data have one row a job. For each arm and --threshold: binomial, jobs that ended just after \
      against just before, exact; density, the jump of the density there (Cattaneo, Jansson and Ma 2020, \
      doi:10.1080/01621459.2019.1635480), with round lengths and without; excess-mass, jobs beyond a \
      smooth counterfactual that allows for heaps at --round lengths, in jobs of an average week (Chetty \
      and others 2011, doi:10.1093/qje/qjr013; Kleven 2016, \
      doi:10.1146/annurev-economics-080315-015234); hazard-jump, how much oftener jobs ended in the two \
      weeks after than around them, with jobs that go on as censored. With --arm: \
      difference-in-bunching, the paid arm's excess share less the other's, with --site as clusters \
      and by exchanging sites; placebo-rank, the rank of the threshold among lengths that nobody pays \
      for. With --hours heaping at 16; with --event and --claimed the timing of claims. detectable is \
      the smallest finding that each test would make four times out of five, in jobs (and as the share \
      of the jobs just before that would have to move), as a ratio or a difference. Heaping at whole \
      months is no gaming, and a finding is no proof of intent.
      """,
    formula: .none, keys: OptionKey.bunching,
    example: """
      sibling bunching Data/ips-simulated/jobs.csv --join 'Data/ips-simulated/clients.csv by \
      client_id,episode_no' --join 'Data/ips-simulated/sites.csv by site_id suffix _site' --where 'start_precision \
      == "day" & (is.na(end_latest) | end_earliest == end_latest)' --derive 'ended = \
      ifelse(is.na(end_latest), 0, 1)' --derive 'length = ifelse(ended == 1, days(start_date, \
      end_latest), days(start_date, last_verified_working)) + 1' --duration length --unit days --ended \
      ended --threshold 91 --arm arm --site site_id --hours hours_per_week --draws 99
      """)
}
