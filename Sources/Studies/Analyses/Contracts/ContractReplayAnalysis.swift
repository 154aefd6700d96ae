internal import Contracts
internal import Statistics
internal import Tables

/// `contract replay`: claims under their dated contracts, one by one.
struct ContractReplayAnalysis: VerbAnalysis {
  private let settings: ReplaySettings
  private let isByPayer: Bool
  private let options: OptionValues

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    _ = try CommonSettings(options)
    settings = try ReplaySettings(options)
    isByPayer = try options.choice(.replayBy) == "payer"
    for key in [OptionKey.contractTermsFile, .tariffsFile] { _ = try options.required(key) }
    self.options = options
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with a file, the terms or a claim, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let tables = try ContractTables(claims: table, options).settingAsideUnchecked()
    let replayed = try settings.replayed(tables)
    let rows =
      isByPayer
      ? replayed.claims.flatMap { claim in claim.parts.map { (claim, Optional($0)) } }
      : replayed.claims.map { ($0, nil) }
    var columns = labels(rows.map(\.0), tables)
    if isByPayer {
      columns += parts(rows.map { ($0.0, $0.1) }, replayed)
    } else {
      columns += amounts(replayed)
    }
    columns += [
      .texts("verdict", rows.map { $0.0.verdict.rawValue }),
      .texts("finding", rows.map { Self.findings($0.0) }),
    ]
    var output = AnalysisOutput(columns: columns, notes: ReplayWords(tables, replayed).notes)
    output.hasRowsOfPeople = true
    output.money = Self.money.union(replayed.payers)
    return output
  }

  /// The columns of amounts in pounds.
  private static let money: Set<String> = [
    "due", "expected", "unfunded", "claimed", "paid", "expected_minus_claimed",
    "expected_minus_paid",
  ]

  private func labels(_ rows: [ReplayedClaim], _ tables: ContractTables) -> [Column] {
    let (claims, versions) = (tables.claims, tables.terms.versions)
    return [
      .texts("claim", rows.map { claims[$0.index].id }),
      .texts("contract", rows.map { claims[$0.index].contract }),
      .texts("version", rows.map { versions[$0.version].version }),
      .texts("outcome", rows.map { $0.outcome.rawValue }),
      .texts("hours_band", rows.map { $0.band?.rawValue }),
      Column(
        name: "event_date", values: .dates(rows.map { claims[$0.index].event ?? .min })),
    ]
  }

  private func amounts(_ replayed: ReplayedClaims) -> [Column] {
    let rows = replayed.claims
    return [
      .pounds("due", rows.map(\.due)), .pounds("expected", rows.map(\.expected)),
      .pounds("unfunded", rows.map(\.unfunded)),
      .texts("cap", rows.map { claim in claim.cap.map { replayed.caps[$0].name } }),
    ]
      + replayed.payers.enumerated().map { place, payer in
        .pounds(
          payer,
          rows.map { claim in claim.parts.first { $0.payer == place }?.expected ?? .zero })
      } + [
        .pounds("claimed", rows.map(\.claimed)), .pounds("paid", rows.map(\.paid)),
        .pounds("expected_minus_claimed", rows.map(\.expectedMinusClaimed)),
        .pounds("expected_minus_paid", rows.map(\.expectedMinusPaid)),
      ]
  }

  private func parts(
    _ rows: [(ReplayedClaim, ReplayedClaim.Part?)], _ replayed: ReplayedClaims
  ) -> [Column] {
    [
      .texts("payer", rows.map { row in row.1.map { replayed.payers[$0.payer] } }),
      .pounds("due", rows.map { $0.1?.due }), .pounds("expected", rows.map { $0.1?.expected }),
      .pounds("unfunded", rows.map { row in row.1.map { $0.due - $0.expected } }),
      .pounds("paid", rows.map { $0.1?.paid }),
      .pounds(
        "expected_minus_paid",
        rows.map { row in row.1.flatMap { part in part.paid.map { part.expected - $0 } } }),
    ]
  }

  private static func findings(_ claim: ReplayedClaim) -> String? {
    claim.findings.isEmpty ? nil : claim.findings.map(\.rawValue).joined(separator: " ")
  }
}

extension Column {
  /// A column of amounts in pounds, the doubles nearest to whole pence; nil is missing.
  static func pounds(_ name: String, _ amounts: [Money?]) -> Column {
    .numbers(name, amounts.map { $0?.pounds })
  }
}
