// What contracts should have paid beside what was paid, as result files.

extension ResultTable {
  // Prices and shares are printed, so that an amount tells how many claims it is for: amounts go
  // with the number of claims for which they are not zero.
  private static let claimed = ["n_due", "n_not_due"]
  private static let capped = ["n_due", "n_cut"]
  private static let paid = ["n_due", "n_differing"]
  private static let compared = ["n_due", "n_differing", "n_cut"]

  private static var hiddenCounts: [Column] {
    [
      .hiddenCount("n_not_due", "Claims with nothing due"),
      .hiddenCount("n_differing", "Claims not paid as expected, or with payment not recorded"),
      .hiddenCount("n_cut", "Claims cut by caps"),
    ]
  }

  /// The versions of the contracts in words and numbers: `results/contract_terms.csv`.
  public static var contractTerms: ResultTable {
    ResultTable(
      unchecked: "contract_terms", summary: "The dated versions of the contracts.",
      columns: [
        .label("contract", "The contract"), .label("version", "The version"),
        .text("site", "The site that it is with"),
        .text("from", "The first day"), .text("to", "The last day; blank while in force"),
        .text("reason", "Why the terms changed"),
        .number("block", "Paid a year whatever is achieved, in pounds"),
        .number("outcome_cap", "The most that outcomes can be paid, in pounds"),
        .text("prices", "The priced outcomes"), .text("payers", "Who pays which share"),
      ])
  }

  /// Sums by contract: `results/contract_totals.csv`.
  public static var contractTotals: ResultTable {
    ResultTable(
      unchecked: "contract_totals",
      summary: "What contracts should have paid for the claims, and what was paid.",
      columns: [
        .label("contract", "The contract; `all` adds them up"),
        .derived("n_claims", from: claimed, "Claims")
          .remade(.sum(["n_due", "n_not_due"]), otherwise: .coarse(2)),
        .count("n_due", "Claims with something due"),
        .derived("due", from: ["n_due"], "Due by the rules before caps, in pounds")
          .remade(.scaled(["n_due"]), otherwise: .coarse(2)),
        .derived("unfunded", from: capped, "Of that cut off by caps, in pounds")
          .remade(.scaled(["n_due"]), otherwise: .coarse(2)),
        .derived("expected", from: capped, "To be paid after caps, in pounds")
          .remade(.scaled(["n_due"]), otherwise: .coarse(2)),
        .derived("paid", from: paid, "Paid where that is recorded, in pounds")
          .remade(.scaled(["n_due"]), otherwise: .coarse(2)),
        .derived("difference", from: compared, "Expected minus paid, in pounds")
          .remade(.released(["expected", "-paid"]), otherwise: .coarse(2)),
        .derived(
          "difference_share", from: compared, "The difference as a share of what is expected"
        ).remade(.releasedRatio("difference", "expected"), otherwise: .coarse(2)),
        .derived(
          "paid_unknown", from: ["n_due", "n_unknown"], "Claims whose payment is not recorded"
        ).remade(.sum(["n_unknown"]), otherwise: .coarse(1)),
        .number("block", "Paid whatever is achieved over the contract, in pounds"),
        .text("block_to", "The day to which the block is counted"),
      ] + hiddenCounts + [.hiddenCount("n_unknown", "Claims whose payment is not recorded")],
      sums: [.overRows(label: "contract", total: "all")])
  }

  /// Payments by contract, quarter, outcome and payer: `results/contract_payments.csv`.
  public static var contractPayments: ResultTable {
    ResultTable(
      unchecked: "contract_payments",
      summary: "What each payer should have paid and what was paid, by quarter of the outcome.",
      columns: [
        .label("contract", "The contract"),
        .label("quarter", "The last month of the quarter; `all` adds them up"),
        .label("outcome", "The outcome"), .label("payer", "Who pays"),
        .derived("n_claims", from: claimed, "Claims")
          .remade(.sum(["n_due", "n_not_due"]), otherwise: .coarse(2)),
        .count("n_due", "Claims with something due"),
        .derived("due", from: ["n_due"], "The payer's part of what is due, in pounds")
          .remade(.scaled(["n_due"]), otherwise: .coarse(2)),
        .derived("unfunded", from: capped, "Of that cut off by caps, in pounds")
          .remade(.scaled(["n_due"]), otherwise: .coarse(2)),
        .derived("expected", from: capped, "What it is to pay after caps, in pounds")
          .remade(.scaled(["n_due"]), otherwise: .coarse(2)),
        .derived("paid", from: paid, "Its part of what was paid, in pounds")
          .remade(.scaled(["n_due"]), otherwise: .coarse(2)),
        .derived("difference", from: compared, "Expected minus paid, in pounds")
          .remade(.released(["expected", "-paid"]), otherwise: .coarse(2)),
      ] + hiddenCounts, sums: [.overRows(label: "quarter", total: "all")],
      // The sums of contracts and of payers stand in other files.
      blocks: ["n_due", "n_not_due", "n_differing", "n_cut"].map {
        BlockRule([$0], within: ["quarter"])
      })
  }

  /// Block payments by quarter: `results/contract_blocks.csv`.
  public static var contractBlocks: ResultTable {
    ResultTable(
      unchecked: "contract_blocks", summary: "Block payments by contract, version and quarter.",
      columns: [
        .label("contract", "The contract"), .label("version", "The version"),
        .label("quarter", "The last month of the quarter"), .text("payer", "Who pays"),
        .number("block", "Paid whatever is achieved, in pounds"),
      ])
  }

