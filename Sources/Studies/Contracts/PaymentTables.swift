internal import Contracts
internal import Reporting
internal import Statistics

/// A replay as result tables.
struct PaymentTables {
  let tables: ContractTables
  let replayed: ReplayedClaims
  let blocks: [BlockPayments.Quarter]
  let blockPayer: String
  /// The band of exactly 16 hours where a tariff does not say.
  let exactly16: ClaimReplay.BandChoice?

  /// The tables in the order of the report.
  ///
  /// - Throws: `internalError` when a table does not take a row.
  func all() throws(SiblingError) -> [ResultTable] {
    [
      try totals(), try waterfall(), try differences(), try findings(), try caps(),
      try payments(), try blockQuarters(),
      try ContractTermWords(tables.terms, exactly16: exactly16).table(),
    ]
  }

  private func sum(_ amounts: [Money]) -> Money { amounts.reduce(.zero, +) }

  /// Sums by contract and over all.
  private func totals() throws(SiblingError) -> ResultTable {
    var table = ResultTable.contractTotals
    for contract in tables.terms.contracts {
      var total = Total()
      for claim in replayed.claims where tables.claims[claim.index].contract == contract {
        total.add(claim)
      }
      try table.append(row(contract, total, blocks.filter { $0.contract == contract }))
    }
    try table.append(row(PaymentSums.all, overall, blocks))
    return table
  }

  private var overall: Total {
    var total = Total()
    for claim in replayed.claims { total.add(claim) }
    return total
  }

  /// A count for disclosure control; nothing where there is no such claim at all, for then there is
  /// nobody to be told of.
  private func hidden(_ count: Int, of whole: Int) -> Cell {
    whole == 0 ? .missing : Cell(count)
  }

  private struct Total {
    var claims = 0, dueClaims = 0, unknown = 0, differing = 0, cut = 0
    var due = Money.zero, expected = Money.zero, paid = Money.zero

    mutating func add(_ claim: ReplayedClaim) {
      claims += 1
      dueClaims += claim.due > .zero ? 1 : 0
      due = due + claim.due
      expected = expected + claim.expected
      paid = paid + (claim.paid ?? .zero)
      unknown += claim.paid == nil ? 1 : 0
      differing += claim.paid == claim.expected ? 0 : 1
      cut += claim.expected == claim.due ? 0 : 1
    }
  }

  private func row(
    _ contract: String, _ total: Total, _ blocks: [BlockPayments.Quarter]
  ) -> [String: Cell] {
    let all = overall
    let difference = total.expected - total.paid
    let share = total.expected > .zero ? difference.pounds / total.expected.pounds : nil
    return [
      "contract": .text(contract), "n_claims": Cell(total.claims),
      "n_due": Cell(total.dueClaims), "due": Cell(total.due.pounds),
      "unfunded": Cell((total.due - total.expected).pounds),
      "expected": Cell(total.expected.pounds), "paid": Cell(total.paid.pounds),
      "difference": Cell(difference.pounds), "difference_share": Cell(share),
      "paid_unknown": Cell(total.unknown),
      "block": Cell(sum(blocks.map(\.amount)).pounds),
      "block_to": Cell(blocks.map(\.quarter).max()?.description),
      "n_not_due": hidden(total.claims - total.dueClaims, of: all.claims - all.dueClaims),
      "n_differing": hidden(total.differing, of: all.differing),
      "n_cut": hidden(total.cut, of: all.cut), "n_unknown": hidden(total.unknown, of: all.unknown),
    ]
  }

  private func waterfall() throws(SiblingError) -> ResultTable {
    var table = ResultTable.contractWaterfall
    let block = sum(blocks.map(\.amount))
    let cut = overall.cut
    var payers = replayed.payers
    if block > .zero, !payers.contains(blockPayer) { payers.append(blockPayer) }
    for payer in payers {
      let own = replayed.lines.filter { $0.payer == payer }
      let ownBlock = payer == blockPayer ? block : .zero
      let expected = sum(own.map(\.expected))
      // A payer without anything to pay has no place in the picture.
      guard ownBlock > .zero || own.contains(where: { $0.due > .zero }) else { continue }
      // What a payer has no share in is no count of nobody: it stays empty.
      func stage(_ stage: OutcomeStage) -> (count: Int?, due: Double?) {
        let lines = own.filter { $0.outcome == stage }
        guard !lines.isEmpty else { return (nil, nil) }
        return (lines.reduce(0) { $0 + $1.dueClaims }, sum(lines.map(\.due)).pounds)
      }
      let stages = OutcomeStage.allCases.map { stage($0) }
      try table.append([
        "payer": .text(payer), "n_engagement": Cell(stages[0].count),
        "n_job_start": Cell(stages[1].count), "n_sustained": Cell(stages[2].count),
        "block": Cell(ownBlock.pounds), "engagement": Cell(stages[0].due),
        "job_start": Cell(stages[1].due), "sustained": Cell(stages[2].due),
        "unfunded": Cell(sum(own.map(\.unfunded)).pounds),
        "total": Cell((ownBlock + expected).pounds),
        "n_cut": hidden(own.reduce(0) { $0 + $1.cut }, of: cut),
      ])
    }
    return table
  }

