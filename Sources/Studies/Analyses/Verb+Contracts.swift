/// Verbs that replay claims under their contracts.
extension Verb {
  /// The verbs, in the order of the help page.
  static let contracts: [Verb] = [contractReplay, contractReconcile]

  /// The analyses behind them.
  static let contractsAnalyses: [String: any VerbAnalysis.Type] = [
    contractReplay.name: ContractReplayAnalysis.self,
    contractReconcile.name: ContractReconcileAnalysis.self,
  ]

  /// The replay, claim by claim.
  public static let contractReplay = Verb(
    name: "contract replay",
    abstract: "Replay claims under their dated contracts: what each should have paid, and to whom.",
    discussion: """
      The data are the claims. A claim belongs to the contract in its own column contract_id, else to \
      that of the client's site (--clients). Each is priced under the version in force on the day of \
      its outcome, by the hours of its job (--jobs), and refused where the job did not last, evidence is \
      missing, the deadline has passed or the client was paid before; finding says which. due is what \
      the rules give, expected what is left under every cap, unfunded what caps cut off; then comes \
      each payer's part of expected, to the penny by largest remainders. claimed and paid are as \
      recorded; verdict names how paid differs from expected. Claims count against caps in the order \
      of --count-by, whatever the order of their rows. Amounts are pounds, held in whole pence.
      """,
    formula: .none, keys: OptionKey.contractReplay,
    example: """
      sibling contract replay Data/mhep-early/claims.csv --contracts Data/mhep-early/contracts.csv \
      --tariffs Data/mhep-early/tariffs.csv --payer-shares Data/mhep-early/payer_shares.csv \
      --payer-caps Data/mhep-early/payer_caps.csv --jobs Data/mhep-early/jobs.csv --exactly-16 upper
      """)

  /// The reconciliation.
  public static let contractReconcile = Verb(
    name: "contract reconcile",
    abstract: "Reconcile what contracts should have paid with what was paid, by quarter and payer.",
    discussion: """
      The data are the claims, replayed as contract replay does. One row a contract, quarter of the \
      outcome, outcome and payer: n_claims, n_due of them with something due, due, expected after \
      caps, unfunded, paid, difference (expected minus paid); rows with 'all' add up. paid is split over \
      payers as the contract splits it. --show differences prints one row a contract, outcome and \
      verdict, so that every difference has a name; --show caps the limit, use and rest of every cap; \
      --show unclaimed, with --clients and --jobs, the engagements, first jobs and first lasting jobs \
      in the records for which there is no claim, priced before caps.
      """,
    formula: .none, keys: OptionKey.contractReconcile,
    example: """
      sibling contract reconcile Data/ips-simulated/claims.csv \
      --contracts Data/ips-simulated/contracts.csv --tariffs Data/ips-simulated/tariffs.csv \
      --payer-shares Data/ips-simulated/payer_shares.csv --clients Data/ips-simulated/clients.csv \
      --jobs Data/ips-simulated/jobs.csv --cap-rule whole
      """)
}