  /// What each payer should have paid, by what for: `results/contract_waterfall.csv`.
  public static var contractWaterfall: ResultTable {
    let counts = ["n_engagement", "n_job_start", "n_sustained"]
    return ResultTable(
      unchecked: "contract_waterfall",
      summary: "From block and outcomes due to what each payer should have paid.",
      columns: [
        .label("payer", "Who pays"),
        .count("n_engagement", "Engagements due"), .count("n_job_start", "Job starts due"),
        .count("n_sustained", "Sustained jobs due"),
        .number("block", "Paid whatever is achieved, in pounds"),
        .derived("engagement", from: ["n_engagement"], "Due for engagements, in pounds")
          .remade(.scaled(["n_engagement"]), otherwise: .coarse(2)),
        .derived("job_start", from: ["n_job_start"], "Due for job starts, in pounds")
          .remade(.scaled(["n_job_start"]), otherwise: .coarse(2)),
        .derived("sustained", from: ["n_sustained"], "Due for sustained jobs, in pounds")
          .remade(.scaled(["n_sustained"]), otherwise: .coarse(2)),
        .derived("unfunded", from: counts + ["n_cut"], "Of that cut off by caps, in pounds")
          .remade(.scaled(counts), otherwise: .coarse(2)),
        .derived("total", from: counts + ["n_cut"], "Block and outcomes after caps, in pounds")
          .remade(
            .released(["block", "engagement", "job_start", "sustained", "-unfunded"]),
            .scaled(counts), otherwise: .coarse(2)),
        .hiddenCount("n_cut", "Claims cut by caps"),
      ], blocks: [BlockRule(counts), BlockRule(["n_cut"])])
  }

  /// How payments differ from what was due, by name: `results/contract_differences.csv`.
  public static var contractDifferences: ResultTable {
    ResultTable(
      unchecked: "contract_differences",
      summary: "Claims by how what was paid compares with what should have been paid.",
      columns: [
        .label("verdict", "How paid compares with expected"),
        .label("outcome", "The outcome; `all` adds them up"),
        .count("n_claims", "Claims"),
        .derived("expected", from: ["n_claims"], "To be paid for them after caps, in pounds")
          .remade(.scaled(["n_claims"]), otherwise: .coarse(2)),
        .derived("paid", from: ["n_claims"], "Paid where that is recorded, in pounds")
          .remade(.scaled(["n_claims"]), otherwise: .coarse(2)),
        .derived("difference", from: ["n_claims"], "Expected minus paid, in pounds")
          .remade(.released(["expected", "-paid"]), otherwise: .coarse(2)),
        .flag("in_order", "Whether the contract's terms were kept"),
        .text("meaning", "The verdict in words"),
      ], sums: [.overRows(label: "outcome", total: "all")],
      // The claims of each outcome can be added up from other files.
      blocks: [BlockRule(["n_claims"])])
  }

  /// What was found about claims: `results/contract_findings.csv`.
  public static var contractFindings: ResultTable {
    ResultTable(
      unchecked: "contract_findings",
      summary: "Why nothing is due for claims, and what a reader must know of others.",
      columns: [
        .label("finding", "What was found"), .count("n_claims", "Claims"),
        .flag("stops_payment", "Whether nothing is due because of it"),
        .text("meaning", "The finding in words"),
      ], blocks: [BlockRule(["n_claims"])])
  }

  /// The state of every cap: `results/contract_caps.csv`.
  public static var contractCaps: ResultTable {
    ResultTable(
      unchecked: "contract_caps", summary: "Limit, use and rest of every cap.",
      columns: [
        .label("cap", "The cap"), .text("contract", "The contract; `all` means all together"),
        .text("payer", "Whose cap it is; `all` means all payers together"),
        .text("from", "The first day that counts; blank means the beginning"),
        .text("to", "The last day that counts; blank means for good"),
        .count("n_due", "Claims with something due that count under it"),
        .number("limit", "The most that is paid, in pounds"),
        .derived("used", from: capped, "Paid under it, in pounds")
          .remade(.scaled(["n_due"]), otherwise: .coarse(2)),
        .derived("left", from: capped, "What is left, in pounds")
          .remade(.released(["limit", "-used"]), otherwise: .coarse(2)),
        .derived("cut", from: capped, "What it cut off, in pounds")
          .remade(.scaled(["n_cut"]), otherwise: .coarse(2)),
        .derived(
          "reached", from: capped, "The quarter in which it first cut a claim", type: .text),
        .hiddenCount("n_cut", "Claims under it that caps cut"),
      ], blocks: [BlockRule(["n_due"]), BlockRule(["n_cut"])])
  }

  /// Outcomes in the records that nobody claimed: `results/contract_unclaimed.csv`.
  public static var contractUnclaimed: ResultTable {
    ResultTable(
      unchecked: "contract_unclaimed",
      summary: "Outcomes in the records without a claim, priced before caps.",
      columns: [
        .label("contract", "The contract"), .label("outcome", "The outcome"),
        .label("finding", "`due`, or why nothing is"), .count("n_outcomes", "Outcomes"),
        .derived("due", from: ["n_outcomes"], "Due by the rules, in pounds")
          .remade(.scaled(["n_outcomes"]), otherwise: .coarse(2)),
        .text("meaning", "The finding in words"),
      ])
  }
}
