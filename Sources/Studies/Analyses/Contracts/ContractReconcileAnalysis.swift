internal import Contracts
internal import Reporting
internal import Statistics
internal import Tables

/// `contract reconcile`: what contracts should have paid beside what was paid.
struct ContractReconcileAnalysis: VerbAnalysis {
  private let settings: ReplaySettings
  private let shown: String
  private let options: OptionValues

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    _ = try CommonSettings(options)
    settings = try ReplaySettings(options)
    shown = try options.choice(.reconcileShow)
    for key in [OptionKey.contractTermsFile, .tariffsFile] { _ = try options.required(key) }
    if shown == "unclaimed" {
      for key in [OptionKey.clientsFile, .jobsFile] { _ = try options.required(key) }
    }
    self.options = options
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with a file, the terms or a claim, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let tables = try ContractTables(claims: table, options).settingAsideUnchecked()
    let replayed = try settings.replayed(tables)
    var output: AnalysisOutput
    switch shown {
    case "differences": output = differences(replayed)
    case "caps": output = caps(replayed, tables)
    case "unclaimed": output = try unclaimed(tables)
    default: output = payments(replayed)
    }
    output.notes = ReplayWords(tables, replayed).notes
    output.counts = ["n_claims", "n_due"]
    output.money = [
      "due", "expected", "unfunded", "paid", "difference", "limit", "used", "left", "cut",
    ]
    return output
  }

  /// Whether rows are meant for others: then there are no totals, from which a withheld row could be
  /// had by subtraction.
  private var isReleased: Bool {
    options.isGiven(.disclosure) && options.text(.disclosure) != "none"
  }

  private func payments(_ replayed: ReplayedClaims) -> AnalysisOutput {
    let sums = PaymentSums(replayed)
    let rows = sums.details + (isReleased ? [] : sums.totals)
    var output = AnalysisOutput(columns: [
      .texts("contract", rows.map(\.contract)), .texts("quarter", rows.map(\.quarter)),
      .texts("outcome", rows.map(\.outcome)), .texts("payer", rows.map(\.payer)),
      .integers("n_claims", rows.map(\.claims)), .integers("n_due", rows.map(\.dueClaims)),
      .pounds("due", rows.map(\.due)), .pounds("expected", rows.map(\.expected)),
      .pounds("unfunded", rows.map(\.unfunded)), .pounds("paid", rows.map(\.paid)),
      .pounds("difference", rows.map { $0.expected - $0.paid }),
    ])
    guard isReleased else { return output }
    // Prices and shares are known, so that an amount tells how many claims it is for. Where there
    // are none of a kind nobody is to be told of, and all claims stand in their place.
    func people(_ count: (PaymentSums.Row) -> Int) -> [Int] {
      rows.map { count($0) == 0 ? $0.claims : count($0) }
    }
    output.people = [
      "not_due": people { $0.claims - $0.dueClaims }, "differing": people(\.differing),
      "cut": people(\.cut),
    ]
    output.blocks = [
      ResultTable.BlockRule(
        ["n_claims", "n_due"] + output.people.keys.sorted().map { "sibling_\($0)" },
        within: [AnalysisOutput.rowColumn])
    ]
    return output
  }

  private func differences(_ replayed: ReplayedClaims) -> AnalysisOutput {
    let rows = replayed.verdicts
    var output = AnalysisOutput(columns: [
      .texts("contract", rows.map(\.contract)), .texts("outcome", rows.map(\.outcome.rawValue)),
      .texts("verdict", rows.map(\.verdict.rawValue)), .integers("n_claims", rows.map(\.claims)),
      .pounds("expected", rows.map(\.expected)), .pounds("paid", rows.map(\.paid)),
      .pounds("difference", rows.map(\.difference)),
      .texts("meaning", rows.map(\.verdict.phrase)),
    ])
    // The claims of each contract and outcome can be added up from the payments.
    output.blocks = [ResultTable.BlockRule(["n_claims"])]
    return output
  }

  private func caps(_ replayed: ReplayedClaims, _ tables: ContractTables) -> AnalysisOutput {
    let rows = replayed.caps
    let counted = rows.map { cap in
      replayed.claims.count { claim in
        claim.due > .zero && PaymentSums.counts(claim, under: cap, replayed, tables)
      }
    }
    return AnalysisOutput(columns: [
      .texts("cap", rows.map(\.name)), .texts("contract", rows.map { $0.contract ?? "all" }),
      .texts("payer", rows.map { $0.payer ?? "all" }), .integers("n_due", counted),
      .pounds("limit", rows.map(\.limit)), .pounds("used", rows.map(\.used)),
      .pounds("left", rows.map(\.left)), .pounds("cut", rows.map(\.cut)),
      Column(
        name: "first_reached",
        values: .dates(
          // A day of one outcome is a single person's.
          rows.map { cap in
            isReleased ? .min : cap.firstBound.flatMap { tables.claims[$0].event } ?? .min
          })),
    ])
  }

  private func unclaimed(_ tables: ContractTables) throws(SiblingError) -> AnalysisOutput {
    let rows = try UnclaimedOutcomes(tables, settings.replay).lines()
    return AnalysisOutput(columns: [
      .texts("contract", rows.map(\.contract)), .texts("outcome", rows.map(\.outcome.rawValue)),
      .texts("finding", rows.map(\.finding)), .integers("n_claims", rows.map(\.count)),
      .pounds("due", rows.map(\.due)),
    ])
  }
}