  private func differences() throws(SiblingError) -> ResultTable {
    var table = ResultTable.contractDifferences
    for verdict in ClaimVerdict.allCases {
      let own = replayed.verdicts.filter { $0.verdict == verdict }
      guard !own.isEmpty else { continue }
      let stages = OutcomeStage.allCases.filter { stage in own.contains { $0.outcome == stage } }
      let parts =
        stages.map { stage in (stage.rawValue, own.filter { $0.outcome == stage }) }
        + [(PaymentSums.all, own)]
      for (name, lines) in parts {
        try table.append([
          "verdict": .text(verdict.rawValue), "outcome": .text(name),
          "n_claims": Cell(lines.reduce(0) { $0 + $1.claims }),
          "expected": Cell(sum(lines.map(\.expected)).pounds),
          "paid": Cell(sum(lines.map(\.paid)).pounds),
          "difference": Cell(sum(lines.map(\.difference)).pounds),
          "in_order": .flag(verdict.isInOrder), "meaning": .text(verdict.phrase),
        ])
      }
    }
    return table
  }

  /// The finding of claims that nothing can be said of.
  static let unchecked = "not-checked"

  private func findings() throws(SiblingError) -> ResultTable {
    var table = ResultTable.contractFindings
    for finding in ClaimFinding.allCases {
      let count = replayed.claims.count { $0.findings.contains(finding) }
      guard count > 0 else { continue }
      try table.append([
        "finding": .text(finding.rawValue), "n_claims": Cell(count),
        "stops_payment": .flag(finding.stopsPayment), "meaning": .text(finding.phrase),
      ])
    }
    if !tables.unchecked.isEmpty {
      try table.append([
        "finding": .text(Self.unchecked), "n_claims": Cell(tables.unchecked.count),
        "stops_payment": .missing, "meaning": "claims for jobs, of which there are no records",
      ])
    }
    return table
  }

  private func caps() throws(SiblingError) -> ResultTable {
    var table = ResultTable.contractCaps
    let allCut = overall.cut
    for cap in replayed.caps {
      let count = replayed.claims.count { claim in
        claim.due > .zero && PaymentSums.counts(claim, under: cap, replayed, tables)
      }
      let cut = replayed.claims.count { claim in
        claim.due != claim.expected && PaymentSums.counts(claim, under: cap, replayed, tables)
      }
      try table.append([
        "cap": .text(cap.name), "contract": .text(cap.contract ?? PaymentSums.all),
        "payer": .text(cap.payer ?? PaymentSums.all),
        "from": Cell(cap.from.map { CivilDate(days: $0).isoText }),
        "to": Cell(cap.to.map { CivilDate(days: $0).isoText }), "n_due": Cell(count),
        "limit": Cell(cap.limit.pounds), "used": Cell(cap.used.pounds),
        "left": Cell(cap.left.pounds), "cut": Cell(cap.cut.pounds),
        "reached": Cell(cap.firstBound.map { replayed.claims[$0].quarter.description }),
        "n_cut": hidden(cut, of: allCut),
      ])
    }
    return table
  }

  private func payments() throws(SiblingError) -> ResultTable {
    var table = ResultTable.contractPayments
    let sums = PaymentSums(replayed)
    let all = overall
    for row in sums.details + sums.overQuarters {
      try table.append([
        "contract": .text(row.contract), "quarter": .text(row.quarter),
        "outcome": .text(row.outcome), "payer": .text(row.payer), "n_claims": Cell(row.claims),
        "n_due": Cell(row.dueClaims), "due": Cell(row.due.pounds),
        "unfunded": Cell(row.unfunded.pounds), "expected": Cell(row.expected.pounds),
        "paid": Cell(row.paid.pounds), "difference": Cell((row.expected - row.paid).pounds),
        "n_not_due": hidden(row.claims - row.dueClaims, of: all.claims - all.dueClaims),
        "n_differing": hidden(row.differing, of: all.differing),
        "n_cut": hidden(row.cut, of: all.cut),
      ])
    }
    return table
  }

  private func blockQuarters() throws(SiblingError) -> ResultTable {
    var table = ResultTable.contractBlocks
    for block in blocks {
      try table.append([
        "contract": .text(block.contract), "version": .text(block.version),
        "quarter": .text(block.quarter.description), "payer": .text(blockPayer),
        "block": Cell(block.amount.pounds),
      ])
    }
    return table
  }

  /// Outcomes that nobody claimed; nil without clients and jobs to look among.
  ///
  /// - Throws: what is wrong with the records, located.
  func unclaimed(_ replay: ClaimReplay) throws(SiblingError) -> ResultTable? {
    guard tables.tables["clients"] != nil, tables.tables["jobs"] != nil else { return nil }
    var table = ResultTable.contractUnclaimed
    for line in try UnclaimedOutcomes(tables, replay).lines() {
      let meaning = ClaimFinding(rawValue: line.finding)?.phrase ?? "due but not claimed"
      try table.append([
        "contract": .text(line.contract), "outcome": .text(line.outcome.rawValue),
        "finding": .text(line.finding), "n_outcomes": Cell(line.count),
        "due": Cell(line.due.pounds), "meaning": .text(meaning),
      ])
    }
    return table
  }
}
