/// Verbs that score jobs under definitions of an outcome.
extension Verb {
  /// The verbs, in the order of the help page.
  static let outcomeScoring: [Verb] = [outcomes, harmonise]

  /// The analyses behind them.
  static let outcomeScoringAnalyses: [String: any VerbAnalysis.Type] = [
    outcomes.name: OutcomesAnalysis.self,
    harmonise.name: HarmoniseAnalysis.self,
  ]

  /// Outcomes of clients.
  public static let outcomes = Verb(
    name: "outcomes",
    abstract: "Score each client's outcomes from dated job spells: yes, no or unknown.",
    discussion: """
      The data are the clients; --jobs names the file of jobs. One row a client and definition. Time \
      runs from acceptance; the outcome must come about within --follow-up weeks. Missing is never no: \
      value is yes when it holds under the worst reading of starts, ends, hours and evidence that \
      the records leave open, no when it fails under the best, else unknown; low and high are the two \
      readings, attained the day by which it surely came about. Clients whose follow-up ends after the \
      data cut are immature and counted apart, whatever has happened already; those whom a definition \
      does not count are not-eligible. reason says what decided; hours_at_limit that hours exactly at \
      a limit, such as 16, played a part.
      """,
    formula: .none, keys: OptionKey.outcomeScoring,
    example: """
      sibling outcomes Data/ips-simulated/clients.csv --jobs Data/ips-simulated/jobs.csv \
      --sites Data/ips-simulated/sites.csv --definitions job_start,lcf-13-weeks
      """)

  /// The definition harmoniser.
  public static let harmonise = Verb(
    name: "harmonise",
    abstract: "Count the same clients under several definitions: how far does the headline move?",
    discussion: """
      Six definitions unless --definitions says otherwise: early MHEP's 6 weeks and 6 months, LCF's 13 \
      weeks, IPS Grow's first job before and from April 2024, DWP IPSPC's 13 weeks in 16. One row a \
      definition and arm: n accepted, of these n_eligible, of these n_mature, of these n_yes, n_no and \
      n_unknown. estimate is the share of yes among those known; low and high read everything unknown \
      as no and as yes. Rows 'difference' are SIB less other sites; change is against the first \
      definition. Their interval clusters on sites (CR2 with Satterthwaite's degrees of freedom, \
      doi:10.1080/07350015.2016.1247004) and is left out when one site stands for an arm. Nothing is \
      adjusted for who the clients are. --pairs prints for each two definitions how many clients are \
      yes under both, one or neither.
      """,
    formula: .none, keys: OptionKey.harmonising,
    example: """
      sibling harmonise Data/ips-simulated/clients.csv --jobs Data/ips-simulated/jobs.csv \
      --sites Data/ips-simulated/sites.csv
      """)
}
